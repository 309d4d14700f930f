"""Every change of an item is on the audit log (6.1.1): drawn from its timeline by the database, so that no way of
writing one goes past it, and no request pays a statement for it. Who, what, when; nothing of what was said."""

from django.db import migrations

SQL = """
CREATE FUNCTION collection_entry_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_record (id, at, actor_id, actor_name, action, subject_type, subject_id, unit_id, reason, data)
    SELECT e.id, e.at, e.actor_id, e.actor_name, 'item.' || e.verb, 'collection.item', e.item_id::text, i.community_id, '',
           CASE WHEN e.after = '' THEN '{}' ELSE jsonb_build_object('before', e.before, 'after', e.after) END
      FROM written e LEFT JOIN collection_item i ON i.id = e.item_id;
    RETURN NULL;
END $$;
CREATE TRIGGER collection_entry_audited AFTER INSERT ON collection_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION collection_entry_audit();
CREATE TRIGGER collection_entry_whole BEFORE TRUNCATE ON collection_entry FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
"""
BACK = """
DROP TRIGGER collection_entry_whole ON collection_entry;
DROP TRIGGER collection_entry_audited ON collection_entry;
DROP FUNCTION collection_entry_audit();
"""


class Migration(migrations.Migration):
    dependencies = [("collection", "0010_subdistrict_terms"), ("audit", "0004_chain")]
    operations = [migrations.RunSQL(SQL, BACK)]

from django.db import migrations

# Frozen evidence stays frozen, save that its sealed words may be sealed anew with another key (6.2.2): in a transaction
# that says so, and nothing else of the row. That the words are the same, its digest shows.
RESEALED = """
CREATE OR REPLACE FUNCTION conduct_evidence_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('linbao.resealing', true) = 'on'
     AND (NEW.id, NEW.case_id, NEW.digest, NEW.taken_by_id, NEW.taken_at)
       = (OLD.id, OLD.case_id, OLD.digest, OLD.taken_by_id, OLD.taken_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'evidence is frozen';
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION conduct_evidence_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'evidence is frozen'; END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0002_one_wipe'),
    ]

    operations = [
        migrations.RunSQL(RESEALED, BEFORE),
    ]

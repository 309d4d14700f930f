"""The chain over the audit log: marks on lines, blocks, the notes of what waits to be linked, and events."""

import django.contrib.postgres.fields
import django.db.models.deletion
import linbao.base.clock
import linbao.base.crypto
import linbao.base.ids
from django.db import migrations, models

from linbao.base import partitions

PENDING = """
ALTER TABLE audit_record ADD COLUMN mac bytea;

-- A note for every line, in the line's own transaction; sealing takes the notes away (audit/chain.py).
CREATE TABLE audit_pending (at timestamptz NOT NULL, id uuid NOT NULL);
ALTER TABLE audit_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
INSERT INTO audit_pending (at, id) SELECT at, id FROM audit_record;
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_pending (at, id) SELECT at, id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_record_pending AFTER INSERT ON audit_record REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_note();

CREATE TABLE audit_key (
    id uuid PRIMARY KEY, signing bytea NOT NULL, marking bytea NOT NULL, public varchar(64) NOT NULL, made_at timestamptz NOT NULL
);
CREATE TABLE audit_block (
    number bigint PRIMARY KEY, sealed_at timestamptz NOT NULL, ids uuid[] NOT NULL, leaves bytea NOT NULL,
    first_at timestamptz NOT NULL, last_at timestamptz NOT NULL, root bytea NOT NULL, previous bytea NOT NULL,
    hash bytea NOT NULL, signature bytea NOT NULL, key_id uuid NOT NULL
);
CREATE INDEX audit_block_ids ON audit_block USING gin (ids) WITH (fastupdate = off);
CREATE TRIGGER audit_record_whole BEFORE TRUNCATE ON audit_record FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_block_append_only BEFORE UPDATE OR DELETE ON audit_block FOR EACH ROW EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_block_whole BEFORE TRUNCATE ON audit_block FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
"""
BACK = """
DROP TABLE audit_block;
DROP TABLE audit_key;
DROP TRIGGER audit_record_whole ON audit_record;
DROP TRIGGER audit_record_pending ON audit_record;
DROP FUNCTION audit_note();
DROP TABLE audit_pending;
ALTER TABLE audit_record DROP COLUMN mac;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_by_action"), ("base", "0002_keys")]
    operations = [
        migrations.CreateModel(
            name="Key",
            fields=[
                ("id", models.UUIDField(default=linbao.base.ids.new, editable=False, primary_key=True, serialize=False)),
                ("signing", linbao.base.crypto.EncryptedText()),
                ("marking", linbao.base.crypto.EncryptedText()),
                ("public", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=linbao.base.clock.now)),
            ],
            options={"managed": False, "db_table": "audit_key"},
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("leaves", models.BinaryField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("signature", models.BinaryField()),
                ("key", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.key")),
            ],
            options={"managed": False, "db_table": "audit_block"},
        ),
        migrations.CreateModel(
            name="Detachment",
            fields=[
                ("id", models.UUIDField(default=linbao.base.ids.new, editable=False, primary_key=True, serialize=False)),
                ("partition", models.CharField(max_length=60)),
                ("at", models.DateTimeField(default=linbao.base.clock.now)),
                ("rows", models.BigIntegerField()),
                ("blocks", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(default=linbao.base.ids.new, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=linbao.base.clock.now)),
                ("action", models.CharField(max_length=60)),
                ("severity", models.CharField(choices=[("low", "低"), ("middle", "中"), ("high", "高")], max_length=6)),
                ("address", models.GenericIPAddressField(null=True)),
                ("user_id", models.UUIDField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("told_at__isnull", True)), fields=["at"], name="audit_event_untold"),
                    models.Index(fields=["action", "address", "-at"], name="audit_event_repeat"),
                ],
            },
        ),
        migrations.RunSQL(PENDING, BACK),
        migrations.RunPython(lambda apps, editor: partitions.ensure("audit_record"), migrations.RunPython.noop),
    ]

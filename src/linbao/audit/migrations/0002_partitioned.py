"""The audit log as a partitioned, append-only table."""

from django.db import migrations

from linbao.base import partitions

SQL = partitions.create_sql(
    "audit_record",
    "id uuid NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_name varchar(40) NOT NULL, action varchar(60) NOT NULL,"
    " subject_type varchar(40) NOT NULL, subject_id varchar(64) NOT NULL, unit_id uuid, reason varchar(300) NOT NULL,"
    " address inet, data jsonb NOT NULL",
    ("(at DESC, id DESC)", "(subject_type, subject_id, at)", "(actor_id, at)"),
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL, "DROP TABLE audit_record"),
        migrations.RunPython(lambda apps, editor: partitions.ensure("audit_record"), migrations.RunPython.noop),
    ]

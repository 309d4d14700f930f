"""The audit log by what was done: a rare deed is found without walking the whole log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_partitioned")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX audit_record_action ON audit_record (action, at DESC, id DESC)",
            "DROP INDEX audit_record_action",
        ),
    ]

"""Values that may name a person are kept encrypted, existing ones too."""

from typing import Any

import linbao.base.crypto
from django.db import migrations

FIELDS = {"answered_by": "接听人", "called_number": "拨打的电话", "call_words": "通话内容"}


def encrypt(apps: Any, editor: Any) -> None:
    rows = apps.get_model("reporting", "urgentreport")
    for row in rows.objects.only("pk", *(f"{name}_plain" for name in FIELDS)).iterator(500):
        for name in FIELDS:
            setattr(row, name, getattr(row, f"{name}_plain"))
        row.save(update_fields=list(FIELDS))


class Migration(migrations.Migration):
    dependencies = [("reporting", "0005_report_sent")]
    operations = [
        *(migrations.RenameField("urgentreport", name, f"{name}_plain") for name in FIELDS),
        *(migrations.AddField("urgentreport", name, linbao.base.crypto.EncryptedText(null=True)) for name in FIELDS),
        migrations.RunPython(encrypt, migrations.RunPython.noop),
        *(migrations.RemoveField("urgentreport", f"{name}_plain") for name in FIELDS),
        *(
            migrations.AlterField(
                "urgentreport",
                name,
                linbao.base.crypto.EncryptedText(blank=True, default="", null=True, verbose_name=label),
            )
            for name, label in FIELDS.items()
        ),
    ]

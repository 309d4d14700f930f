"""Values that may name a person are kept encrypted, existing ones too."""

from typing import Any

import linbao.base.crypto
from django.db import migrations

FIELDS = ["name"]


def encrypt(apps: Any, editor: Any) -> None:
    rows = apps.get_model("collection", "attachment")
    for row in rows.objects.only("pk", *(f"{name}_plain" for name in FIELDS)).iterator(500):
        for name in FIELDS:
            setattr(row, name, getattr(row, f"{name}_plain"))
        row.save(update_fields=FIELDS)


class Migration(migrations.Migration):
    dependencies = [("collection", "0012_attachment_caption")]
    operations = [
        *(migrations.RenameField("attachment", name, f"{name}_plain") for name in FIELDS),
        *(migrations.AddField("attachment", name, linbao.base.crypto.EncryptedText(null=True)) for name in FIELDS),
        migrations.RunPython(encrypt, migrations.RunPython.noop),
        *(migrations.RemoveField("attachment", f"{name}_plain") for name in FIELDS),
        migrations.AlterField("attachment", "name", linbao.base.crypto.EncryptedText(null=True, verbose_name="文件名")),
    ]

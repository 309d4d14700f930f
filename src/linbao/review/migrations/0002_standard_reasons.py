"""The standard reasons that are delivered (4.3.2)."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    from linbao.review.reasons import seed

    seed(apps.get_model("review", "StandardReason"))


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

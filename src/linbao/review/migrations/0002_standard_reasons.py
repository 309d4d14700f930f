"""The standard reasons that are delivered, with the field that each usually concerns (4.3.2)."""

from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    from linbao.review.reasons import seed

    seed(apps.get_model("review", "StandardReason"))


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]
    operations = [
        migrations.AddField("standardreason", "field", models.CharField(blank=True, default="", max_length=60, verbose_name="常见栏目"), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

"""Several departments may have been told of an event (3.2): `reported_to` takes more than one."""

from typing import Any

from django.db import migrations, models


def several(apps: Any, schema_editor: Any) -> None:
    fields = apps.get_model("collection", "CatalogueField").objects
    fields.filter(category="event", code="reported_to", kind="choice").update(kind="choices")


def one(apps: Any, schema_editor: Any) -> None:
    fields = apps.get_model("collection", "CatalogueField").objects
    fields.filter(category="event", code="reported_to", kind="choices").update(kind="choice")


class Migration(migrations.Migration):
    dependencies = [
        ("collection", "0012_weekly_membership"),
    ]

    operations = [
        migrations.RunPython(several, one),
        migrations.AlterField(
            model_name="cataloguefield",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "单行文字"),
                    ("long", "多行文字"),
                    ("choice", "单选"),
                    ("choices", "多选"),
                    ("number", "数字"),
                    ("yes_no", "是否"),
                    ("date", "日期"),
                    ("numbers", "一组数字"),
                    ("parties", "人员"),
                ],
                max_length=8,
                verbose_name="类型",
            ),
        ),
    ]

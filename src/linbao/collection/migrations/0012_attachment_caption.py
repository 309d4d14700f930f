from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collection", "0012_privacy_sealed_words")]
    operations = [
        migrations.AddField(
            "attachment", "caption", models.CharField(blank=True, default="", max_length=80, verbose_name="说明")
        )
    ]

"""The timeline as a partitioned, append-only table, and the catalogue of chapter 3."""

from django.db import migrations

from linbao.base import partitions
from linbao.collection.catalogue import seed

SQL = partitions.create_sql(
    "collection_entry",
    "id uuid NOT NULL, at timestamptz NOT NULL, item_id uuid NOT NULL, actor_id uuid, actor_name varchar(40) NOT NULL,"
    " verb varchar(24) NOT NULL, before varchar(10) NOT NULL, after varchar(10) NOT NULL, words text NOT NULL, data jsonb NOT NULL",
    ("(item_id, at)",),
)


def fill(apps, editor):
    seed(apps.get_model("collection", "Subcategory"), apps.get_model("collection", "CatalogueField"))


class Migration(migrations.Migration):
    dependencies = [("collection", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL, "DROP TABLE collection_entry"),
        migrations.RunPython(lambda apps, editor: partitions.ensure("collection_entry"), migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

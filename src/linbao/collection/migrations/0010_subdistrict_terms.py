"""Texts say which subdistrict they come from, so that a search over one asks one index alone; and the index
is tidied and its statistics renewed after every hundredth text instead of every tenth."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("collection", "0009_open_index"), ("units", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "SET LOCAL statement_timeout = 0",
                "UPDATE collection_itemtext t SET terms = t.terms || array_to_tsvector(ARRAY['s:' || left(u.code, 9)])"
                " FROM units_unit u WHERE u.id = t.community_id",
                "ALTER TABLE collection_itemtext SET (autovacuum_analyze_scale_factor = 0.01,"
                " autovacuum_vacuum_insert_scale_factor = 0.01)",
            ],
            [
                "ALTER TABLE collection_itemtext RESET (autovacuum_analyze_scale_factor,"
                " autovacuum_vacuum_insert_scale_factor)",
            ],
        )
    ]

from django.db import migrations

# As `createcachetable` makes it: what web processes count together (sign-ins, guesses).
MAKE = """
CREATE UNLOGGED TABLE base_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX base_cache_expires ON base_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("base", "0003_job_faults")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE base_cache")]

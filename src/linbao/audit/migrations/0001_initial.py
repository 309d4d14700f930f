import django.contrib.postgres.fields
import linbao.core.clock
import linbao.core.ids
import linbao.platform.encryption.crypto
from django.db import migrations, models
from linbao.audit import facts
from linbao.platform import partitions
from linbao.platform.schema import FirstRows


RECORD = partitions.create_sql(
    "audit_record",
    "id uuid NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_name varchar(40) NOT NULL, action varchar(60) NOT NULL,"
    " subject_type varchar(40) NOT NULL, subject_id varchar(64) NOT NULL, unit_id uuid, reason varchar(300) NOT NULL,"
    " address inet, data jsonb NOT NULL, mac bytea",
    ("(at DESC, id DESC)", "(subject_type, subject_id, at)", "(actor_id, at)"),
)
# A rare deed is found without walking the whole log.
BY_ACTION = "CREATE INDEX audit_record_action ON audit_record (action, at DESC, id DESC)"
CHAIN = """
-- A note for every line, in the line's own transaction; sealing takes the notes away (audit/chain.py).
CREATE TABLE audit_pending (at timestamptz NOT NULL, id uuid NOT NULL);
ALTER TABLE audit_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE FUNCTION audit_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_pending (at, id) SELECT at, id FROM written;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_record_pending AFTER INSERT ON audit_record REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_note();

CREATE TABLE audit_key (
    id uuid PRIMARY KEY, signing bytea NOT NULL, marking bytea NOT NULL, public varchar(64) NOT NULL, made_at timestamptz NOT NULL
);
CREATE TABLE audit_block (
    number bigint PRIMARY KEY, sealed_at timestamptz NOT NULL, ids uuid[] NOT NULL, leaves bytea NOT NULL,
    first_at timestamptz NOT NULL, last_at timestamptz NOT NULL, root bytea NOT NULL, previous bytea NOT NULL,
    hash bytea NOT NULL, signature bytea NOT NULL, key_id uuid NOT NULL
);
CREATE INDEX audit_block_ids ON audit_block USING gin (ids) WITH (fastupdate = off);
CREATE TRIGGER audit_record_whole BEFORE TRUNCATE ON audit_record FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_block_append_only BEFORE UPDATE OR DELETE ON audit_block FOR EACH ROW EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_block_whole BEFORE TRUNCATE ON audit_block FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
"""
FACT = partitions.create_sql(
    "audit_fact",
    "id uuid NOT NULL, at timestamptz NOT NULL, seq bigint NOT NULL, source varchar(40) NOT NULL, subject uuid NOT NULL,"
    " digest bytea, mac bytea",
    ("(source, subject, seq)", "(seq)"),
)
MARKS = """
CREATE SEQUENCE audit_fact_seq;
CREATE TRIGGER audit_fact_whole BEFORE TRUNCATE ON audit_fact FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_fact_pending AFTER INSERT ON audit_fact REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_note();

-- The session's id and a tag over the payload; nothing where the session has no key (audit/sessions.py).
CREATE FUNCTION audit_mark(payload bytea) RETURNS bytea LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_key', true), ''), 'hex');
BEGIN
    IF length(key) = 0 THEN
        RETURN NULL;
    END IF;
    RETURN decode(current_setting('linbao.audit_session'), 'hex') || substr(sha256(key || sha256(key || payload)), 1, 16);
END $$;

-- A keyed digest: what was reworded since cannot be guessed from it by trying. Without a key, a plain one.
CREATE FUNCTION audit_digest(document text) RETURNS bytea LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_digest_key', true), ''), 'hex');
BEGIN
    RETURN sha256(key || sha256(key || convert_to(document, 'UTF8')));
END $$;
"""


def make_partitions(apps, editor):
    for table in ("audit_record", "audit_fact"):
        partitions.ensure(table)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("platform", "0001_initial"),
        ("organisation", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('sealed_at', models.DateTimeField()),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('leaves', models.BinaryField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('root', models.BinaryField()),
                ('previous', models.BinaryField()),
                ('hash', models.BinaryField()),
                ('signature', models.BinaryField()),
            ],
            options={
                'db_table': 'audit_block',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('seq', models.BigIntegerField()),
                ('source', models.CharField(max_length=40)),
                ('subject', models.UUIDField()),
                ('digest', models.BinaryField(null=True)),
                ('mac', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'audit_fact',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('signing', linbao.platform.encryption.crypto.EncryptedText()),
                ('marking', linbao.platform.encryption.crypto.EncryptedText()),
                ('public', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
            ],
            options={
                'db_table': 'audit_key',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Record',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_name', models.CharField(blank=True, max_length=40, verbose_name='人员')),
                ('action', models.CharField(max_length=60, verbose_name='动作')),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.CharField(blank=True, max_length=64)),
                ('unit_id', models.UUIDField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='事由')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='来源地址')),
                ('data', models.JSONField(default=dict)),
                ('mac', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'audit_record',
                'ordering': ['-at', '-id'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Detachment',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('partition', models.CharField(max_length=60)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('rows', models.BigIntegerField()),
                ('blocks', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('action', models.CharField(max_length=60)),
                ('severity', models.CharField(choices=[('low', '低'), ('middle', '中'), ('high', '高')], max_length=6)),
                ('address', models.GenericIPAddressField(null=True)),
                ('user_id', models.UUIDField(null=True)),
                ('data', models.JSONField(default=dict)),
                ('told_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('told_at__isnull', True)), fields=['at'], name='audit_event_untold'), models.Index(fields=['action', 'address', '-at'], name='audit_event_repeat')],
            },
        ),
        migrations.RunSQL([RECORD, BY_ACTION, CHAIN, FACT, MARKS]),
        FirstRows(make_partitions),
        facts.install("organisation"),
    ]

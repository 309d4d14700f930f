from pathlib import Path

import linbao.core.clock
import linbao.core.ids
from django.db import migrations, models


# As `createcachetable` makes it: what web processes count together (sign-ins, guesses).
CACHE = """
CREATE UNLOGGED TABLE platform_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX platform_cache_expires ON platform_cache (expires);
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('scope', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('value', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='JobFault',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=128, unique=True)),
                ('task', models.CharField(max_length=128, verbose_name='任务')),
                ('job', models.BigIntegerField(null=True)),
                ('error', models.CharField(max_length=200, verbose_name='原因')),
                ('first_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='最初')),
                ('last_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='最近')),
                ('times', models.IntegerField(default=1, verbose_name='次数')),
                ('ended', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='ReferenceVersion',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('value', models.BigIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Resealing',
            fields=[
                ('part', models.CharField(max_length=140, primary_key=True, serialize=False)),
                ('target', models.CharField(max_length=20)),
                ('position', models.CharField(blank=True, max_length=100)),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('faults', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('key', models.CharField(max_length=140, primary_key=True, serialize=False)),
                ('tries', models.IntegerField(default=1)),
                ('until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Backup',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('place', models.CharField(max_length=300)),
                ('name', models.CharField(max_length=100)),
                ('size', models.BigIntegerField(default=0)),
                ('rows', models.BigIntegerField(default=0)),
                ('files', models.BigIntegerField(default=0)),
                ('seconds', models.FloatField(default=0)),
                ('key', models.CharField(blank=True, max_length=8)),
                ('verified_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='backup_log')],
            },
        ),
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.CharField(max_length=8, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('fields', '个人信息栏目'), ('files', '文件'), ('index', '查找索引'), ('backups', '备份')], max_length=8)),
                ('format', models.SmallIntegerField(default=2)),
                ('state', models.CharField(choices=[('current', '当前'), ('older', '旧密钥'), ('retired', '已停用')], default='current', max_length=8)),
                ('wrapper', models.CharField(blank=True, max_length=300)),
                ('wrapped', models.BinaryField(null=True)),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('demoted_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'current')), fields=('purpose',), name='one_current_key'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'retired'), ('wrapped__isnull', True)), models.Q(models.Q(('state', 'retired'), _negated=True), ('wrapped__isnull', False)), _connector='OR'), name='retired_key_is_gone')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryKey',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('public', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_recovery_key')],
            },
        ),
        migrations.RunSQL(CACHE, "DROP TABLE platform_cache"),
        migrations.RunSQL((Path(__file__).parent / "queue.sql").read_text(), migrations.RunSQL.noop),
    ]

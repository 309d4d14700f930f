import django.db.models.deletion
import linbao.core.clock
import linbao.core.ids
import linbao.platform.encryption.crypto
from django.conf import settings
from django.db import migrations, models
from linbao.audit import facts


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        ('items', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Adoption',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('measure', '促成一项措施'), ('decision', '进入决策'), ('notice', '上级批示或通报'), ('hazard', '发现并消除隐患')], max_length=10, verbose_name='采用形式')),
                ('note', models.CharField(max_length=500, verbose_name='说明')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='adoptions', to='items.item')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('instruction', models.CharField(blank=True, max_length=500, verbose_name='办理要求')),
                ('assigned_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('round', models.SmallIntegerField(default=1)),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=12)),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handler', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='items.item')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'ordering': ['assigned_at'],
            },
        ),
        migrations.CreateModel(
            name='CallBack',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('drawn_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('done_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('reached', '已接通'), ('no_answer', '未接通'), ('refused', '不愿回答'), ('on_site', '无人可联系，已现场核实')], max_length=12)),
                ('verdict', models.CharField(blank=True, choices=[('satisfied', '满意'), ('mostly_satisfied', '基本满意'), ('unsatisfied', '不满意'), ('none', '未能评价')], max_length=16)),
                ('matches', models.BooleanField(null=True)),
                ('remark', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True)),
                ('caller', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='call_back', to='items.item')),
            ],
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('round', models.SmallIntegerField(default=1)),
                ('verdict', models.CharField(choices=[('satisfied', '满意'), ('mostly_satisfied', '基本满意'), ('unsatisfied', '不满意'), ('none', '未能评价')], max_length=16, verbose_name='评价')),
                ('remark', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='意见')),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('by_link', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evaluations', to='items.item')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('until', models.DateTimeField(verbose_name='延至')),
                ('granted', models.BooleanField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, max_length=300)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='extension', to='handling.assignment')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Informing',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('round', models.SmallIntegerField(default=1)),
                ('final', models.BooleanField(default=True)),
                ('method', models.CharField(blank=True, choices=[('phone', '电话'), ('visit', '上门'), ('sms', '短信链接'), ('slip', '纸质反馈单')], max_length=8, verbose_name='方式')),
                ('outcome', models.CharField(choices=[('reached', '已告知'), ('no_answer', '未联系上'), ('refused', '居民不愿接受反馈'), ('anonymous', '匿名，无法反馈'), ('no_resident', '无提出人（巡查发现）'), ('unreachable', '多次联系未果')], max_length=12, verbose_name='结果')),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='告知内容')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='原因')),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='informings', to='items.item')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='ResidentLink',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('token', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='resident_link', to='items.item')),
            ],
        ),
        migrations.CreateModel(
            name='Supervision',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('requirements', models.CharField(max_length=500, verbose_name='督办要求')),
                ('due_at', models.DateTimeField(verbose_name='答复期限')),
                ('answer', models.CharField(blank=True, max_length=1000, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supervisions', to='handling.assignment')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('item',), name='one_open_assignment'),
        ),
        migrations.AddIndex(
            model_name='evaluation',
            index=models.Index(fields=['at'], name='evaluation_at'),
        ),
        migrations.AddConstraint(
            model_name='evaluation',
            constraint=models.UniqueConstraint(fields=('item', 'round'), name='evaluation_once_a_round'),
        ),
        migrations.AddConstraint(
            model_name='evaluation',
            constraint=models.CheckConstraint(condition=models.Q(('by_link', True), ('recorded_by__isnull', False), _connector='OR'), name='evaluation_names_recorder'),
        ),
        facts.install("handling"),
    ]

import django.contrib.postgres.fields
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
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PasswordReset',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('officer', models.BooleanField(default=False)),
                ('first_half', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('asked_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('opened_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='password_resets', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('opened_at__isnull', True)), fields=['unit'], name='password_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('device', models.UUIDField()),
                ('platform', models.CharField(blank=True, max_length=60, verbose_name='系统')),
                ('screen', models.CharField(blank=True, max_length=20, verbose_name='屏幕')),
                ('storage_mb', models.IntegerField(null=True, verbose_name='已用存储（MB）')),
                ('standalone', models.BooleanField(default=False, verbose_name='以应用方式打开')),
                ('version', models.CharField(blank=True, max_length=20, verbose_name='应用版本')),
                ('first_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='首次使用')),
                ('last_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='最近联系')),
                ('wipe_asked_at', models.DateTimeField(null=True, verbose_name='要求清除')),
                ('whole', models.BooleanField(default=False)),
                ('wiped_at', models.DateTimeField(null=True, verbose_name='已清除')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phones', to=settings.AUTH_USER_MODEL, verbose_name='使用人')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('device', 'user'), name='phone_once')],
            },
        ),
        migrations.CreateModel(
            name='RoleProposal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('reporter', '信息报告员'), ('group_leader', '组长'), ('reviewer', '审核员'), ('handler', '办理人'), ('manager', '管理部门负责人'), ('trainer', '培训专员'), ('security_officer', '安全保密员'), ('auditor', '审计员'), ('administrator', '系统管理员')], max_length=20, verbose_name='角色')),
                ('starts', models.DateField(verbose_name='自')),
                ('ends', models.DateField(blank=True, null=True, verbose_name='至')),
                ('proposed_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='提出时间')),
                ('state', models.CharField(choices=[('waiting', '待确认'), ('confirmed', '已确认'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='waiting', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='理由')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '角色授予申请',
                'indexes': [models.Index(fields=['unit', '-proposed_at', '-id'], name='proposal_unit')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'role', 'unit'), name='proposal_waiting_once')],
            },
        ),
        facts.install("accounts"),
    ]

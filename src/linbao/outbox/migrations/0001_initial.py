import datetime
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
            name='Channel',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('kind', models.CharField(choices=[('wecom', '企业微信机器人'), ('dingtalk', '钉钉机器人'), ('feishu', '飞书机器人'), ('webhook', '网络钩子'), ('other', '短信网关等其他')], max_length=10, verbose_name='种类')),
                ('address', linbao.platform.encryption.crypto.EncryptedText(verbose_name='地址')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('stands_in_only', models.BooleanField(default=False, verbose_name='只作替补')),
                ('tried_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=200)),
                ('stand_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='outbox.channel', verbose_name='失败时改用')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=140, unique=True)),
                ('channel', models.CharField(max_length=12, verbose_name='渠道')),
                ('recipient', models.CharField(max_length=300, verbose_name='收件地址')),
                ('subject', models.CharField(max_length=200, verbose_name='主题')),
                ('body', models.TextField(blank=True)),
                ('attachments', models.JSONField(default=list)),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.UUIDField(null=True)),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sending', '发送中'), ('sent', '已送达'), ('failed', '发送失败'), ('uncertain', '结果未知')], default='waiting', max_length=10, verbose_name='状态')),
                ('attempts', models.SmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(default=linbao.core.clock.now, null=True)),
                ('handed_over', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('sent_at', models.DateTimeField(null=True, verbose_name='送达时间')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='对方回应')),
                ('caused_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
        ),
        migrations.CreateModel(
            name='DeliveryStep',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('try', '尝试发送'), ('resend', '决定再次发送'), ('now', '决定立即重试'), ('marked', '确认已送达')], default='try', max_length=8)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('sent', '对方已收下'), ('later', '暂时不成，稍后再试'), ('refused', '对方拒收'), ('unknown', '结果未知'), ('lost', '发送中断，尚未交出'), ('given_up', '多次未成，不再重试')], max_length=10)),
                ('recipient', models.CharField(blank=True, max_length=300)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='outbox.delivery')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=60)),
                ('text', models.CharField(max_length=300)),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notice_preference', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('by_mail', models.CharField(choices=[('at_once', '随时发'), ('digest', '每天汇总一次'), ('never', '不发邮件')], default='digest', max_length=8, verbose_name='消息邮件')),
                ('digest_at', models.TimeField(default=datetime.time(8, 30), verbose_name='汇总时间')),
                ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='免打扰自')),
                ('quiet_to', models.TimeField(blank=True, null=True, verbose_name='免打扰至')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_to__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False)), _connector='OR'), name='quiet_hours_whole')],
            },
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='delivery_next'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['subject_id'], name='delivery_subject'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['unit', '-created_at', '-id'], name='delivery_unit'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['caused_by', '-created_at', '-id'], name='delivery_cause'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['-created_at', '-id'], name='delivery_newest'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ('failed', 'uncertain'))), fields=['-created_at', '-id'], name='delivery_stopped'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail_at__isnull', False)), fields=['mail_at'], name='notice_mail'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['user', '-created_at', '-id'], name='notice_user'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notice_unread'),
        ),
        facts.install("outbox"),
    ]

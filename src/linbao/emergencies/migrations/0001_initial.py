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
        ('documents', '0001_initial'),
        ('items', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UrgentReport',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(blank=True, choices=[('fire', '火情'), ('theft', '盗窃'), ('natural_disaster', '自然灾害'), ('public_health', '公共卫生'), ('accident', '事故'), ('public_safety', '公共安全'), ('hazard', '重大隐患'), ('dispute', '纠纷激化'), ('other', '其他要情')], default='', max_length=20, verbose_name='种类')),
                ('level', models.CharField(blank=True, choices=[('particularly_major', '特别重大（红）'), ('major', '重大（橙）'), ('larger', '较大（黄）'), ('general', '一般（蓝）')], default='', max_length=20, verbose_name='级别')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('seen_at', models.DateTimeField(verbose_name='发现时间')),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('clock_off', models.IntegerField(default=0)),
                ('called_at', models.DateTimeField(null=True, verbose_name='电话报告时间')),
                ('call_entered_at', models.DateTimeField(null=True)),
                ('answered_by', linbao.platform.encryption.crypto.EncryptedText(blank=True, default='', null=True, verbose_name='接听人')),
                ('called_number', linbao.platform.encryption.crypto.EncryptedText(blank=True, default='', null=True, verbose_name='拨打的电话')),
                ('call_words', linbao.platform.encryption.crypto.EncryptedText(blank=True, default='', null=True, verbose_name='通话内容')),
                ('written_at', models.DateTimeField(null=True, verbose_name='书面报告时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='终报时间')),
                ('versions_made', models.SmallIntegerField(default=0)),
                ('round', models.SmallIntegerField(default=1)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('withdrawn', '报告员已撤回'), ('unmarked', '审核认定不属紧急'), ('merged', '已并入另一条')], default='', max_length=10)),
                ('body_digest', models.CharField(blank=True, default='', max_length=64)),
                ('call_logged_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代为登记')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='urgent_report', to='items.item')),
                ('joined_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='joined', to='emergencies.urgentreport', verbose_name='并入')),
                ('reporter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报告员')),
                ('work_group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('opened', '紧急情况'), ('overdue', '书面报告超时')], max_length=10)),
                ('round', models.SmallIntegerField(default=1)),
                ('raised_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('step', models.SmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='emergencies.urgentreport')),
                ('sent_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='emergencies.alarm')),
            ],
        ),
        migrations.CreateModel(
            name='AlarmCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notified_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('alarm', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='emergencies.alarm')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['notified_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='UrgentVersion',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('version', models.SmallIntegerField()),
                ('stage', models.CharField(choices=[('first', '首报'), ('follow_up', '续报'), ('correction', '更正'), ('final', '终报')], max_length=12)),
                ('content', models.JSONField(default=dict)),
                ('changed', models.CharField(blank=True, max_length=500, verbose_name='本次变化')),
                ('written_at', models.DateTimeField()),
                ('entered_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='emergencies.urgentreport')),
                ('seal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.seal')),
            ],
            options={
                'ordering': ['version'],
            },
        ),
        migrations.CreateModel(
            name='WrittenDraft',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('version', models.SmallIntegerField()),
                ('content', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('saved_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='emergencies.urgentreport')),
            ],
        ),
        migrations.CreateModel(
            name='AfterAction',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='after_action', serialize=False, to='emergencies.urgentreport')),
                ('went_well', models.TextField(blank=True, verbose_name='做得好的')),
                ('to_improve', models.TextField(blank=True, verbose_name='需要改进的')),
                ('measures', models.TextField(blank=True, verbose_name='今后的措施')),
                ('version', models.SmallIntegerField(default=0)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='urgentreport',
            index=models.Index(fields=['community', '-opened_at', '-id'], name='urgent_community'),
        ),
        migrations.AddIndex(
            model_name='urgentreport',
            index=models.Index(fields=['reporter', '-opened_at', '-id'], name='urgent_reporter'),
        ),
        migrations.AddIndex(
            model_name='urgentreport',
            index=models.Index(condition=models.Q(('finished_at__isnull', True)), fields=['community'], name='urgent_open'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='alarm_next'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('acknowledged_at__isnull', True)), fields=['community'], name='alarm_open'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(fields=('report', 'reason', 'round'), name='alarm_once'),
        ),
        migrations.AddConstraint(
            model_name='alarmcall',
            constraint=models.UniqueConstraint(fields=('alarm', 'person'), name='alarm_person_once'),
        ),
        migrations.AddConstraint(
            model_name='urgentversion',
            constraint=models.UniqueConstraint(fields=('report', 'version'), name='urgent_version_once'),
        ),
        migrations.AddConstraint(
            model_name='writtendraft',
            constraint=models.UniqueConstraint(fields=('report', 'by'), name='written_draft_once'),
        ),
        facts.install("emergencies"),
    ]

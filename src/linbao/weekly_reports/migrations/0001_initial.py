import django.db.models.deletion
import linbao.core.clock
import linbao.core.ids
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
            name='WeeklyReport',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('week', models.DateField(verbose_name='周')),
                ('by_group', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('assembled', '待确认'), ('confirmed', '已报送'), ('returned', '退回修改'), ('accepted', '已审阅')], default='assembled', max_length=10, verbose_name='状态')),
                ('nil_reason', models.CharField(blank=True, max_length=300, verbose_name='零报告原因')),
                ('timing_reason', models.CharField(blank=True, max_length=300, verbose_name='提前或逾期报送的原因')),
                ('facts', models.JSONField(default=dict)),
                ('texts', models.JSONField(default=dict)),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('version', models.SmallIntegerField(default=1)),
                ('assembled_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('covers_from', models.DateTimeField(null=True, verbose_name='涵盖自')),
                ('covers_until', models.DateTimeField(null=True, verbose_name='涵盖至')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='报送时间')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='发出时间')),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('findings', models.JSONField(default=list)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='社区')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='weekly_reports', to=settings.AUTH_USER_MODEL, verbose_name='报告员')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('work_group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['community', '-week', '-id'], name='report_community'), models.Index(fields=['reporter', '-week', '-id'], name='report_reporter'), models.Index(fields=['sent_at'], name='report_sent'), models.Index(condition=models.Q(('sent_at__isnull', True), ('status', 'confirmed')), fields=['confirmed_at'], name='report_to_send')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('by_group', False)), fields=('reporter', 'week'), name='one_report_a_week'), models.UniqueConstraint(condition=models.Q(('by_group', True)), fields=('work_group', 'week'), name='one_group_report_a_week')],
            },
        ),
        facts.install("weekly_reports"),
    ]

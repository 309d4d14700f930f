import django.contrib.postgres.fields
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
        ('documents', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100, verbose_name='会议名称')),
                ('starts_at', models.DateTimeField(verbose_name='时间')),
                ('place', models.CharField(max_length=100, verbose_name='地点')),
                ('called_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('state', models.CharField(choices=[('called', '已召集'), ('held', '已召开'), ('cancelled', '已取消')], default='called', max_length=10, verbose_name='状态')),
                ('month', models.DateField()),
                ('held_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='取消原因')),
                ('summary', models.TextField(blank=True, max_length=8000, verbose_name='会议情况')),
                ('called_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='召集人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '会议',
            },
        ),
        migrations.CreateModel(
            name='AgendaPoint',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('order', models.SmallIntegerField(default=0)),
                ('kind', models.CharField(choices=[('problem', '未解决的问题'), ('task', '超期任务'), ('item', '居民不满意的事项'), ('own', '其他议题')], default='own', max_length=8)),
                ('subject_id', models.UUIDField(null=True)),
                ('title', models.CharField(max_length=120, verbose_name='议题')),
                ('discussion', models.TextField(blank=True, max_length=2000, verbose_name='讨论情况')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agenda', to='management.meeting')),
            ],
            options={
                'ordering': ['order', 'id'],
            },
        ),
        migrations.CreateModel(
            name='MeetingPerson',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('presence', models.CharField(choices=[('invited', '未签到'), ('present', '已到会'), ('excused', '请假')], default='invited', max_length=8, verbose_name='到会')),
                ('signed_at', models.DateTimeField(null=True)),
                ('report', models.TextField(blank=True, max_length=2000, verbose_name='工作汇报')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='management.meeting')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to=settings.AUTH_USER_MODEL, verbose_name='参会人')),
                ('signed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Minutes',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('version', models.SmallIntegerField()),
                ('content', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minutes', to='management.meeting')),
            ],
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('anonymous', models.BooleanField(default=False, verbose_name='匿名')),
                ('day', models.DateField(verbose_name='日期')),
                ('comment', models.TextField(max_length=2000, verbose_name='意见建议')),
                ('answer', models.TextField(blank=True, max_length=2000, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='opinions', to='management.meeting')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '意见建议',
            },
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120, verbose_name='问题')),
                ('raised_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('state', models.CharField(choices=[('open', '待解决'), ('solved', '已解决'), ('dropped', '不予解决')], default='open', max_length=8, verbose_name='状态')),
                ('result', models.TextField(blank=True, max_length=2000, verbose_name='解决情况')),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='management.meeting')),
                ('opinion', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='problem', to='management.opinion')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='负责人')),
                ('raised_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '问题',
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100, verbose_name='任务')),
                ('requirements', models.TextField(blank=True, max_length=4000, verbose_name='要求')),
                ('checklist', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('whole_group', models.BooleanField(default=False)),
                ('rhythm', models.CharField(choices=[('daily', '每天'), ('weekly', '每周'), ('monthly', '每月')], max_length=8, verbose_name='重复')),
                ('day', models.SmallIntegerField(default=0)),
                ('hour', models.SmallIntegerField(default=18)),
                ('starts', models.DateField(verbose_name='自')),
                ('ends', models.DateField(blank=True, null=True, verbose_name='至')),
                ('given_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='布置人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '重复任务',
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100, verbose_name='任务')),
                ('requirements', models.TextField(blank=True, max_length=4000, verbose_name='要求')),
                ('checklist', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                ('whole_group', models.BooleanField(default=False, verbose_name='整个小组')),
                ('given_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('state', models.CharField(choices=[('open', '进行中'), ('done', '已完成'), ('ended', '已收回')], default='open', max_length=6, verbose_name='状态')),
                ('closed_at', models.DateTimeField(null=True)),
                ('period', models.DateField(null=True)),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='布置人')),
                ('meeting', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='management.meeting')),
                ('series', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='management.series')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '任务',
            },
        ),
        migrations.CreateModel(
            name='TaskFile',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='文件名')),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.IntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='management.series')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='management.task')),
            ],
        ),
        migrations.CreateModel(
            name='TaskNote',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('progress', '进展'), ('question', '提问'), ('guidance', '工作指导'), ('done', '完成情况'), ('change', '变动')], max_length=8)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('text', models.TextField(max_length=2000)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='management.task')),
            ],
        ),
        migrations.CreateModel(
            name='TaskPart',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', '进行中'), ('done', '已完成'), ('taken_back', '已收回')], default='open', max_length=10, verbose_name='状态')),
                ('ticked', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), default=list, size=None)),
                ('joined_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='承担人')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='management.task')),
            ],
        ),
        migrations.CreateModel(
            name='FileCopy',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('seal_id', models.UUIDField()),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-at', '-id'], name='file_copy_person')],
            },
        ),
        migrations.AddIndex(
            model_name='meeting',
            index=models.Index(fields=['unit', '-starts_at', '-id'], name='meeting_unit'),
        ),
        migrations.AddConstraint(
            model_name='agendapoint',
            constraint=models.UniqueConstraint(condition=models.Q(('subject_id__isnull', False)), fields=('meeting', 'kind', 'subject_id'), name='agenda_point_once'),
        ),
        migrations.AddConstraint(
            model_name='meetingperson',
            constraint=models.UniqueConstraint(fields=('meeting', 'person'), name='meeting_person_once'),
        ),
        migrations.AddConstraint(
            model_name='minutes',
            constraint=models.UniqueConstraint(fields=('meeting', 'version'), name='minutes_version_once'),
        ),
        migrations.AddIndex(
            model_name='opinion',
            index=models.Index(fields=['unit', '-day', '-id'], name='opinion_unit'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('anonymous', True), ('author__isnull', True)), models.Q(('anonymous', False), ('author__isnull', False)), _connector='OR'), name='opinion_anonymous_has_no_author'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(fields=['unit', '-raised_at', '-id'], name='problem_unit'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['unit', 'due_at'], name='problem_unit_open'),
        ),
        migrations.AddIndex(
            model_name='series',
            index=models.Index(condition=models.Q(('stopped_at__isnull', True)), fields=['starts'], name='series_running'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['unit', 'due_at', 'id'], name='task_unit_due'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['given_by', 'due_at', 'id'], name='task_given_due'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('state', 'open'), ('whole_group', True)), fields=['unit'], name='task_group_open'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('series', 'period'), name='task_once_a_period'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='task_closed_at'),
        ),
        migrations.AddConstraint(
            model_name='taskfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('series__isnull', True), ('task__isnull', False)), models.Q(('series__isnull', False), ('task__isnull', True)), _connector='OR'), name='task_file_of_one'),
        ),
        migrations.AddIndex(
            model_name='tasknote',
            index=models.Index(fields=['task', 'at', 'id'], name='task_note_thread'),
        ),
        migrations.AddIndex(
            model_name='taskpart',
            index=models.Index(fields=['person', '-joined_at', '-id'], name='task_part_person'),
        ),
        migrations.AddConstraint(
            model_name='taskpart',
            constraint=models.UniqueConstraint(fields=('task', 'person'), name='task_part_once'),
        ),
        facts.install("management"),
    ]

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
            name='Session',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('quarter', models.DateField(verbose_name='计入季度')),
                ('title', models.CharField(max_length=80, verbose_name='培训主题')),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('collection', '信息收集方法'), ('organising', '信息整理技巧'), ('writing', '报告撰写规范'), ('law', '法律法规知识'), ('other', '其他')], max_length=12), size=None, verbose_name='内容类别')),
                ('place', models.CharField(max_length=100, verbose_name='地点')),
                ('starts_at', models.DateTimeField(verbose_name='开始时间')),
                ('minutes', models.SmallIntegerField(verbose_name='时长（分钟）')),
                ('cases', models.TextField(blank=True, max_length=3000, verbose_name='案例与经验')),
                ('status', models.CharField(choices=[('planned', '待举行'), ('held', '已举行'), ('cancelled', '已取消')], default='planned', max_length=10, verbose_name='状态')),
                ('cancel_reason', models.CharField(blank=True, max_length=200)),
                ('summary', models.TextField(blank=True, max_length=3000, verbose_name='培训小结')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('version', models.IntegerField(default=1)),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('record_version', models.SmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '培训',
            },
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('collection', '信息收集方法'), ('organising', '信息整理技巧'), ('writing', '报告撰写规范'), ('law', '法律法规知识'), ('other', '其他')], max_length=12, verbose_name='内容类别')),
                ('title', models.CharField(max_length=80, verbose_name='课程名称')),
                ('outline', models.TextField(blank=True, max_length=2000, verbose_name='内容提纲')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Lecturer',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('external', models.BooleanField(default=True, verbose_name='外请专家')),
                ('organization', models.CharField(blank=True, max_length=80, verbose_name='单位')),
                ('title', models.CharField(blank=True, max_length=60, verbose_name='职务或职称')),
                ('profile', models.TextField(blank=True, max_length=1000, verbose_name='专业背景')),
                ('phone', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='联系电话')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('quarter', models.DateField(verbose_name='季度')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('collection', '信息收集方法'), ('organising', '信息整理技巧'), ('writing', '报告撰写规范'), ('law', '法律法规知识'), ('other', '其他')], max_length=12, verbose_name='内容类别')),
                ('kind', models.CharField(choices=[('single', '单选题'), ('multiple', '多选题'), ('true_false', '判断题')], max_length=10, verbose_name='题型')),
                ('text', models.CharField(max_length=300, verbose_name='题目')),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None, verbose_name='选项')),
                ('right', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None, verbose_name='正确答案')),
                ('why', models.CharField(max_length=500, verbose_name='解析')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Quiz',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='quiz', serialize=False, to='training.session')),
                ('set_at', models.DateTimeField(default=linbao.core.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name='session',
            name='course',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='training.course', verbose_name='课程'),
        ),
        migrations.AddField(
            model_name='session',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='session',
            name='record_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.IntegerField()),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('case', models.BooleanField(default=False, verbose_name='案例')),
                ('uploaded_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='training.session')),
            ],
            options={
                'ordering': ['uploaded_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('content_mark', models.SmallIntegerField(verbose_name='内容')),
                ('lecturer_mark', models.SmallIntegerField(verbose_name='讲授')),
                ('useful_mark', models.SmallIntegerField(verbose_name='对工作有用')),
                ('comment', models.CharField(blank=True, max_length=500, verbose_name='意见建议')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='training.session')),
            ],
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('invited', '已邀请'), ('enrolled', '已报名'), ('leave_asked', '申请请假'), ('leave', '已准假')], default='invited', max_length=12, verbose_name='状态')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('leave_reason', models.CharField(blank=True, max_length=200, verbose_name='请假事由')),
                ('signed_in_at', models.DateTimeField(null=True, verbose_name='签到时间')),
                ('signed_out_at', models.DateTimeField(null=True, verbose_name='签退时间')),
                ('hand_reason', models.CharField(blank=True, max_length=200, verbose_name='补登原因')),
                ('minutes', models.SmallIntegerField(default=0, verbose_name='在场分钟')),
                ('by_hand', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='training_seats', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='training.session')),
            ],
            options={
                'ordering': ['person__username'],
            },
        ),
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('content', models.JSONField()),
                ('answers', models.JSONField(null=True)),
                ('score', models.SmallIntegerField(null=True, verbose_name='得分')),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('answered_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Teaching',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('about', models.CharField(blank=True, max_length=120, verbose_name='讲授内容')),
                ('fee', models.DecimalField(decimal_places=2, max_digits=9, null=True, verbose_name='课酬（元）')),
                ('fee_note', models.CharField(blank=True, max_length=120, verbose_name='课酬说明')),
                ('added_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lecturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teachings', to='training.lecturer')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teachings', to='training.session')),
            ],
            options={
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('subject', models.CharField(choices=[('collection', '信息收集方法'), ('organising', '信息整理技巧'), ('writing', '报告撰写规范'), ('law', '法律法规知识'), ('other', '其他')], max_length=12, verbose_name='内容类别')),
                ('title', models.CharField(max_length=80, verbose_name='主题')),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='安排理由')),
                ('check_kind', models.CharField(blank=True, choices=[('truth', '真实性'), ('completeness', '完整性'), ('accuracy', '准确性'), ('format', '报告格式')], max_length=12)),
                ('added_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='针对小组')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topics', to='training.plan')),
            ],
            options={
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='session',
            name='topic',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sessions', to='training.topic', verbose_name='计划主题'),
        ),
        migrations.AddIndex(
            model_name='course',
            index=models.Index(fields=['community', 'subject', 'title'], name='training_course_list'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.UniqueConstraint(fields=('community', 'title'), name='training_course_once'),
        ),
        migrations.AddConstraint(
            model_name='lecturer',
            constraint=models.UniqueConstraint(fields=('community', 'name', 'organization'), name='training_lecturer_once'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(fields=('community', 'quarter'), name='training_plan_once'),
        ),
        migrations.AddIndex(
            model_name='question',
            index=models.Index(fields=['community', '-created_at', '-id'], name='training_question_list'),
        ),
        migrations.AddField(
            model_name='sheet',
            name='quiz',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sheets', to='training.quiz'),
        ),
        migrations.AddField(
            model_name='quiz',
            name='questions',
            field=models.ManyToManyField(related_name='+', to='training.question'),
        ),
        migrations.AddField(
            model_name='quiz',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.UniqueConstraint(fields=('session', 'sha256'), name='training_material_once'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.UniqueConstraint(fields=('session', 'person'), name='training_feedback_once'),
        ),
        migrations.AddConstraint(
            model_name='feedback',
            constraint=models.CheckConstraint(condition=models.Q(('content_mark__range', (1, 5)), ('lecturer_mark__range', (1, 5)), ('useful_mark__range', (1, 5))), name='training_marks'),
        ),
        migrations.AddIndex(
            model_name='seat',
            index=models.Index(fields=['person', 'session'], name='training_seat_person'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.UniqueConstraint(fields=('session', 'person'), name='training_seat_once'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(('signed_out_at__isnull', True), models.Q(('signed_in_at__isnull', False), ('signed_out_at__gte', models.F('signed_in_at'))), _connector='OR'), name='training_out_after_in'),
        ),
        migrations.AddConstraint(
            model_name='teaching',
            constraint=models.UniqueConstraint(fields=('session', 'lecturer'), name='training_teaching_once'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.UniqueConstraint(fields=('plan', 'title'), name='training_topic_once'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['community', '-starts_at', '-id'], name='training_session_list'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['community', 'quarter', 'status'], name='training_session_quarter'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 15), ('minutes__lte', 720)), name='training_minutes'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('starts_at')), _connector='OR'), name='training_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.UniqueConstraint(fields=('quiz', 'person'), name='training_sheet_once'),
        ),
        facts.install("training"),
    ]

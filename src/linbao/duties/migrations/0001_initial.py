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
            name='Leave',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('starts', models.DateField(verbose_name='自')),
                ('ends', models.DateField(verbose_name='至')),
                ('kind', models.CharField(choices=[('annual', '年休假'), ('personal', '事假'), ('sick', '病假'), ('family', '婚产丧假'), ('official', '公出'), ('other', '其他')], max_length=10, verbose_name='事由')),
                ('note', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='说明')),
                ('state', models.CharField(choices=[('asked', '待批'), ('approved', '已批准'), ('refused', '未批准'), ('cancelled', '已取消')], default='asked', max_length=10, verbose_name='状态')),
                ('asked_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, max_length=300, verbose_name='批示')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to=settings.AUTH_USER_MODEL, verbose_name='请假人')),
                ('stand_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代班人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '请假',
            },
        ),
        migrations.CreateModel(
            name='Obligation',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=30, verbose_name='义务')),
                ('clause', models.CharField(max_length=8, verbose_name='条款')),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.UUIDField(null=True)),
                ('period', models.DateField(null=True)),
                ('key', models.CharField(max_length=140, unique=True)),
                ('title', models.CharField(blank=True, max_length=120)),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('met_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('missed_at', models.DateTimeField(null=True)),
                ('miss_at', models.DateTimeField(null=True)),
                ('waived_at', models.DateTimeField(null=True)),
                ('waived_reason', models.CharField(blank=True, max_length=200)),
                ('next_step', models.SmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('community', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='社区')),
                ('leave', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to='duties.leave')),
                ('moved_from', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='obligations', to=settings.AUTH_USER_MODEL, verbose_name='责任人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
                ('waived_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='值班电话')),
                ('starts', models.DateTimeField(verbose_name='开始')),
                ('ends', models.DateTimeField(verbose_name='结束')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='值班人')),
                ('stand_in', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='替班人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('note', models.CharField(max_length=1000, verbose_name='交接内容')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('taken_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'indexes': [models.Index(fields=['unit', '-at', '-id'], name='hand_over_unit')],
            },
        ),
        migrations.AddIndex(
            model_name='leave',
            index=models.Index(fields=['person', '-starts', '-id'], name='leave_person'),
        ),
        migrations.AddIndex(
            model_name='leave',
            index=models.Index(fields=['unit', '-starts', '-id'], name='leave_unit'),
        ),
        migrations.AddConstraint(
            model_name='leave',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='leave_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='leave',
            constraint=models.CheckConstraint(condition=models.Q(('stand_in', models.F('person')), _negated=True), name='leave_other_stands_in'),
        ),
        migrations.AddConstraint(
            model_name='leave',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'cancelled']), ('decided_by__isnull', False), _connector='OR'), name='leave_decided_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('next_at__isnull', False)), fields=['next_at'], name='obligation_next'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('met_at__isnull', True), ('missed_at__isnull', True), ('waived_at__isnull', True)), fields=['owner', 'due_at'], name='obligation_owner_open'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('met_at__isnull', True), ('missed_at__isnull', True), ('waived_at__isnull', True)), fields=['community', 'kind', 'due_at'], name='obligation_open'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(fields=['subject_id', 'kind'], name='obligation_subject'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(fields=['community', 'kind', 'period'], name='obligation_period'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(fields=['owner', 'kind', '-due_at'], name='obligation_history'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('moved_from__isnull', False)), fields=['owner'], name='obligation_stood'),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(condition=models.Q(('moved_from__isnull', False)), fields=['moved_from', 'kind'], name='obligation_moved'),
        ),
        migrations.AddIndex(
            model_name='shift',
            index=models.Index(fields=['unit', 'ends'], name='shift_unit'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts'))), name='shift_ends_after_start'),
        ),
        facts.install("duties"),
    ]

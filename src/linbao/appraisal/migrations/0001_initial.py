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
            name='Appraisal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('groups', models.JSONField(default=list)),
                ('left', models.BooleanField(default=False)),
                ('months', models.DecimalField(decimal_places=2, default=0, max_digits=3, verbose_name='在岗月数')),
                ('absences', models.JSONField(default=list)),
                ('figures', models.JSONField(default=dict)),
                ('items', models.IntegerField(default=0)),
                ('small', models.BooleanField(default=False)),
                ('facts_score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('self_score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('peer_score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('superior_score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('total', models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name='综合得分')),
                ('capped', models.BooleanField(default=False)),
                ('suggested', models.CharField(blank=True, choices=[('excellent', '优秀'), ('competent', '称职'), ('basic', '基本称职'), ('failing', '不称职')], max_length=10)),
                ('grade', models.CharField(blank=True, choices=[('excellent', '优秀'), ('competent', '称职'), ('basic', '基本称职'), ('failing', '不称职')], max_length=10, verbose_name='等次')),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='工作小组')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appraisals', to=settings.AUTH_USER_MODEL, verbose_name='报告员')),
            ],
            options={
                'verbose_name': '考核结果',
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('before', models.CharField(blank=True, choices=[('excellent', '优秀'), ('competent', '称职'), ('basic', '基本称职'), ('failing', '不称职')], max_length=10)),
                ('after', models.CharField(choices=[('excellent', '优秀'), ('competent', '称职'), ('basic', '基本称职'), ('failing', '不称职')], max_length=10)),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('objection', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('appraisal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='appraisal.appraisal')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Cycle',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('half', models.DateField(verbose_name='考核期')),
                ('version', models.SmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('open', '考核进行中'), ('published', '结果已告知'), ('closed', '已结束'), ('superseded', '已重新考核')], default='open', max_length=10, verbose_name='状态')),
                ('rules', models.JSONField()),
                ('rules_version', models.SmallIntegerField(default=0)),
                ('zone', models.CharField(max_length=40)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('seed', models.BigIntegerField()),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('self_due', models.DateTimeField(verbose_name='自评截止')),
                ('peer_due', models.DateTimeField(verbose_name='互评截止')),
                ('superior_due', models.DateTimeField(verbose_name='上级评价截止')),
                ('publish_due', models.DateTimeField(verbose_name='告知结果截止')),
                ('objection_due', models.DateTimeField(null=True, verbose_name='申诉截止')),
                ('counted_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('reopened_reason', models.CharField(blank=True, max_length=300, verbose_name='重新考核的理由')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('previous', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='following', to='appraisal.cycle')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '考核周期',
            },
        ),
        migrations.AddField(
            model_name='appraisal',
            name='cycle',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='appraisal.cycle'),
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('grounds', linbao.platform.encryption.crypto.EncryptedText(verbose_name='申诉内容')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('due_at', models.DateTimeField(verbose_name='答复期限')),
                ('decided_at', models.DateTimeField(null=True)),
                ('upheld', models.BooleanField(null=True)),
                ('reply', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='答复')),
                ('appraisal', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='objection', to='appraisal.appraisal')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decider', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '考核申诉',
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('commendation', '表彰奖励'), ('talk', '批评教育谈话'), ('training', '补充培训'), ('reassignment', '调整岗位')], max_length=12)),
                ('metric', models.CharField(blank=True, max_length=12)),
                ('state', models.CharField(choices=[('proposed', '待决定'), ('accepted', '已采纳'), ('declined', '未采纳'), ('withdrawn', '已撤回')], default='proposed', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='理由')),
                ('decided_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('appraisal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='appraisal.appraisal')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('self', '自评'), ('peer', '互评'), ('superior', '上级评价')], max_length=8)),
                ('marks', models.JSONField(default=dict)),
                ('score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('evidence', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='事实依据')),
                ('remark', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='评语')),
                ('submitted_at', models.DateTimeField(null=True)),
                ('left_out_at', models.DateTimeField(null=True)),
                ('appraisal', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='appraisal.appraisal')),
                ('rater', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '评价',
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('version', models.SmallIntegerField()),
                ('rules', models.JSONField()),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'ordering': ['-version'],
            },
        ),
        migrations.CreateModel(
            name='Cap',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('half', models.DateField()),
                ('source', models.CharField(choices=[('leak', '泄露信息'), ('false', '提供虚假信息')], max_length=8)),
                ('reference', models.CharField(blank=True, max_length=60)),
                ('reason', linbao.platform.encryption.crypto.EncryptedText()),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('lifted_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'half', 'source', 'reference'), name='appraisal_cap_once')],
            },
        ),
        migrations.AddIndex(
            model_name='cycle',
            index=models.Index(fields=['unit', '-half', '-id'], name='appraisal_cycle_unit'),
        ),
        migrations.AddIndex(
            model_name='cycle',
            index=models.Index(condition=models.Q(('state__in', ['open', 'published'])), fields=['state'], name='appraisal_cycle_going'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.UniqueConstraint(fields=('unit', 'half', 'version'), name='appraisal_cycle_version_once'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'superseded'), _negated=True), fields=('unit', 'half'), name='appraisal_one_cycle'),
        ),
        migrations.AddIndex(
            model_name='appraisal',
            index=models.Index(fields=['cycle', 'name', 'id'], name='appraisal_list'),
        ),
        migrations.AddIndex(
            model_name='appraisal',
            index=models.Index(fields=['person', '-id'], name='appraisal_person'),
        ),
        migrations.AddConstraint(
            model_name='appraisal',
            constraint=models.UniqueConstraint(fields=('cycle', 'person'), name='appraisal_person_once'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at__isnull', True), models.Q(('decided_by__isnull', False), ('upheld__isnull', False)), _connector='OR'), name='appraisal_objection_names_decider'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('appraisal', 'kind'), name='appraisal_proposal_once'),
        ),
        migrations.AddIndex(
            model_name='rating',
            index=models.Index(fields=['rater', 'kind'], name='appraisal_rating_rater'),
        ),
        migrations.AddIndex(
            model_name='rating',
            index=models.Index(fields=['appraisal', 'kind'], name='appraisal_rating_of'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.UniqueConstraint(fields=('appraisal', 'rater', 'kind'), name='appraisal_rating_once'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('submitted_at__isnull', True), ('score__isnull', False), _connector='OR'), name='appraisal_rating_has_score'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(fields=('unit', 'version'), name='appraisal_rules_once'),
        ),
        facts.install("appraisal"),
    ]

import django.contrib.postgres.fields
import django.db.models.deletion
import linbao.core.clock
import linbao.core.ids
import linbao.platform.encryption.crypto
from django.conf import settings
from django.db import migrations, models
from linbao.audit import facts


# Evidence is frozen (7.2.1): the database itself refuses to change or remove a snapshot, save that its sealed words may
# be sealed anew with another key (6.2.2): in a transaction that says so, and nothing else of the row.
FREEZE = """
CREATE FUNCTION conduct_evidence_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('linbao.resealing', true) = 'on'
     AND (NEW.id, NEW.case_id, NEW.digest, NEW.taken_by_id, NEW.taken_at)
       = (OLD.id, OLD.case_id, OLD.digest, OLD.taken_by_id, OLD.taken_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'evidence is frozen';
END $$;
CREATE TRIGGER conduct_evidence_frozen BEFORE UPDATE OR DELETE ON conduct_evidence
    FOR EACH ROW EXECUTE FUNCTION conduct_evidence_frozen();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        ('handling', '0001_initial'),
        ('items', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='案号')),
                ('kind', models.CharField(choices=[('false', '提供虚假信息'), ('delay', '延误报告'), ('leak', '泄露信息'), ('neglect', '失职造成损失或决策失误')], max_length=10, verbose_name='事由')),
                ('suspected', models.CharField(choices=[('light', '情节较轻'), ('middle', '情节较重'), ('grave', '情节严重')], max_length=8, verbose_name='初步情节')),
                ('since', models.DateField(verbose_name='取证起始日')),
                ('until', models.DateField(verbose_name='取证截止日')),
                ('allegation', linbao.platform.encryption.crypto.EncryptedText(verbose_name='登记的事实')),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='立案时间')),
                ('state', models.CharField(choices=[('open', '待决定'), ('decided', '已决定，可申诉'), ('appealed', '申诉中'), ('final', '已生效'), ('dismissed', '不予追究')], default='open', max_length=10, verbose_name='状态')),
                ('barred', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('deciders', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('appeal_deciders', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('statement_due', models.DateTimeField(verbose_name='陈述申辩期限')),
                ('statement', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='陈述申辩')),
                ('stated_at', models.DateTimeField(null=True)),
                ('severity', models.CharField(blank=True, choices=[('light', '情节较轻'), ('middle', '情节较重'), ('grave', '情节严重')], max_length=8, verbose_name='认定情节')),
                ('decided_measure', models.CharField(blank=True, choices=[('talk', '谈话提醒'), ('criticism', '批评教育'), ('notice', '通报批评'), ('reassign', '调整岗位'), ('revoke', '取消资格'), ('refer', '取消资格并移送处理')], max_length=10, verbose_name='处理决定')),
                ('reasons', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='决定理由')),
                ('decided_at', models.DateTimeField(null=True)),
                ('appeal_until', models.DateTimeField(null=True, verbose_name='申诉期限')),
                ('appeal', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='申诉理由')),
                ('appealed_at', models.DateTimeField(null=True)),
                ('answer', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='申诉答复')),
                ('appeal_decided_at', models.DateTimeField(null=True)),
                ('measure', models.CharField(blank=True, choices=[('talk', '谈话提醒'), ('criticism', '批评教育'), ('notice', '通报批评'), ('reassign', '调整岗位'), ('revoke', '取消资格'), ('refer', '取消资格并移送处理')], max_length=10, verbose_name='处理')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='记录有效期至')),
                ('expired_at', models.DateTimeField(null=True)),
                ('appeal_decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('items', models.ManyToManyField(related_name='+', to='items.item', verbose_name='相关信息')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='立案人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='当事人')),
            ],
            options={
                'verbose_name': '责任追究案件',
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('worth', models.CharField(choices=[('measure', '促成一项措施'), ('decision', '进入社区以上决策'), ('averted', '避免人身伤害或重大损失'), ('hazard', '发现并消除隐患'), ('dispute', '化解长期纠纷'), ('model', '示范报告')], max_length=10, verbose_name='贡献')),
                ('points', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='贡献值')),
                ('note', models.CharField(max_length=500, verbose_name='说明')),
                ('half', models.DateField(verbose_name='半年度')),
                ('recorded_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('adoption', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='contribution', to='handling.adoption')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contributions', to='items.item')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '贡献',
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('facts', linbao.platform.encryption.crypto.EncryptedText()),
                ('digest', models.CharField(max_length=64)),
                ('taken_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='conduct.case')),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['taken_at'],
            },
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('reasons', models.TextField(max_length=2000, verbose_name='提名理由')),
                ('half', models.DateField(verbose_name='半年度')),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='提名时间')),
                ('state', models.CharField(choices=[('open', '待决定'), ('granted', '已表彰'), ('declined', '未通过'), ('withdrawn', '已撤回')], default='open', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, max_length=500, verbose_name='审批意见')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('items', models.ManyToManyField(related_name='+', to='items.item', verbose_name='相关信息')),
                ('nominated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提名人')),
                ('nominee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='被提名人')),
            ],
            options={
                'verbose_name': '表彰提名',
            },
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('praise', '通报表扬'), ('certificate', '荣誉证书'), ('bonus', '奖金'), ('goods', '实物奖励')], max_length=12, verbose_name='奖励方式')),
                ('title', models.CharField(max_length=40, verbose_name='荣誉名称')),
                ('citation', models.CharField(max_length=200, verbose_name='表彰事由')),
                ('goods', models.CharField(blank=True, max_length=80, verbose_name='物品')),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=9, verbose_name='金额（元）')),
                ('points', models.DecimalField(decimal_places=2, max_digits=7, verbose_name='贡献值')),
                ('half', models.DateField()),
                ('year', models.SmallIntegerField(verbose_name='预算年度')),
                ('decided_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='决定时间')),
                ('handed_over_at', models.DateTimeField(null=True, verbose_name='发放时间')),
                ('shown_since', models.DateTimeField(null=True, verbose_name='同意上墙时间')),
                ('community', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handed_over_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to=settings.AUTH_USER_MODEL)),
                ('nomination', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='conduct.nomination')),
            ],
            options={
                'verbose_name': '奖励',
            },
        ),
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('roles', models.JSONField(default=list)),
                ('moved', models.IntegerField(default=0)),
                ('undone_at', models.DateTimeField(null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='revocation', to='conduct.case')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revocations', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('points', models.DecimalField(decimal_places=2, max_digits=5)),
                ('half', models.DateField()),
                ('contribution', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='conduct.contribution')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contribution_shares', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('year', models.SmallIntegerField(verbose_name='年度')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=11, verbose_name='预算（元）')),
                ('set_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '奖励预算',
                'constraints': [models.UniqueConstraint(fields=('unit', 'year'), name='budget_once'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='budget_amount')],
            },
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['person', '-opened_at'], name='case_person'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['opened_by', '-opened_at'], name='case_opener'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['community', '-opened_at'], name='case_community'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('expired_at__isnull', True)), fields=['expires_at'], name='case_expiry'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('person')), _negated=True), _connector='OR'), name='not_judge_of_oneself'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('opened_by')), _negated=True), _connector='OR'), name='opener_does_not_decide'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('appeal_decided_by__isnull', True), models.Q(('appeal_decided_by', models.F('decided_by')), _negated=True), _connector='OR'), name='appeal_by_another'),
        ),
        migrations.AddIndex(
            model_name='contribution',
            index=models.Index(fields=['community', 'half', '-recorded_at', '-id'], name='contribution_list'),
        ),
        migrations.AddConstraint(
            model_name='contribution',
            constraint=models.UniqueConstraint(fields=('item', 'worth'), name='contribution_once'),
        ),
        migrations.AddConstraint(
            model_name='contribution',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0)), name='contribution_positive'),
        ),
        migrations.AddIndex(
            model_name='nomination',
            index=models.Index(fields=['community', '-at', '-id'], name='nomination_list'),
        ),
        migrations.AddIndex(
            model_name='nomination',
            index=models.Index(fields=['community', 'state', '-at', '-id'], name='nomination_state'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('nominee', 'half'), name='one_open_nomination'),
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(fields=['person', '-decided_at'], name='award_person'),
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(fields=['community', 'year', '-decided_at', '-id'], name='award_ledger'),
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(condition=models.Q(('shown_since__isnull', False)), fields=['community', '-decided_at', '-id'], name='award_wall'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(fields=('nomination', 'kind'), name='award_kind_once'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='award_amount'),
        ),
        migrations.AddConstraint(
            model_name='revocation',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('person',), name='revoked_once'),
        ),
        migrations.AddIndex(
            model_name='share',
            index=models.Index(fields=['person', 'half'], name='share_half'),
        ),
        migrations.AddConstraint(
            model_name='share',
            constraint=models.UniqueConstraint(fields=('contribution', 'person'), name='share_once'),
        ),
        migrations.RunSQL(FREEZE),
        facts.install("conduct"),
    ]

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
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
            name='Cleared',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='items.item')),
                ('contacts_at', models.DateTimeField(null=True)),
                ('anonymised_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.SmallIntegerField(verbose_name='版本')),
                ('title', models.CharField(max_length=60, verbose_name='标题')),
                ('body', models.TextField(max_length=20000, verbose_name='正文')),
                ('required_from', models.DateField(null=True, verbose_name='旧版失效日')),
                ('written_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('published_at', models.DateTimeField(null=True, verbose_name='发布时间')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
                ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='编号')),
                ('asked_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='申请时间')),
                ('recipient', models.CharField(max_length=80, verbose_name='接收方')),
                ('purpose', models.CharField(max_length=500, verbose_name='用途')),
                ('legal_basis', models.CharField(max_length=300, verbose_name='法律依据')),
                ('form', models.CharField(choices=[('pdf', 'PDF 文件'), ('xlsx', 'Excel 表格')], max_length=4, verbose_name='形式')),
                ('identified', models.BooleanField(default=False, verbose_name='含居民姓名和电话')),
                ('why_identified', models.CharField(blank=True, max_length=500, verbose_name='必须提供个人信息的理由')),
                ('until', models.DateField(verbose_name='使用期限')),
                ('query', linbao.platform.encryption.crypto.EncryptedText()),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('confidential', models.IntegerField(default=0)),
                ('state', models.CharField(choices=[('asked', '待审批'), ('approved', '已批准'), ('produced', '已提供'), ('expired', '已到期'), ('refused', '未批准'), ('withdrawn', '已撤回')], default='asked', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True)),
                ('produced_at', models.DateTimeField(null=True)),
                ('mark', models.BigIntegerField(null=True, unique=True)),
                ('file', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(blank=True, db_index=True, max_length=64)),
                ('downloads', models.IntegerField(default=0)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('approved', models.BooleanField()),
                ('comment', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='confidentiality.disclosure')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300, verbose_name='理由')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('released_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='items.item')),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
        ),
        migrations.CreateModel(
            name='PrivacyRequest',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('receipt', models.CharField(default=linbao.core.ids.code, max_length=16, unique=True, verbose_name='回执编号')),
                ('kind', models.CharField(choices=[('see', '查阅、复制'), ('correct', '更正、补充'), ('delete', '删除')], max_length=8, verbose_name='请求')),
                ('channel', models.CharField(choices=[('link', '网页'), ('visit', '到访'), ('phone', '电话'), ('paper', '书面')], max_length=6, verbose_name='来源')),
                ('name', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='姓名')),
                ('phone', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='电话')),
                ('note', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='说明')),
                ('new_name', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='更正后的姓名')),
                ('new_phone', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='更正后的电话')),
                ('received_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='收到时间')),
                ('due_at', models.DateTimeField(verbose_name='答复期限')),
                ('state', models.CharField(choices=[('received', '待核验身份'), ('identified', '待决定'), ('decided', '待安全保密员会签'), ('answered', '已答复')], default='received', max_length=10, verbose_name='状态')),
                ('identity', models.CharField(blank=True, max_length=200, verbose_name='身份核验方式')),
                ('identified_at', models.DateTimeField(null=True)),
                ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('granted', models.BooleanField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
                ('decided_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('result', models.JSONField(default=dict)),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('identified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Relative',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('phone', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('name_index', models.CharField(blank=True, max_length=32)),
                ('phone_index', models.CharField(blank=True, max_length=32)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relatives', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('cause', models.CharField(max_length=10)),
                ('counts', models.JSONField(default=dict)),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='confidentiality.privacyrequest')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.SmallIntegerField()),
                ('signed_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='签订时间')),
                ('valid_until', models.DateField(verbose_name='有效期至')),
                ('digest', models.CharField(max_length=64)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='confidentiality.agreement')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='agreement_signatures', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PaperSignature',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('signed_on', models.DateField(verbose_name='签订日期')),
                ('scan', models.CharField(max_length=64)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('recorded_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('state', models.CharField(choices=[('waiting', '待第二人确认'), ('confirmed', '已确认'), ('refused', '未予确认')], default='waiting', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='confidentiality.agreement')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签订人')),
                ('signature', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper', to='confidentiality.signature')),
            ],
        ),
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='时间')),
                ('name', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='文件名')),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('text', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('state', models.CharField(choices=[('waiting', '正在排队'), ('reading', '正在读取文件'), ('comparing', '正在与提供过的资料比对'), ('done', '已完成'), ('failed', '未完成')], default='waiting', max_length=10, verbose_name='状态')),
                ('copies', models.IntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=20)),
                ('result', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['unit', '-number'], name='agreement_unit'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(fields=('unit', 'number'), name='agreement_version_once'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', True)), fields=('unit',), name='agreement_draft_once'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['unit', '-asked_at', '-id'], name='disclosure_unit'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['unit', 'state', '-asked_at', '-id'], name='disclosure_state'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['asked_by', '-asked_at', '-id'], name='disclosure_asker'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(condition=models.Q(('file', ''), _negated=True), fields=['until'], name='disclosure_ends'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=django.contrib.postgres.indexes.GinIndex(fields=['items'], name='disclosure_items'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(('identified', False), models.Q(('why_identified', ''), _negated=True), _connector='OR'), name='disclosure_says_why_identified'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('disclosure', 'by'), name='approval_once'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('item',), name='hold_once'),
        ),
        migrations.AddIndex(
            model_name='privacyrequest',
            index=models.Index(fields=['unit', '-received_at', '-id'], name='privacy_unit'),
        ),
        migrations.AddIndex(
            model_name='privacyrequest',
            index=models.Index(fields=['unit', 'state', '-received_at', '-id'], name='privacy_state'),
        ),
        migrations.AddIndex(
            model_name='removal',
            index=models.Index(fields=['unit', '-at', '-id'], name='removal_unit'),
        ),
        migrations.AddIndex(
            model_name='signature',
            index=models.Index(fields=['user', 'valid_until'], name='signature_user'),
        ),
        migrations.AddIndex(
            model_name='signature',
            index=models.Index(fields=['unit', '-signed_at', '-id'], name='signature_unit'),
        ),
        migrations.AddIndex(
            model_name='papersignature',
            index=models.Index(fields=['unit', 'state', '-recorded_at', '-id'], name='paper_state'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'agreement'), name='paper_waiting_once'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('recorded_by')), _negated=True), _connector='OR'), name='paper_two_persons'),
        ),
        migrations.AddIndex(
            model_name='trace',
            index=models.Index(fields=['asked_by', '-asked_at', '-id'], name='trace_asker'),
        ),
        facts.install("confidentiality"),
    ]

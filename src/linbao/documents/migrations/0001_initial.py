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
            name='Authority',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('certificate', models.TextField()),
                ('key', linbao.platform.encryption.crypto.EncryptedText()),
                ('stamp_certificate', models.TextField()),
                ('stamp_key', linbao.platform.encryption.crypto.EncryptedText()),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_authority')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('unit', '单位印章（圆形 42 毫米）'), ('work_group', '工作小组印章（圆形 40 毫米）'), ('person', '个人名章（方形 20 毫米）')], max_length=12, verbose_name='种类')),
                ('name', models.CharField(max_length=40, verbose_name='印文')),
                ('picture', models.CharField(blank=True, max_length=64)),
                ('certificate', models.TextField()),
                ('serial', models.CharField(db_index=True, max_length=64)),
                ('chain', models.TextField(blank=True)),
                ('key', linbao.platform.encryption.crypto.EncryptedText()),
                ('valid_from', models.DateTimeField(verbose_name='有效期自')),
                ('valid_to', models.DateTimeField(verbose_name='有效期至')),
                ('state', models.CharField(choices=[('active', '启用'), ('suspended', '停用'), ('revoked', '作废')], default='active', max_length=10, verbose_name='状态')),
                ('state_at', models.DateTimeField(null=True)),
                ('state_reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('custodian', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept_seals', to=settings.AUTH_USER_MODEL, verbose_name='保管人')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='本人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '印章',
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('weekly_report', '信息周报'), ('feedback_slip', '办理结果反馈单'), ('inspection_file', '制度落实情况检查材料'), ('urgent_report', '紧急信息报告'), ('training_record', '培训记录'), ('appraisal', '考核结果告知书'), ('minutes', '会议纪要'), ('work_file', '工作档案'), ('certificate', '荣誉证书'), ('case_decision', '处理决定书'), ('agreement', '保密协议'), ('disclosure', '对外提供资料'), ('privacy_answer', '个人信息请求答复书'), ('security_record', '安全检查记录')], max_length=20)),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.UUIDField(null=True)),
                ('version', models.SmallIntegerField(default=1)),
                ('code', models.CharField(default=linbao.core.ids.code, max_length=16, unique=True, verbose_name='验证码')),
                ('issued_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('pdf', models.CharField(blank=True, max_length=64)),
                ('docx', models.CharField(blank=True, max_length=64)),
                ('deidentified_at', models.DateTimeField(null=True)),
                ('original_pdf', models.CharField(blank=True, max_length=64)),
                ('original_docx', models.CharField(blank=True, max_length=64)),
                ('sealed_at', models.DateTimeField(null=True, verbose_name='用印时间')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sealed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supersedes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='documents.document')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('seal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='documents.seal')),
            ],
        ),
        migrations.CreateModel(
            name='SealUse',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=10)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='documents.seal')),
            ],
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('weekly_report', '信息周报'), ('feedback_slip', '办理结果反馈单'), ('inspection_file', '制度落实情况检查材料'), ('urgent_report', '紧急信息报告'), ('training_record', '培训记录'), ('appraisal', '考核结果告知书'), ('minutes', '会议纪要'), ('work_file', '工作档案'), ('certificate', '荣誉证书'), ('case_decision', '处理决定书'), ('agreement', '保密协议'), ('disclosure', '对外提供资料'), ('privacy_answer', '个人信息请求答复书'), ('security_record', '安全检查记录')], max_length=20)),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('file', models.CharField(max_length=64)),
                ('active', models.BooleanField(default=True)),
                ('uploaded_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='seal',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', True), models.Q(('state', 'revoked'), _negated=True)), fields=('unit', 'kind', 'name'), name='seal_once'),
        ),
        migrations.AddConstraint(
            model_name='seal',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False), models.Q(('state', 'revoked'), _negated=True)), fields=('person',), name='name_seal_once'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['pdf'], name='documents_d_pdf_28617a_idx'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['subject_id'], name='documents_d_subject_2e1680_idx'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('original_pdf', ''), _negated=True), fields=['original_pdf'], name='document_original'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('kind', 'subject_id', 'version'), name='document_version_once'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('number', 'version'), name='document_number_once'),
        ),
        migrations.AddIndex(
            model_name='sealuse',
            index=models.Index(fields=['seal', '-at', '-id'], name='seal_use_log'),
        ),
        facts.install("documents"),
    ]

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
        ('accounts', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GuardStatus',
            fields=[
                ('guard', models.CharField(choices=[('firewall', '防火墙'), ('bans', '自动封禁'), ('intrusion', '入侵检测'), ('time', '时间同步'), ('encryption', '磁盘加密')], max_length=10, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('on', '运行正常'), ('off', '异常'), ('unknown', '无法判断'), ('silent', '没有报告')], max_length=7, verbose_name='状态')),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('facts', models.JSONField(default=dict)),
                ('since', models.DateTimeField()),
                ('alerted', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': '主机防护',
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('phone', '手机'), ('computer', '电脑'), ('tablet', '平板'), ('printer', '打印复印设备'), ('usb', 'U 盘'), ('disk', '移动硬盘'), ('card', '存储卡')], max_length=10, verbose_name='种类')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('number', models.CharField(max_length=40, verbose_name='编号')),
                ('state', models.CharField(choices=[('in_use', '在用'), ('lost', '已报失'), ('disposed', '已处置')], default='in_use', max_length=10, verbose_name='状态')),
                ('registered_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('inspected_at', models.DateTimeField(null=True, verbose_name='最近检查')),
                ('lost_at', models.DateTimeField(null=True)),
                ('disposed_at', models.DateTimeField(null=True)),
                ('disposal', models.CharField(blank=True, max_length=10, verbose_name='处置方式')),
                ('disposal_note', models.CharField(blank=True, max_length=300, verbose_name='处置说明')),
                ('disposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='使用人')),
                ('phone', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.phone')),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
                ('witness', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='监督人')),
            ],
            options={
                'verbose_name': '设备',
            },
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('starts', models.DateTimeField(default=linbao.core.clock.now)),
                ('ends', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='security.device')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='使用人')),
            ],
        ),
        migrations.CreateModel(
            name='HostEvent',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='host_event_at')],
            },
        ),
        migrations.CreateModel(
            name='HostReport',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('host', models.CharField(blank=True, max_length=60, verbose_name='主机')),
                ('at', models.DateTimeField(null=True, verbose_name='报告时间')),
                ('problem', models.CharField(blank=True, max_length=12)),
                ('problem_since', models.DateTimeField(null=True)),
                ('alerted', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': '主机报告',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='host_report_one')],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=60, unique=True, verbose_name='编号')),
                ('kind', models.CharField(choices=[('loss', '设备或介质丢失'), ('leak', '信息泄露'), ('intrusion', '入侵或破坏'), ('misuse', '越权查看或使用'), ('malware', '病毒木马'), ('other', '其他')], max_length=10, verbose_name='种类')),
                ('state', models.CharField(choices=[('noticed', '待研判'), ('classified', '处置中'), ('contained', '已控制'), ('closed', '已结案')], default='noticed', max_length=10, verbose_name='状态')),
                ('severity', models.CharField(blank=True, choices=[('low', '提示'), ('medium', '注意'), ('high', '严重')], max_length=6, verbose_name='程度')),
                ('description', linbao.platform.encryption.crypto.EncryptedText(verbose_name='情况')),
                ('seen_at', models.DateTimeField(verbose_name='发现时间')),
                ('noticed_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='报告时间')),
                ('personal', models.BooleanField(null=True, verbose_name='涉及个人信息')),
                ('people', models.IntegerField(null=True, verbose_name='涉及人数')),
                ('classified_at', models.DateTimeField(null=True)),
                ('authority_at', models.DateTimeField(null=True, verbose_name='报告主管部门时间')),
                ('people_at', models.DateTimeField(null=True, verbose_name='告知本人时间')),
                ('exemption', models.CharField(blank=True, max_length=300, verbose_name='不告知本人的理由')),
                ('contained_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='security.device')),
                ('noticed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报告人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '安全事件',
            },
        ),
        migrations.CreateModel(
            name='IncidentStep',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('note', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='说明')),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='security.incident')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('answers', models.JSONField(default=list)),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='检查时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='检查人')),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='security.device')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '检查',
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('problem', models.CharField(max_length=300, verbose_name='问题')),
                ('due_at', models.DateTimeField(verbose_name='期限')),
                ('found_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('correction', models.CharField(blank=True, max_length=300, verbose_name='整改情况')),
                ('fixed_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核验人')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='整改责任人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='security.inspection')),
            ],
            options={
                'verbose_name': '检查发现的问题',
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('room', '房间'), ('cabinet', '柜子')], max_length=8, verbose_name='种类')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('where', models.CharField(max_length=100, verbose_name='位置')),
                ('contents', models.CharField(max_length=200, verbose_name='存放或处理的内容')),
                ('code', models.CharField(default=linbao.core.ids.code, max_length=16, unique=True)),
                ('active', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('inspected_at', models.DateTimeField(null=True, verbose_name='最近检查')),
                ('keeper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='责任人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '场所',
            },
        ),
        migrations.CreateModel(
            name='Permit',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='permits', to='security.place')),
            ],
        ),
        migrations.AddField(
            model_name='inspection',
            name='place',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='security.place'),
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('visitor', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='来访人')),
                ('purpose', models.CharField(blank=True, max_length=100, verbose_name='事由')),
                ('refused', models.BooleanField(default=False, verbose_name='未获准')),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='进入时间')),
                ('left_at', models.DateTimeField(null=True, verbose_name='离开时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('escort', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='陪同人')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('place', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='security.place')),
            ],
            options={
                'verbose_name': '进出记录',
            },
        ),
        migrations.CreateModel(
            name='RightsReview',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('quarter', models.DateField(verbose_name='季度')),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='复核时间')),
                ('lines', models.JSONField(default=list)),
                ('retained', models.IntegerField(default=0)),
                ('ended', models.IntegerField(default=0)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '权限复核',
            },
        ),
        migrations.CreateModel(
            name='RuleVersion',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('version', models.SmallIntegerField(verbose_name='版本')),
                ('body', models.TextField(verbose_name='正文')),
                ('issued_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='发布时间')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人')),
            ],
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='security.ruleversion')),
            ],
        ),
        migrations.CreateModel(
            name='SecurityCheck',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('check', '安全检查'), ('restore', '备份恢复演练'), ('drill', '应急演练')], max_length=8, verbose_name='种类')),
                ('title', models.CharField(max_length=80, verbose_name='名称')),
                ('due_on', models.DateField(verbose_name='计划日期')),
                ('every', models.SmallIntegerField(default=0, verbose_name='每几个月一次')),
                ('done_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('passed', models.BooleanField(null=True, verbose_name='合格')),
                ('result', models.CharField(blank=True, max_length=1000, verbose_name='结果')),
                ('figures', models.JSONField(default=dict)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '安全检查与演练',
            },
        ),
        migrations.CreateModel(
            name='SecurityRule',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=80, verbose_name='名称')),
                ('version', models.SmallIntegerField(default=0, verbose_name='版本')),
                ('active', models.BooleanField(default=True, verbose_name='有效')),
                ('made_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '安全制度',
            },
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='security.securityrule'),
        ),
        migrations.CreateModel(
            name='Substitute',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('guard', models.CharField(choices=[('firewall', '防火墙'), ('bans', '自动封禁'), ('intrusion', '入侵检测'), ('time', '时间同步'), ('encryption', '磁盘加密')], max_length=10, verbose_name='防护')),
                ('measure', models.CharField(max_length=100, verbose_name='替代措施')),
                ('proof', models.CharField(blank=True, max_length=300, verbose_name='证明')),
                ('file', models.CharField(blank=True, max_length=64)),
                ('file_name', models.CharField(blank=True, max_length=120, verbose_name='证明文件')),
                ('content_type', models.CharField(blank=True, max_length=60)),
                ('expires_on', models.DateField(verbose_name='有效期至')),
                ('at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='登记时间')),
                ('warned_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结束时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '主机防护的替代措施',
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40, verbose_name='种类')),
                ('severity', models.CharField(choices=[('low', '提示'), ('medium', '注意'), ('high', '严重')], default='medium', max_length=6, verbose_name='程度')),
                ('message', models.CharField(max_length=300, verbose_name='情况')),
                ('values', models.JSONField(default=dict)),
                ('data', models.JSONField(default=dict)),
                ('key', models.CharField(blank=True, max_length=140)),
                ('times', models.IntegerField(default=1)),
                ('opened_at', models.DateTimeField(default=linbao.core.clock.now, verbose_name='发生时间')),
                ('last_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('state', models.CharField(choices=[('open', '待处理'), ('taken', '处理中'), ('closed', '已处理')], default='open', max_length=6, verbose_name='状态')),
                ('handled_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=1000, verbose_name='处理结果')),
                ('justified', models.BooleanField(null=True, verbose_name='有正当理由')),
                ('about', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='涉及人员')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
                ('unit', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '安全警报',
                'indexes': [models.Index(fields=['unit', '-opened_at', '-id'], name='alert_unit'), models.Index(fields=['-opened_at', '-id'], name='alert_newest'), models.Index(condition=models.Q(('key', ''), _negated=True), fields=['key'], name='alert_key')],
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), models.Q(('state', 'closed'), _negated=True)), fields=('key',), name='alert_open_once')],
            },
        ),
        migrations.CreateModel(
            name='CheckList',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('about', models.CharField(choices=[('device', '设备'), ('medium', '存储介质'), ('place', '场所')], max_length=8)),
                ('points', models.JSONField(default=list)),
                ('changed_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '检查表',
                'constraints': [models.UniqueConstraint(fields=('unit', 'about'), name='check_list_once')],
            },
        ),
        migrations.AddIndex(
            model_name='device',
            index=models.Index(fields=['unit', '-registered_at', '-id'], name='device_unit'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.UniqueConstraint(fields=('unit', 'number'), name='device_number_once'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'disposed'), _negated=True), models.Q(('disposed_at__isnull', False), ('witness__isnull', False)), _connector='OR'), name='device_disposal_witnessed'),
        ),
        migrations.AddConstraint(
            model_name='holding',
            constraint=models.UniqueConstraint(condition=models.Q(('ends__isnull', True)), fields=('device',), name='device_held_by_one'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['unit', '-noticed_at', '-id'], name='incident_unit'),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['noticed_by'], name='incident_noticed_by'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['unit', '-found_at', '-id'], name='finding_unit'),
        ),
        migrations.AddIndex(
            model_name='place',
            index=models.Index(fields=['unit', '-made_at', '-id'], name='place_unit'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.UniqueConstraint(fields=('unit', 'name'), name='place_name_once'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('place', 'person'), name='permit_once'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['unit', '-at', '-id'], name='inspection_unit'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('device__isnull', False), ('place__isnull', True)), models.Q(('device__isnull', True), ('place__isnull', False)), _connector='OR'), name='inspection_of_one'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['place', '-at', '-id'], name='entry_place'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(condition=models.Q(('left_at__isnull', True), ('refused', False)), fields=['place'], name='entry_inside'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('person__isnull', False), ('visitor__isnull', False), _connector='OR'), name='entry_is_somebodys'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('visitor__isnull', True), ('escort__isnull', False), _connector='OR'), name='visitor_escorted'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('refused', False), _connector='OR'), name='refused_never_leaves'),
        ),
        migrations.AddConstraint(
            model_name='rightsreview',
            constraint=models.UniqueConstraint(fields=('unit', 'quarter'), name='rights_review_once'),
        ),
        migrations.AddConstraint(
            model_name='confirmation',
            constraint=models.UniqueConstraint(fields=('version', 'person'), name='confirmed_once'),
        ),
        migrations.AddIndex(
            model_name='securitycheck',
            index=models.Index(fields=['unit', '-due_on', '-id'], name='check_unit'),
        ),
        migrations.AddIndex(
            model_name='securityrule',
            index=models.Index(fields=['unit', '-made_at', '-id'], name='rule_unit'),
        ),
        migrations.AddConstraint(
            model_name='securityrule',
            constraint=models.UniqueConstraint(fields=('unit', 'title'), name='rule_title_once'),
        ),
        migrations.AddConstraint(
            model_name='ruleversion',
            constraint=models.UniqueConstraint(fields=('rule', 'version'), name='rule_version_once'),
        ),
        migrations.AddIndex(
            model_name='substitute',
            index=models.Index(fields=['unit', '-at', '-id'], name='substitute_unit'),
        ),
        migrations.AddConstraint(
            model_name='substitute',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('unit', 'guard'), name='substitute_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='substitute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proof', ''), _negated=True), models.Q(('file', ''), _negated=True), _connector='OR'), name='substitute_proven'),
        ),
        facts.install("security"),
    ]

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import linbao.core.clock
import linbao.core.ids
import linbao.platform.encryption.crypto
from django.conf import settings
from django.db import migrations, models
from linbao.audit import facts
from linbao.items.catalogue.catalogue import seed
from linbao.platform import partitions
from linbao.platform.schema import FirstRows


ENTRY = partitions.create_sql(
    "items_entry",
    "id uuid NOT NULL, at timestamptz NOT NULL, item_id uuid NOT NULL, actor_id uuid, actor_name varchar(40) NOT NULL,"
    " verb varchar(24) NOT NULL, before varchar(10) NOT NULL, after varchar(10) NOT NULL, note text NOT NULL, data jsonb NOT NULL",
    ("(item_id, at)",),
)
# What happened lately, for the sums of the dashboards: the timeline is written in the order of time.
WHEN = "CREATE INDEX items_entry_when ON items_entry USING brin (at)"
# The index of texts is tidied and its statistics renewed after every hundredth text instead of every tenth.
TEXTS = (
    "ALTER TABLE items_itemtext SET (autovacuum_analyze_scale_factor = 0.01,"
    " autovacuum_vacuum_insert_scale_factor = 0.01)"
)
DIGEST = facts.digest_sql("id at item_id actor_id actor_name verb before after note data".split())
# Every change of an item is on the audit log (6.1.1): drawn from its timeline by the database, so that no way of
# writing one goes past it, and no request pays a statement for it. Who, what, when; nothing of what was said.
AUDITED = f"""
-- A line of the log for each line of the timeline, as before, now with its digest; one with both digests for each that
-- is reworded (anonymised), and the new digest as a fact.
CREATE FUNCTION items_entry_audit() RETURNS trigger LANGUAGE plpgsql
    SET timezone = 'UTC' SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_record (id, at, actor_id, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
        SELECT e.id, e.at, e.actor_id, e.actor_name, 'item.' || e.verb, 'items.item', e.item_id::text, i.community_id, '',
               CASE WHEN e.after = '' THEN '{{}}' ELSE jsonb_build_object('before', e.before, 'after', e.after) END,
               coalesce(audit_mark(e.digest), decode(repeat('00', 32), 'hex')) || e.digest
          FROM (SELECT w.*, {DIGEST} AS digest FROM written w) e LEFT JOIN items_item i ON i.id = e.item_id;
        RETURN NULL;
    END IF;
    INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
    SELECT c.line, clock_timestamp(), '', 'item.reword', 'items.item', c.item_id::text, i.community_id, '',
           jsonb_build_object('entry', c.id, 'digest_before', encode(c.old, 'hex'), 'digest_after', encode(c.new, 'hex')),
           audit_mark(convert_to(concat_ws('|', c.line, c.id, encode(c.old, 'hex'), encode(c.new, 'hex')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS line, n.id, n.item_id, o.digest AS old, n.digest AS new
              FROM (SELECT id, item_id, {DIGEST} AS digest FROM written) n
              JOIN (SELECT id, {DIGEST} AS digest FROM replaced) o ON o.id = n.id WHERE o.digest <> n.digest) c
      LEFT JOIN items_item i ON i.id = c.item_id;
    {facts.write_sql("items_entry", f"SELECT id AS subject, {DIGEST} AS digest FROM written")};
    RETURN NULL;
END $$;
CREATE TRIGGER items_entry_reworded AFTER UPDATE ON items_entry
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION items_entry_audit();
CREATE TRIGGER items_entry_audited AFTER INSERT ON items_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION items_entry_audit();
CREATE TRIGGER items_entry_whole BEFORE TRUNCATE ON items_entry FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
"""
# The timeline stays append-only, save that a line may be reworded where persons are removed from it (1.3.4): in a
# transaction that says so, and only its words and data; who did what, when and to what cannot change.
REWORDING = """
CREATE OR REPLACE FUNCTION linbao_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('linbao.anonymising', true) = 'on'
     AND (NEW.id, NEW.at, NEW.item_id, NEW.verb, NEW.before, NEW.after, NEW.actor_name)
       = (OLD.id, OLD.at, OLD.item_id, OLD.verb, OLD.before, OLD.after, OLD.actor_name)
     AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'append-only';
END $$;
DROP TRIGGER IF EXISTS items_entry_append_only ON items_entry;
CREATE TRIGGER items_entry_append_only BEFORE UPDATE OR DELETE ON items_entry
  FOR EACH ROW EXECUTE FUNCTION linbao_entry_append_only();
"""


def fill(apps, editor):
    partitions.ensure("items_entry")
    seed(apps.get_model("items", "Subcategory"), apps.get_model("items", "CatalogueField"))


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("platform", "0001_initial"),
        ("audit", "0001_initial"),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('actor_name', models.CharField(blank=True, max_length=40)),
                ('verb', models.CharField(max_length=24)),
                ('before', models.CharField(blank=True, max_length=10)),
                ('after', models.CharField(blank=True, max_length=10)),
                ('note', models.TextField(blank=True)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'items_entry',
                'ordering': ['at', 'id'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24, null=True, verbose_name='编号')),
                ('category', models.CharField(choices=[('opinion', '居民意见建议'), ('event', '社区事件'), ('construction', '社区建设'), ('sanitation', '环境卫生')], max_length=12, verbose_name='类别')),
                ('subcategory', models.CharField(blank=True, max_length=40, verbose_name='子类')),
                ('topic', models.CharField(blank=True, max_length=40, verbose_name='主题')),
                ('title', models.CharField(blank=True, max_length=60, verbose_name='标题')),
                ('narrative', models.TextField(blank=True, max_length=20000, verbose_name='具体情况')),
                ('details', models.JSONField(default=dict)),
                ('key_points', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=5, verbose_name='关键要点')),
                ('analysis', models.TextField(blank=True, max_length=5000, verbose_name='分析结论')),
                ('suggestion', models.TextField(blank=True, max_length=5000, verbose_name='建议措施')),
                ('typed', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('status', models.CharField(choices=[('draft', '草稿'), ('submitted', '待审核'), ('returned', '退回补正'), ('approved', '待交办'), ('handling', '办理中'), ('resolved', '待反馈'), ('informed', '待评价'), ('evaluated', '待归档'), ('closed', '已归档'), ('merged', '已合并'), ('withdrawn', '已撤回')], default='draft', max_length=10, verbose_name='状态')),
                ('urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('priority', models.SmallIntegerField(default=0)),
                ('sensitivity', models.CharField(choices=[('public', '公开'), ('internal', '内部'), ('sensitive', '敏感'), ('confidential', '机密')], default='internal', max_length=12, verbose_name='敏感级别')),
                ('notice_basis', models.CharField(blank=True, choices=[('duty', '履行法定职责'), ('consent', '本人同意'), ('emergency', '紧急情况下保护生命健康和财产安全')], max_length=10, verbose_name='登记个人信息的依据')),
                ('notice_at', models.DateTimeField(blank=True, null=True, verbose_name='告知本人的时间')),
                ('named', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('version', models.IntegerField(default=1)),
                ('channel', models.CharField(default='web', max_length=8)),
                ('occurred_at', models.DateTimeField(blank=True, null=True, verbose_name='发生时间')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='发现时间')),
                ('reported_at', models.DateTimeField(null=True, verbose_name='上报时间')),
                ('arrived_at', models.DateTimeField(null=True, verbose_name='到达时间')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('changed_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('closed_at', models.DateTimeField(null=True, verbose_name='归档时间')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='地点')),
                ('lat', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)])),
                ('lon', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)])),
                ('source', models.CharField(blank=True, choices=[('visit', '走访'), ('survey', '问卷调查'), ('forum', '居民座谈会'), ('patrol', '巡查'), ('hotline', '热线'), ('resident', '居民来访来电'), ('other', '其他')], max_length=8, verbose_name='来源')),
                ('assistants', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('due_at', models.DateTimeField(null=True, verbose_name='办理期限')),
                ('result', models.TextField(blank=True, max_length=5000, verbose_name='办理结果')),
                ('verdict', models.CharField(blank=True, max_length=16, verbose_name='居民评价')),
                ('adopted', models.BooleanField(default=False, verbose_name='已采用')),
                ('round', models.SmallIntegerField(default=1)),
                ('returns', models.SmallIntegerField(default=0)),
                ('weekly_report', models.UUIDField(editable=False, null=True)),
                ('body_digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'verbose_name': '信息条目',
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('visit', '走访'), ('survey', '问卷调查'), ('forum', '居民座谈会'), ('patrol', '巡查')], max_length=8, verbose_name='方式')),
                ('starts_at', models.DateTimeField(verbose_name='开始时间')),
                ('minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='时长（分钟）')),
                ('place', models.CharField(max_length=200, verbose_name='地点')),
                ('people', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100000)], verbose_name='人数')),
                ('notes', models.TextField(blank=True, max_length=5000, verbose_name='记录')),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('changed_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('weekly_report', models.UUIDField(editable=False, null=True)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='社区')),
                ('grid', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='网格')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to=settings.AUTH_USER_MODEL, verbose_name='报告员')),
                ('work_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit')),
            ],
            options={
                'verbose_name': '收集活动',
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='文件名')),
                ('sha256', models.CharField(max_length=64)),
                ('columns', models.JSONField(default=list)),
                ('mapping', models.JSONField(default=dict)),
                ('state', models.CharField(default='mapping', max_length=8)),
                ('dry', models.BooleanField(default=True)),
                ('report', models.JSONField(default=dict)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('changed_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='社区')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ItemText',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='text', serialize=False, to='items.item')),
                ('reported_at', models.DateTimeField()),
                ('terms', django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.AddField(
            model_name='item',
            name='activity',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='items', to='items.activity', verbose_name='收集活动'),
        ),
        migrations.AddField(
            model_name='item',
            name='community',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='社区'),
        ),
        migrations.AddField(
            model_name='item',
            name='grid',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='网格'),
        ),
        migrations.AddField(
            model_name='item',
            name='handler',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人'),
        ),
        migrations.AddField(
            model_name='item',
            name='handling_unit',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='办理单位'),
        ),
        migrations.AddField(
            model_name='item',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='items.item'),
        ),
        migrations.AddField(
            model_name='item',
            name='reporter',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to=settings.AUTH_USER_MODEL, verbose_name='报告员'),
        ),
        migrations.AddField(
            model_name='item',
            name='work_group',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.unit', verbose_name='工作小组'),
        ),
        migrations.CreateModel(
            name='Hint',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('check_kind', models.CharField(max_length=12)),
                ('code', models.CharField(max_length=30)),
                ('field', models.CharField(blank=True, max_length=60)),
                ('message', models.CharField(max_length=300)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hints', to='items.item')),
                ('other', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='items.item')),
            ],
        ),
        migrations.CreateModel(
            name='UncheckedItem',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='items.item')),
                ('tries', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('stage', models.CharField(default='report', max_length=8)),
                ('kind', models.CharField(choices=[('photo', '照片'), ('audio', '录音'), ('document', '文档')], max_length=8)),
                ('name', linbao.platform.encryption.crypto.EncryptedText(null=True, verbose_name='文件名')),
                ('caption', models.CharField(blank=True, default='', max_length=80, verbose_name='说明')),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('shown', models.CharField(blank=True, max_length=64)),
                ('thumb', models.CharField(blank=True, max_length=64)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('taken_at', models.DateTimeField(null=True)),
                ('exif', linbao.platform.encryption.crypto.EncryptedText(null=True)),
                ('fingerprint', models.BigIntegerField(null=True)),
                ('order', models.SmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=linbao.core.clock.now)),
                ('activity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='items.activity')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='items.item')),
            ],
            options={
                'ordering': ['order', 'created_at'],
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('proposer', '提出人'), ('involved', '当事人'), ('witness', '目击者'), ('victim', '受害人'), ('contact', '联系人')], max_length=10, verbose_name='身份')),
                ('name', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='姓名')),
                ('phone', linbao.platform.encryption.crypto.EncryptedText(blank=True, null=True, verbose_name='联系方式')),
                ('name_index', models.CharField(blank=True, max_length=32)),
                ('phone_index', models.CharField(blank=True, max_length=32)),
                ('order', models.SmallIntegerField(default=0)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parties', to='items.item')),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='Subcategory',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='代码')),
                ('category', models.CharField(choices=[('opinion', '居民意见建议'), ('event', '社区事件'), ('construction', '社区建设'), ('sanitation', '环境卫生')], max_length=12, verbose_name='类别')),
                ('group', models.CharField(blank=True, max_length=40, verbose_name='分组')),
                ('group_en', models.CharField(blank=True, max_length=40)),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('name_en', models.CharField(blank=True, max_length=60, verbose_name='英文名称')),
                ('handle_days', models.SmallIntegerField(default=7, verbose_name='办理时限（工作日）')),
                ('gb30428', models.CharField(blank=True, max_length=20, verbose_name='数字城管代码')),
                ('open311', models.CharField(blank=True, max_length=40, verbose_name='Open311 代码')),
                ('topic', models.CharField(blank=True, max_length=40, verbose_name='部门主题')),
                ('emergency', models.BooleanField(default=False, verbose_name='突发事件')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('order', models.IntegerField(default=0, verbose_name='排序')),
                ('default_unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='organisation.unit', verbose_name='默认办理单位')),
            ],
            options={
                'ordering': ['category', 'order', 'code'],
            },
        ),
        migrations.CreateModel(
            name='CatalogueField',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('category', models.CharField(choices=[('opinion', '居民意见建议'), ('event', '社区事件'), ('construction', '社区建设'), ('sanitation', '环境卫生')], max_length=12, verbose_name='类别')),
                ('code', models.CharField(max_length=40, verbose_name='代码')),
                ('label', models.CharField(max_length=40, verbose_name='名称')),
                ('label_en', models.CharField(blank=True, max_length=60, verbose_name='英文名称')),
                ('help', models.CharField(blank=True, max_length=200, verbose_name='填写说明')),
                ('kind', models.CharField(choices=[('text', '单行文字'), ('long', '多行文字'), ('choice', '单选'), ('choices', '多选'), ('number', '数字'), ('yes_no', '是否'), ('date', '日期'), ('numbers', '一组数字'), ('parties', '人员')], max_length=8, verbose_name='类型')),
                ('options', models.JSONField(blank=True, default=list, verbose_name='选项')),
                ('required', models.BooleanField(default=False, verbose_name='必填')),
                ('unless', models.CharField(blank=True, max_length=40, verbose_name='除非已填')),
                ('order', models.IntegerField(default=0, verbose_name='排序')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('subcategory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='fields', to='items.subcategory', verbose_name='子类')),
            ],
            options={
                'ordering': ['category', 'order'],
            },
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(condition=models.Q(('weekly_report__isnull', True)), fields=['reporter'], name='activity_unreported'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(condition=models.Q(('weekly_report__isnull', False)), fields=['weekly_report'], name='activity_report'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['reporter', '-starts_at', '-id'], name='activity_reporter'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['community', '-starts_at', '-id'], name='activity_community'),
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(fields=['user', '-created_at'], name='import_run_user'),
        ),
        migrations.AddField(
            model_name='itemtext',
            name='community',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organisation.unit'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['community', '-priority', '-reported_at', '-id'], name='item_community'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['-priority', '-reported_at', '-id'], name='item_all'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status__in', ['submitted', 'returned', 'approved', 'handling', 'resolved', 'informed', 'evaluated'])), fields=['-priority', '-reported_at', '-id'], name='item_all_open'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['reporter', '-created_at', '-id'], name='item_reporter'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['grid', '-reported_at', '-id'], name='item_grid'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['community', 'subcategory', '-reported_at', '-id'], name='item_subcategory'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status__in', ['submitted', 'returned', 'approved', 'handling', 'resolved', 'informed', 'evaluated'])), fields=['community', 'status', '-priority', 'reported_at', 'id'], name='item_open'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status', 'handling')), fields=['community', '-priority', 'due_at', 'id'], name='item_due'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status', 'handling')), fields=['handler', 'due_at'], name='item_handler'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status', 'handling')), fields=['handling_unit', 'due_at'], name='item_handling_unit'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('activity__isnull', False)), fields=['activity'], name='item_activity'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='item_merged'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['community', 'closed_at'], name='item_closed'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('urgent', True)), fields=['community', '-reported_at', '-id'], name='item_urgent'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('topic', ''), _negated=True), fields=['topic', '-reported_at', '-id'], name='item_topic'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('arrived_at__isnull', False), ('weekly_report__isnull', True)), fields=['reporter'], name='item_unreported'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('weekly_report__isnull', False)), fields=['weekly_report'], name='item_report'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('handler__isnull', False)), fields=['handler', '-reported_at', '-id'], name='item_handled'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('community', 'number'), name='item_number_once'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['sha256'], name='items_attac_sha256_b21f91_idx'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('fingerprint__isnull', False)), fields=['fingerprint'], name='attachment_fingerprint'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('phone_index', ''), _negated=True), fields=['phone_index'], name='party_phone'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('name_index', ''), _negated=True), fields=['name_index'], name='party_name'),
        ),
        migrations.AddConstraint(
            model_name='cataloguefield',
            constraint=models.UniqueConstraint(fields=('category', 'subcategory', 'code'), name='field_code_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='itemtext',
            index=django.contrib.postgres.indexes.GinIndex(fields=['terms'], gin_pending_list_limit=2048, name='item_text_terms'),
        ),
        migrations.AddIndex(
            model_name='itemtext',
            index=models.Index(fields=['community', '-reported_at'], name='item_text_community'),
        ),
        migrations.AddIndex(
            model_name='itemtext',
            index=models.Index(fields=['-reported_at'], name='item_text_all'),
        ),
        migrations.RunSQL([ENTRY, WHEN, TEXTS, AUDITED, REWORDING]),
        FirstRows(fill),
        facts.install("items"),
    ]

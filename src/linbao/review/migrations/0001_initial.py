import django.db.models.deletion
import linbao.core.clock
import linbao.core.ids
from django.conf import settings
from django.db import migrations, models
from linbao.audit import facts
from linbao.review.reasons import seed
from linbao.platform.schema import FirstRows


def fill(apps, editor):
    seed(apps.get_model("review", "StandardReason"))


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        ('items', '0001_initial'),
        ('organisation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StandardReason',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='代码')),
                ('check_kind', models.CharField(choices=[('truth', '真实性'), ('completeness', '完整性'), ('accuracy', '准确性'), ('format', '报告格式')], max_length=12, verbose_name='审核项')),
                ('text', models.CharField(max_length=200, verbose_name='内容')),
                ('text_en', models.CharField(blank=True, max_length=200, verbose_name='英文')),
                ('field', models.CharField(blank=True, max_length=60, verbose_name='常见栏目')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('order', models.IntegerField(default=0, verbose_name='排序')),
            ],
            options={
                'ordering': ['check_kind', 'order'],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='claim', serialize=False, to='items.item')),
                ('until', models.DateTimeField()),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=linbao.core.clock.now)),
                ('round', models.SmallIntegerField(default=1)),
                ('approved', models.BooleanField()),
                ('answers', models.JSONField(default=dict)),
                ('remark', models.CharField(blank=True, max_length=500)),
                ('completeness_mark', models.SmallIntegerField(null=True)),
                ('analysis_mark', models.SmallIntegerField(null=True)),
                ('snapshot', models.JSONField(default=dict)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='items.item')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('field', models.CharField(max_length=60)),
                ('check_kind', models.CharField(choices=[('truth', '真实性'), ('completeness', '完整性'), ('accuracy', '准确性'), ('format', '报告格式')], max_length=12)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('order', models.SmallIntegerField(default=0)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='review.review')),
                ('reason', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='review.standardreason')),
            ],
            options={
                'ordering': ['order'],
            },
        ),
        migrations.CreateModel(
            name='MergeSuggestion',
            fields=[
                ('id', models.UUIDField(default=linbao.core.ids.new, editable=False, primary_key=True, serialize=False)),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organisation.unit')),
                ('dismissed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='items.item')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='items.item')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'other'), name='merge_pair_once')],
            },
        ),
        FirstRows(fill),
        facts.install("review"),
    ]

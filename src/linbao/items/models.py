"""Items of information, what belongs to them, and the activities that they came from (2.1, 3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids, lookups  # noqa: F401  (`in_array`)
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import BlindIndex, EncryptedText


class Category(models.TextChoices):
    """The four categories of chapter 3 (fixed)."""

    OPINION = "opinion", _("居民意见建议")
    EVENT = "event", _("社区事件")
    CONSTRUCTION = "construction", _("社区建设")
    SANITATION = "sanitation", _("环境卫生")


class Status(models.TextChoices):
    """The states of an item (`items.states`)."""

    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("退回补正")
    APPROVED = "approved", _("待交办")
    HANDLING = "handling", _("办理中")
    RESOLVED = "resolved", _("待反馈")
    INFORMED = "informed", _("待评价")
    EVALUATED = "evaluated", _("待归档")
    CLOSED = "closed", _("已归档")
    MERGED = "merged", _("已合并")
    WITHDRAWN = "withdrawn", _("已撤回")


OPEN_STATUSES = [
    Status.SUBMITTED,
    Status.RETURNED,
    Status.APPROVED,
    Status.HANDLING,
    Status.RESOLVED,
    Status.INFORMED,
    Status.EVALUATED,
]
ENDED_STATUSES = [Status.CLOSED, Status.MERGED, Status.WITHDRAWN]
# Those that an item reaches only through the review's approval (4.3.1).
APPROVED_STATUSES = [
    Status.APPROVED,
    Status.HANDLING,
    Status.RESOLVED,
    Status.INFORMED,
    Status.EVALUATED,
    Status.CLOSED,
]


class Sensitivity(models.TextChoices):
    """Who may read an item (1.3.4)."""

    PUBLIC = "public", _("公开")
    INTERNAL = "internal", _("内部")
    SENSITIVE = "sensitive", _("敏感")
    CONFIDENTIAL = "confidential", _("机密")


# Known to those who need it: documents, mails and notices name such an item by number and category (1.3.4).
RESTRICTED = frozenset({Sensitivity.SENSITIVE, Sensitivity.CONFIDENTIAL})


class Source(models.TextChoices):
    """How the information was come by (2.1.1)."""

    VISIT = "visit", _("走访")
    SURVEY = "survey", _("问卷调查")
    FORUM = "forum", _("居民座谈会")
    PATROL = "patrol", _("巡查")
    HOTLINE = "hotline", _("热线")
    RESIDENT = "resident", _("居民来访来电")
    OTHER = "other", _("其他")


class Basis(models.TextChoices):
    """The legal basis of registering persons (PIPL art. 13)."""

    DUTY = "duty", _("履行法定职责")
    CONSENT = "consent", _("本人同意")
    EMERGENCY = "emergency", _("紧急情况下保护生命健康和财产安全")


class ActivityKind(models.TextChoices):
    """The ways of collecting (2.1.1)."""

    VISIT = "visit", _("走访")
    SURVEY = "survey", _("问卷调查")
    FORUM = "forum", _("居民座谈会")
    PATROL = "patrol", _("巡查")


def in_words(chinese: str, english: str) -> str:
    """A name in the reader's language; Chinese where there is no English one."""
    return english if english and (get_language() or "").startswith("en") else chinese


class Subcategory(models.Model):
    """A subcategory of the catalogue; an administrator adds and changes them (domain.md §2)."""

    code = models.CharField(_("代码"), max_length=40, primary_key=True)  # 'event.fire'
    category = models.CharField(_("类别"), max_length=12, choices=Category)
    group = models.CharField(_("分组"), max_length=40, blank=True)  # 突发事件 / 纠纷矛盾 / 安全隐患 …
    group_en = models.CharField(max_length=40, blank=True)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    handle_days = models.SmallIntegerField(_("办理时限（工作日）"), default=7)
    gb30428 = models.CharField(_("数字城管代码"), max_length=20, blank=True)
    open311 = models.CharField(_("Open311 代码"), max_length=40, blank=True)
    topic = models.CharField(_("部门主题"), max_length=40, blank=True)
    default_unit = models.ForeignKey(
        Unit, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("默认办理单位")
    )
    emergency = models.BooleanField(_("突发事件"), default=False)
    active = models.BooleanField(_("启用"), default=True)
    order = models.IntegerField(_("排序"), default=0)

    class Meta:
        ordering = ["category", "order", "code"]

    @property
    def shown(self) -> str:
        """The name in the language of the page."""
        return in_words(self.name, self.name_en)

    @property
    def shown_group(self) -> str:
        """The group in the language of the page."""
        return in_words(self.group, self.group_en)


class FieldKind(models.TextChoices):
    """What a field of the catalogue takes."""

    TEXT = "text", _("单行文字")
    LONG = "long", _("多行文字")
    CHOICE = "choice", _("单选")
    CHOICES = "choices", _("多选")
    NUMBER = "number", _("数字")
    YES_NO = "yes_no", _("是否")
    DATE = "date", _("日期")
    NUMBERS = "numbers", _("一组数字")  # casualties: dead, injured, missing
    PARTIES = "parties", _("人员")  # answered by the item's parties of a role


class CatalogueField(models.Model):
    """A field of `Item.details`, for a category or for one subcategory (domain.md §2)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    category = models.CharField(_("类别"), max_length=12, choices=Category)
    subcategory = models.ForeignKey(
        Subcategory, models.CASCADE, null=True, blank=True, related_name="fields", verbose_name=_("子类")
    )
    code = models.CharField(_("代码"), max_length=40)
    label = models.CharField(_("名称"), max_length=40)
    label_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    help = models.CharField(_("填写说明"), max_length=200, blank=True)
    kind = models.CharField(_("类型"), max_length=8, choices=FieldKind)
    options = models.JSONField(_("选项"), default=list, blank=True)  # [{"code", "label", "label_en"}]
    required = models.BooleanField(_("必填"), default=False)
    unless = models.CharField(_("除非已填"), max_length=40, blank=True)  # required unless that field is answered
    order = models.IntegerField(_("排序"), default=0)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["category", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "subcategory", "code"], nulls_distinct=False, name="field_code_once"
            )
        ]

    @property
    def shown(self) -> str:
        """The label in the language of the page."""
        return in_words(self.label, self.label_en)


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities, from what a user may see."""

    def visible_to(self, user: User) -> ActivityQuerySet:
        """Their own, and for leaders, reviewers and managers those of their communities."""
        led = user.rights.communities(Role.MANAGER, Role.REVIEWER, Role.GROUP_LEADER)
        own = Q(reporter=user, community__in=user.rights.communities()) if user.rights.informed else Q(pk__in=[])
        return self.filter(own | Q(community__in=led))


class Activity(models.Model):
    """A visit, survey, forum or patrol: the fact behind the weekly collection duty (2.1.1, 4.1.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("方式"), max_length=8, choices=ActivityKind)
    reporter = models.ForeignKey(User, models.PROTECT, related_name="activities", verbose_name=_("报告员"))
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("社区"))
    grid = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("网格"))
    work_group = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("开始时间"))
    minutes = models.PositiveIntegerField(_("时长（分钟）"), null=True, blank=True)
    place = models.CharField(_("地点"), max_length=200)
    people = models.PositiveIntegerField(_("人数"), default=0, validators=[MaxValueValidator(100_000)])
    notes = models.TextField(_("记录"), max_length=5000, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    weekly_report = models.UUIDField(null=True, editable=False)  # the one that took it in (4.1.1), set when confirmed

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("收集活动")
        indexes = [
            models.Index(fields=["reporter"], name="activity_unreported", condition=Q(weekly_report__isnull=True)),
            models.Index(fields=["weekly_report"], name="activity_report", condition=Q(weekly_report__isnull=False)),
            models.Index(fields=["reporter", "-starts_at", "-id"], name="activity_reporter"),
            models.Index(fields=["community", "-starts_at", "-id"], name="activity_community"),
        ]


def _among(communities: frozenset[UUID]) -> Q:
    """In one of these: `IN` for few (an index then gives the order), one array for a city's thousands."""
    return Q(community__in=communities) if len(communities) <= 20 else Q(community__in_array=communities)


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, from what a user may see."""

    def visible_to(self, user: User, *, within: frozenset[UUID] | None = None) -> ItemQuerySet:
        """What `user` may see (1.3.4, design §2.4): by role, unit and sensitivity.

        Reporters: their own, and what is public or internal in the units where they report.
        Group leaders: what is public or internal of their group. Reviewers and managers: all but
        confidential of their communities. Handlers: what is assigned to them or their unit. Stand-ins: what came to
        them by leave. Confidential: its reporter and the named persons.
        Drafts: their author only. Trainer, security officer, auditor, administrator: nothing.
        `within`: the caller narrows to these of the person's communities itself; what holds for all of
        them need not be asked of each row.
        """
        rights = user.rights
        if not rights.informed:
            return self.none()
        open_levels = [Sensitivity.PUBLIC, Sensitivity.INTERNAL]
        seen = Q(reporter=user) | Q(named__contains=[user.pk])
        full = rights.communities(Role.REVIEWER, Role.MANAGER)
        if full:
            # Asked twice, the planner would take the community's share of the rows twice and no longer walk an index.
            led = Q() if (rights.communities() if within is None else within) <= full else _among(full)
            seen |= led & ~Q(sensitivity=Sensitivity.CONFIDENTIAL) & ~Q(status=Status.DRAFT)
        if rights.has(Role.GROUP_LEADER):
            seen |= Q(work_group__in=rights.units(Role.GROUP_LEADER), sensitivity__in=open_levels) & ~Q(
                status=Status.DRAFT
            )
        if rights.has(Role.REPORTER):
            seen |= Q(grid__in=rights.units(Role.REPORTER), sensitivity__in=open_levels) & ~Q(status=Status.DRAFT)
        if rights.has(Role.HANDLER):
            handled = (
                Q(handler=user) | Q(handling_unit__in=rights.units(Role.HANDLER)) | Q(assistants__contains=[user.pk])
            )
            seen |= handled & ~Q(sensitivity=Sensitivity.CONFIDENTIAL)
        if rights.has(Role.REPORTER, Role.GROUP_LEADER, Role.HANDLER):  # whom somebody's leave brought a duty
            deputised = Obligation.objects.stood_by(user).filter(subject_id__isnull=False)
            seen |= Q(pk__in=deputised.values("subject_id")) & ~Q(sensitivity=Sensitivity.CONFIDENTIAL)
        # The first condition lets every list run along the community's index.
        return self.filter(seen) if within is not None else self.filter(seen, _among(rights.communities()))

    def open(self) -> ItemQuerySet:
        """Items that are submitted and not ended."""
        return self.filter(status__in=OPEN_STATUSES)


class Item(models.Model):
    """The unit of information (信息条目). Its status moves only by `items.states`.

    Four times are distinguished: when it happened (`occurred_at`), was seen (`seen_at`), was reported by the reporter
    (`reported_at`, the phone's clock offline), and arrived (`arrived_at`).
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    number = models.CharField(_("编号"), max_length=24, null=True)
    category = models.CharField(_("类别"), max_length=12, choices=Category)
    subcategory = models.CharField(_("子类"), max_length=40, blank=True)
    topic = models.CharField(_("主题"), max_length=40, blank=True)
    title = models.CharField(_("标题"), max_length=60, blank=True)
    narrative = models.TextField(_("具体情况"), max_length=20_000, blank=True)
    details = models.JSONField(default=dict)
    key_points = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, size=5, verbose_name=_("关键要点")
    )
    analysis = models.TextField(_("分析结论"), max_length=5000, blank=True)
    suggestion = models.TextField(_("建议措施"), max_length=5000, blank=True)
    typed = EncryptedText(null=True)  # the words above as typed, where masking changed them: `items.masking`

    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.DRAFT)
    urgent = models.BooleanField(_("紧急"), default=False)
    priority = models.SmallIntegerField(default=0)  # 1 while urgent and open: first in every list
    sensitivity = models.CharField(_("敏感级别"), max_length=12, choices=Sensitivity, default=Sensitivity.INTERNAL)
    notice_basis = models.CharField(_("登记个人信息的依据"), max_length=10, choices=Basis, blank=True)
    notice_at = models.DateTimeField(_("告知本人的时间"), null=True, blank=True)
    named = ArrayField(models.UUIDField(), default=list, blank=True)  # who else sees a confidential item
    version = models.IntegerField(default=1)  # raised by every change; a form sends back the one it showed

    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("社区"), db_index=False)
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("网格"), db_index=False
    )
    work_group = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("工作小组"), db_index=False
    )
    reporter = models.ForeignKey(User, models.PROTECT, related_name="items", verbose_name=_("报告员"), db_index=False)
    channel = models.CharField(max_length=8, default="web")  # web, phone (offline queue), api, import

    occurred_at = models.DateTimeField(_("发生时间"), null=True, blank=True)
    seen_at = models.DateTimeField(_("发现时间"), null=True, blank=True)
    reported_at = models.DateTimeField(_("上报时间"), null=True)
    arrived_at = models.DateTimeField(_("到达时间"), null=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(_("归档时间"), null=True)

    place = models.CharField(_("地点"), max_length=200, blank=True)
    lat = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)])
    lon = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])
    source = models.CharField(_("来源"), max_length=8, choices=Source, blank=True)
    activity = models.ForeignKey(
        Activity,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("收集活动"),
        db_index=False,
    )

    handling_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("办理单位"), db_index=False
    )
    handler = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"), db_index=False
    )
    assistants = ArrayField(models.UUIDField(), default=list, blank=True)
    due_at = models.DateTimeField(_("办理期限"), null=True)
    result = models.TextField(_("办理结果"), max_length=5000, blank=True)
    verdict = models.CharField(_("居民评价"), max_length=16, blank=True)  # handling.models.Verdict
    adopted = models.BooleanField(_("已采用"), default=False)
    round = models.SmallIntegerField(default=1)  # raised by each reopening
    returns = models.SmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    # The weekly report that took it in (2.3.1, 4.1.1), set when that is confirmed: each submitted item has one.
    weekly_report = models.UUIDField(null=True, editable=False)
    body_digest = models.CharField(max_length=64, blank=True)  # of the API body that created it: same id, same body

    objects = ItemQuerySet.as_manager()

    _names: list[str]  # of its parties, opened once
    _read_only: bool
    _parties: list[Party]  # as just written by an action, so that the answer needs no query
    _timeline: list[Entry]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's. Raises `TypeError` for the copy that holds the text as typed (`items.masking.as_typed`)."""
        if "_read_only" in self.__dict__:
            raise TypeError("the text as typed is for reading: items.masking.as_typed")
        super().save(*args, **kwargs)

    @property
    def heading(self) -> str:
        """The title of its duties and notices: number and title; of a sensitive or confidential one the number
        alone, as they reach people who may not open it (1.3.4)."""
        return f"{self.number or ''} {'' if self.restricted else self.title}".strip()

    @property
    def restricted(self) -> bool:
        """Sensitive or confidential: read by those alone who may open it (`items.visibility`)."""
        return self.sensitivity in RESTRICTED

    class Meta:
        verbose_name = _("信息条目")
        constraints = [models.UniqueConstraint(fields=["community", "number"], name="item_number_once")]
        indexes = [
            models.Index(fields=["community", "-priority", "-reported_at", "-id"], name="item_community"),
            models.Index(fields=["-priority", "-reported_at", "-id"], name="item_all"),
            models.Index(
                fields=["-priority", "-reported_at", "-id"],
                name="item_all_open",
                condition=Q(
                    status__in=["submitted", "returned", "approved", "handling", "resolved", "informed", "evaluated"]
                ),
            ),
            models.Index(fields=["reporter", "-created_at", "-id"], name="item_reporter"),
            models.Index(fields=["grid", "-reported_at", "-id"], name="item_grid"),
            models.Index(fields=["community", "subcategory", "-reported_at", "-id"], name="item_subcategory"),
            models.Index(
                fields=["community", "status", "-priority", "reported_at", "id"],
                name="item_open",
                condition=Q(
                    status__in=["submitted", "returned", "approved", "handling", "resolved", "informed", "evaluated"]
                ),
            ),
            models.Index(
                fields=["community", "-priority", "due_at", "id"], name="item_due", condition=Q(status="handling")
            ),
            models.Index(fields=["handler", "due_at"], name="item_handler", condition=Q(status="handling")),
            models.Index(fields=["handling_unit", "due_at"], name="item_handling_unit", condition=Q(status="handling")),
            models.Index(fields=["activity"], name="item_activity", condition=Q(activity__isnull=False)),
            models.Index(fields=["merged_into"], name="item_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["community", "closed_at"], name="item_closed", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["community", "-reported_at", "-id"], name="item_urgent", condition=Q(urgent=True)),
            models.Index(fields=["topic", "-reported_at", "-id"], name="item_topic", condition=~Q(topic="")),
            models.Index(
                fields=["reporter"],
                name="item_unreported",
                condition=Q(weekly_report__isnull=True, arrived_at__isnull=False),
            ),
            models.Index(fields=["weekly_report"], name="item_report", condition=Q(weekly_report__isnull=False)),
            models.Index(
                fields=["handler", "-reported_at", "-id"], name="item_handled", condition=Q(handler__isnull=False)
            ),
        ]


class PartyRole(models.TextChoices):
    """How a person is involved (3.1, 3.2)."""

    PROPOSER = "proposer", _("提出人")
    INVOLVED = "involved", _("当事人")
    WITNESS = "witness", _("目击者")
    VICTIM = "victim", _("受害人")
    CONTACT = "contact", _("联系人")


class Party(models.Model):
    """A person whom an item names. Name and phone are encrypted, masked when shown (1.3.4, 3.1, 3.2)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="parties")
    role = models.CharField(_("身份"), max_length=10, choices=PartyRole)
    name = EncryptedText(_("姓名"), null=True, blank=True)
    phone = EncryptedText(_("联系方式"), null=True, blank=True)
    name_index = BlindIndex(of="name", max_length=32, blank=True)
    phone_index = BlindIndex(of="phone", max_length=32, blank=True)
    order = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        indexes = [
            models.Index(fields=["phone_index"], condition=~Q(phone_index=""), name="party_phone"),
            models.Index(fields=["name_index"], condition=~Q(name_index=""), name="party_name"),
        ]


class AttachmentKind(models.TextChoices):
    """What a file is, by its content."""

    PHOTO = "photo", _("照片")
    AUDIO = "audio", _("录音")
    DOCUMENT = "document", _("文档")


class Attachment(models.Model):
    """A file of an item or activity. The original is stored encrypted; people see `shown` and `thumb`.

    The camera's metadata (EXIF) are stored separately, for review only, and are not in what is shown. `stage` says what
    it belongs to: the report itself, progress, or the result.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, null=True, related_name="attachments")
    activity = models.ForeignKey(Activity, models.CASCADE, null=True, related_name="attachments")
    stage = models.CharField(max_length=8, default="report")  # report, progress, result
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=AttachmentKind)
    name = EncryptedText(_("文件名"), null=True)  # people name files after people
    caption = models.CharField(_("说明"), max_length=80, blank=True, default="")  # printed below the photo (3.3)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # of the original as received
    shown = models.CharField(max_length=64, blank=True)  # upright, ≤ 400 kB, without EXIF
    thumb = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    exif = EncryptedText(null=True)  # JSON: where and with what it was taken
    fingerprint = models.BigIntegerField(null=True)  # perceptual hash: finds a photo used before
    order = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    notice = ""  # a warning for the sender of this upload; not stored

    class Meta:
        ordering = ["order", "created_at"]
        indexes = [
            models.Index(fields=["sha256"]),
            models.Index(fields=["fingerprint"], condition=Q(fingerprint__isnull=False), name="attachment_fingerprint"),
        ]


class Entry(models.Model):
    """One line of an item's timeline (design §2.1). Append-only; partitioned by month of `at`.

    `verb` is a transition of the life cycle or another thing that happened (`progress`, `supervise`,
    `remind`, `call`, …). `note` is what the person wrote, `data` the rest (ids, fields, attachments);
    neither holds personal data of residents.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=clock.now)
    item = models.ForeignKey(Item, models.DO_NOTHING, related_name="timeline", db_constraint=False)
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    actor_name = models.CharField(max_length=40, blank=True)
    verb = models.CharField(max_length=24)
    before = models.CharField(max_length=10, blank=True)
    after = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        managed = False  # see the migration: partitioned, append-only by trigger
        db_table = "items_entry"
        ordering = ["at", "id"]


class ItemText(models.Model):
    """The search terms of an item (words and bigrams, `core.text.search_terms`), beside it so that a change of state
    does not touch the index (performance.md rule 8)."""

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="text")
    community = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    reported_at = models.DateTimeField()
    terms = SearchVectorField()

    class Meta:
        indexes = [
            # Entries wait in a list that every search reads through: kept short (performance.md rule 8).
            GinIndex(fields=["terms"], name="item_text_terms", gin_pending_list_limit=2048),
            models.Index(fields=["community", "-reported_at"], name="item_text_community"),
            models.Index(fields=["-reported_at"], name="item_text_all"),
        ]


class Hint(models.Model):
    """What the computed checks of an item say (review §3 of the design); made anew at each submit."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="hints")
    check_kind = models.CharField(max_length=12)  # truth, completeness, accuracy, format
    code = models.CharField(max_length=30)
    field = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300)
    other = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+")  # the near-duplicate
    created_at = models.DateTimeField(default=clock.now)


class UncheckedItem(models.Model):
    """This item changed since its hints were made, or has none: the job of the checks takes all of these at once."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    tries = models.SmallIntegerField(default=0)


class ImportRun(models.Model):
    """A spreadsheet on its way in: uploaded, its columns mapped, tried, then imported by a job (2.2.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("社区"))
    name = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)  # their names
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="mapping")  # reading, mapping, waiting, running, tried, done, failed
    dry = models.BooleanField(default=True)
    report = models.JSONField(default=dict)  # total, filed, existing, blank, refused, errors [[row, column, message]]
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="import_run_user")]

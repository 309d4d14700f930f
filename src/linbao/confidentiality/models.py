"""Agreements, disclosures, traces of leaks, requests of residents, and what was removed (1.3.4, 6.2.1, 6.2.2)."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.documents.models import Document
from linbao.items.models import Item
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import BlindIndex, EncryptedText

# --- agreements (6.2.1) --------------------------------------------------------------------------


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: User) -> AgreementQuerySet:
        """Of the units that this person keeps secure, manages or audits, with what hangs below."""
        return self.filter(unit__in=user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR))


class Agreement(models.Model):
    """One version of a unit's confidentiality agreement; it holds for the unit and all below without one of their own.

    A published one never changes. `required_from`: the day from which earlier versions no longer do.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    number = models.SmallIntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=60)
    body = models.TextField(_("正文"), max_length=20_000)
    required_from = models.DateField(_("旧版失效日"), null=True)
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=clock.now)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("发布时间"), null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(published_at__isnull=True), name="agreement_draft_once"
            ),
        ]
        indexes = [models.Index(fields=["unit", "-number"], name="agreement_unit")]


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, user: User) -> SignatureQuerySet:
        """One's own, and those under the units that one keeps secure, manages or audits."""
        units = user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR)
        return self.filter(Q(user=user) | Q(unit__in=units))


class Signature(models.Model):
    """A person signed one version, having read it to the end and given the password anew; holds for a year."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    user = models.ForeignKey(User, models.PROTECT, related_name="agreement_signatures", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)  # the agreement's
    number = models.SmallIntegerField()  # the agreement's
    signed_at = models.DateTimeField(_("签订时间"), default=clock.now)
    valid_until = models.DateField(_("有效期至"))
    digest = models.CharField(max_length=64)  # SHA-256 of the text that was signed
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "valid_until"], name="signature_user"),
            models.Index(fields=["unit", "-signed_at", "-id"], name="signature_unit"),
        ]

    def valid(self, day: date | None = None) -> bool:
        """Whether it holds on the day, today without."""
        return self.valid_until >= (day or clock.today())


class PaperState(models.TextChoices):
    WAITING = "waiting", _("待第二人确认")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("未予确认")


class PaperQuerySet(models.QuerySet["PaperSignature"]):
    def visible_to(self, user: User) -> PaperQuerySet:
        """For those who keep secure, manage or audit the signer's unit."""
        return self.filter(unit__in=user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR))


class PaperSignature(models.Model):
    """A version signed on paper: recorded with its scan by one keeper; holds when a second has confirmed it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="papers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("签订人"), db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)  # the signer's
    signed_on = models.DateField(_("签订日期"))
    scan = models.CharField(max_length=64)  # SHA-256, the name in platform.files
    name = models.CharField(max_length=120, blank=True)  # of the file as it came
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    recorded_at = models.DateTimeField(default=clock.now)
    state = models.CharField(_("状态"), max_length=10, choices=PaperState, default=PaperState.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of a refusal
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="paper")

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agreement"], condition=Q(state="waiting"), name="paper_waiting_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("recorded_by")), name="paper_two_persons"
            ),
        ]
        indexes = [models.Index(fields=["unit", "state", "-recorded_at", "-id"], name="paper_state")]


class Relative(models.Model):
    """A near relative whom a person declared when signing, so that looking them up raises an alert (6.2.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="relatives")
    name = EncryptedText(null=True)
    phone = EncryptedText(null=True)
    name_index = BlindIndex(of="name", max_length=32, blank=True)
    phone_index = BlindIndex(of="phone", max_length=32, blank=True)


# --- giving out (6.2.2) ----------------------------------------------------------------------------


class DisclosureState(models.TextChoices):
    ASKED = "asked", _("待审批")
    APPROVED = "approved", _("已批准")
    PRODUCED = "produced", _("已提供")
    EXPIRED = "expired", _("已到期")
    REFUSED = "refused", _("未批准")
    WITHDRAWN = "withdrawn", _("已撤回")


class Form(models.TextChoices):
    PDF = "pdf", _("PDF 文件")
    XLSX = "xlsx", _("Excel 表格")


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    def visible_to(self, user: User) -> DisclosureQuerySet:
        """What one asked for, while items are entrusted to one; the register of one's units for managers, security
        officers and auditors."""
        units = user.rights.units(Role.MANAGER, Role.SECURITY_OFFICER, Role.AUDITOR)
        own = Q(asked_by=user) if user.rights.informed else Q(pk__in=[])
        return self.filter(own | Q(unit__in=units))


class Disclosure(models.Model):
    """A request to give information out, and what was given (对外提供登记). `items` is the frozen scope.

    `mark` stands visibly and invisibly in the one copy that is made; `file` (platform.files) goes when it expires.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    number = models.CharField(_("编号"), max_length=60, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("申请人"), db_index=False)
    asked_at = models.DateTimeField(_("申请时间"), default=clock.now)
    recipient = models.CharField(_("接收方"), max_length=80)
    purpose = models.CharField(_("用途"), max_length=500)
    legal_basis = models.CharField(_("法律依据"), max_length=300)
    form = models.CharField(_("形式"), max_length=4, choices=Form)
    identified = models.BooleanField(_("含居民姓名和电话"), default=False)
    why_identified = models.CharField(_("必须提供个人信息的理由"), max_length=500, blank=True)
    until = models.DateField(_("使用期限"))
    query = EncryptedText()  # the archive's filters, as they were
    items = ArrayField(models.UUIDField(), default=list)
    confidential = models.IntegerField(default=0)  # how many of them are
    state = models.CharField(_("状态"), max_length=10, choices=DisclosureState, default=DisclosureState.ASKED)
    decided_at = models.DateTimeField(null=True)
    produced_at = models.DateTimeField(null=True)
    mark = models.BigIntegerField(null=True, unique=True)
    file = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    downloads = models.IntegerField(default=0)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-asked_at", "-id"], name="disclosure_unit"),
            models.Index(fields=["unit", "state", "-asked_at", "-id"], name="disclosure_state"),
            models.Index(fields=["asked_by", "-asked_at", "-id"], name="disclosure_asker"),
            models.Index(fields=["until"], condition=~Q(file=""), name="disclosure_ends"),
            GinIndex(fields=["items"], name="disclosure_items"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(identified=False) | ~Q(why_identified=""), name="disclosure_says_why_identified"
            )
        ]

    @property
    def needed(self) -> int:
        """How many must approve: two where confidential items are among them."""
        return 2 if self.confidential else 1


class Approval(models.Model):
    """One person's decision on a request."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="approvals")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approved = models.BooleanField()
    comment = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["disclosure", "by"], name="approval_once")]


class TraceState(models.TextChoices):
    WAITING = "waiting", _("正在排队")
    READING = "reading", _("正在读取文件")
    COMPARING = "comparing", _("正在与提供过的资料比对")
    DONE = "done", _("已完成")
    FAILED = "failed", _("未完成")


class Trace(models.Model):
    """A leaked text or file that a security officer compares with what was given out, by a job (6.2.2).

    `text` and the file (`sha256`, in platform.files) are stored until the comparison ends; `result` is
    `tracing.Answer` as JSON, without the text.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("申请人"), db_index=False)
    asked_at = models.DateTimeField(_("时间"), default=clock.now)
    name = EncryptedText(_("文件名"), null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    text = EncryptedText(null=True)
    state = models.CharField(_("状态"), max_length=10, choices=TraceState, default=TraceState.WAITING)
    copies = models.IntegerField(default=0)  # that it is compared with
    problem = models.CharField(max_length=20, blank=True)  # a code of `tracing.PROBLEMS`
    result = EncryptedText(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_by", "-asked_at", "-id"], name="trace_asker")]


# --- a resident's rights (PIPL) --------------------------------------------------------------------


class RequestKind(models.TextChoices):
    SEE = "see", _("查阅、复制")
    CORRECT = "correct", _("更正、补充")
    DELETE = "delete", _("删除")


class RequestChannel(models.TextChoices):
    LINK = "link", _("网页")
    VISIT = "visit", _("到访")
    PHONE = "phone", _("电话")
    PAPER = "paper", _("书面")


class RequestState(models.TextChoices):
    RECEIVED = "received", _("待核验身份")
    IDENTIFIED = "identified", _("待决定")
    DECIDED = "decided", _("待安全保密员会签")
    ANSWERED = "answered", _("已答复")


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    def visible_to(self, user: User) -> PrivacyRequestQuerySet:
        """For managers and security officers of the community; reviewers see what they entered."""
        return self.filter(Q(unit__in=user.rights.units(Role.MANAGER, Role.SECURITY_OFFICER)) | Q(entered_by=user))


class PrivacyRequest(models.Model):
    """A resident asks to see, correct or have deleted what is kept about them; answered in 15 working days."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    receipt = models.CharField(_("回执编号"), max_length=16, unique=True, default=ids.code)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("请求"), max_length=8, choices=RequestKind)
    channel = models.CharField(_("来源"), max_length=6, choices=RequestChannel)
    name = EncryptedText(_("姓名"), null=True)
    phone = EncryptedText(_("电话"), null=True)
    note = EncryptedText(_("说明"), null=True)
    new_name = EncryptedText(_("更正后的姓名"), null=True)
    new_phone = EncryptedText(_("更正后的电话"), null=True)
    received_at = models.DateTimeField(_("收到时间"), default=clock.now)
    due_at = models.DateTimeField(_("答复期限"))
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=RequestState, default=RequestState.RECEIVED)
    identity = models.CharField(_("身份核验方式"), max_length=200, blank=True)
    identified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    identified_at = models.DateTimeField(null=True)
    parties = ArrayField(models.UUIDField(), default=list)  # those that are this resident, as the manager judged
    granted = models.BooleanField(null=True)
    reason = models.CharField(_("理由"), max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = EncryptedText(null=True)
    result = models.JSONField(default=dict)  # counts of what was done

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-received_at", "-id"], name="privacy_unit"),
            models.Index(fields=["unit", "state", "-received_at", "-id"], name="privacy_state"),
        ]


# --- keeping and removing (1.3.4) ------------------------------------------------------------------


class Hold(models.Model):
    """Legal hold: what is kept beyond its period, and not deleted on request, while a matter is open."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(released_at__isnull=True), name="hold_once")
        ]


class Cleared(models.Model):
    """An item whose persons were removed, so that it is not gone through again."""

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="+")
    contacts_at = models.DateTimeField(null=True)
    anonymised_at = models.DateTimeField(null=True)


class Removal(models.Model):
    """What one run or one request removed: counts only, no personal data."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    cause = models.CharField(max_length=10)  # contacts, ordinary, urgent, agreements, request
    request = models.ForeignKey(PrivacyRequest, models.PROTECT, null=True, related_name="+")
    counts = models.JSONField(default=dict)  # items, persons, files, texts, links

    class Meta:
        indexes = [models.Index(fields=["unit", "-at", "-id"], name="removal_unit")]

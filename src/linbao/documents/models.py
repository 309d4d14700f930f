"""Documents as evidence: versioned, numbered, with a digest and a verification code (design §2.5)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models import Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class DocumentKind(models.TextChoices):
    """What a document is; each kind has its layout."""

    WEEKLY_REPORT = "weekly_report", _("信息周报")
    FEEDBACK_SLIP = "feedback_slip", _("办理结果反馈单")
    INSPECTION_FILE = "inspection_file", _("制度落实情况检查材料")
    URGENT_REPORT = "urgent_report", _("紧急信息报告")
    TRAINING_RECORD = "training_record", _("培训记录")
    APPRAISAL = "appraisal", _("考核结果告知书")
    MINUTES = "minutes", _("会议纪要")
    WORK_FILE = "work_file", _("工作档案")
    CERTIFICATE = "certificate", _("荣誉证书")
    CASE_DECISION = "case_decision", _("处理决定书")
    AGREEMENT = "agreement", _("保密协议")
    DISCLOSURE = "disclosure", _("对外提供资料")
    PRIVACY_ANSWER = "privacy_answer", _("个人信息请求答复书")
    SECURITY_RECORD = "security_record", _("安全检查记录")


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> DocumentQuerySet:
        """Documents of units where they lead, review or manage, and those that they issued; decisions of cases only
        through their case (1.3.4)."""
        units = user.rights.units("manager", "reviewer", "group_leader")
        mine = self.filter(models.Q(unit__in=units) | models.Q(issued_by=user))
        return mine.exclude(kind=DocumentKind.CASE_DECISION)


class Document(models.Model):
    """One issued version. Nothing overwrites another: an amended report is a new version.

    `facts` is what the document was made from; files are kept by digest (platform.files).
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(max_length=20, choices=DocumentKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    number = models.CharField(_("文号"), max_length=60, blank=True)
    title = models.CharField(_("标题"), max_length=120)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    version = models.SmallIntegerField(default=1)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    code = models.CharField(_("验证码"), max_length=16, unique=True, default=ids.code)
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    pdf = models.CharField(max_length=64, blank=True)  # SHA-256 of the file, which is its name in platform.files
    docx = models.CharField(max_length=64, blank=True)
    # Where the period of keeping has ended, `pdf` and `docx` are the de-identified edition; of the originals, which
    # are gone, the digests stay, so that whoever holds one can still check it (1.3.4).
    deidentified_at = models.DateTimeField(null=True)
    original_pdf = models.CharField(max_length=64, blank=True)
    original_docx = models.CharField(max_length=64, blank=True)
    seal = models.ForeignKey("Seal", models.PROTECT, null=True, related_name="documents")
    sealed_at = models.DateTimeField(_("用印时间"), null=True)
    sealed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id", "version"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["number", "version"], condition=~models.Q(number=""), name="document_number_once"
            ),
        ]
        indexes = [
            models.Index(fields=["pdf"]),
            models.Index(fields=["subject_id"]),
            models.Index(fields=["original_pdf"], name="document_original", condition=~models.Q(original_pdf="")),
        ]


class Template(models.Model):
    """A department's own DOCX template for a kind of document; the newest active one is used."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=DocumentKind)
    name = models.CharField(_("名称"), max_length=80)
    file = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)


class SealKind(models.TextChoices):
    """Form and size after convention (domain.md §4)."""

    UNIT = "unit", _("单位印章（圆形 42 毫米）")
    WORK_GROUP = "work_group", _("工作小组印章（圆形 40 毫米）")
    PERSON = "person", _("个人名章（方形 20 毫米）")


class SealState(models.TextChoices):
    """The life of a seal (`seals.states.SEAL`)."""

    ACTIVE = "active", _("启用")
    SUSPENDED = "suspended", _("停用")
    REVOKED = "revoked", _("作废")


class SealQuerySet(models.QuerySet["Seal"]):
    def visible_to(self, user: User) -> SealQuerySet:
        """Their own and those in their keeping, and those of units that they manage or lead or keep secure."""
        units = user.rights.units("manager", "security_officer", "group_leader")
        return self.filter(models.Q(custodian=user) | models.Q(person=user) | models.Q(unit__in=units))

    def usable(self) -> SealQuerySet:
        """Those in force."""
        now = clock.now()
        return self.filter(state=SealState.ACTIVE, valid_from__lte=now, valid_to__gt=now)

    def kept_at(self, custodian: Any, at: Any) -> SealQuerySet:
        """Seals of groups and persons that `custodian` could affix at a time (values, or references to a row's); one
        suspended or revoked counts until that day."""
        in_use = models.Q(state=SealState.ACTIVE) | models.Q(state_at__gt=at)
        kinds = (SealKind.WORK_GROUP, SealKind.PERSON)
        return self.filter(in_use, kind__in=kinds, custodian=custodian, valid_from__lte=at, valid_to__gt=at)


class Seal(models.Model):
    """An electronic seal: a picture, a certificate and its key, in one custodian's keeping (4.2.2).

    The key never leaves this row: it is encrypted, and `documents.seals` alone opens it.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("种类"), max_length=12, choices=SealKind)
    name = models.CharField(_("印文"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("本人"))
    custodian = models.ForeignKey(User, models.PROTECT, related_name="kept_seals", verbose_name=_("保管人"))
    picture = models.CharField(max_length=64, blank=True)  # an uploaded picture, cleaned (platform.files); else drawn
    certificate = models.TextField()  # PEM
    serial = models.CharField(max_length=64, db_index=True)  # of the certificate, in hex
    chain = models.TextField(blank=True)  # PEM of a certificate brought from outside
    key = EncryptedText()  # PKCS#8, PEM
    valid_from = models.DateTimeField(_("有效期自"))
    valid_to = models.DateTimeField(_("有效期至"))
    state = models.CharField(_("状态"), max_length=10, choices=SealState, default=SealState.ACTIVE)
    state_at = models.DateTimeField(null=True)
    state_reason = models.CharField(_("原因"), max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = _("印章")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "name"],
                condition=models.Q(person__isnull=True) & ~models.Q(state="revoked"),
                name="seal_once",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(person__isnull=False) & ~models.Q(state="revoked"),
                name="name_seal_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SealUse(models.Model):
    """One line of a seal's log: every use, and every change of its state."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="uses")
    action = models.CharField(max_length=10)  # make, affix, suspend, resume, revoke, hand_over
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["seal", "-at", "-id"], name="seal_use_log")]


class Authority(models.Model):
    """The installation's own certificate authority and time-stamp authority; one row, made at first need."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    certificate = models.TextField()
    key = EncryptedText()
    stamp_certificate = models.TextField()
    stamp_key = EncryptedText()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_authority")]

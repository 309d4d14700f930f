"""Documents as evidence: versioned, numbered, with a digest and a verification code (design §2.5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linbao.base import clock, ids
from linbao.units.models import Unit, User


class DocumentKind(models.TextChoices):
    WEEKLY_REPORT = "weekly_report", _("信息周报")
    FEEDBACK_SLIP = "feedback_slip", _("办理结果反馈单")
    INSPECTION_FILE = "inspection_file", _("制度落实情况检查材料")


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> DocumentQuerySet:
        """Documents of units where they lead, review or manage, and those that they issued."""
        units = user.rights.units("manager", "reviewer", "group_leader")
        return self.filter(models.Q(unit__in=units) | models.Q(issued_by=user))


class Document(models.Model):
    """One issued version. Nothing overwrites another: an amended report is a new version.

    `facts` is what the document was made from; files are kept by digest (base.files).
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
    pdf = models.CharField(max_length=64, blank=True)  # SHA-256 of the file, which is its name in base.files
    docx = models.CharField(max_length=64, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id", "version"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["number", "version"], condition=~models.Q(number=""), name="document_number_once"
            ),
        ]
        indexes = [models.Index(fields=["pdf"]), models.Index(fields=["subject_id"])]


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

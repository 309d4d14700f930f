"""Handling and the closed loop: assignments, informing the resident, their judgement (2.4, 4.3.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.items.models import Item
from linbao.organisation.models import Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class Assignment(models.Model):
    """Who handles an item, by when, on what instruction. The open one is also on the item's row."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    instruction = models.CharField(_("办理要求"), max_length=500, blank=True)
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("期限"))
    round = models.SmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)  # resolved, transferred

    class Meta:
        ordering = ["assigned_at"]
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(ended_at__isnull=True), name="one_open_assignment")
        ]


class Extension(models.Model):
    """A request for more time: once per assignment, decided by somebody else (domain.md §3)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    assignment = models.OneToOneField(Assignment, models.CASCADE, related_name="extension")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    reason = models.CharField(_("理由"), max_length=300)
    until = models.DateTimeField(_("延至"))
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)


class Supervision(models.Model):
    """A manager presses a matter (督办): to be answered by its own time, beside the handling's."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="supervisions")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    requirements = models.CharField(_("督办要求"), max_length=500)
    due_at = models.DateTimeField(_("答复期限"))
    answer = models.CharField(_("答复"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at"]


class Method(models.TextChoices):
    """How a resident was informed."""

    PHONE = "phone", _("电话")
    VISIT = "visit", _("上门")
    SMS = "sms", _("短信链接")
    SLIP = "slip", _("纸质反馈单")


class Outcome(models.TextChoices):
    """What came of an attempt to reach the resident."""

    REACHED = "reached", _("已告知")
    NO_ANSWER = "no_answer", _("未联系上")
    REFUSED = "refused", _("居民不愿接受反馈")
    ANONYMOUS = "anonymous", _("匿名，无法反馈")
    NO_RESIDENT = "no_resident", _("无提出人（巡查发现）")
    UNREACHABLE = "unreachable", _("多次联系未果")  # after tries on three different days


class Informing(models.Model):
    """One attempt to inform the resident about progress or result (2.4.1). Three tries on different days without an
    answer count as unreachable (domain.md §3)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="informings")
    round = models.SmallIntegerField(default=1)
    final = models.BooleanField(default=True)  # about the result; else about progress
    method = models.CharField(_("方式"), max_length=8, choices=Method, blank=True)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome)
    message = models.CharField(_("告知内容"), max_length=500, blank=True)
    reason = models.CharField(_("原因"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=clock.now)

    class Meta:
        ordering = ["at"]


class Verdict(models.TextChoices):
    """How content the resident is with the result (2.4.2)."""

    SATISFIED = "satisfied", _("满意")
    MOSTLY_SATISFIED = "mostly_satisfied", _("基本满意")
    UNSATISFIED = "unsatisfied", _("不满意")
    NONE = "none", _("未能评价")  # refused, unreachable, anonymous: with the reason


class Evaluation(models.Model):
    """The resident's judgement of the result (2.4.2); given by word of mouth, it names who recorded it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="evaluations")
    round = models.SmallIntegerField(default=1)
    verdict = models.CharField(_("评价"), max_length=16, choices=Verdict)
    remark = EncryptedText(_("意见"), null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why there is no verdict
    by_link = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="evaluation_once_a_round"),
            models.CheckConstraint(
                condition=Q(by_link=True) | Q(recorded_by__isnull=False), name="evaluation_names_recorder"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="evaluation_at")]  # the sums of a day


class ResidentLink(models.Model):
    """The private link `/r/<token>`: found by digest; the token itself is stored encrypted to print it again."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.OneToOneField(Item, models.CASCADE, related_name="resident_link")
    digest = models.CharField(max_length=64, unique=True)
    token = EncryptedText(null=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class CallBackOutcome(models.TextChoices):
    """What came of a call-back; where nobody can be called, the place is looked at instead."""

    REACHED = "reached", _("已接通")
    NO_ANSWER = "no_answer", _("未接通")
    REFUSED = "refused", _("不愿回答")
    ON_SITE = "on_site", _("无人可联系，已现场核实")


class CallBack(models.Model):
    """A closed item drawn for a call-back by somebody else (回访抽查, 2.4.2)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.OneToOneField(Item, models.CASCADE, related_name="call_back")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(default=clock.now)
    caller = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=CallBackOutcome, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    matches = models.BooleanField(null=True)  # does the resident confirm what the record says?
    remark = EncryptedText(null=True, blank=True)


class AdoptionKind(models.TextChoices):
    """What an item led to."""

    MEASURE = "measure", _("促成一项措施")
    DECISION = "decision", _("进入决策")
    NOTICE = "notice", _("上级批示或通报")
    HAZARD = "hazard", _("发现并消除隐患")


class Adoption(models.Model):
    """The item led to something (采用/批示), confirmed by the department (7.1.1 reads it)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="adoptions")
    kind = models.CharField(_("采用形式"), max_length=10, choices=AdoptionKind)
    note = models.CharField(_("说明"), max_length=500)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

"""Emergencies: the report, its written versions, alarms and calls (2.3.2, 4.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.documents.models import Seal
from linbao.duties.roster import on_duty_for
from linbao.items.models import Category, Item, Sensitivity
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class UrgentKind(models.TextChoices):
    """What a reporter taps first; each is a subcategory of events (`emergencies.written_report.SUBCATEGORY`)."""

    FIRE = "fire", _("火情")
    THEFT = "theft", _("盗窃")
    NATURAL_DISASTER = "natural_disaster", _("自然灾害")
    PUBLIC_HEALTH = "public_health", _("公共卫生")
    ACCIDENT = "accident", _("事故")
    PUBLIC_SAFETY = "public_safety", _("公共安全")
    HAZARD = "hazard", _("重大隐患")
    DISPUTE = "dispute", _("纠纷激化")
    OTHER = "other", _("其他要情")


class UrgentLevel(models.TextChoices):
    """How grave an emergency is; the rhythm of follow-ups depends on it."""

    PARTICULARLY_MAJOR = "particularly_major", _("特别重大（红）")
    MAJOR = "major", _("重大（橙）")
    LARGER = "larger", _("较大（黄）")
    GENERAL = "general", _("一般（蓝）")


class UrgentStage(models.TextChoices):
    """Which of the written reports a version is."""

    FIRST = "first", _("首报")
    FOLLOW_UP = "follow_up", _("续报")
    CORRECTION = "correction", _("更正")
    FINAL = "final", _("终报")


class UrgentEnd(models.TextChoices):
    """Why an emergency ended without a final report."""

    WITHDRAWN = "withdrawn", _("报告员已撤回")
    UNMARKED = "unmarked", _("审核认定不属紧急")
    MERGED = "merged", _("已并入另一条")


class UrgentState(models.TextChoices):
    """The state of an emergency, derived from the times on its row."""

    OPENED = "opened", _("待电话报告")
    CALLED = "called", _("待书面报告")
    REPORTING = "reporting", _("续报中")
    FINISHED = "finished", _("已终报")
    JOINED = "joined", _("已并入另一起")
    ENDED = "ended", _("已结束")


class UrgentReportQuerySet(models.QuerySet["UrgentReport"]):
    """Which emergencies somebody may see, and which are open."""

    def visible_to(self, user: User) -> UrgentReportQuerySet:
        """Their own, their group's as leader unless sensitive, and those of communities they review or manage or are on
        duty for; a confidential one for its reporter and the named persons only (1.3.4)."""
        led = user.rights.communities(Role.REVIEWER, Role.MANAGER) | on_duty_for(user)
        groups = user.rights.units(Role.GROUP_LEADER)
        open_to_them = ~Q(item__sensitivity=Sensitivity.CONFIDENTIAL) | Q(item__named__contains=[user.pk])
        of_group = Q(work_group__in=groups) & ~Q(item__sensitivity=Sensitivity.SENSITIVE)
        # As of items: where nothing is entrusted to them any more, their own is closed to them too.
        own = Q(reporter=user, community__in=user.rights.communities()) if user.rights.informed else Q(pk__in=[])
        return self.filter(own | (of_group | Q(community__in=led)) & open_to_them)

    def open(self) -> UrgentReportQuerySet:
        """The one notion of an open emergency: until its final report, unless it goes on in another or has ended
        without one (withdrawn, merged, found not urgent)."""
        return self.filter(finished_at__isnull=True, joined_to__isnull=True, ended_at__isnull=True)


class UrgentReport(models.Model):
    """One emergency as one reporter reports it: the call, then numbered written versions until the final report. Its id
    is its item's.

    True times stand beside the times of entry: `seen_at` (of an item found urgent later: when it was found so),
    `called_at` are what happened, `opened_at`, `call_entered_at` when it was keyed in (from paper, or after the
    network came back). `kind` and `level` are empty until somebody has reported them.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.OneToOneField(Item, models.PROTECT, related_name="urgent_report")
    kind = models.CharField(_("种类"), max_length=20, choices=UrgentKind, blank=True, default="")
    level = models.CharField(_("级别"), max_length=20, choices=UrgentLevel, blank=True, default="")
    reporter = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("报告员"), db_index=False)
    work_group = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    seen_at = models.DateTimeField(_("发现时间"))
    opened_at = models.DateTimeField(default=clock.now)
    clock_off = models.IntegerField(default=0)  # seconds that the phone's clock was ahead of ours

    called_at = models.DateTimeField(_("电话报告时间"), null=True)
    call_entered_at = models.DateTimeField(null=True)
    call_logged_by = models.ForeignKey(  # of the department, when it recorded the call that it received
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("代为登记"), db_index=False
    )
    answered_by = EncryptedText(_("接听人"), null=True, default="", blank=True)  # lengths: `emergencies.inputs`
    called_number = EncryptedText(_("拨打的电话"), null=True, default="", blank=True)
    call_words = EncryptedText(_("通话内容"), null=True, default="", blank=True)

    written_at = models.DateTimeField(_("书面报告时间"), null=True)
    finished_at = models.DateTimeField(_("终报时间"), null=True)
    joined_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="joined", verbose_name=_("并入"))
    versions_made = models.SmallIntegerField(default=0)
    round = models.SmallIntegerField(default=1)  # raised when one that had ended is found urgent again
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=UrgentEnd, blank=True, default="")
    body_digest = models.CharField(max_length=64, blank=True, default="")  # of the API body that opened it

    objects = UrgentReportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["community", "-opened_at", "-id"], name="urgent_community"),
            models.Index(fields=["reporter", "-opened_at", "-id"], name="urgent_reporter"),
            models.Index(fields=["community"], name="urgent_open", condition=Q(finished_at__isnull=True)),
        ]

    @property
    def state(self) -> UrgentState:
        """Derived from the times on the row."""
        if self.joined_to_id is not None:
            return UrgentState.JOINED
        if self.ended_at is not None:
            return UrgentState.ENDED
        if self.finished_at is not None:
            return UrgentState.FINISHED
        if self.called_at is None:
            return UrgentState.OPENED
        return UrgentState.REPORTING if self.versions_made else UrgentState.CALLED

    @property
    def is_open(self) -> bool:
        """As `UrgentReportQuerySet.open`."""
        return self.finished_at is None and self.joined_to_id is None and self.ended_at is None

    @property
    def found_at(self) -> datetime:
        """When it was seen; of an item found urgent later not the moment at which it was found so."""
        return min(self.seen_at, self.item.seen_at or self.seen_at)

    @property
    def marked_later(self) -> bool:
        """Whether its item was found urgent only after it was seen."""
        return self.found_at < self.seen_at

    @property
    def heading(self) -> str:
        """What lists and pages call it; a sensitive or confidential one without its title (`Item.heading`)."""
        return self.item.heading or str(self.label)

    @property
    def label(self) -> Any:
        """What kind of emergency it is, as mails that travel open and people who may not open it read; of a sensitive
        or confidential one its category alone (1.3.4)."""
        if self.item.restricted:
            return Category(self.item.category).label
        return self.get_kind_display() or _("紧急情况")


class UrgentVersion(models.Model):
    """One written version; none overwrites another. `content` as `emergencies.written_report` names it: people in it
    masked, their names and numbers lie with the item (1.3.4)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    report = models.ForeignKey(UrgentReport, models.PROTECT, related_name="versions")
    version = models.SmallIntegerField()
    stage = models.CharField(max_length=12, choices=UrgentStage)
    content = models.JSONField(default=dict)
    changed = models.CharField(_("本次变化"), max_length=500, blank=True)
    written_at = models.DateTimeField()  # true time
    entered_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    seal = models.ForeignKey(Seal, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["report", "version"], name="urgent_version_once")]


class WrittenDraft(models.Model):
    """What a reporter has typed of the next written version, as their form saved it by itself. `content` is JSON."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    report = models.ForeignKey(UrgentReport, models.CASCADE, related_name="drafts")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    version = models.SmallIntegerField()  # the number that the version will have
    content = EncryptedText(null=True)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "by"], name="written_draft_once")]


class AlarmReason(models.TextChoices):
    """Why an alarm was raised."""

    OPENED = "opened", _("紧急情况")
    OVERDUE = "overdue", _("书面报告超时")


class Alarm(models.Model):
    """An alarm that goes from person to person until somebody signs for it (签收)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    report = models.ForeignKey(UrgentReport, models.PROTECT, related_name="alarms")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=10, choices=AlarmReason)
    round = models.SmallIntegerField(default=1)  # the report's when it was raised
    # Several that came at once (an import, a batch) go out as one message; this is the first of them.
    sent_with = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField(default=clock.now)
    step = models.SmallIntegerField(default=0)  # how many of the chain were notified
    next_at = models.DateTimeField(null=True)  # when the next is notified
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "reason", "round"], name="alarm_once")]
        indexes = [
            models.Index(fields=["next_at"], name="alarm_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["community"], name="alarm_open", condition=Q(acknowledged_at__isnull=True)),
        ]


class AfterAction(models.Model):
    """What was learnt from an emergency (复盘); the record itself is read off the facts."""

    report = models.OneToOneField(UrgentReport, models.PROTECT, primary_key=True, related_name="after_action")
    went_well = models.TextField(_("做得好的"), blank=True)
    to_improve = models.TextField(_("需要改进的"), blank=True)
    measures = models.TextField(_("今后的措施"), blank=True)
    version = models.SmallIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)


class AlarmCall(models.Model):
    """One person who was notified of an alarm, and when."""

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="calls")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    notified_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["notified_at", "id"]
        constraints = [models.UniqueConstraint(fields=["alarm", "person"], name="alarm_person_once")]

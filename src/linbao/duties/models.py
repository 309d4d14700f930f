"""Every duty with a time, as one kind of row (design §2.2)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.duties.kinds import heading
from linbao.organisation.models import Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class State(models.TextChoices):
    """The state of an obligation at a moment; computed, never stored."""

    OPEN = "open", _("待办")
    OVERDUE = "overdue", _("超期未办")
    MET = "met", _("按时完成")
    LATE = "late", _("迟办")
    MISSED = "missed", _("漏办")
    WAIVED = "waived", _("免除")


# Duties about a person's case: for those concerned alone (7.2.1).
OF_CASES = ("case_statement", "case_decide", "appeal_decide", "reassign")


def conditions() -> dict[State, Q]:
    """Each state as a condition on rows, now: every obligation is in exactly one. Lists, compliance and work files
    count by these alone."""
    open_ = Q(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True)
    now = clock.now()
    return {
        State.MET: Q(waived_at__isnull=True, met_at__lte=F("due_at")),
        State.LATE: Q(waived_at__isnull=True, met_at__gt=F("due_at")),
        State.OPEN: open_ & Q(due_at__gte=now),
        State.OVERDUE: open_ & Q(due_at__lt=now),
        State.MISSED: Q(waived_at__isnull=True, met_at__isnull=True, missed_at__isnull=False),
        State.WAIVED: Q(waived_at__isnull=False),
    }


class ObligationQuerySet(models.QuerySet["Obligation"]):
    """Duties by who may see them and by state."""

    def visible_to(self, user: User) -> ObligationQuerySet:
        """Their own, those of their pool, and for leaders, reviewers and managers those of their communities and of
        the units above that they lead."""
        leading = ("manager", "reviewer", "group_leader", "security_officer", "auditor")
        own = Q(owner=user) | Q(owner__isnull=True, unit__in=user.rights.units())
        above = Q(community__isnull=True, unit__in=user.rights.units(*leading)) & ~Q(kind__in=OF_CASES)
        return self.filter(own | Q(community__in=user.rights.communities(*leading)) | above)

    def open(self) -> ObligationQuerySet:
        """Neither met nor waived nor missed."""
        return self.filter(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True)

    def overdue(self) -> ObligationQuerySet:
        """Open, and past the limit."""
        return self.open().filter(due_at__lt=clock.now())

    def stood_by(self, user: User) -> ObligationQuerySet:
        """What `user` owes, or has done, in somebody's place."""
        return self.filter(owner=user, moved_from__isnull=False)


class Obligation(models.Model):
    """A duty: who owes what by when, and when it was met.

    `owner` is the person; without one the pool of `unit` owes it (reviewers of a department). `subject_id` names the
    item, report or session; `period` the week or quarter (its first day). One duty of a kind per owner, subject and
    period: opening it twice changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("义务"), max_length=30)  # see duties.kinds.KINDS
    clause = models.CharField(_("条款"), max_length=8)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="obligations", verbose_name=_("责任人"), db_index=False
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区"), db_index=False
    )
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    period = models.DateField(null=True)
    key = models.CharField(max_length=140, unique=True)  # kind:owner-or-unit:subject:period:round
    title = models.CharField(max_length=120, blank=True)  # without personal data

    opened_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("期限"))
    met_at = models.DateTimeField(_("完成时间"), null=True)
    missed_at = models.DateTimeField(null=True)
    miss_at = models.DateTimeField(null=True)  # when it counts as missed, where that does not follow from `due_at`
    waived_at = models.DateTimeField(null=True)
    waived_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    waived_reason = models.CharField(max_length=200, blank=True)
    # Leave (5.3.1): whose it was before it moved to a stand-in, and the leave that moved or waived it.
    moved_from = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    leave = models.ForeignKey("Leave", models.PROTECT, null=True, related_name="obligations")

    # What the engine does next, and when: a reminder, an escalation, or declaring it missed.
    next_step = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="obligation_next", condition=Q(next_at__isnull=False)),
            models.Index(
                fields=["owner", "due_at"],
                name="obligation_owner_open",
                condition=Q(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True),
            ),
            models.Index(
                fields=["community", "kind", "due_at"],
                name="obligation_open",
                condition=Q(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True),
            ),
            models.Index(fields=["subject_id", "kind"], name="obligation_subject"),
            models.Index(fields=["community", "kind", "period"], name="obligation_period"),
            models.Index(fields=["owner", "kind", "-due_at"], name="obligation_history"),
            models.Index(fields=["owner"], name="obligation_stood", condition=Q(moved_from__isnull=False)),
            models.Index(fields=["moved_from", "kind"], name="obligation_moved", condition=Q(moved_from__isnull=False)),
        ]

    @property
    def heading(self) -> str:
        """What it is about, in the language of the page."""
        return heading(self.kind, self.title, self.period)

    @property
    def state(self) -> State:
        """The state now; as `conditions` counts it."""
        if self.waived_at:
            return State.WAIVED
        if self.met_at:
            return State.MET if self.met_at <= self.due_at else State.LATE
        if self.missed_at:
            return State.MISSED
        return State.OVERDUE if self.due_at < clock.now() else State.OPEN


class Shift(models.Model):
    """Who is on duty for a unit, from when to when, and who stands in (值班表)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("值班人"))
    stand_in = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("替班人")
    )
    phone = models.CharField(_("值班电话"), max_length=30, blank=True)
    starts = models.DateTimeField(_("开始"))
    ends = models.DateTimeField(_("结束"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="shift_ends_after_start")]
        indexes = [models.Index(fields=["unit", "ends"], name="shift_unit")]


class HandOver(models.Model):
    """A note from one shift to the next (交接班记录)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(_("交接内容"), max_length=1000)
    at = models.DateTimeField(default=clock.now)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "-at", "-id"], name="hand_over_unit")]


class LeaveKind(models.TextChoices):
    """What a leave is for."""

    ANNUAL = "annual", _("年休假")
    PERSONAL = "personal", _("事假")
    SICK = "sick", _("病假")
    FAMILY = "family", _("婚产丧假")
    OFFICIAL = "official", _("公出")
    OTHER = "other", _("其他")


class LeaveState(models.TextChoices):
    """The states of a request for leave."""

    ASKED = "asked", _("待批")
    APPROVED = "approved", _("已批准")
    REFUSED = "refused", _("未批准")
    CANCELLED = "cancelled", _("已取消")


class LeaveQuerySet(models.QuerySet["Leave"]):
    """Leaves by who may see them, state and days."""

    def visible_to(self, user: User) -> LeaveQuerySet:
        """Their own, those they stand in for, and for leaders and managers those of their units."""
        led = user.rights.units("manager", "group_leader")
        return self.filter(Q(person=user) | Q(stand_in=user) | Q(unit__in_array=led))

    def approved(self) -> LeaveQuerySet:
        """Those that were approved."""
        return self.filter(state=LeaveState.APPROVED)

    def during(self, first: date, last: date) -> LeaveQuerySet:
        """Leave that touches the days from `first` to `last`, both included."""
        return self.filter(starts__lte=last, ends__gte=first)


class Leave(models.Model):
    """Somebody's absence for whole days, first and last included, in the unit's zone; and who stands in (5.3.1).

    `unit` is where the person works; its leader or manager decides. Duties move as `duties.leave` says.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="leaves", verbose_name=_("请假人"), db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    starts = models.DateField(_("自"))
    ends = models.DateField(_("至"))
    kind = models.CharField(_("事由"), max_length=10, choices=LeaveKind)
    note = EncryptedText(_("说明"), null=True, blank=True)
    stand_in = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("代班人")
    )
    state = models.CharField(_("状态"), max_length=10, choices=LeaveState, default=LeaveState.ASKED)
    asked_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(_("批示"), max_length=300, blank=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("请假")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="leave_ends_after_start"),
            models.CheckConstraint(condition=~Q(stand_in=F("person")), name="leave_other_stands_in"),
            models.CheckConstraint(
                condition=Q(state__in=[LeaveState.ASKED, LeaveState.CANCELLED]) | Q(decided_by__isnull=False),
                name="leave_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-starts", "-id"], name="leave_person"),
            models.Index(fields=["unit", "-starts", "-id"], name="leave_unit"),
        ]

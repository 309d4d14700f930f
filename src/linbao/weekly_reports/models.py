"""The weekly report (2.3.1, 4.1.1, 4.1.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.tree import tree


class ReportStatus(models.TextChoices):
    """The states of a weekly report."""

    ASSEMBLED = "assembled", _("待确认")
    CONFIRMED = "confirmed", _("已报送")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("已审阅")


def of_report(report: Any, reporter: Any, week: Any) -> Q:
    """The duties that make a report somebody else's to write: of its week, and to amend it when it came back
    (4.3.2)."""
    return Q(kind="weekly_report", moved_from=reporter, period=week) | Q(kind="amend", subject_id=report)


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    """Which weekly reports somebody may see, and which wait to be sent."""

    def visible_to(self, user: User) -> WeeklyReportQuerySet:
        """Their own or their group's, as leader also its members', those that a leave or a departure brought them, and
        those of communities they review or manage."""
        led = user.rights.communities(Role.REVIEWER, Role.MANAGER)
        groups = user.rights.units(Role.GROUP_LEADER)
        # As of items: where nothing is entrusted to them any more, their own is closed to them too (1.3.4).
        own = Q(reporter=user, community__in=user.rights.communities()) if user.rights.informed else Q(pk__in=[])
        own |= Q(by_group=True, work_group__in=user.rights.units(Role.REPORTER))
        as_deputy = Obligation.objects.stood_by(user).filter(
            of_report(OuterRef("pk"), OuterRef("reporter"), OuterRef("week"))
        )
        return self.filter(own | Q(work_group__in=groups) | Q(community__in=led) | Exists(as_deputy))

    def of(self, report: WeeklyReport) -> WeeklyReportQuerySet:
        """All reports of the same reporter, or of the same work group."""
        if report.by_group:
            return self.filter(by_group=True, work_group_id=report.work_group_id)
        return self.filter(by_group=False, reporter_id=report.reporter_id)

    def to_send(self) -> WeeklyReportQuerySet:
        """Confirmed, and still within the minutes in which they can be taken back, or just past them."""
        return self.filter(status=ReportStatus.CONFIRMED, sent_at__isnull=True)


class WeeklyReport(models.Model):
    """One reporter's (or work group's) report of a week (2.3.1, 4.1.1).

    It takes in whatever they submitted since their last confirmed report until it is confirmed itself: items and
    activities point to the report that took them in (`Item.weekly_report`), so that the reports divide everything.
    `facts` is computed from these and never typed; `texts` are the reporter's own: {"analysis", "suggestion"}.
    A confirmed report is sent (`sent_at`: number, duty, documents, mail) after the minutes of take-back.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    week = models.DateField(_("周"))  # its Monday
    reporter = models.ForeignKey(
        User, models.PROTECT, related_name="weekly_reports", verbose_name=_("报告员")
    )  # or who confirmed the group's
    work_group = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    by_group = models.BooleanField(default=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("社区"))
    status = models.CharField(_("状态"), max_length=10, choices=ReportStatus, default=ReportStatus.ASSEMBLED)
    nil_reason = models.CharField(_("零报告原因"), max_length=300, blank=True)
    timing_reason = models.CharField(_("提前或逾期报送的原因"), max_length=300, blank=True)
    facts = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    version = models.SmallIntegerField(default=1)
    assembled_at = models.DateTimeField(default=clock.now)
    covers_from = models.DateTimeField(_("涵盖自"), null=True)  # when the one before was confirmed; none: the first
    covers_until = models.DateTimeField(_("涵盖至"), null=True)
    confirmed_at = models.DateTimeField(_("报送时间"), null=True)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    findings = models.JSONField(default=list)  # [{"section", "words"}] of the last return

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reporter", "week"], condition=Q(by_group=False), name="one_report_a_week"),
            models.UniqueConstraint(
                fields=["work_group", "week"], condition=Q(by_group=True), name="one_group_report_a_week"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-week", "-id"], name="report_community"),
            models.Index(fields=["reporter", "-week", "-id"], name="report_reporter"),
            models.Index(fields=["sent_at"], name="report_sent"),
            models.Index(
                fields=["confirmed_at"], name="report_to_send", condition=Q(status="confirmed", sent_at__isnull=True)
            ),
        ]

    @property
    def take_back_until(self) -> datetime | None:
        """Until when the reporter can take the confirmation back (UTC); none once it was sent."""
        if self.status != ReportStatus.CONFIRMED or self.sent_at is not None or self.confirmed_at is None:
            return None
        return self.confirmed_at + timedelta(minutes=tree().setting(self.community_id, "weekly_take_back_minutes"))

"""The weekly report (2.3.1, 4.1.1, 4.1.2). The urgent report joins it here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.base import clock, ids
from linbao.units.models import Role, Unit, User


class ReportStatus(models.TextChoices):
    ASSEMBLED = "assembled", _("待确认")
    CONFIRMED = "confirmed", _("已报送")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("已审阅")


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    def visible_to(self, user: User) -> WeeklyReportQuerySet:
        """Their own, their group's as leader, and those of communities they review or manage."""
        led = user.rights.communities(Role.REVIEWER, Role.MANAGER)
        groups = user.rights.units(Role.GROUP_LEADER)
        return self.filter(Q(reporter=user) | Q(work_group__in=groups) | Q(community__in=led))


class WeeklyReport(models.Model):
    """One reporter's (or work group's) week. `facts` is assembled from items and activities and never
    typed; `words` are the reporter's own: {"analysis", "suggestion", "summary"}."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    week = models.DateField(_("周"))  # its Monday
    reporter = models.ForeignKey(
        User, models.PROTECT, related_name="weekly_reports", verbose_name=_("报告员")
    )  # or the group's leader
    work_group = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    by_group = models.BooleanField(default=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("社区"))
    status = models.CharField(_("状态"), max_length=10, choices=ReportStatus, default=ReportStatus.ASSEMBLED)
    nil_reason = models.CharField(_("零报告原因"), max_length=300, blank=True)
    facts = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    version = models.SmallIntegerField(default=1)
    assembled_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(_("报送时间"), null=True)
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
        ]

"""What the security officer keeps: alerts (6.1.1)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linbao.base import clock, ids
from linbao.units.models import Role, Unit, User


class Severity(models.TextChoices):
    LOW = "low", _("提示")
    MEDIUM = "medium", _("注意")
    HIGH = "high", _("严重")


class AlertState(models.TextChoices):
    OPEN = "open", _("待处理")
    TAKEN = "taken", _("处理中")
    CLOSED = "closed", _("已处理")


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: User) -> AlertQuerySet:
        """For the security officers of the unit or above alone."""
        return self.filter(unit__in_array=user.rights.units(Role.SECURITY_OFFICER))

    def open(self) -> AlertQuerySet:
        return self.exclude(state=AlertState.CLOSED)


class Alert(models.Model):
    """Something that a security officer should look at: unusual looking, an attack, a broken audit chain, a lost
    phone. Raised by `security.actions.alert`; the same cause (`key`) while open is counted, not told again.

    `words` is a source string with `values`, so that each officer reads it in their own language.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("种类"), max_length=40)  # named in security.alerts.KINDS
    severity = models.CharField(_("程度"), max_length=6, choices=Severity, default=Severity.MEDIUM)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    words = models.CharField(_("情况"), max_length=300)
    values = models.JSONField(default=dict)
    data = models.JSONField(default=dict)  # facts for the officer, without personal data of residents
    key = models.CharField(max_length=140, blank=True)
    times = models.IntegerField(default=1)
    about = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("涉及人员"))
    opened_at = models.DateTimeField(_("发生时间"), default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    state = models.CharField(_("状态"), max_length=6, choices=AlertState, default=AlertState.OPEN)
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("处理人"))
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("处理结果"), max_length=500, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("安全警报")
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key="") & ~Q(state="closed"), name="alert_open_once")
        ]
        indexes = [
            models.Index(fields=["unit", "-opened_at", "-id"], name="alert_unit"),
            models.Index(fields=["-opened_at", "-id"], name="alert_newest"),
        ]

    @property
    def told(self) -> str:
        """What happened, in the language of the request."""
        values: dict[str, Any] = self.values
        return gettext(self.words) % values if values else gettext(self.words)

"""Units and their working days."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import ids


class UnitKind(models.TextChoices):
    """The kinds of units, from the city down."""

    CITY = "city", _("市")
    DISTRICT = "district", _("区县")
    SUBDISTRICT = "subdistrict", _("街道/乡镇")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")
    DEPARTMENT = "department", _("部门")
    WORK_GROUP = "work_group", _("工作小组")


class WeeklyBy(models.TextChoices):
    """For what a weekly report is made."""

    REPORTER = "reporter", _("每位报告员一份")
    WORK_GROUP = "work_group", _("每个工作小组一份")


class Unit(models.Model):
    """A node of the tree city → district → subdistrict → community → grid; departments and work groups hang under the
    node that they serve.

    Settings left empty are inherited from above: read them with `tree().setting(unit, name)`. Read units through
    `organisation.tree.tree()`, which costs no query; write them through `organisation.services`.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    kind = models.CharField(_("类型"), max_length=12, choices=UnitKind)
    code = models.CharField(_("代码"), max_length=20, unique=True, help_text=_("区划代码 12 位；网格再加 3 位"))
    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=20, blank=True, help_text=_("用于文号，如“桂花园”"))
    active = models.BooleanField(_("启用"), default=True)
    order = models.IntegerField(_("排序"), default=0)

    mailbox = models.EmailField(_("指定邮箱"), blank=True, help_text=_("每周信息报告发往此邮箱（4.1.1）"))
    duty_phone = models.CharField(_("值班电话"), max_length=30, blank=True)
    time_zone = models.CharField(_("时区"), max_length=40, blank=True)
    working_hours = models.JSONField(_("工作时间"), null=True, blank=True, help_text=_("如 09:00-12:00, 14:00-18:00"))
    weekly_by = models.CharField(_("周报方式"), max_length=12, choices=WeeklyBy, blank=True)
    weekly_follows_holidays = models.BooleanField(_("周报随节假日调整"), null=True, blank=True)
    call_back_share = models.SmallIntegerField(_("回访抽查比例（%）"), null=True, blank=True)
    outline = models.JSONField(_("范围（GeoJSON，WGS-84）"), null=True, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("单位")
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="unit_not_its_own_parent")]

    def __str__(self) -> str:
        return self.name

    def own(self, name: str) -> Any:
        """What this unit itself says of a setting, a column or an entry of `settings`; empty where it inherits."""
        return getattr(self, name) if hasattr(self, name) else self.settings.get(name)


class CalendarDay(models.Model):
    """A correction of the holiday calendar, for one unit and those below it."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="calendar_days", verbose_name=_("单位"))
    day = models.DateField(_("日期"))
    working = models.BooleanField(_("上班"))
    name = models.CharField(_("说明"), max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="calendar_day_once")]
        ordering = ["day"]

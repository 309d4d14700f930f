"""The roles of the regulation, and which of them are separated (三员分立)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles that a person can have on a unit."""

    REPORTER = "reporter", _("信息报告员")
    GROUP_LEADER = "group_leader", _("组长")
    REVIEWER = "reviewer", _("审核员")
    HANDLER = "handler", _("办理人")
    MANAGER = "manager", _("管理部门负责人")
    TRAINER = "trainer", _("培训专员")
    SECURITY_OFFICER = "security_officer", _("安全保密员")
    AUDITOR = "auditor", _("审计员")
    ADMINISTRATOR = "administrator", _("系统管理员")


SEPARATED = {Role.SECURITY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR}  # 三员分立: never two in one hand

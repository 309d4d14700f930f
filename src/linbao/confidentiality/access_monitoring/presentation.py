"""What the pages of this room share: their tabs, the unit that they show, and messages of errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.core.problems import Problem
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

WITH_TEXT = (UnitKind.CITY, UnitKind.DISTRICT, UnitKind.SUBDISTRICT, UnitKind.COMMUNITY)


@dataclass(frozen=True)
class Tab:
    """A part of this room, as its navigation shows it."""

    name: str
    href: str
    current: bool


def tabs(request: AuthenticatedRequest) -> list[Tab]:
    """The parts of this room that the person may open."""
    user = request.user
    offered = [
        (_("概况"), "index", True),
        (_("协议与签订"), "agreements", user.has_perm("agreement.oversee")),
        (_("对外提供"), "disclosures", user.has_perm("disclosure.register")),
        (_("个人信息请求"), "requests", user.has_perm("privacy.view")),
        (_("泄露溯源"), "trace", user.has_perm("trace.use")),
        (_("处理活动与保存期限"), "processing", user.has_perm("processing.view")),
    ]
    rows = [(name, reverse(f"confidentiality:{url}")) for name, url, may in offered if may]
    if user.has_perm("security.officer"):
        rows.append((_("异常查看"), reverse("security:alerts") + "?kind=looking"))
    longest = max((href for _name, href in rows if request.path.startswith(href)), key=len, default="")
    return [Tab(name, href, href == longest) for name, href in rows]


def units_of(user: User, *roles: str) -> list[Unit]:
    """The units that the roles reach and that have texts and settings of their own; the widest first."""
    rows = [u for u in (tree().get(i) for i in user.rights.units(*roles)) if u is not None and u.kind in WITH_TEXT]
    return sorted(rows, key=lambda u: (len(tree().line(u)), u.order, u.code))


def unit_among(request: AuthenticatedRequest, units: Sequence[Unit]) -> Unit | None:
    """The one of the units that the form or address names as `unit`; the first where it names none of them."""
    asked = (request.POST or request.GET).get("unit", "")
    return next((u for u in units if str(u.pk) == asked), units[0] if units else None)


def unit_of(request: AuthenticatedRequest, *roles: str) -> Unit | None:
    """The unit that the form or address names, of those that the roles reach; their first where it names none."""
    return unit_among(request, units_of(request.user, *roles))


def error_messages(problem: Problem | None) -> dict[str, list[str]]:
    """The problem's messages by field; what belongs to no field is under `all`."""
    if problem is None:
        return {}
    return dict(problem.fields) or {"all": [problem.message]}


OFFICER, MANAGER, AUDITOR = Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR

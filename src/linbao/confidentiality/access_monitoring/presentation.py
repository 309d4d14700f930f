"""What the pages of this room share: their tabs, and how they read what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.core import dates
from linbao.core.problems import Problem
from linbao.organisation.models import Role, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

WITH_TEXT = (UnitKind.CITY, UnitKind.DISTRICT, UnitKind.SUBDISTRICT, UnitKind.COMMUNITY)


@dataclass(frozen=True)
class Tab:
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
    """Units that keep texts and settings, which the roles reach; the widest first."""
    rows = [u for u in (tree().get(i) for i in user.rights.units(*roles)) if u is not None and u.kind in WITH_TEXT]
    return sorted(rows, key=lambda u: (len(tree().line(u)), u.order, u.code))


def chosen_unit(user: User, given: str, *roles: str) -> Unit | None:
    """The unit asked for, if it is one of theirs; their first without."""
    units = units_of(user, *roles)
    return next((u for u in units if str(u.pk) == given), units[0] if units else None)


def day(given: str) -> date | None:
    try:
        return dates.day(given.strip()[:10], 1990, 2200)
    except ValueError:
        return None


def said(problem: Problem | None) -> dict[str, list[str]]:
    """The problem's words by field; what belongs to no field stands under `all`."""
    if problem is None:
        return {}
    return dict(problem.fields) or {"all": [problem.message]}


def picked(post: Mapping[str, str], *names: str) -> dict[str, str]:
    return {n: post.get(n, "")[:5000] for n in names}


def uuids(given: list[str]) -> list[UUID]:
    rows = []
    for value in given[:500]:
        try:
            rows.append(UUID(value))
        except ValueError:
            continue
    return rows


OFFICER, MANAGER, AUDITOR = Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR

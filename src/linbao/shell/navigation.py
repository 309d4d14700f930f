"""The navigation: one declared list. A room adds its entry here; nobody else draws links.

`who` is asked once per entry and request, costs no query (the person's roles are loaded already).
`tab` entries are a reporter's bottom bar on the phone; the others fill the sidebar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linbao.organisation.models import Role

if TYPE_CHECKING:
    from linbao.organisation.models import User


@dataclass(frozen=True)
class Entry:
    """`url` is a name for `reverse`; an entry whose page does not exist is not shown. `under` are further path
    prefixes that keep the entry marked as the current one."""

    name: str | Promise
    url: str
    icon: str
    who: Callable[[User], bool]
    group: str | Promise = ""
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry as it stands on one page; told from another by where it leads, not by its words."""

    name: str | Promise = field(compare=False)
    href: str
    icon: str
    group: str | Promise = field(compare=False)
    current: bool


def holds(*roles: str) -> Callable[[User], bool]:
    """A predicate: holds one of `roles` anywhere."""
    return lambda user: user.rights.has(*roles)


def anybody(user: User) -> bool:
    """Shown to everybody who is signed in."""
    return True


def informed(user: User) -> bool:
    """Shown to those who may read items."""
    return user.rights.informed


def informed_or_trainer(user: User) -> bool:
    return user.rights.informed or user.rights.has(Role.TRAINER)


WORK, KNOW, PEOPLE, SAFE, KEEP = _("工作"), _("信息"), _("队伍"), _("安全保密"), _("管理")
R = Role

SIDEBAR: tuple[Entry, ...] = (
    Entry(_("今日"), "today", "home", anybody),
    Entry(_("上报"), "items:new", "circle-plus", holds(R.REPORTER), WORK, under=("/report/new",)),
    Entry(_("紧急报告"), "emergencies:urgent", "urgent", holds(R.REPORTER), WORK, under=("/report/urgent",)),
    Entry(_("值班台"), "emergencies:duty", "bell", holds(R.REVIEWER, R.MANAGER), WORK),
    Entry(
        _("收集活动"),
        "items:activities",
        "walk",
        holds(R.REPORTER, R.GROUP_LEADER, R.REVIEWER, R.MANAGER),
        WORK,
        under=("/activities/",),
    ),
    Entry(
        _("周报"),
        "weekly_reports:list",
        "report",
        holds(R.REPORTER, R.GROUP_LEADER, R.REVIEWER, R.MANAGER),
        WORK,
        under=("/weekly/",),
    ),
    Entry(_("审核"), "review:queue", "clipboard-check", holds(R.REVIEWER, R.MANAGER), WORK, under=("/review/",)),
    Entry(_("办理"), "handling:list", "tools", holds(R.HANDLER, R.REVIEWER, R.MANAGER), WORK, under=("/handling/",)),
    Entry(_("任务"), "management:tasks", "checklist", anybody, WORK, under=("/tasks/",)),
    Entry(_("会议"), "management:meetings", "users-group", informed, WORK, under=("/meetings/",)),
    Entry(_("日程"), "management:calendar", "calendar", informed, WORK, under=("/calendar/", "/leave/")),
    Entry(
        _("档案"),
        "archive:list",
        "archive",
        holds(R.REPORTER, R.GROUP_LEADER, R.REVIEWER, R.HANDLER, R.MANAGER),
        KNOW,
        under=("/archive/", "/items/"),
    ),
    Entry(_("统计"), "archive:stats", "chart-bar", holds(R.REVIEWER, R.MANAGER), KNOW, under=("/stats/",)),
    Entry(
        _("合规"),
        "compliance:index",
        "scale",
        holds(R.REPORTER, R.GROUP_LEADER, R.REVIEWER, R.MANAGER, R.AUDITOR),
        KNOW,
        under=("/compliance/",),
    ),
    Entry(_("培训"), "training:list", "school", informed_or_trainer, PEOPLE, under=("/training/",)),
    Entry(_("考核"), "appraisal:list", "star", informed_or_trainer, PEOPLE, under=("/appraisal/",)),
    Entry(_("工作档案"), "management:files", "folder", informed, PEOPLE, under=("/people/files/",)),
    Entry(_("表彰奖励"), "conduct:rewards", "award", informed, PEOPLE, under=("/rewards/",)),
    Entry(
        _("责任追究"),
        "conduct:cases",
        "gavel",
        holds(R.REPORTER, R.GROUP_LEADER, R.MANAGER, R.SECURITY_OFFICER),
        PEOPLE,
        under=("/cases/",),
    ),
    Entry(_("保密"), "confidentiality:index", "lock", anybody, SAFE, under=("/confidentiality/",)),
    Entry(_("信息安全"), "security:index", "shield", anybody, SAFE, under=("/security/",)),
    Entry(
        _("导入"),
        "items:import",
        "database-import",
        holds(R.REVIEWER, R.MANAGER, R.ADMINISTRATOR),
        KEEP,
        under=("/admin/import/",),
    ),
    Entry(_("印章"), "documents:seals", "rubber-stamp", holds(R.MANAGER, R.GROUP_LEADER), KEEP, under=("/seals/",)),
    Entry(_("人员"), "accounts:people", "users", holds(R.MANAGER, R.ADMINISTRATOR), KEEP, under=("/people/",)),
    Entry(_("发送记录"), "outbox:list", "send", holds(R.REVIEWER, R.MANAGER), KEEP, under=("/admin/deliveries/",)),
    Entry(_("发送渠道"), "outbox:channels", "bell-ringing", holds(R.MANAGER), KEEP, under=("/admin/channels/",)),
    Entry(_("审计"), "audit:list", "shield-lock", holds(R.AUDITOR), KEEP, under=("/audit/",)),
    Entry(_("设置"), "accounts:admin", "settings", holds(R.ADMINISTRATOR), KEEP, under=("/admin/",)),
    Entry(_("我的"), "me", "user-circle", holds(R.REPORTER, R.GROUP_LEADER), under=("/me/",)),
)
TABS: tuple[Entry, ...] = (
    Entry(_("今日"), "today", "home", anybody),
    Entry(_("上报"), "items:new", "circle-plus", anybody, under=("/report/",)),
    Entry(_("我的"), "me", "user-circle", anybody, under=("/me/", "/items/")),
)


def links(entries: tuple[Entry, ...], user: User, path: str) -> list[Link]:
    """The entries that `user` may see, with the one that `path` lies in marked."""
    rows: list[Link] = []
    for entry in entries:
        if not entry.who(user):
            continue
        href = _address(entry.url)
        if href is None:
            continue
        current = (
            path == href or (href != "/" and path.startswith(href)) or any(path.startswith(p) for p in entry.under)
        )
        rows.append(Link(entry.name, href, entry.icon, entry.group, current))
    return rows


@lru_cache(maxsize=100)
def _address(url: str) -> str | None:
    try:
        return reverse(url)
    except NoReverseMatch:
        return None


def reporter_layout(user: User) -> bool:
    """Works by phone: three tabs, no sidebar on small screens."""
    return user.rights.has(Role.REPORTER, Role.GROUP_LEADER) and not user.rights.department

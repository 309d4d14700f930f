"""What every page knows: navigation, unread notices, the unit's name, the zone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from linbao.core import clock
from linbao.organisation.tree import tree
from linbao.shell.navigation import SIDEBAR, TABS, Link, links, reporter_layout

MOST_UNREAD = 99
DEMO_ACCOUNTS = [
    {"username": "reporter1", "name": _("信息报告员"), "icon": "walk"},
    {"username": "reviewer1", "name": _("审核员"), "icon": "clipboard-check"},
    {"username": "handler1", "name": _("办理人"), "icon": "tools"},
    {"username": "manager1", "name": _("管理部门负责人"), "icon": "scale"},
    {"username": "trainer1", "name": _("培训专员"), "icon": "school"},
    {"username": "security1", "name": _("安全保密员"), "icon": "shield-lock"},
    {"username": "auditor1", "name": _("审计员"), "icon": "eye-check"},
    {"username": "admin", "name": _("系统管理员"), "icon": "settings"},
]  # shown on the sign-in page in demo mode only


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Costs one query (unread notices, capped), and only where the bell is drawn."""
    context: dict[str, Any] = {"demo": settings.DEMO, "shell_languages": settings.LANGUAGES}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context | ({"demo_accounts": DEMO_ACCOUNTS} if settings.DEMO else {})
    home = tree().get(user.rights.home)
    reporter = reporter_layout(user)
    return context | {
        "shell_sidebar": links(SIDEBAR, user, request.path),
        "shell_tabs": links(TABS, user, request.path) if reporter else [],
        "shell_reporter": reporter,
        "shell_unit": home,
        "shell_zone": str(clock.zone(tree().setting(home, "time_zone"))),
        "shell_unread": SimpleLazyObject(lambda: _unread(user.pk)),
    }


def _unread(user_id: Any) -> str:
    with connection.cursor() as cursor:  # on every page: at the price of the SQL
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM outbox_notice WHERE user_id = %s AND read_at IS NULL LIMIT %s) n",
            [user_id, MOST_UNREAD + 1],
        )
        count = cursor.fetchone()[0]
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


__all__ = ["Link", "shell"]

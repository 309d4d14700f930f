"""What every page knows: navigation, unread notices, the unit's name, the zone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from linbao.base import clock
from linbao.outbox.models import Notice
from linbao.units.tree import tree
from linbao.web.navigation import SIDEBAR, TABS, Link, links, reporter_layout

MOST_UNREAD = 99


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Costs one query (unread notices, capped), and only where the bell is drawn."""
    context: dict[str, Any] = {"demo": settings.DEMO, "shell_languages": settings.LANGUAGES}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
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
    count = len(Notice.objects.filter(user=user_id, read_at__isnull=True).values_list("pk")[: MOST_UNREAD + 1])
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


__all__ = ["Link", "shell"]

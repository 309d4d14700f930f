"""Pages that belong to no area: Today, 我的, notices, language, and the phone app's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.accounts.models import PasswordReset, RoleProposal
from linbao.compliance import duty_list
from linbao.core import clock, text
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Period, Search, Tab
from linbao.duties.kinds import KINDS, heading
from linbao.duties.models import Obligation
from linbao.duties.services import POOLS
from linbao.emergencies import services as emergencies
from linbao.handling.models import Verdict
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.outbox.models import Notice
from linbao.platform.observability import health
from linbao.security.models import Alert
from linbao.shell import links
from linbao.shell.assets import DIST
from linbao.shell.inputs import ChooseLanguage

NOTICES = Path(__file__).parent / "notices.txt"  # written by deploy/notices.py
MOST_DUTIES = 12
MOST_ITEMS = 8


@dataclass(frozen=True)
class Duty:
    """A line of Today: what is owed, by when, and where it is done."""

    name: Any
    title: str
    due_at: Any
    clause: str
    href: str
    overdue: bool


def _duties(user: User) -> list[Duty]:
    """What this person, or a pool that they belong to, owes next; one statement."""
    pools = user.rights.units(Role.REVIEWER, Role.MANAGER, Role.HANDLER)
    shared = Q(unit__in=pools) & ~Q(kind__in=list(POOLS))
    for kind, roles in POOLS.items():
        if units := user.rights.units(*roles):
            shared |= Q(unit__in=units, kind=kind)
    rows = (
        Obligation.objects.open()
        .filter(Q(owner=user) | Q(owner__isnull=True) & shared)
        .order_by("due_at")
        .values("kind", "title", "period", "due_at", "clause", "subject_type", "subject_id")[:MOST_DUTIES]
    )
    now = clock.now()

    def title(row: Mapping[str, Any]) -> str:
        """What whoever left still owes bears the number alone: its item is closed to them."""
        worded = row["subject_type"] in duty_list.WORDED and not user.rights.informed
        return str(row["title"]).partition(" ")[0] if worded else str(row["title"])

    return [
        Duty(
            KINDS[r["kind"]].name,
            heading(r["kind"], title(r), r["period"]),
            r["due_at"],
            r["clause"],
            links.of_duty(r["kind"], r["subject_type"], r["subject_id"]),
            r["due_at"] < now,
        )
        for r in rows
    ]


@require_GET
@login_required
def today(request: AuthenticatedRequest) -> HttpResponse:
    """What I must do now, and what burns; a constant number of statements for every role."""
    user = request.user
    week = clock.monday(clock.today())
    context: dict[str, Any] = {
        "duties": _duties(user),
        "week": week,
        "today": clock.today(),
        "reporter": user.rights.has(Role.REPORTER, Role.GROUP_LEADER),
    }
    if context["reporter"]:
        mine = Item.objects.visible_to(user).filter(reporter=user)
        context["returned"] = list(
            mine.filter(status=Status.RETURNED).order_by("-priority", "-changed_at")[:MOST_ITEMS]
        )
        context["drafts"] = list(mine.filter(status=Status.DRAFT).order_by("-changed_at")[:3])
        context["recent"] = list(mine.exclude(status=Status.DRAFT).order_by("-created_at", "-id")[:5])
        since = clock.now() - timedelta(days=clock.local(clock.now()).weekday() + 1)
        context["this_week"] = (
            mine.filter(created_at__gte=since)
            .exclude(status=Status.DRAFT)
            .aggregate(filed=Count("id"), activities=Count("activity", distinct=True))
        )
    if user.has_perm("jobs.manage"):
        context["troubles"] = [(health.label(t), t.stops_work) for t in health.troubles()]
    if user.has_perm("security.officer"):
        context["alerts"] = Alert.objects.visible_to(user).open().count()
        context["proposals"] = RoleProposal.objects.visible_to(user).waiting().count()
    if user.has_perm("password.open"):
        context["passwords"] = PasswordReset.objects.visible_to(user).waiting().count()
    if desks := emergencies.desk_communities(user):
        context["urgent_open"] = emergencies.count_open(desks)
    if communities := user.rights.communities(Role.REVIEWER, Role.MANAGER):
        now = clock.now()
        context["open"] = (
            Item.objects.filter(community__in=communities)
            .open()
            .aggregate(
                waiting=Count("id", filter=Q(status=Status.SUBMITTED)),
                to_assign=Count("id", filter=Q(status=Status.APPROVED)),
                handling=Count("id", filter=Q(status=Status.HANDLING)),
                overdue=Count("id", filter=Q(status=Status.HANDLING, due_at__lt=now)),
                to_inform=Count("id", filter=Q(status=Status.RESOLVED)),
            )
        )
    return render(request, "shell/today.html", context)


OWN_ITEMS = Listing(
    name="my-items",
    title=lazy("我的上报"),
    action="export",
    url="me",
    size=20,
    rows=lambda user, values: Item.objects.visible_to(user).filter(reporter=user),
    filters=(
        Search("q", lazy("搜标题或编号"), lambda rows, q: rows.filter(Q(title__icontains=q) | Q(number=q))),
        Tab("status", lazy("状态"), "status", options=[("", lazy("全部")), *Status.choices]),
    ),
    columns=(
        Column("number", lazy("编号"), lambda i: i.number, 22),
        Column("title", lazy("标题"), lambda i: text.mask_within(i.title), 40),
        Column("category", lazy("类别"), lambda i: i.get_category_display(), 14),
        Column("status", lazy("状态"), lambda i: i.get_status_display(), 12),
        Column("urgent", lazy("紧急"), lambda i: i.urgent, 8),
        Column("created", lazy("建立时间"), lambda i: i.created_at, 18, sort="created_at"),
        Column("verdict", lazy("评价"), lambda i: Verdict(i.verdict).label if i.verdict else "", 12),
    ),
    sort="-created",
)
MESSAGES = Listing(
    name="notices",
    title=lazy("消息"),
    action="list.export",
    url="notices",
    size=30,
    rows=lambda user, values: Notice.objects.readable_by(user),
    filters=(
        Choice(
            "read",
            lazy("是否已读"),
            lambda rows, value: rows.filter(read_at__isnull=value == "no"),
            every=lazy("全部消息"),
            options=[("no", lazy("未读")), ("yes", lazy("已读"))],
        ),
        Period("created_at", lazy("时间")),
    ),
    columns=(
        Column("text", lazy("消息"), lambda n: n.text, 60),
        Column("created", lazy("时间"), lambda n: n.created_at, 18, sort="created_at"),
        Column("read", lazy("已读时间"), lambda n: n.read_at, 18),
    ),
    sort="-created",
)


@require_GET
@login_required
def me(request: AuthenticatedRequest) -> HttpResponseBase:
    """A reporter's own items, what became of each, and the way to everything of theirs; `?format=` exports them."""
    if request.GET.get("format"):
        return OWN_ITEMS.export(request)
    page = OWN_ITEMS.page(request)
    return render(request, "shell/me.html", {"page": page}, status=page.status)


@require_GET
@login_required
def notices(request: AuthenticatedRequest) -> HttpResponseBase:
    """One's messages, newest first. What is shown here is read: it stands out once more, and counts no longer.
    `?format=` exports them."""
    if request.GET.get("format"):
        return MESSAGES.export(request)
    page = MESSAGES.page(request)
    for row in page.rows:
        row["href"] = links.of_subject(row.row.subject_type, row.row.subject_id)
    if unread := [n.pk for n in page.objects if n.read_at is None]:
        Notice.objects.filter(pk__in=unread).update(read_at=clock.now())
    return render(request, "shell/notices.html", {"page": page}, status=page.status)


@require_POST
@login_required
def notices_read(request: AuthenticatedRequest) -> HttpResponse:
    """Mark everything as read."""
    Notice.objects.filter(user=request.user, read_at__isnull=True).update(read_at=clock.now())
    return redirect("notices")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages; stored in a cookie, and on the account when signed in."""
    data = posted(ChooseLanguage, request.POST)
    code, onward = data.language, data.next
    safe = (
        onward
        if onward.startswith("/") and not onward.startswith("//") and not urlsplit(onward).netloc and "\\" not in onward
        else "/"
    )
    response = HttpResponseRedirect(safe)
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 86400,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=code)
    return response


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """The phone app's description."""

    def picture(name: str, size: int, purpose: str = "any") -> dict[str, str]:
        return {"src": static(f"shell/{name}.png"), "type": "image/png", "sizes": f"{size}x{size}", "purpose": purpose}

    icons = [
        {"src": static("shell/icon.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
        picture("icon-192", 192),
        picture("icon-512", 512),
        picture("icon-mask-512", 512, "maskable"),
    ]
    shortcuts = [
        {
            "name": _("上报"),
            "description": _("上报一条信息，没有网络也可以"),
            "url": reverse("items:new"),
            "icons": [picture("shortcut-report", 96)],
        },
        {
            "name": _("今日"),
            "description": _("今天要办的事"),
            "url": reverse("today"),
            "icons": [picture("shortcut-today", 96)],
        },
    ]
    body = {
        "id": "/",
        "name": _("邻报"),
        "short_name": _("邻报"),
        "description": _("社区信息：从楼道到闭环"),
        "lang": get_language() or "zh-CN",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f7f6",
        "theme_color": "#0f5f66",
        "categories": ["government", "productivity"],
        "icons": icons,
        "shortcuts": shortcuts,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root so that it serves every page."""
    path = Path(DIST) / "sw.js"
    if not path.exists():
        return HttpResponse(status=404)
    return HttpResponse(path.read_bytes(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_GET
def licences(request: HttpRequest) -> HttpResponse:
    """Whose work Linbao carries, under which licences: plain text, for everybody. 404 before `make notices`."""
    if not NOTICES.exists():
        return HttpResponse(status=404)
    return HttpResponse(
        NOTICES.read_bytes(), content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"}
    )


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Shown by the service worker when there is no network."""
    return render(request, "shell/offline.html")

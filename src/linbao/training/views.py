"""The list of sessions, announcing and changing one, and one's own training (5.1.1, 5.1.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.duties.models import Obligation
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.training import duty, listing, quarters
from linbao.training.forms import SessionForm
from linbao.training.inputs import ArrangeSession, ChangeSession, ForCommunity
from linbao.training.models import LEARNING, RUNNING, Seat, Subject, Topic
from linbao.training.planning import services as planning
from linbao.training.sessions import participation
from linbao.training.sessions import services as sessions


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Sessions, the latest first, with one's own seat; above them how the quarter's duty stands."""
    user = request.user
    page = listing.LISTING.page(request)
    seats = {s.session_id: s for s in Seat.objects.filter(person=user, session__in=[s.pk for s in page.objects])}
    for row in page.rows:
        session = row.row
        row.update(
            session=session,
            seat=seats.get(session.pk),
            made_up=quarters.of_moment(session.community_id, session.starts_at) != session.quarter,
        )
    context = {
        "page": page,
        "several": len(user.rights.communities(*LEARNING, *RUNNING)) > 1,
        "runs": user.has_perm("training.run"),
        "duty": _duty(user),
        "now": clock.now(),
    }
    return render(request, "training/list.html", context, status=page.status)


def _duty(user: User) -> dict[str, Any]:
    """How this quarter stands: one's own duty, and for who runs training the community's; one statement."""
    mine = user.rights.communities(*RUNNING)
    home = user.rights.home
    quarter = quarters.current(home)
    details: dict[str, Any] = {"name": quarters.name(quarter), "owed": 0, "met": 0, "unit": None, "own": None}
    run = min(mine, key=str) if mine else None
    rows = Obligation.objects.filter(kind__in=(duty.HOLD, duty.ATTEND), period=quarter)
    rows = rows.filter(community=run) if run else rows.filter(owner=user)
    for row in rows.only("kind", "owner_id", "met_at", "waived_at", "missed_at", "due_at"):
        if row.kind == duty.HOLD:
            details["unit"] = row
        else:
            details["owed"] += row.waived_at is None
            details["met"] += row.waived_at is None and row.met_at is not None
            if row.owner_id == user.pk:
                details["own"] = row
    return details


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list with its numbers as XLSX or CSV, for who runs training; on the audit log."""
    return listing.LISTING.export(request, listing.exportable(request.user))


@login_required
@require_GET
def mine(request: AuthenticatedRequest) -> HttpResponse:
    """One's own training of the last two years: hours, sessions, quarters met."""
    user = request.user
    allow(user, "training.attend")
    today = clock.today()
    result = participation.of(user, today.replace(year=today.year - 1, month=1, day=1), today)
    this_year = [s for s in result.sessions if s.starts_at.year == today.year]
    context = {
        "record": result,
        "sessions": [
            {"row": s, "subjects": [Subject(v).label for v in s.subjects], "quarter": quarters.name(s.quarter)}
            for s in reversed(result.sessions)
        ],
        "hours": round(sum(s.minutes for s in this_year) / 60, 1),
        "count": len(this_year),
        "duties": [
            {"row": o, "quarter": quarters.name(o.period)}
            for o in Obligation.objects.filter(owner=user, kind=duty.ATTEND).order_by("-due_at")[:8]
            if o.period
        ],
    }
    return render(request, "training/mine.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Announce a session; from a topic of the plan with what is known of it."""
    user = request.user
    home = planning.home(user, posted(ForCommunity, request.POST).unit or as_uuid(request.GET.get("unit")))
    form = SessionForm(home, request.POST if request.method == "POST" else None, initial=_from_topic(request, home))
    if request.method == "POST":
        try:
            made = sessions.create(user, home, posted(ArrangeSession, request.POST, zone=quarters.zone(home)))
            messages.success(request, _("培训已安排，接下来可以邀请人员、添加授课人和资料。"))
            return redirect("training:session", made.pk)
        except Invalid as e:
            set_errors(form, e)
    context = {"form": form, "unit": tree().get(home), "units": _planned_for(user)}
    return render(request, "training/session_form.html", context, status=422 if form.errors else 200)


def _planned_for(user: User) -> list[Any]:
    rows = [u for c in user.rights.communities(*RUNNING) if (u := tree().get(c)) is not None]
    return sorted(rows, key=lambda u: u.code)[:400] if len(rows) > 1 else []


def _from_topic(request: AuthenticatedRequest, home: UUID) -> dict[str, Any]:
    topic = as_uuid(request.GET.get("topic"))
    row = Topic.objects.filter(plan__community_id=home, pk=topic).first() if topic else None
    return {"title": row.title, "subjects": [row.subject], "topic": row.pk} if row else {}


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: AuthenticatedRequest, session_id: UUID) -> HttpResponse:
    """Change a planned session; people are told when it moves."""
    user = request.user
    row = sessions.get(user, session_id)
    allow(user, "training.run", row)
    form = SessionForm(row.community_id, request.POST if request.method == "POST" else None, session=row)
    if request.method == "POST":
        try:
            zone = quarters.zone(row.community_id)
            sessions.change(user, row.pk, posted(ChangeSession, request.POST, zone=zone))
            messages.success(request, _("已保存；时间、时长或地点有变动时，已通知相关人员。"))
            return redirect("training:session", row.pk)
        except (Invalid, Conflict) as e:
            set_errors(form, e)
    context = {"form": form, "session": row, "unit": row.community}
    return render(request, "training/session_form.html", context, status=422 if form.errors else 200)

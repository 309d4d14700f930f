"""The quarter's plan: what review suggests, topics and their sessions, who has met the duty (5.1.1, 5.1.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.duties.inputs import WaiveDuty
from linbao.duties.models import Obligation
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.training import duty, quarters
from linbao.training.forms import ReasonForm, TopicForm
from linbao.training.inputs import AddTopic, ForQuarter
from linbao.training.models import RUNNING, Session, SessionStatus, Subject, Topic
from linbao.training.planning import services as planning
from linbao.training.planning import suggestions

MOST_DUTIES = 500


@login_required
@require_GET
def plan(request: AuthenticatedRequest) -> HttpResponse:
    """A quarter's plan of a community."""
    home = planning.home(request.user, as_uuid(request.GET.get("unit")))
    quarter = quarters.read(request.GET.get("quarter", ""), quarters.current(home))
    return _show(request, home, quarter)


@login_required
@require_POST
def add_topic(request: AuthenticatedRequest) -> HttpResponse:
    """Put a topic on the plan, a suggested one or one's own."""
    about = posted(ForQuarter, request.POST)
    home = planning.home(request.user, about.unit)
    quarter = quarters.read(about.quarter, quarters.current(home))
    try:
        row = planning.add_topic(request.user, home, quarter, posted(AddTopic, request.POST))
        messages.success(request, _("“%(title)s”已列入计划。") % {"title": row.title})
        return redirect(_address(home, quarter))
    except (Invalid, Conflict) as e:
        form = TopicForm(home, request.POST)
        set_errors(form, e)
    return _show(request, home, quarter, form=form)


@login_required
@require_POST
def remove_topic(request: AuthenticatedRequest, topic_id: UUID) -> HttpResponse:
    """Take a topic off the plan."""
    home = Topic.objects.filter(pk=topic_id).values_list("plan__community_id", flat=True).first()
    quarter = planning.remove_topic(request.user, topic_id)
    messages.success(request, _("已从计划中移除。"))
    return redirect(_address(home, quarter) if home else "training:plan")


@login_required
@require_POST
def waive(request: AuthenticatedRequest, duty_id: UUID) -> HttpResponse:
    """Free a reporter from the quarter's training (long leave, a new joiner): the manager, with the reason."""
    user = request.user
    row = (
        Obligation.objects.visible_to(user)
        .filter(pk=duty_id, kind=duty.ATTEND, community__in=user.rights.communities(*RUNNING))
        .first()
    )
    if row is None or row.period is None or row.community_id is None:
        raise NotFound(_("没有这项培训要求，或您无权查看。"))
    try:
        duties.waive(user, row, posted(WaiveDuty, request.POST))
        messages.success(request, _("已免除，理由已记录。"))
        return redirect(_address(row.community_id, row.period))
    except Invalid as e:
        form = ReasonForm(request.POST)
        set_errors(form, e)
    return _show(request, row.community_id, row.period, waive_form=form, waiving=row.pk)


# --- inside ----------------------------------------------------------------------------------------------


def _address(home: UUID, quarter: date) -> str:
    return f"{reverse('training:plan')}?unit={home}&quarter={quarters.code(quarter)}"


def _show(request: AuthenticatedRequest, home: UUID, quarter: date, **refused: Any) -> HttpResponse:
    user = request.user
    topics = list(
        Topic.objects.filter(plan__community_id=home, plan__quarter=quarter)
        .select_related("group", "added_by")
        .prefetch_related("sessions")
    )
    planned = {t.title for t in topics}
    rows = list(Session.objects.filter(community_id=home, quarter=quarter).order_by("starts_at"))
    covered = {s for row in rows if row.status != SessionStatus.CANCELLED for s in row.subjects}
    owed = list(
        Obligation.objects.filter(community_id=home, kind=duty.ATTEND, period=quarter)
        .select_related("owner", "waived_by")
        .order_by("owner__name")[:MOST_DUTIES]
    )
    unit = Obligation.objects.filter(kind=duty.HOLD, period=quarter, subject_id=home).first()
    context = {
        "unit": tree().get(home),
        "units": _units(user),
        "quarter": quarter,
        "code": quarters.code(quarter),
        "name": quarters.name(quarter),
        "quarters": quarters.offered(home),
        "topics": topics,
        "suggestions": [s for s in suggestions.topics(home) if s.title not in planned],
        "people": suggestions.people(home),
        "since": suggestions.since(home),
        "sessions": rows,
        "duties": owed,
        "hold": unit,
        "met": sum(1 for o in owed if o.met_at),
        "of": sum(1 for o in owed if not o.waived_at),
        "uncovered": [Subject(s).label for s in Subject.values if s != Subject.OTHER and s not in covered],
        "form": refused.pop("form", None) or TopicForm(home),
        "waive_form": ReasonForm(),
        "last_day": clock.local(quarters.make_up_until(home, quarter), quarters.zone_of(home)).date()
        - timedelta(days=1),
        "may_waive": {o.pk for o in owed if user.has_perm("obligation.waive", o)} if owed else set(),
        **refused,
    }
    errors = context["form"].errors or context["waive_form"].errors
    return render(request, "training/plan.html", context, status=422 if errors else 200)


def _units(user: User) -> list[Any]:
    rows = [u for c in user.rights.communities(*RUNNING) if (u := tree().get(c)) is not None]
    return sorted(rows, key=lambda u: u.code)[:400] if len(rows) > 1 else []

"""The compliance page, its duties and its printed inspection file (design §1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linbao.archive import views
from linbao.archive.statistics import rollups
from linbao.audit import services as audit
from linbao.compliance import duty_list, inspection
from linbao.compliance import services as compliance
from linbao.core import clock
from linbao.core.inputs import Input, posted
from linbao.core.keyset import Cursor
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound, Problem
from linbao.duties import services
from linbao.duties.inputs import WaiveDuty
from linbao.duties.models import Obligation
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

PAGE = 50


class Return(Input):
    """The query of the list that a form was posted from."""

    back: str = ""


def _inspected(request: AuthenticatedRequest) -> dict[str, Any]:
    allow(request.user, "compliance.view")
    period = inspection.period_of(
        request.GET.get("period", ""), request.GET.get("since", ""), request.GET.get("until", "")
    )
    unit_id = inspection.unit_of(request.user, request.GET.get("unit", ""))
    state, chapter = request.GET.get("state", ""), request.GET.get("chapter", "")
    if state not in ("", *inspection.STATES) or chapter not in ("", *inspection.CHAPTERS):
        raise Invalid(fields={"state": [_("没有这个状态或章节。")]})
    every = compliance.inspect(request.user, unit_id, period)
    clauses = [c for part in every for c in part["clauses"]]
    today = clock.today()
    quarters = [(today.year - (today.month + 2) // 3 // 5, (today.month + 2) // 3)]
    for _n in range(3):
        year, quarter = quarters[-1]
        quarters.append((year, quarter - 1) if quarter > 1 else (year - 1, 4))
    counted_since = rollups.since()
    return {
        "counted_since": counted_since if counted_since and counted_since > period.since else None,
        "chapters": compliance.narrowed(every, state, chapter),
        "contents": every,
        "period": period,
        "unit": tree().by_id[unit_id],
        "units": views.units_of(request.user),
        "now": clock.now(),
        "state": state,
        "chapter": chapter,
        "state_name": inspection.STATES[state][0] if state else "",
        "chapter_name": inspection.CHAPTERS.get(chapter, ""),
        "counts": _counts(clauses),
        "states": [(code, name) for code, (name, _tone) in inspection.STATES.items()],
        "parts": inspection.CHAPTERS.items(),
        "quarters": [(f"{y}Q{q}", _("%(y)d 年第 %(q)d 季度") % {"y": y, "q": q}) for y, q in quarters],
        "chosen": request.GET.get("period", ""),
    }


def _counts(clauses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many clauses are in each state; a colour only where one asks for action."""
    matches = []
    for code, (name, tone) in inspection.STATES.items():
        n = sum(c["state"] == code for c in clauses)
        matches.append({"code": code, "name": name, "tone": tone, "n": n, "shown": tone if n else ""})
    return matches


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Every clause: its duty, who owes it, its state, and the rows that prove it; for those who do not inspect,
    the clauses alone, since the marks of clauses on all pages link here."""
    if not request.user.has_perm("compliance.view"):
        return render(request, "compliance/clauses.html", {"chapters": compliance.clauses()})
    return render(request, "compliance/compliance.html", _inspected(request))


@login_required
@require_GET
def print_(request: AuthenticatedRequest) -> HttpResponse:
    """The inspection file as one printable document; on the audit log, as every export."""
    inspected = _inspected(request)
    audit.record(request.user, "compliance.print", unit_id=inspected["unit"].pk)
    return render(request, "compliance/compliance_print.html", inspected)


@login_required
@require_GET
def rows(request: AuthenticatedRequest) -> HttpResponse:
    """The rows that a number of the page counts, as far as the reader may see them, and how many are left out."""
    allow(request.user, "compliance.view")
    data = request.GET
    period = inspection.period_of("", data.get("since", ""), data.get("until", ""))
    unit_id = inspection.unit_of(request.user, data.get("unit", ""))
    try:
        place, at = int(data.get("duty", "")), int(data.get("number", ""))
    except ValueError as e:
        raise Invalid(fields={"number": [_("没有这项数据。")]}) from e
    duty, number = compliance.number_of(request.user, unit_id, period, data.get("clause", ""), place, at)
    behind = number.behind
    assert behind is not None
    seen = behind.rows.filter(pk__in=behind.visible(request.user).order_by().values("pk"))
    total, visible = behind.rows.count(), seen.count()
    page = Cursor(f"-{behind.at}").page(seen, data.get("cursor", ""), PAGE)
    context = {
        "rows": [
            {
                "at": getattr(row, behind.at),
                "label": behind.label(row),
                "url": reverse(behind.page, args=[row.pk]) if behind.page else "",
            }
            for row in page.rows
        ],
        "page": page,
        "label": number.label,
        "duty": duty,
        "clause": data.get("clause", ""),
        "total": total,
        "hidden": total - visible,
        "unit": tree().by_id[unit_id],
        "period": period,
        "back": urlencode({"unit": unit_id, "since": period.since, "until": period.until}),
    }
    return render(request, "compliance/rows.html", context)


@login_required
@require_GET
def duties(request: AuthenticatedRequest) -> HttpResponseBase:
    """Obligations by kind, state, owner, unit and period; `?format=` exports them."""
    if request.GET.get("format"):
        return duty_list.LISTING.export(request)
    page = duty_list.LISTING.page(request)
    for row in page.rows:
        duty = row.row
        row["url"] = _subject(duty) if duty.subject_seen else ""
        row["may_waive"] = not duty.met_at and not duty.waived_at and request.user.has_perm("obligation.waive", duty)
    return render(request, "compliance/duties.html", {"page": page}, status=page.status)


@login_required
@require_POST
def waive(request: AuthenticatedRequest, duty_id: UUID) -> HttpResponse:
    """Free somebody from a duty, with the reason (5.3.1)."""
    row = Obligation.objects.visible_to(request.user).filter(pk=duty_id).first()
    if row is None:
        raise NotFound(_("没有这项义务，或您无权查看。"))
    try:
        services.waive(request.user, row, posted(WaiveDuty, request.POST))
        messages.success(request, _("已免除，理由已记录。"))
    except Problem as e:
        if e.status == 403:
            raise
        messages.error(request, e.text)
    back = posted(Return, request.POST).back
    return redirect(f"/compliance/duties/?{back}" if back else "/compliance/duties/")


def _subject(row: Obligation) -> str:
    if row.subject_type == "items.item":
        return f"/items/{row.subject_id}/"
    if row.subject_type == "weekly_reports.weeklyreport":
        return f"/weekly/{row.subject_id}/"
    return ""

"""The record of an emergency (复盘), and the figures of timeliness per reporter and unit (1.3.2, 2.3.2)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linbao.audit import services as audit
from linbao.core import clock, dates, exports
from linbao.core.fields import column
from linbao.core.inputs import posted
from linbao.core.problems import Conflict, Invalid
from linbao.emergencies import after_action
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import Conclude
from linbao.emergencies.models import AfterAction
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest

PERIOD = timedelta(days=91)
WIDTHS = (20, 10, 20, 12, 20, 16, 20, 12)


@login_required
@require_http_methods(["GET", "POST"])
def record(request: AuthenticatedRequest, report_id: UUID) -> HttpResponse:
    """Everything in order, and what was learnt; prints as one document."""
    user = request.user
    report = emergencies.get(user, report_id)
    row = AfterAction.objects.filter(report=report).select_related("by").first()
    data: dict[str, Any] = {n: getattr(row, n) if row else "" for n in after_action.LESSONS}
    errors: dict[str, list[str]] = {}
    status = 200
    shown = row.version if row else 0
    if request.method == "POST":
        data |= request.POST.dict()
        shown = data.get("version", shown)
        try:
            after_action.conclude(user, report_id, posted(Conclude, request.POST))
            messages.success(request, _("复盘已保存。"))
            return redirect("emergencies:urgent-record", report_id)
        except Invalid as e:
            errors, status = e.fields, 422
        except Conflict as e:
            errors, status, shown = {"": [e.message]}, 409, row.version if row else 0
    fields = [(n, column(AfterAction, n).verbose_name, data[n], errors.get(n, [])) for n in after_action.LESSONS]
    context = {
        "report": report,
        "row": row,
        "lines": after_action.record(report),
        "fields": fields,
        "errors": errors,
        "shown": shown,
        "may": user.has_perm("urgent.conclude", report),
        "lessons": [(label, getattr(row, n)) for n, label, _v, _e in fields] if row else [],
    }
    return render(request, "emergencies/urgent_record.html", context, status=status)


@login_required
@require_GET
def timeliness(request: AuthenticatedRequest) -> HttpResponseBase:
    """Figures by unit and reporter for a period (a quarter without); `format` exports them as XLSX or CSV."""
    user = request.user
    since, until, errors = _period(request)
    led = user.rights.communities(Role.REVIEWER, Role.MANAGER, Role.GROUP_LEADER)
    own = user.rights.communities(Role.REPORTER)
    zone = clock.zone()
    units, people = after_action.figures(
        user,
        led | own,
        datetime.combine(since, time(), zone),
        datetime.combine(until + timedelta(days=1), time(), zone),
    )
    if request.GET.get("format") and not errors:
        form = exports.form_of(request.GET["format"])
        audit.record(
            user, "urgent.export", unit_id=user.rights.home, filters={"since": str(since), "until": str(until)}
        )
        rows = exports.at_most(after_action.rows(units, people))
        return exports.answer(form, "urgent-timeliness", _("紧急报告及时性"), after_action.header(), rows, WIDTHS)
    header = after_action.header()

    def table(rows: list[after_action.Figures]) -> list[list[tuple[str, str]]]:
        return [list(zip(header, f.cells(), strict=True)) for f in rows]

    tables = [(_("按社区"), table(units)), (_("按报告员"), table(people))] if led else [(_("本人"), table(people))]
    context = {"tables": tables, "header": header, "since": since, "until": until, "errors": errors, "any": bool(units)}
    return render(request, "emergencies/timeliness.html", context, status=422 if errors else 200)


def _period(request: AuthenticatedRequest) -> tuple[date, date, list[str]]:
    today = clock.today()
    result = {"since": today - PERIOD, "until": today}
    errors = []
    for name in result:
        values = request.GET.get(name, "")[:20]
        try:
            result[name] = dates.day(values, 2000, 2200) if values else result[name]
        except ValueError:
            errors.append(_("“%(value)s”不是有效的筛选条件。") % {"value": values})
    if not errors and result["since"] > result["until"]:
        errors.append(_("结束日期不能早于开始日期。"))
    return result["since"], result["until"], errors

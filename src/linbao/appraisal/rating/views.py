"""Giving a rating; the weights and cut-offs; the report by unit (5.2.1, 5.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.appraisal import listing, metrics, names, rulesets
from linbao.appraisal.inputs import ASPECTS, LONGEST, MARKS, ForUnit, Rate, SaveRules
from linbao.appraisal.models import Grade, RuleSet, half_name
from linbao.appraisal.person_views import figures_of
from linbao.appraisal.rating import services as rating
from linbao.audit import services as audit
from linbao.core import exports
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
@require_http_methods(["GET", "POST"])
def rate(request: AuthenticatedRequest, rating_id: UUID) -> HttpResponse:
    """Four aspects, facts, a remark; what was typed stays on an error, and can be changed until the end."""
    user = request.user
    row = rating.get(user, rating_id)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            rating.rate(user, row.pk, posted(Rate, request.POST))
            messages.success(request, _("已提交，截止前可以修改。"))
            return redirect("appraisal:list")
        except (Invalid, Conflict) as e:
            problem = e
    stored = {**{k: str(v) for k, v in row.marks.items()}, "evidence": row.evidence or "", "remark": row.remark or ""}
    values: Mapping[str, Any] = request.POST if problem else stored
    appraisal = row.appraisal
    context = {
        "row": row,
        "appraisal": appraisal,
        "open": rating.is_open(row, appraisal.cycle),
        "ends": rating.ends_at(row, appraisal.cycle),
        "aspects": [(a, label, values.get(a, "")) for a, label in ASPECTS.items()],
        "marks": [(str(v), w) for v, w in MARKS],
        "values": values,
        "errors": problem.fields if problem else {},
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "longest": LONGEST,
        "figures": figures_of(appraisal) if row.kind != "peer" else [],
    }
    response = render(request, "appraisal/rating.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


GROUPS: tuple[tuple[Any, tuple[tuple[str, Any], ...]], ...] = (
    (lazy("五项指标的权重（合计 100）"), tuple((f"metrics_{m}", names.METRICS[m]) for m in metrics.METRICS)),
    (lazy("四部分的权重（合计 100）"), tuple((f"parts_{p}", names.PARTS[p]) for p in metrics.PARTS)),
    (
        lazy("等次"),
        (
            ("grades_excellent", lazy("优秀，综合得分不低于")),
            ("grades_competent", lazy("称职，不低于")),
            ("grades_basic", lazy("基本称职，不低于")),
            ("excellent_share", lazy("优秀人数最多占（%）")),
        ),
    ),
    (
        lazy("计算"),
        (
            ("worth_onsite", lazy("需到现场的条目计")),
            ("worth_complex", lazy("紧急或复杂的条目计")),
            ("complex_days", lazy("办理时限达到几个工作日算复杂")),
            ("urgent_weight", lazy("紧急事项的权重")),
            ("wilson_z", lazy("比率取下限的谨慎程度（0 为不取）")),
            ("peers", lazy("每人由几位同组人员互评")),
        ),
    ),
    (
        lazy("时间表（工作日）"),
        (
            ("days_self", lazy("自评")),
            ("days_peer", lazy("互评")),
            ("days_superior", lazy("上级评价")),
            ("days_publish", lazy("告知结果")),
            ("days_objection", lazy("申诉")),
        ),
    ),
)


@login_required
@require_http_methods(["GET", "POST"])
def rules(request: AuthenticatedRequest) -> HttpResponse:
    """The formulas for everybody to read; a manager changes weights and cut-offs, each time as a new version."""
    user = request.user
    managed = listing.communities(user)
    asked = posted(ForUnit, request.POST).unit or as_uuid(request.GET.get("unit", ""))
    if asked is not None and asked not in user.rights.communities():
        raise NotFound(_("没有这个单位。"))
    unit_id = asked or (managed[0].pk if managed else user.rights.home)
    if unit_id is None:
        raise NotAllowed(_("您没有所在的单位。"))
    unit = tree().by_id[unit_id]
    may = user.has_perm("appraisal.rules", unit)
    problem: Problem | None = None
    if request.method == "POST":
        allow(user, "appraisal.rules", unit)
        try:
            row = rulesets.save(user, unit_id, posted(SaveRules, request.POST))
            messages.success(request, _("已保存为第 %(n)d 版；已开始的考核仍按原来的规则。") % {"n": row.version})
            return redirect("appraisal:rules")
        except Invalid as e:
            problem = e
    now, version = rulesets.current(unit_id)
    typed: Mapping[str, Any] = request.POST if problem else {}
    fields = [
        (
            title,
            [
                {
                    "name": f,
                    "label": label,
                    "value": typed.get(f, f"{rulesets.read(now, f):g}"),
                    "errors": (problem.fields.get(f) if problem else ()) or (),
                }
                for f, label in group
            ],
        )
        for title, group in GROUPS
    ]
    context = {
        "unit": unit,
        "units": managed,
        "may": may,
        "fields": fields,
        "version": version,
        "problem": problem,
        "refusals": problem.sentences if problem else [],
        "means": [(names.METRICS[m], names.MEANS[m]) for m in metrics.METRICS],
        "small": now["small"],
        "note": typed.get("note", ""),
        "note_errors": (problem.fields.get("note") if problem else ()) or (),
        "versions": list(RuleSet.objects.filter(unit=unit_id).select_related("made_by")[:20]),
    }
    return render(request, "appraisal/rules.html", context, status=422 if problem else 200)


@login_required
@require_GET
def stats(request: AuthenticatedRequest) -> HttpResponse:
    """Means and grades by unit and half-year, with pictures and their tables; no names, no ranking."""
    user = request.user
    allow(user, "appraisal.manage")
    known = listing.halves(user)
    half = _half(request.GET.get("half", ""), known)
    unit_id = as_uuid(request.GET.get("unit", ""))
    if unit_id is not None and unit_id not in user.rights.communities(Role.MANAGER):
        raise NotFound(_("没有这个单位。"))
    rows = listing.by_unit(user, half) if half else []
    if unit_id:
        rows = [r for r in rows if r["key"] == unit_id]
    over_time = listing.by_half(user, unit_id)
    context = {
        "halves": [(h.isoformat(), half_name(h)) for h in known],
        "half": half.isoformat() if half else "",
        "name": half_name(half) if half else "",
        "rows": rows,
        "units": listing.communities(user),
        "unit": unit_id,
        "metrics": [names.METRICS[m] for m in metrics.METRICS],
        "grades": [*(g.label for g in Grade), _("不定等次")],
        "radar": _radar(rows),
        "trend": {
            "labels": [r["name"] for r in over_time],
            "series": [
                {"name": _("平均得分"), "values": [r["total"] for r in over_time]},
                *(
                    {"name": names.METRICS[m], "values": [r["means"][i] for r in over_time]}
                    for i, m in enumerate(metrics.METRICS)
                ),
            ],
        },
        "spread": {
            "labels": [*(g.label for g in Grade), _("不定等次")],
            "series": [{"name": _("人数"), "values": [sum(r["grades"][i] for r in rows) for i in range(5)]}],
        },
    }
    return render(request, "appraisal/stats.html", context)


@login_required
@require_GET
def stats_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The table by unit as XLSX or CSV; on the audit log."""
    user = request.user
    allow(user, "appraisal.manage")
    known, form = listing.halves(user), exports.form_of(request.GET.get("format", ""))
    half = _half(request.GET.get("half", ""), known)
    rows = listing.by_unit(user, half) if half else []
    audit.record(user, "appraisal.export", unit_id=user.rights.home, format=form, half=str(half or ""))
    return exports.answer(form, "appraisal-units", _("考核统计"), listing.unit_header(), listing.unit_lines(rows))


def _radar(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Up to six units; a figure that one of them lacks has no corner."""
    shown = rows[:6]
    there = [i for i in range(len(metrics.METRICS)) if all(r["means"][i] is not None for r in shown)]
    return {
        "labels": [names.METRICS[metrics.METRICS[i]] for i in there],
        "series": [{"name": r["unit"].name, "values": [r["means"][i] for i in there]} for r in shown],
    }


def _half(value: str, known: list[date]) -> date | None:
    """The half-year asked for; the last published one without. Raises `Invalid` for what is none."""
    if not value:
        return known[0] if known else None
    result = next((h for h in known if h.isoformat() == value), None)
    if result is None:
        raise Invalid(fields={"half": [_("这个半年没有已告知的考核结果。")]})
    return result

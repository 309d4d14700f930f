"""Cases, for those concerned alone; every view is on the audit log (7.2.1, 7.2.2, 1.3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linbao.audit import services as audit
from linbao.audit import wording
from linbao.conduct.cases import decisions, evidence, measures, revocation
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import Appeal, DecideAppeal, DecideCase, NameDeciders, OpenCase, StateDefence
from linbao.conduct.cases.states import CASE
from linbao.conduct.forms import AnswerForm, CaseForm, VerdictForm
from linbao.conduct.models import Breach, Case, CaseState, Evidence, Severity
from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.keyset import Slice
from linbao.core.listing import Choice, Column, Listing
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.documents.download import hand_out
from linbao.duties.kinds import KINDS
from linbao.duties.models import State
from linbao.items.timeline import name_of
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

PAGE = 30
FIRST_LINES, LINES = 20, 100  # of a part of the evidence: on the case's page, on a page of its own
PART_NAMES = {
    "timeline": gettext_lazy("信息流转"),
    "duties": gettext_lazy("义务履行"),
    "audit": gettext_lazy("操作记录"),
}
NOTHING = {
    "timeline": gettext_lazy("没有记录。"),
    "duties": gettext_lazy("没有迟办、漏办。"),
    "audit": gettext_lazy("没有记录。"),
}
TONES = {
    "open": ("wait", "hourglass"),
    "decided": ("warn", "gavel"),
    "appealed": ("wait", "message-circle"),
    "final": ("neutral", "circle-check"),
    "dismissed": ("done", "circle-check"),
}
S = CaseState
LISTING = Listing(
    name="cases",
    title=gettext_lazy("责任追究"),
    action="case.export",
    url="conduct:cases",
    export_url="conduct:cases-export",
    size=30,
    rows=lambda user, values: (
        Case.objects.visible_to(user)
        .select_related("person")
        .defer("allegation", "statement", "reasons", "appeal", "answer")
    ),
    filters=(
        Choice("kind", gettext_lazy("事由"), "kind", every=gettext_lazy("全部事由"), options=Breach.choices),
        Choice("state", gettext_lazy("状态"), "state", every=gettext_lazy("全部状态"), options=CaseState.choices),
    ),
    columns=(
        Column("number", gettext_lazy("案号"), lambda r: r.number, 24, sort="number"),
        Column("person", gettext_lazy("当事人"), lambda r: r.person.name, 12),
        Column("kind", gettext_lazy("事由"), lambda r: r.get_kind_display(), 22),
        Column("state", gettext_lazy("状态"), lambda r: r.get_state_display(), 16),
        Column("measure", gettext_lazy("处理"), lambda r: r.get_measure_display(), 20),
        Column("opened", gettext_lazy("立案时间"), lambda r: r.opened_at, 18, sort="opened_at"),
        Column("decided", gettext_lazy("决定时间"), lambda r: r.decided_at, 18),
        Column("expires", gettext_lazy("记录有效期至"), lambda r: r.expires_at, 18),
    ),
    sort="-opened",
)


@login_required
@require_GET
@never_cache
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The cases that concern the asker; nobody sees that there are others."""
    user = request.user
    page = LISTING.page(request)
    for row in page.rows:
        row.update(tone=TONES[row.row.state], own=row.row.person_id == user.pk)
    context = {"page": page, "opens": user.has_perm("case.open")}
    return render(request, "conduct/cases.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list without its texts; on the audit log."""
    return LISTING.export(request)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: AuthenticatedRequest) -> HttpResponse:
    """Open a case: the evidence is frozen and the person notified at once."""
    user = request.user
    allow(user, "case.open")
    people = cases.people(user)
    kinds = list(Breach.values) if user.rights.has(Role.MANAGER) else [Breach.LEAK.value]
    form = CaseForm(
        people,
        kinds,
        _witnesses(user),
        request.POST if request.method == "POST" else None,
        initial={"kind": kinds[0] if len(kinds) == 1 else "", "suspected": Severity.LIGHT},
    )
    if request.method == "POST":
        try:
            case = cases.open_(user, posted(OpenCase, request.POST))
            messages.success(request, _("已立案，证据已固定，并已通知当事人陈述申辩。"))
            return redirect("conduct:case", case.pk)
        except (Invalid, Conflict) as e:
            set_errors(form, e)
    return render(request, "conduct/case_new.html", {"form": form}, status=422 if form.errors else 200)


def _witnesses(user: User) -> list[tuple[str, str]]:
    """Everybody who works in the communities that one may open cases for; one statement."""
    homes = user.rights.communities(Role.MANAGER, Role.SECURITY_OFFICER)
    near = {u for c in homes for u in tree().within(c)} | {u.id for c in homes for u in tree().line(c)}
    rows = (
        RoleGrant.objects.current()
        .filter(unit__in_array=near, user__is_active=True)
        .exclude(user=user)
        .values_list("user_id", "user__name")
        .order_by("user__name", "user_id")
        .distinct()
    )
    return [(str(p), n) for p, n in rows]


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def case(request: AuthenticatedRequest, case_id: UUID) -> HttpResponse:
    """One case and what the asker may do in it (`do`); seeing it is recorded on the audit log."""
    user = request.user
    row = cases.get(user, case_id)
    forms_: dict[str, forms.Form] = {}
    errors: dict[str, list[str]] = {}
    status, message = 200, ""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    if request.method == "POST":
        try:
            messages.success(request, _act(request, row, do))
            return redirect("conduct:case", row.pk)
        except (Invalid, Conflict) as e:
            status, errors, message = e.status, dict(e.fields), "" if e.fields else e.message
            form = _bound_form(request, row, do)
            if form is not None:
                set_errors(form, e)
                forms_[do] = form
        row = cases.get(user, case_id)
    else:
        audit.record(user, "case.view", row, unit_id=row.community_id)
    return render(
        request,
        "conduct/case.html",
        _context(user, row, forms_, request) | {"errors": errors, "message": message, "do": do},
        status=status,
    )


@login_required
@require_GET
def decision(request: AuthenticatedRequest, case_id: UUID, version: int) -> HttpResponse:
    """The decision as a document, for those concerned."""
    user = request.user
    row = cases.get(user, case_id)
    return hand_out(user, decisions.of(row).get(version), f"decision-{version}")


def _act(request: AuthenticatedRequest, case: Case, do: str) -> str:
    """Carry out what `do` asks and return the message. Raises `Invalid`, `Conflict`, `NotAllowed`."""
    user, post = request.user, request.POST
    if do == "statement":
        cases.state_defence(user, case.pk, posted(StateDefence, post))
        return _("陈述申辩已提交。")
    if do == "appeal":
        cases.appeal(user, case.pk, posted(Appeal, post))
        return _("申诉已提交，将由另一位负责人决定。")
    if do == "evidence":
        evidence.add(user, case)
        return _("已再次固定证据。")
    if do == "deciders":
        CASE.permit(case, "name_deciders", user)
        cases.name_deciders(user, case.pk, posted(NameDeciders, post))
        return _("已指定决定人。")
    if do == "decide":
        allow(user, "case.decide", case)
        cases.decide(user, case.pk, posted(DecideCase, post))
        return _("决定已保存，并已通知当事人；决定书正在生成。")
    if do == "decide_appeal":
        allow(user, "case.decide_appeal", case)
        cases.decide_appeal(user, case.pk, posted(DecideAppeal, post))
        return _("申诉决定已保存，并已通知当事人；决定书正在生成。")
    raise Invalid(_("没有这种操作。"))


def _bound_form(request: AuthenticatedRequest, case: Case, do: str) -> forms.Form | None:
    """The form of what was asked, with what was typed; none where it has no form of its own."""
    if do == "decide":
        return VerdictForm(_seals(request.user, case), request.POST)
    if do == "decide_appeal":
        return AnswerForm(_answers(case), _seals(request.user, case), request.POST)
    return None


def _seals(user: User, case: Case) -> list[tuple[str, str]]:
    return [(str(s.pk), s.name) for s in decisions.seals_of(user, case)]


def _answers(case: Case) -> list[tuple[str, Any]]:
    """Uphold, milder ones, or set aside."""
    if not case.measure:
        return [("", _("撤销处理"))]
    stored = [m for m in reversed(measures.LADDER) if measures.milder_or_same(m, case.measure)]
    return [
        (m.value, _("维持：%(m)s") % {"m": m.label} if m == case.measure else _("改为：%(m)s") % {"m": m.label})
        for m in stored
    ] + [("", _("撤销处理"))]


def _context(user: User, case: Case, bound: dict[str, forms.Form], request: AuthenticatedRequest) -> dict[str, Any]:
    now = clock.now()
    own, opened = case.person_id == user.pk, case.opened_by_id == user.pk
    decides = CASE.may(user, "decide", case)
    waits = case.stated_at is None and now < case.statement_due
    default = measures.DEFAULTS[(case.kind, case.suspected)]
    names = dict(User.objects.filter(pk__in=[*case.deciders, *case.appeal_deciders]).values_list("pk", "name"))
    possible = (
        list(User.objects.filter(pk__in=cases.candidates(case.community_id, case.barred)).order_by("name"))
        if opened and CASE.allows(case, "name_deciders")
        else []
    )
    answers = CASE.may(user, "decide_appeal", case)
    stored = _seals(user, case) if (decides and not waits) or answers else []
    seal = stored[0][0] if stored else ""
    revoked = getattr(case, "revocation", None) if case.decided_measure in measures.ENDS_ACCESS else None
    issued = decisions.of(case) if case.decided_at else {}
    return {
        "case": case,
        "own": own,
        "opened": opened,
        "tone": TONES[case.state],
        "items": list(case.items.order_by("number").values_list("number", flat=True)),
        "evidence": [_snapshot(e) for e in case.evidence.select_related("taken_by")],
        "decider_names": [names.get(p, "") for p in case.deciders],
        "appeal_names": [names.get(p, "") for p in case.appeal_deciders],
        "possible": [{"person": p, "chosen": p.pk in case.deciders} for p in possible],
        "states": own and CASE.allows(case, "state") and case.stated_at is None,
        "silent": case.stated_at is None and not waits,
        "waits": waits,
        "decides": decides and not waits,
        "decides_later": decides and waits,
        "appeals": own and CASE.allows(case, "appeal") and bool(case.appeal_until and now <= case.appeal_until),
        "answers": answers,
        "paper": issued.get(decisions.FIRST),
        "appeal_paper": issued.get(decisions.APPEAL),
        "stuck": case.state == S.OPEN and not case.deciders,
        "appeal_stuck": case.state == S.APPEALED and not case.appeal_deciders,
        "verdict_form": bound.get("decide")
        or VerdictForm(stored, initial={"severity": case.suspected, "measure": default, "seal": seal}),
        "answer_form": bound.get("decide_appeal")
        or AnswerForm(_answers(case), stored, initial={"measure": case.measure, "seal": seal}),
        "ladder": [(s.label, measures.DEFAULTS[(case.kind, s)].label, measures.HARDEST[s].label) for s in Severity]
        if decides
        else [],
        "revocation": revoked,
        "devices": revocation.wiped(revoked) if revoked else {},
        "post": request.POST if request.method == "POST" else {},
    }


PARTS = ("timeline", "duties", "audit")


def _snapshot(row: Evidence) -> dict[str, Any]:
    """A snapshot with the first lines of each part; the rest is on pages of its own."""
    facts, whole = evidence.read(row)
    parts: list[dict[str, Any]] = [
        {
            "code": code,
            "name": PART_NAMES[code],
            "none": NOTHING[code],
            "lines": _lines(code, facts.get(code, [])[:FIRST_LINES]),
            "n": len(facts.get(code, [])),
        }
        for code in PARTS
    ]
    for part in parts:
        part["more"] = part["n"] > FIRST_LINES
    return {
        "row": row,
        "whole": whole,
        "since": facts.get("since", ""),
        "until": facts.get("until", ""),
        "parts": parts,
    }


def _lines(part: str, facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frozen facts as lines; stored codes by their names in the reader's language."""
    if part == "timeline":
        return [{"at": _at(e["at"]), "what": name_of(e["verb"]), "by": e["by"], "text": e["text"]} for e in facts]
    if part == "duties":
        return [
            {
                "what": KINDS[d["kind"]].name if d["kind"] in KINDS else d["kind"],
                "clause": d["clause"],
                "due": _at(d["due_at"]),
                "met": _at(d["met_at"]),
                "state": State(d["state"]).label if d["state"] in State.values else d["state"],
            }
            for d in facts
        ]
    return [{"at": _at(r["at"]), "what": wording.action(r["action"]), "text": r["reason"]} for r in facts]


@login_required
@require_GET
@never_cache
def evidence_lines(request: AuthenticatedRequest, case_id: UUID, evidence_id: UUID, part: str) -> HttpResponse:
    """One part of a snapshot, page by page. What is frozen never changes, so a line's place in it is a firm key."""
    user = request.user
    match = cases.get(user, case_id)
    row = match.evidence.filter(pk=evidence_id).select_related("taken_by").first()
    if row is None or part not in PARTS:
        raise NotFound(_("没有这份证据。"))
    audit.record(user, "case.view", match, unit_id=match.community_id, part=str(PART_NAMES[part]))
    facts, whole = evidence.read(row)
    every = facts.get(part, [])
    value = request.GET.get("cursor", "")
    start = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0
    end = start + LINES
    context = {
        "case": match,
        "row": row,
        "whole": whole,
        "part": part,
        "name": PART_NAMES[part],
        "none": NOTHING[part],
        "n": len(every),
        "lines": _lines(part, every[start:end]),
        "from": start + 1,
        "to": min(end, len(every)),
        "page": Slice[Any](
            [],
            next=str(end) if end < len(every) else None,
            previous=str(max(start - LINES, 0)) if start else None,
            number=start // LINES + 1,
        ),
    }
    return render(request, "conduct/evidence.html", context)


def _at(value: str) -> datetime | None:
    return parse_datetime(value) if value else None


def _day(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

"""Rewards: nominations, contributions, the ledger, the wall of honour (7.1.1, 7.1.2). Cases stand in `pages_cases`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.accounts.forms import tell
from linbao.audit import services as audit
from linbao.conduct import scale
from linbao.conduct.forms import BudgetForm, CertificateForm, ContributionForm, DecisionForm, NominationForm, numbers
from linbao.conduct.models import Award, Budget, Contribution, Kind, Nomination, NominationState, Worth
from linbao.conduct.rewards import contributions
from linbao.conduct.rewards import services as rewards
from linbao.conduct.rewards.states import NOMINATION
from linbao.core import clock, exports, keyset
from linbao.core.http import answering, as_uuid
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.documents.download import hand_out
from linbao.documents.seals import services as seals
from linbao.organisation.models import Role
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

PAGE = 30
STATE_TONES = {
    "open": ("wait", "hourglass"),
    "granted": ("done", "award"),
    "declined": ("neutral", "circle-minus"),
    "withdrawn": ("neutral", "arrow-back"),
}


# --- nominations ---------------------------------------------------------------------------------


@answering
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """One's own sum and what it earns, and the nominations that one may see."""
    user = request.user
    allow(user, "reward.nominate")
    rows, data = _nominations(request)
    result, following = keyset.newest(_with_people(rows), request.GET.get("cursor", ""), PAGE, "at")
    half = scale.this_half()
    points = scale.sums([user.pk], half).get(user.pk, Decimal(0))
    reports = user.rights.has(Role.REPORTER, Role.GROUP_LEADER)
    context = {
        "rows": [{"row": r, "tone": STATE_TONES[r.state]} for r in result],
        "next": following,
        "given": data,
        "filtered": any(data.values()),
        "states": NominationState.choices,
        "halves": [(scale.half_code(h), scale.half_name(h)) for h in scale.halves()],
        "reports": reports,
        "points": points,
        "level": scale.level(points),
        "half": scale.half_name(half),
        "levels": [(Kind(k).label, v) for k, v in scale.LEVELS.items()] if reports else [],
        "awards": list(Award.objects.filter(person=user).order_by("-decided_at")[:5]) if reports else [],
        "manages": user.rights.has(Role.MANAGER),
    }
    return render(request, "conduct/rewards.html", context)


@answering
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The nominations with the same filters; on the audit log."""
    user = request.user
    allow(user, "reward.nominate")
    rows, data = _nominations(request)
    form = exports.form_of(request.GET.get("format", ""))
    audit.record(user, "reward.export", unit_id=user.rights.home, filters=data)
    head = [_("被提名人"), _("提名人"), _("半年度"), _("提名时间"), _("状态"), _("决定时间"), _("提名理由")]

    def lines() -> Iterator[list[str]]:
        for r in _with_people(rows).order_by("-at", "-id")[: exports.MOST_ROWS].iterator(500):
            yield [
                r.nominee.name,
                r.nominated_by.name,
                scale.half_name(r.half),
                _day(r.at),
                r.get_state_display(),
                _day(r.decided_at),
                r.reasons,
            ]

    return exports.answer(form, "rewards", _("表彰提名"), head, lines(), (12, 12, 14, 18, 10, 18, 60))


def _with_people(rows: QuerySet[Nomination]) -> QuerySet[Nomination]:
    return rows.select_related("nominee", "nominated_by")


def _nominations(request: AuthenticatedRequest) -> tuple[QuerySet[Nomination], dict[str, str]]:
    data = {k: request.GET.get(k, "")[:20] for k in ("state", "half")}
    rows = Nomination.objects.visible_to(request.user)
    if data["state"] in NominationState.values:
        rows = rows.filter(state=data["state"])
    if half := scale.half_from(data["half"]):
        rows = rows.filter(half=half)
    return rows, data


@answering
@require_http_methods(["GET", "POST"])
def nominate(request: AuthenticatedRequest) -> HttpResponse:
    """Propose a reporter."""
    user = request.user
    allow(user, "reward.nominate")
    form = NominationForm(rewards.nominees(user), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = rewards.nominate(
                user, nominee_id=as_uuid(data["nominee"]), reasons=data["reasons"], numbers=numbers(data["items"])
            )
            messages.success(request, _("已提交提名，负责人决定后会通知您。"))
            return redirect("conduct:nomination", row.pk)
        except (Invalid, Conflict) as e:
            tell(form, e)
    return render(request, "conduct/nominate.html", {"form": form}, status=422 if form.errors else 200)


@answering
@require_http_methods(["GET", "POST"])
def nomination(request: AuthenticatedRequest, nomination_id: UUID) -> HttpResponse:
    """One nomination with its evidence: decide it, or take it back (`do`)."""
    user = request.user
    row = rewards.get(user, nomination_id)
    half = scale.half_name(row.half)
    form = DecisionForm(initial={"title": _("%(half)s优秀信息报告员") % {"half": half}, "kinds": [Kind.PRAISE]})
    status = 200
    if request.method == "POST":
        form = DecisionForm(request.POST)
        try:
            if request.POST.get("do") == "withdraw":
                rewards.withdraw(user, row.pk)
                messages.success(request, _("已撤回提名。"))
                return redirect("conduct:nomination", row.pk)
            allow(user, "reward.decide", row)
            if form.is_valid():
                rewards.decide(user, row.pk, **form.cleaned_data)
                messages.success(request, _("决定已保存，并已通知当事人。"))
                return redirect("conduct:nomination", row.pk)
            status = 422
        except (Invalid, Conflict) as e:
            form.is_valid()
            tell(form, e)
            status = e.status
        except NotAllowed as e:
            if not user.has_perm("reward.decide", row):
                raise
            tell(form, e)
            status = e.status
        row = rewards.get(user, nomination_id)
    shares = list(
        Contribution.objects.filter(shares__person=row.nominee, half=row.half)
        .select_related("item")
        .order_by("recorded_at")
    )
    points = scale.sums([row.nominee_id], row.half).get(row.nominee_id, Decimal(0))
    year = clock.local(clock.now()).year
    budget = Budget.objects.filter(unit=row.community_id, year=year).first()
    decides = NOMINATION.may(user, "grant", row)
    context = {
        "row": row,
        "half": half,
        "tone": STATE_TONES[row.state],
        "items": list(row.items.order_by("number")),
        "contributions": shares,
        "points": points,
        "level": scale.level(points),
        "awards": list(row.awards.order_by("kind")),
        "opens": set(row.awards.visible_to(user).values_list("pk", flat=True)),
        "form": form,
        "decides": decides,
        "withdraws": NOMINATION.may(user, "withdraw", row),
        "part": row.state == NominationState.OPEN and user.has_perm("reward.ledger", row.community_id) and not decides,
        "left": budget.amount - rewards.spent(row.community_id, year) if budget and decides else None,
        "year": year,
        "limit": scale.threshold(row.community_id),
        "levels": [(Kind(k).label, v) for k, v in scale.LEVELS.items()],
    }
    return render(request, "conduct/nomination.html", context, status=status)


# --- contributions -------------------------------------------------------------------------------


@answering
@require_http_methods(["GET", "POST"])
def contribution_list(request: AuthenticatedRequest) -> HttpResponse:
    """What items led to, by half-year; those who may record do so here."""
    user = request.user
    allow(user, "contribution.view")
    form = ContributionForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        allow(user, "contribution.record")
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                row = contributions.record(user, data["number"], worth=data["worth"], words=data["words"])
                messages.success(
                    request, _("已登记并确认。") if row.confirmed_at else _("已登记，等待办理人或负责人确认。")
                )
                return redirect("conduct:contributions")
            except (Invalid, Conflict) as e:
                tell(form, e)
                status = e.status
    rows, values = _contributions(request)
    result, following = keyset.newest(rows, request.GET.get("cursor", ""), PAGE, "recorded_at")
    context = {
        "rows": [
            {
                "row": r,
                "people": [s.person.name for s in r.shares.all()],
                "may": r.confirmed_at is None and user.has_perm("contribution.confirm", r),
            }
            for r in result
        ],
        "next": following,
        "given": values,
        "filtered": bool(values["worth"] or values["state"]),
        "form": form,
        "records": user.has_perm("contribution.record"),
        "halves": [(scale.half_code(h), scale.half_name(h)) for h in scale.halves()],
        "worths": Worth.choices,
        "open": bool(form.errors),
    }
    return render(request, "conduct/contributions.html", context, status=status)


def _contributions(request: AuthenticatedRequest) -> tuple[QuerySet[Contribution], dict[str, str]]:
    data = {k: request.GET.get(k, "")[:20] for k in ("half", "worth", "state")}
    half = scale.half_from(data["half"]) or scale.this_half()
    data["half"] = scale.half_code(half)
    rows = (
        Contribution.objects.visible_to(request.user)
        .filter(half=half)
        .select_related("item", "confirmed_by")
        .prefetch_related("shares__person")
    )
    if data["worth"] in Worth.values:
        rows = rows.filter(worth=data["worth"])
    if data["state"] in ("open", "confirmed"):
        rows = rows.filter(confirmed_at__isnull=data["state"] == "open")
    return rows, data


@answering
@require_GET
def contribution_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The contributions with the same filters; on the audit log."""
    user = request.user
    allow(user, "contribution.view")
    rows, data = _contributions(request)
    form = exports.form_of(request.GET.get("format", ""))
    audit.record(user, "contribution.export", unit_id=user.rights.home, filters=data)
    head = [_("信息编号"), _("贡献"), _("贡献值"), _("报告员"), _("说明"), _("登记时间"), _("确认人"), _("确认时间")]

    def lines() -> Iterator[list[str]]:
        for r in rows.order_by("-recorded_at", "-id")[: exports.MOST_ROWS].iterator(500):
            yield [
                r.item.number or "",
                r.get_worth_display(),
                str(r.points),
                _("、").join(s.person.name for s in r.shares.all()),
                r.words,
                _day(r.recorded_at),
                r.confirmed_by.name if r.confirmed_by else "",
                _day(r.confirmed_at),
            ]

    return exports.answer(form, "contributions", _("贡献"), head, lines(), (22, 22, 8, 18, 50, 18, 12, 18))


@answering
@require_POST
def confirm(request: AuthenticatedRequest, contribution_id: UUID) -> HttpResponse:
    """The handler or manager stands for it."""
    contributions.confirm(request.user, contribution_id)
    messages.success(request, _("已确认，计入贡献值。"))
    return redirect("conduct:contributions")


@answering
@require_POST
def reject(request: AuthenticatedRequest, contribution_id: UUID) -> HttpResponse:
    """It was not so."""
    contributions.reject(request.user, contribution_id)
    messages.success(request, _("已删除这条登记。"))
    return redirect("conduct:contributions")


# --- awards --------------------------------------------------------------------------------------


@answering
@require_http_methods(["GET", "POST"])
def award(request: AuthenticatedRequest, award_id: UUID) -> HttpResponse:
    """One reward: certificate, handing over, the holder's consent (`do`)."""
    user = request.user
    row = rewards.award(user, award_id)
    mine = [(str(s.pk), s.name) for s in seals.usable_by(user)] if user.has_perm("award.issue", row) else []
    form: forms.Form = CertificateForm(mine)
    status = 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do in ("consent", "withdraw"):
                rewards.consent(user, row.pk, agrees=do == "consent")
                messages.success(request, _("已在光荣榜展示。") if do == "consent" else _("已从光荣榜撤下。"))
            elif do == "hand_over":
                rewards.hand_over(user, row.pk)
                messages.success(request, _("已登记发放。"))
            elif do == "certificate":
                rewards.ask_certificate(user, row.pk, seal_id=as_uuid(request.POST.get("seal", "")))
                messages.success(request, _("正在生成证书，稍后刷新即可下载。"))
            else:
                raise Invalid(_("没有这种操作。"))
            return redirect("conduct:award", row.pk)
        except (Invalid, Conflict) as e:
            form = CertificateForm(mine, request.POST)
            form.errors.pop("seal", None)
            tell(form, e)
            status = e.status
    context = {
        "row": row,
        "half": scale.half_name(row.half),
        "document": rewards.certificate(row),
        "form": form,
        "seals": mine,
        "own": row.person_id == user.pk,
        "issues": row.kind == Kind.CERTIFICATE and user.has_perm("award.issue", row),
        "hands_over": row.handed_over_at is None and user.has_perm("award.hand_over", row),
        "money": row.amount > 0,
    }
    return render(request, "conduct/award.html", context, status=status)


@answering
@require_GET
def certificate(request: AuthenticatedRequest, award_id: UUID) -> HttpResponse:
    """The sealed PDF, for its holder and the managers."""
    row = rewards.award(request.user, award_id)
    return hand_out(request.user, rewards.certificate(row), "certificate")


@answering
@require_http_methods(["GET", "POST"])
def ledger(request: AuthenticatedRequest) -> HttpResponse:
    """Bonuses and goods of a year against the budget; setting the budget."""
    user = request.user
    allow(user, "reward.ledger")
    year, rows = _ledger(request)
    homes = [tree().get(c) for c in sorted(user.rights.communities(Role.MANAGER), key=str)]
    units = [(str(u.pk), u.name) for u in homes if u is not None]
    form = BudgetForm(units, request.POST if request.method == "POST" else None, initial={"year": year})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                rewards.set_budget(user, UUID(data["unit"]), data["year"], data["amount"])
                messages.success(request, _("预算已保存。"))
                return redirect("conduct:ledger")
            except (Invalid, Conflict) as e:
                tell(form, e)
                status = e.status
    result, following = keyset.newest(rows, request.GET.get("cursor", ""), PAGE, "decided_at")
    spent = dict(rows.order_by().values_list("community").annotate(n=Sum("amount")))
    budgets = [
        {
            "name": b.unit.name,
            "amount": b.amount,
            "spent": spent.get(b.unit_id, Decimal(0)),
            "left": b.amount - spent.get(b.unit_id, Decimal(0)),
        }
        for b in Budget.objects.filter(unit__in=[u for u, _n in units], year=year)
        .select_related("unit")
        .order_by("unit__code")
    ]
    this_year = clock.local(clock.now()).year
    context = {
        "rows": result,
        "next": following,
        "year": year,
        "years": range(this_year + 1, this_year - 5, -1),
        "budgets": budgets,
        "form": form,
        "several": len(units) > 1,
    }
    return render(request, "conduct/ledger.html", context, status=status)


def _ledger(request: AuthenticatedRequest) -> tuple[int, QuerySet[Award]]:
    user = request.user
    values = request.GET.get("year", "")[:4]
    this_year = clock.local(clock.now()).year
    year = int(values) if values.isascii() and values.isdigit() and 2000 <= int(values) <= 2200 else this_year
    rows = Award.objects.filter(community__in=user.rights.communities(Role.MANAGER), year=year, amount__gt=0)
    return year, rows.select_related("person", "community", "handed_over_by", "decided_by")


@answering
@require_GET
def ledger_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The year's ledger; on the audit log."""
    user = request.user
    allow(user, "reward.ledger")
    year, rows = _ledger(request)
    form = exports.form_of(request.GET.get("format", ""))
    audit.record(user, "ledger.export", unit_id=user.rights.home, year=year)
    head = [
        _("单位"),
        _("姓名"),
        _("奖励方式"),
        _("物品"),
        _("金额（元）"),
        _("决定人"),
        _("决定时间"),
        _("发放人"),
        _("发放时间"),
    ]

    def lines() -> Iterator[list[str]]:
        for r in rows.order_by("-decided_at", "-id")[: exports.MOST_ROWS].iterator(500):
            yield [
                r.community.name,
                r.person.name,
                r.get_kind_display(),
                r.goods,
                str(r.amount),
                r.decided_by.name,
                _day(r.decided_at),
                r.handed_over_by.name if r.handed_over_by else "",
                _day(r.handed_over_at),
            ]

    return exports.answer(form, "reward-ledger", _("奖励台账"), head, lines(), (18, 12, 12, 24, 12, 12, 18, 12, 18))


@answering
@require_GET
def honour(request: AuthenticatedRequest) -> HttpResponse:
    """The wall of honour: those who agreed, newest first; no sums and no ranking."""
    user = request.user
    allow(user, "reward.nominate")
    rows = Award.objects.on_the_wall(user).select_related("person", "community")
    result, following = keyset.newest(rows, request.GET.get("cursor", ""), PAGE, "decided_at")
    context = {"rows": [{"row": r, "half": scale.half_name(r.half)} for r in result], "next": following}
    return render(request, "conduct/honour.html", context)


def _day(moment: Any) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""

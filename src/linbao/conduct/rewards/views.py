"""Rewards: nominations, contributions, the ledger, the wall of honour (7.1.1, 7.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.conduct import scale
from linbao.conduct.forms import BudgetForm, CertificateForm, ContributionForm, DecisionForm, NominationForm
from linbao.conduct.models import Award, Budget, Contribution, Kind, Nomination, NominationState, Worth
from linbao.conduct.rewards import contributions
from linbao.conduct.rewards import services as rewards
from linbao.conduct.rewards.inputs import AskCertificate, DecideNomination, Nominate, RecordContribution, SetBudget
from linbao.conduct.rewards.states import NOMINATION
from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.documents.download import hand_out
from linbao.documents.seals import services as seals
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

STATE_TONES = {
    "open": ("wait", "hourglass"),
    "granted": ("done", "award"),
    "declined": ("neutral", "circle-minus"),
    "withdrawn": ("neutral", "arrow-back"),
}


# --- the lists -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class HalfFilter(Choice):
    """A half-year as `2026-1`, of those that are offered or of any other year."""

    def clean(self, user: User, raw: str) -> date:
        half = scale.half_from(raw)
        if half is None:
            raise ValueError("no half-year")
        return half

    def shown(self, user: User, value: date) -> str:
        return scale.half_name(value)


def _halves(user: User) -> list[tuple[str, str]]:
    return [(scale.half_code(h), scale.half_name(h)) for h in scale.halves()]


def _of_half(user: User, values: Mapping[str, Any]) -> QuerySet[Contribution]:
    rows = Contribution.objects.visible_to(user).filter(half=values["half"] or scale.this_half())
    return rows.select_related("item", "confirmed_by").prefetch_related("shares__person")


@dataclass(frozen=True)
class YearFilter(Choice):
    """A calendar year."""

    def clean(self, user: User, raw: str) -> int:
        if not (raw.isascii() and raw.isdigit() and 2000 <= int(raw[:5]) <= 2200):
            raise ValueError("no year")
        return int(raw)


def _this_year() -> int:
    return clock.local(clock.now()).year


def _years(user: User) -> list[tuple[str, str]]:
    return [(str(y), _("%(year)d 年") % {"year": y}) for y in range(_this_year() + 1, _this_year() - 5, -1)]


def _ledger(user: User, values: Mapping[str, Any]) -> QuerySet[Award]:
    year = values["year"] or _this_year()
    rows = Award.objects.filter(community__in=user.rights.communities(Role.MANAGER), year=year, amount__gt=0)
    return rows.select_related("person", "community", "handed_over_by", "decided_by")


NOMINATIONS = Listing(
    name="rewards",
    title=lazy("表彰提名"),
    permission="reward.nominate",
    action="reward.export",
    url="conduct:rewards",
    export_url="conduct:rewards-export",
    size=30,
    rows=lambda user, values: Nomination.objects.visible_to(user).select_related("nominee", "nominated_by"),
    filters=(
        HalfFilter("half", lazy("半年度"), "half", every=lazy("全部半年度"), options=_halves),
        Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=NominationState.choices),
    ),
    columns=(
        Column("nominee", lazy("被提名人"), lambda r: r.nominee.name, 12),
        Column("by", lazy("提名人"), lambda r: r.nominated_by.name, 12),
        Column("half", lazy("半年度"), lambda r: scale.half_name(r.half), 14),
        Column("at", lazy("提名时间"), lambda r: r.at, 18, sort="at"),
        Column("state", lazy("状态"), lambda r: r.get_state_display(), 10),
        Column("decided", lazy("决定时间"), lambda r: r.decided_at, 18),
        Column("reasons", lazy("提名理由"), lambda r: r.reasons, 60),
    ),
    sort="-at",
)

CONTRIBUTIONS = Listing(
    name="contributions",
    title=lazy("贡献"),
    permission="contribution.view",
    action="contribution.export",
    url="conduct:contributions",
    export_url="conduct:contributions-export",
    size=30,
    rows=_of_half,
    filters=(
        HalfFilter("half", lazy("半年度"), every=lazy("本半年度"), options=_halves),
        Choice("worth", lazy("贡献"), "worth", every=lazy("全部贡献"), options=Worth.choices),
        Choice(
            "state",
            lazy("状态"),
            lambda rows, value: rows.filter(confirmed_at__isnull=value == "open"),
            every=lazy("全部状态"),
            options=[("open", lazy("待确认")), ("confirmed", lazy("已确认"))],
        ),
    ),
    columns=(
        Column("number", lazy("信息编号"), lambda r: r.item.number, 22),
        Column("worth", lazy("贡献"), lambda r: r.get_worth_display(), 22),
        Column("points", lazy("贡献值"), lambda r: r.points, 8),
        Column("people", lazy("报告员"), lambda r: _("、").join(s.person.name for s in r.shares.all()), 18),
        Column("note", lazy("说明"), lambda r: r.note, 50),
        Column("recorded", lazy("登记时间"), lambda r: r.recorded_at, 18, sort="recorded_at"),
        Column("confirmed_by", lazy("确认人"), lambda r: r.confirmed_by.name if r.confirmed_by else "", 12),
        Column("confirmed", lazy("确认时间"), lambda r: r.confirmed_at, 18),
    ),
    sort="-recorded",
)

LEDGER = Listing(
    name="reward-ledger",
    title=lazy("奖励台账"),
    permission="reward.ledger",
    action="ledger.export",
    url="conduct:ledger",
    export_url="conduct:ledger-export",
    size=30,
    rows=_ledger,
    filters=(
        YearFilter("year", lazy("年度"), every=lazy("本年度"), options=_years),
        Choice("kind", lazy("奖励方式"), "kind", every=lazy("全部奖励方式"), options=Kind.choices),
    ),
    columns=(
        Column("unit", lazy("单位"), lambda r: r.community.name, 18),
        Column("person", lazy("姓名"), lambda r: r.person.name, 12),
        Column("kind", lazy("奖励方式"), lambda r: r.get_kind_display(), 12),
        Column("goods", lazy("物品"), lambda r: r.goods, 24),
        Column("amount", lazy("金额（元）"), lambda r: r.amount, 12),
        Column("decided_by", lazy("决定人"), lambda r: r.decided_by.name, 12),
        Column("decided", lazy("决定时间"), lambda r: r.decided_at, 18, sort="decided_at"),
        Column("handed_by", lazy("发放人"), lambda r: r.handed_over_by.name if r.handed_over_by else "", 12),
        Column("handed", lazy("发放时间"), lambda r: r.handed_over_at, 18),
    ),
    sort="-decided",
)

# Newest first alone: no sums and no ranking.
HONOUR = Listing(
    name="honour",
    title=lazy("光荣榜"),
    permission="reward.nominate",
    action="reward.export",
    url="conduct:honour",
    size=30,
    rows=lambda user, values: Award.objects.on_the_wall(user).select_related("person", "community"),
    filters=(
        HalfFilter("half", lazy("半年度"), "half", every=lazy("全部半年度"), options=_halves),
        Choice("kind", lazy("奖励方式"), "kind", every=lazy("全部奖励方式"), options=Kind.choices),
    ),
    columns=(
        Column("person", lazy("姓名"), lambda r: r.person.name, 12),
        Column("unit", lazy("单位"), lambda r: r.community.name, 18),
        Column("kind", lazy("奖励方式"), lambda r: r.get_kind_display(), 12),
        Column("half", lazy("半年度"), lambda r: scale.half_name(r.half), 14),
        Column("decided", lazy("决定时间"), lambda r: r.decided_at, 18, sort="decided_at"),
    ),
    sort="-decided",
)


# --- nominations ---------------------------------------------------------------------------------


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The asker's own points and what they earn, and the nominations that they may see."""
    user = request.user
    page = NOMINATIONS.page(request)
    for row in page.rows:
        row["tone"] = STATE_TONES[row.row.state]
    half = scale.this_half()
    points = scale.sums([user.pk], half).get(user.pk, Decimal(0))
    reports = user.rights.has(Role.REPORTER, Role.GROUP_LEADER)
    context = {
        "page": page,
        "reports": reports,
        "points": points,
        "level": scale.level(points),
        "half": scale.half_name(half),
        "levels": [(Kind(k).label, v) for k, v in scale.LEVELS.items()] if reports else [],
        "awards": list(Award.objects.filter(person=user).order_by("-decided_at")[:5]) if reports else [],
        "manages": user.rights.has(Role.MANAGER),
    }
    return render(request, "conduct/rewards.html", context, status=page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The nominations with the same filters; on the audit log."""
    return NOMINATIONS.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def nominate(request: AuthenticatedRequest) -> HttpResponse:
    """Propose a reporter."""
    user = request.user
    allow(user, "reward.nominate")
    form = NominationForm(rewards.nominees(user), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            row = rewards.nominate(user, posted(Nominate, request.POST))
            messages.success(request, _("已提交提名，负责人决定后会通知您。"))
            return redirect("conduct:nomination", row.pk)
        except (Invalid, Conflict) as e:
            set_errors(form, e)
    return render(request, "conduct/nominate.html", {"form": form}, status=422 if form.errors else 200)


@login_required
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
            rewards.decide(user, row.pk, posted(DecideNomination, request.POST))
            messages.success(request, _("决定已保存，并已通知当事人。"))
            return redirect("conduct:nomination", row.pk)
        except (Invalid, Conflict) as e:
            set_errors(form, e)
            status = e.status
        except NotAllowed as e:
            if not user.has_perm("reward.decide", row):
                raise
            set_errors(form, e)
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


@login_required
@require_http_methods(["GET", "POST"])
def contribution_list(request: AuthenticatedRequest) -> HttpResponse:
    """What items led to, by half-year; those who may record do so here."""
    user = request.user
    allow(user, "contribution.view")
    form = ContributionForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        allow(user, "contribution.record")
        try:
            row = contributions.record(user, posted(RecordContribution, request.POST))
            message = _("已登记并确认。") if row.confirmed_at else _("已登记，等待办理人或负责人确认。")
            messages.success(request, message)
            return redirect("conduct:contributions")
        except (Invalid, Conflict) as e:
            set_errors(form, e)
            status = e.status
    page = CONTRIBUTIONS.page(request)
    for line in page.rows:
        line["may"] = line.row.confirmed_at is None and user.has_perm("contribution.confirm", line.row)
    context = {"page": page, "form": form, "records": user.has_perm("contribution.record"), "open": bool(form.errors)}
    status = status if status != 200 else page.status
    return render(request, "conduct/contributions.html", context, status=status)


@login_required
@require_GET
def contribution_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The contributions with the same filters; on the audit log."""
    return CONTRIBUTIONS.export(request)


@login_required
@require_POST
def confirm(request: AuthenticatedRequest, contribution_id: UUID) -> HttpResponse:
    """The handler or manager confirms it."""
    contributions.confirm(request.user, contribution_id)
    messages.success(request, _("已确认，计入贡献值。"))
    return redirect("conduct:contributions")


@login_required
@require_POST
def reject(request: AuthenticatedRequest, contribution_id: UUID) -> HttpResponse:
    """Delete it, because it is not so."""
    contributions.reject(request.user, contribution_id)
    messages.success(request, _("已删除这条登记。"))
    return redirect("conduct:contributions")


# --- awards --------------------------------------------------------------------------------------


@login_required
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
                rewards.ask_certificate(user, row.pk, posted(AskCertificate, request.POST))
                messages.success(request, _("正在生成证书，稍后刷新即可下载。"))
            else:
                raise Invalid(_("没有这种操作。"))
            return redirect("conduct:award", row.pk)
        except (Invalid, Conflict) as e:
            form = CertificateForm(mine, request.POST)
            set_errors(form, e)
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


@login_required
@require_GET
def certificate(request: AuthenticatedRequest, award_id: UUID) -> HttpResponse:
    """The sealed PDF, for its holder and the managers."""
    row = rewards.award(request.user, award_id)
    return hand_out(request.user, rewards.certificate(row), "certificate")


@login_required
@require_http_methods(["GET", "POST"])
def ledger(request: AuthenticatedRequest) -> HttpResponse:
    """Bonuses and goods of a year against the budget; setting the budget."""
    user = request.user
    page = LEDGER.page(request)
    year = page.values.get("year") or _this_year()
    rows = _ledger(user, {"year": year})
    homes = [tree().get(c) for c in sorted(user.rights.communities(Role.MANAGER), key=str)]
    units = [(str(u.pk), u.name) for u in homes if u is not None]
    form = BudgetForm(units, request.POST if request.method == "POST" else None, initial={"year": year})
    status = 200
    if request.method == "POST":
        try:
            rewards.set_budget(user, posted(SetBudget, request.POST))
            messages.success(request, _("预算已保存。"))
            return redirect("conduct:ledger")
        except (Invalid, Conflict) as e:
            set_errors(form, e)
            status = e.status
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
    context = {"page": page, "year": year, "budgets": budgets, "form": form, "several": len(units) > 1}
    status = status if status != 200 else page.status
    return render(request, "conduct/ledger.html", context, status=status)


@login_required
@require_GET
def ledger_export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The year's ledger; on the audit log."""
    return LEDGER.export(request)


@login_required
@require_GET
def honour(request: AuthenticatedRequest) -> HttpResponseBase:
    """The wall of honour: those who agreed, newest first; no sums and no ranking. `?format=` exports it."""
    if request.GET.get("format"):
        return HONOUR.export(request)
    page = HONOUR.page(request)
    return render(request, "conduct/honour.html", {"page": page}, status=page.status)

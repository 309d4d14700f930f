"""Check-ups and drills on the calendar, and the quarterly review of rights (6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock, periods
from linbao.core.inputs import checked, groups, posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.documents.download import hand_out
from linbao.organisation import people
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, require_proof
from linbao.security import documents, rights_reviews, staff
from linbao.security.checks import services as checks
from linbao.security.checks.inputs import FinishReview, PlanCheck, RecordResult
from linbao.security.forms import CheckForm, ResultForm
from linbao.security.models import CheckKind, RightsReview, SecurityCheck
from linbao.security.presentation import (
    Act,
    Badge,
    Line,
    Register,
    Section,
    ask,
    detail,
    officers_row,
    record_act,
    unit_name,
)


def _badge(row: SecurityCheck) -> Badge:
    if row.done_at is None:
        late = row.due_on < clock.today(staff.zone_of(row.unit_id))
        return Badge(_("超期未做"), "bad", "clock-exclamation") if late else Badge(_("待进行"), "wait", "hourglass")
    return Badge(_("合格"), "done", "circle-check") if row.passed else Badge(_("不合格"), "bad", "circle-x")


def _acts(user: User) -> list[Act]:
    if not user.has_perm("security.officer"):
        return []
    return [Act(reverse("security:check-new"), _("安排"), "calendar-plus", tone="primary")]


DONE = {"open": Q(done_at__isnull=True), "done": Q(done_at__isnull=False)}
REGISTER = Register(
    Listing(
        name="security-checks",
        title=lazy("检查与演练"),
        permission="security.look",
        action="security.export",
        url="security:checks",
        export_url="security:checks-export",
        rows=lambda user, values: SecurityCheck.objects.visible_to(user),
        filters=(
            Search("q", lazy("名称"), lambda rows, q: rows.filter(Q(title__icontains=q))),
            Choice("kind", lazy("种类"), "kind", every=lazy("全部种类"), options=CheckKind.choices),
            Choice(
                "state",
                lazy("状态"),
                lambda rows, v: rows.filter(DONE[v]),
                every=lazy("全部状态"),
                options=[("open", lazy("待进行")), ("done", lazy("已完成"))],
            ),
        ),
        columns=(
            Column("due_on", lazy("计划日期"), lambda r: r.due_on, sort="due_on"),
            Column("kind", lazy("种类"), lambda r: r.get_kind_display()),
            Column("title", lazy("名称"), lambda r: r.title, sort="title"),
            Column("unit", lazy("单位"), lambda r: unit_name(r)),
            Column("state", lazy("结论"), lambda r: _badge(r).label),
            Column("done_at", lazy("完成时间"), lambda r: r.done_at, format="%Y-%m-%d"),
            Column("result", lazy("结果"), lambda r: r.result),
        ),
        sort="-due_on",
    ),
    clause="6.1.1",
    subtitle=lazy("按日历安排安全检查、备份恢复演练和应急演练，结果生成记录。"),
    line=lambda r: Line(
        r.title,
        [r.get_kind_display(), _("计划 %(day)s") % {"day": r.due_on}, unit_name(r)],
        [_badge(r)],
        href=reverse("security:check", args=[r.pk]),
    ),
    icon="calendar",
    empty=(lazy("还没有安排检查或演练"), lazy("建议每季度一次安全检查，每半年一次备份恢复演练。")),
    acts=_acts,
)


index, export = REGISTER.views()


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Plan a check-up or drill."""
    user = request.user
    allow(user, "security.officer")
    form = CheckForm(user, request.POST if request.method == "POST" else None)

    def do() -> str:
        row = checks.plan(user, posted(PlanCheck, request.POST))
        return reverse("security:check", args=[row.pk])

    return ask(
        request,
        form,
        do,
        title=_("安排检查或演练"),
        back=(reverse("security:checks"), _("检查与演练")),
        clause="6.1.1",
        submit=_("安排"),
        done=_("已安排，到期前会提醒。"),
    )


@require_GET
@login_required
def check(request: AuthenticatedRequest, check_id: UUID) -> HttpResponse:
    """One check-up or drill, with its result."""
    user = request.user
    allow(user, "security.look")
    row = checks.get(user, check_id)
    acts = []
    if row.done_at is None and user.has_perm("security.keep", row.unit):
        acts = [
            Act(reverse("security:check-record", args=[row.pk]), _("登记结果"), "clipboard-check", tone="primary"),
            Act(
                reverse("security:check-cancel", args=[row.pk]), _("取消"), "x", post=True, confirm=_("取消这次安排？")
            ),
        ]
    if row.done_at is not None:
        acts += record_act(row, "security:check-pdf", _("记录（PDF）"))
    every = _("每 %(n)d 个月") % {"n": row.every} if row.every else _("一次")
    return detail(
        request,
        title=row.title,
        back=(reverse("security:checks"), _("检查与演练")),
        clause="6.1.1",
        badges=[_badge(row)],
        acts=acts,
        facts=[
            (_("种类"), row.get_kind_display()),
            (_("计划日期"), str(row.due_on)),
            (_("周期"), every),
            (_("单位"), unit_name(row)),
            (_("安排人"), row.planned_by.name),
            (_("完成时间"), row.done_at),
            (_("完成人"), row.done_by.name if row.done_by else ""),
            (_("所用备份"), row.figures.get("backup_on")),
            (_("恢复用时（分钟）"), row.figures.get("minutes")),
            (_("缺失条数"), row.figures.get("lost")),
        ],
        sections=[Section(_("经过、发现的问题和改进"), "notes", body=row.result, empty=_("还没有登记结果。"))],
    )


@require_http_methods(["GET", "POST"])
@login_required
def record(request: AuthenticatedRequest, check_id: UUID) -> HttpResponseBase:
    """Write down its result."""
    user, row, here = officers_row(request, checks.get, check_id, "security:check")
    form = ResultForm(row.kind == CheckKind.RESTORE, request.POST if request.method == "POST" else None)

    def do() -> str:
        checks.record(user, row.pk, posted(RecordResult, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=_("登记结果"),
        back=(here, row.title),
        clause="6.1.1",
        submit=_("登记"),
        done=_("已登记，记录稍后生成。"),
    )


@require_POST
@login_required
def cancel(request: AuthenticatedRequest, check_id: UUID) -> HttpResponse:
    """Take it off the calendar."""
    try:
        checks.cancel(request.user, check_id)
        messages.success(request, _("已取消。"))
    except Conflict as e:
        messages.error(request, e.message)
        return redirect("security:check", check_id)
    return redirect("security:checks")


@require_GET
@login_required
def check_pdf(request: AuthenticatedRequest, check_id: UUID) -> HttpResponse:
    """The record as a document."""
    user = request.user
    allow(user, "security.look")
    row = checks.get(user, check_id)
    return hand_out(user, documents.of(row), "check", about=row)


# --- the review of rights --------------------------------------------------------------------------------------


@require_GET
@login_required
def reviews_index(request: AuthenticatedRequest) -> HttpResponse:
    """The quarter's reviews of one's units: done or to do; and those of earlier quarters."""
    user = request.user
    allow(user, "security.look")
    done = list(RightsReview.objects.visible_to(user).select_related("unit", "by").order_by("-quarter", "-at")[:100])
    mine = rights_reviews.reviewed(user)
    this = {u.pk: staff.quarter(clock.today(staff.zone_of(u.pk)))[0] for u in mine}
    finished = {(r.unit_id, r.quarter) for r in done}
    todo = [
        Line(
            u.name,
            badges=[Badge(_("本季度待复核"), "warn", "hourglass")],
            href=reverse("security:review-new", args=[u.pk]),
        )
        for u in mine
        if (u.pk, this[u.pk]) not in finished
    ]
    lines = [
        Line(
            f"{r.unit.name} · {quarter_name(r)}",
            [r.by.name, r.at, _("保留 %(k)d 项，结束 %(e)d 项") % {"k": r.retained, "e": r.ended}],
            href=reverse("security:review", args=[r.pk]),
        )
        for r in done
    ]
    return detail(
        request,
        title=_("权限复核"),
        back=(reverse("security:index"), _("信息安全")),
        clause="6.1.1",
        subtitle=_("每季度逐人逐项核对角色，不再需要的当场结束。"),
        sections=[
            Section(_("本季度"), "hourglass", todo, _("本季度的复核已完成。") if mine else _("没有由您复核的单位。")),
            Section(_("已完成"), "history", lines, _("还没有完成过复核。")),
        ],
    )


def quarter_name(row: RightsReview) -> str:
    """The quarter of a review, as it is written."""
    return periods.quarter(row.quarter)


@dangerous("rights.review")
@require_http_methods(["GET", "POST"])
@login_required
def review_new(request: AuthenticatedRequest, unit_id: UUID) -> HttpResponseBase:
    """Go through all grants of the unit and keep or end each."""
    user = request.user
    allow(user, "security.officer")
    unit = next((u for u in rights_reviews.reviewed(user) if u.pk == unit_id), None)
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    rows = rights_reviews.standing(unit.pk)
    errors: dict[str, str] = {}
    message = ""
    data = groups(request.POST, "keep", "reason")
    if request.method == "POST":
        require_proof(request)
        verdicts = {str(g.pk): data.get(str(g.pk), {}) for g in rows}
        try:
            row = rights_reviews.finish(user, unit.pk, checked(FinishReview, {"verdicts": verdicts}))
        except Invalid as e:
            errors = {k.split(".")[1]: v[0] for k, v in e.fields.items()}
            message = e.message
        except Conflict as e:
            message = e.message
        else:
            messages.success(request, _("复核完成，记录稍后生成。"))
            return redirect("security:review", row.pk)
    known = tree()
    context = {
        "unit": unit,
        "message": message,
        "grants": [
            {
                "id": g.pk,
                "name": g.user.name,
                "username": g.user.username,
                "role": Role(g.role).label,
                "unit": people.name_of(known.get(g.unit_id)),
                "starts": g.starts,
                "ends": g.ends,
                "by": g.granted_by.name if g.granted_by else _("命令行"),
                "last": g.user.last_login,
                "own": g.user_id == user.pk,
                "keep": data.get(str(g.pk), {}).get("keep", "")[:1],
                "reason": data.get(str(g.pk), {}).get("reason", "")[:200],
                "error": errors.get(str(g.pk), ""),
            }
            for g in rows
        ],
    }
    return render(request, "security/review.html", context, status=422 if message else 200)


@require_GET
@login_required
def review(request: AuthenticatedRequest, review_id: UUID) -> HttpResponse:
    """A finished review, grant by grant."""
    row = _review(request, review_id)
    lines = [
        Line(
            li["person"],
            [li["role"], li["unit"], _("自 %(day)s") % {"day": li["since"]}, li["reason"]],
            [Badge(_("保留"), "done", "circle-check") if li["retained"] else Badge(_("结束"), "warn", "circle-minus")],
        )
        for li in row.lines
    ]
    return detail(
        request,
        title=f"{row.unit.name} · {quarter_name(row)}",
        back=(reverse("security:reviews"), _("权限复核")),
        clause="6.1.1",
        acts=record_act(row, "security:review-pdf", _("记录（PDF）")),
        facts=[
            (_("复核人"), row.by.name),
            (_("复核时间"), row.at),
            (_("保留"), str(row.retained)),
            (_("结束"), str(row.ended)),
        ],
        sections=[Section(_("逐项结论"), "list-check", lines, _("没有角色。"))],
    )


@require_GET
@login_required
def review_pdf(request: AuthenticatedRequest, review_id: UUID) -> HttpResponse:
    """The review as a document."""
    row = _review(request, review_id)
    return hand_out(request.user, documents.of(row), "rights-review", about=row)


def _review(request: AuthenticatedRequest, review_id: UUID) -> RightsReview:
    user = request.user
    allow(user, "security.look")
    row: RightsReview | None = (
        RightsReview.objects.visible_to(user).select_related("unit", "by").filter(pk=review_id).first()
    )
    if row is None:
        raise NotFound(_("没有这次复核。"))
    return row

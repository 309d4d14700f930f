"""The host's guards: state, since when, what stands in their place (6.1.3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.organisation import people
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security.forms import SubstituteForm
from linbao.security.hosts import services as hosts
from linbao.security.hosts.inputs import LARGEST_PROOF, RegisterSubstitute
from linbao.security.models import Guard, GuardState, Substitute
from linbao.security.presentation import Act, Badge, Line, Section, ask, detail

SHOWN = 30  # substitutes, the newest
TONES = {
    GuardState.ON: ("done", "circle-check"),
    GuardState.OFF: ("bad", "alert-triangle"),
    GuardState.UNKNOWN: ("warn", "help"),
    GuardState.SILENT: ("bad", "alert-triangle"),
}


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """Every guard as it stands, and the substitutes of one's units; a constant number of statements."""
    user = request.user
    allow(user, "security.look")
    report = hosts.newest()
    stand = hosts.standings(report)
    keeps = user.has_perm("security.host")
    rows = Substitute.objects.visible_to(user).select_related("by").order_by("-at", "-id")[:SHOWN]
    note = ""
    if report and report.problem:
        note = _("%(problem)s（自 %(at)s）。") % {
            "problem": hosts.PROBLEMS[report.problem],
            "at": hosts.shown_at(report.problem_since),
        }
    new = Act(reverse("security:substitute-new"), _("登记替代措施"), "plus")
    return detail(
        request,
        title=_("主机防护"),
        back=(reverse("security:index"), _("信息安全")),
        clause="6.1.3",
        subtitle=_("防火墙、入侵检测等由主机每分钟报告；15 分钟没有报告即视为异常。主机不能报告的，登记由什么代替。"),
        note=note,
        acts=[new] if keeps else [],
        facts=[
            (_("主机"), report.host if report else ""),
            (_("最近报告"), (report.at if report else None) or _("从未收到报告")),
            (_("异常"), _("%(n)d 项") % {"n": sum(s.fault for s in stand)}),
        ],
        sections=[
            Section(_("各项防护"), "shield", [_guard_line(s, keeps) for s in stand]),
            Section(_("替代措施"), "file-text", [_substitute_line(r) for r in rows], _("没有登记替代措施。")),
        ],
    )


def _guard_line(standing: hosts.Standing, keeps: bool) -> Line:
    tone, icon = TONES[standing.state]
    if standing.covered:
        tone, icon = "neutral", "circle-minus"
    badges = [Badge(standing.state.label, tone, icon)]
    cover = standing.substitute
    covered = ""
    if cover is not None:
        details = {"unit": people.name_of(tree().get(cover.unit_id)), "day": cover.expires_on}
        covered = _("替代措施有效至 %(day)s（%(unit)s）") % details
        badges.append(Badge(_("有替代措施"), "work", "file-text"))
    since = _("自 %(at)s") % {"at": hosts.shown_at(standing.since)} if standing.since else ""
    acts = []
    if keeps and standing.fault:
        href = f"{reverse('security:substitute-new')}?guard={standing.guard.value}"
        acts.append(Act(href, _("登记替代措施"), "plus"))
    return Line(
        standing.guard.label,
        [since, standing.explanation, *_facts(standing), covered],
        badges,
        acts=acts,
        body=str(hosts.ADVICE[standing.guard]) if standing.fault and standing.state != GuardState.SILENT else "",
    )


def _facts(standing: hosts.Standing) -> list[str]:
    """What the last report says of it, in words."""
    facts = standing.facts
    shown = []
    if standing.guard == Guard.FIREWALL and facts.get("rules") is not None:
        shown.append(_("%(n)d 条规则") % {"n": facts["rules"]})
    if standing.guard == Guard.BANS and facts.get("jails"):
        shown.append(_("封禁规则 %(names)s") % {"names": _("、").join(facts["jails"])})
        shown.append(_("正在封禁 %(n)d 个地址") % {"n": facts.get("banned") or 0})
    if standing.guard == Guard.INTRUSION and facts.get("rules") is not None:
        shown.append(_("%(n)d 条规则") % {"n": facts["rules"]})
        if facts.get("rules_at"):
            shown.append(_("规则更新于 %(day)s") % {"day": facts["rules_at"][:10]})
        if facts.get("skipped"):
            shown.append(_("事件过多，略过 %(mb)d MB") % {"mb": max(1, facts["skipped"] // 1_000_000)})
    return shown


def _badge(row: Substitute) -> Badge:
    if row.ended_at is not None or row.expires_on < clock.today():
        return Badge(_("已结束"), "neutral", "circle-minus")
    return Badge(_("有效"), "done", "circle-check")


def _substitute_line(row: Substitute) -> Line:
    until = _("有效期至 %(day)s") % {"day": row.expires_on}
    return Line(
        str(row),
        [people.name_of(tree().get(row.unit_id)), until, row.by.name, row.at],
        [_badge(row)],
        href=reverse("security:substitute", args=[row.pk]),
    )


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Record what stands in a guard's place."""
    user = request.user
    allow(user, "security.host")
    asked = request.GET.get("guard", "")
    initial = {"guard": asked} if asked in Guard.values else {}
    if request.method == "POST":
        form = SubstituteForm(request.POST, request.FILES, initial=initial)
    else:
        form = SubstituteForm(initial=initial)

    def do() -> str:
        file = request.FILES.get("file")
        if file is not None and (file.size or 0) > LARGEST_PROOF:
            raise Invalid(fields={"file": [_("文件超过 20 MB。")]})
        data = posted(
            RegisterSubstitute,
            request.POST,
            file=file.read() if file is not None else None,
            file_name=file.name or "" if file is not None else "",
        )
        row = hosts.cover(user, data)
        return reverse("security:substitute", args=[row.pk])

    return ask(
        request,
        form,
        do,
        title=_("登记替代措施"),
        back=(reverse("security:hosts"), _("主机防护")),
        clause="6.1.3",
        submit=_("登记"),
        done=_("已登记，到期前两周会提醒。"),
        note=_("在容器或政务云等主机不能报告的环境中，写明由什么代替这项防护，并附证明。登记期间视为有防护。"),
    )


@require_GET
@login_required
def substitute(request: AuthenticatedRequest, substitute_id: UUID) -> HttpResponse:
    """One substitute with its proof."""
    user = request.user
    allow(user, "security.look")
    row = hosts.substitute(user, substitute_id)
    acts = []
    if row.file:
        acts.append(Act(reverse("security:substitute-proof", args=[row.pk]), _("下载证明"), "download"))
    if row.ended_at is None and user.has_perm("security.keep", row.unit):
        acts.append(
            Act(
                reverse("security:substitute-end", args=[row.pk]),
                _("提前结束"),
                "x",
                post=True,
                tone="danger",
                confirm=_("结束后，这项防护按主机的报告判断。确定结束？"),
            )
        )
    return detail(
        request,
        title=row.measure,
        back=(reverse("security:hosts"), _("主机防护")),
        clause="6.1.3",
        badges=[_badge(row)],
        acts=acts,
        facts=[
            (_("防护"), row.get_guard_display()),
            (_("单位"), people.name_of(tree().get(row.unit_id))),
            (_("证明"), row.proof),
            (_("证明文件"), row.file_name),
            (_("有效期至"), row.expires_on),
            (_("登记人"), row.by.name),
            (_("登记时间"), row.at),
            (_("结束时间"), row.ended_at),
            (_("结束人"), row.ended_by.name if row.ended_by else _("到期自动结束") if row.ended_at else ""),
        ],
    )


@require_GET
@login_required
def proof(request: AuthenticatedRequest, substitute_id: UUID) -> HttpResponse:
    """The file that proves it, as a download; on the audit log."""
    user = request.user
    allow(user, "security.look")
    row, data = hosts.proof_file(user, substitute_id)
    response = HttpResponse(data, content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.file_name) or "attachment"
    response["X-Content-Type-Options"], response["Cache-Control"] = "nosniff", "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@login_required
def end(request: AuthenticatedRequest, substitute_id: UUID) -> HttpResponse:
    """End it before its day."""
    try:
        hosts.end(request.user, substitute_id)
        messages.success(request, _("已结束。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("security:substitute", substitute_id)

"""Security rules: what is in force, reading and confirming, who has not yet (6.1.1)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.forms import NewRuleForm, RuleForm
from linbao.security.models import Confirmation, SecurityRule
from linbao.security.presentation import Act, Badge, Line, Register, Section, ask, back_to, detail, unit_name
from linbao.security.rules import services as rulebook
from linbao.security.rules.inputs import IssueRule, ReviseRule

MOST_SHOWN = 200  # people on the page of one rule


def _badge(row: SecurityRule) -> Badge:
    return Badge(_("有效"), "done", "circle-check") if row.active else Badge(_("停用"), "neutral", "circle-minus")


def _version(row: SecurityRule) -> str:
    return _("第 %(v)d 版") % {"v": row.version}


def _acts(user: User) -> list[Act]:
    if not user.has_perm("security.officer"):
        return []
    return [Act(reverse("security:rule-new"), _("发布制度"), "plus", tone="primary")]


REGISTER = Register(
    Listing(
        name="security-rules",
        title=lazy("安全制度"),
        permission="security.look",
        action="security.export",
        url="security:rules",
        export_url="security:rules-export",
        rows=lambda user, values: SecurityRule.objects.visible_to(user),
        filters=(
            Search("q", lazy("名称"), lambda rows, q: rows.filter(Q(title__icontains=q))),
            Choice(
                "active",
                lazy("状态"),
                lambda rows, v: rows.filter(Q(active=v == "1")),
                every=lazy("全部"),
                options=[("1", lazy("有效")), ("0", lazy("停用"))],
            ),
        ),
        columns=(
            Column("title", lazy("名称"), lambda r: r.title, sort="title"),
            Column("version", lazy("版本"), lambda r: r.version),
            Column("unit", lazy("单位"), lambda r: unit_name(r)),
            Column("made_at", lazy("首次发布"), lambda r: r.made_at, sort="made_at", format="%Y-%m-%d"),
            Column("active", lazy("有效"), lambda r: r.active),
        ),
        sort="-made_at",
    ),
    clause="6.1.1",
    subtitle=lazy("每个版本都保留；发布后每个人在 7 天内阅读并确认。"),
    line=lambda r: Line(
        r.title, [_version(r), unit_name(r), r.made_at], [_badge(r)], href=reverse("security:rule", args=[r.pk])
    ),
    icon="file-text",
    empty=(lazy("还没有发布安全制度"), lazy("发布后，本单位每个人都会收到阅读确认的任务。")),
    acts=_acts,
)


index, export = REGISTER.views()


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Issue a rule."""
    user = request.user
    allow(user, "security.officer")
    form = NewRuleForm(user, request.POST if request.method == "POST" else None)
    del form.fields["seen"]

    def do() -> str:
        row = rulebook.issue(user, posted(IssueRule, request.POST))
        return reverse("security:rule", args=[row.pk])

    return ask(
        request,
        form,
        do,
        title=_("发布安全制度"),
        back=(reverse("security:rules"), _("安全制度")),
        clause="6.1.1",
        submit=_("发布"),
        done=_("已发布，每个人都收到了阅读确认的任务。"),
    )


@require_http_methods(["GET", "POST"])
@login_required
def version(request: AuthenticatedRequest, rule_id: UUID) -> HttpResponseBase:
    """Issue the next version."""
    user = request.user
    row = rulebook.get(user, rule_id)
    allow(user, "security.keep", row.unit)
    here = reverse("security:rule", args=[row.pk])
    latest = row.versions.get(version=row.version)
    form = RuleForm(
        request.POST if request.method == "POST" else None,
        initial={"title": row.title, "body": latest.body, "seen": row.version},
    )

    def do() -> str:
        rulebook.revise(user, row.pk, posted(ReviseRule, request.POST))
        return here

    note = _("发布新版本后，所有人需要重新阅读确认；旧版本和确认记录保留。")
    return ask(
        request,
        form,
        do,
        title=_("发布新版本"),
        back=(here, row.title),
        clause="6.1.1",
        submit=_("发布"),
        note=note,
        done=_("新版本已发布。"),
    )


@require_GET
@login_required
def rule(request: AuthenticatedRequest, rule_id: UUID) -> HttpResponse:
    """The text in force, one's confirmation; for who keeps or leads the unit also who has not confirmed."""
    user = request.user
    row = rulebook.read(user, rule_id)
    versions = list(row.versions.select_related("issued_by").order_by("-version"))
    latest = versions[0]
    mine = Confirmation.objects.filter(version=latest, person=user).first()
    sees_people = SecurityRule.objects.visible_to(user).filter(pk=row.pk).exists()
    acts, side = [], []
    if row.active and mine is None and row in rulebook.bound(user):
        acts.append(
            Act(
                reverse("security:rule-confirm", args=[row.pk, row.version]),
                _("我已阅读并遵守"),
                "check",
                post=True,
                tone="primary",
            )
        )
    if user.has_perm("security.keep", row.unit):
        acts.append(Act(reverse("security:rule-version", args=[row.pk]), _("发布新版本"), "versions"))
        if row.active:
            acts.append(
                Act(
                    reverse("security:rule-end", args=[row.pk]),
                    _("停用"),
                    "circle-minus",
                    post=True,
                    confirm=_("停用这项制度？确认记录会保留。"),
                )
            )
    if sees_people:
        confirmed = list(latest.confirmations.select_related("person").order_by("at")[:MOST_SHOWN])
        done = latest.confirmations.values("person")
        lacking = list(staff.of(tree().within(row.unit_id)).exclude(pk__in=done).order_by("name")[:MOST_SHOWN])
        side = [
            Section(
                _("尚未确认"),
                "hourglass",
                [Line(p.name, [p.username]) for p in lacking] if row.active else [],
                _("所有人都已确认。"),
            ),
            Section(_("已确认"), "circle-check", [Line(c.person.name, [c.at]) for c in confirmed], _("还没有人确认。")),
        ]
    side.append(
        Section(
            _("版本"),
            "versions",
            [Line(_("第 %(v)d 版") % {"v": v.version}, [v.issued_by.name, v.issued_at]) for v in versions],
        )
    )
    return detail(
        request,
        title=row.title,
        back=back_to(user, "security:rules", _("安全制度")),
        clause="6.1.1",
        badges=[_badge(row)],
        subtitle=_version(row),
        acts=acts,
        facts=[
            (_("单位"), unit_name(row)),
            (_("发布人"), latest.issued_by.name),
            (_("发布时间"), latest.issued_at),
            (_("我的确认"), mine.at if mine else _("尚未确认")),
        ],
        sections=[Section(_("正文"), "file-text", body=latest.body)],
        side=side,
    )


@require_POST
@login_required
def confirm(request: AuthenticatedRequest, rule_id: UUID, version: int) -> HttpResponse:
    """Confirm that one has read it and follows it."""
    user = request.user
    row = rulebook.read(user, rule_id)
    if row not in rulebook.bound(user) and row.active:
        raise NotFound(_("没有这项制度。"))
    try:
        rulebook.confirm(user, row.pk, version)
        messages.success(request, _("已确认。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("security:rule", row.pk)


@require_POST
@login_required
def end(request: AuthenticatedRequest, rule_id: UUID) -> HttpResponse:
    """Take it out of force."""
    user = request.user
    rulebook.end(user, rule_id)
    messages.success(request, _("已停用。"))
    return redirect("security:rule", rule_id)

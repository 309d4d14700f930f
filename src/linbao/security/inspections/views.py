"""Inspecting by the list, the lists themselves, and findings to closure (6.1.2, 6.2.3)."""

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
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.inputs import groups, posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security.devices import services as devices
from linbao.security.forms import NoteForm, OfUnit, PointsForm
from linbao.security.inspections import services as inspections
from linbao.security.inspections.inputs import FixFinding, Inspect, SetCheckList
from linbao.security.models import About, Device, Finding, Place
from linbao.security.premises import services as places
from linbao.security.presentation import Act, Badge, Line, Register, ask, back_to, detail, unit_name


@require_http_methods(["GET", "POST"])
@login_required
def device(request: AuthenticatedRequest, device_id: UUID) -> HttpResponse:
    """Inspect a device or medium."""
    user = request.user
    allow(user, "security.officer")
    return _inspect(request, devices.get(user, device_id), "security:device")


@require_http_methods(["GET", "POST"])
@login_required
def place(request: AuthenticatedRequest, place_id: UUID) -> HttpResponse:
    """Inspect a place."""
    user = request.user
    allow(user, "security.officer")
    return _inspect(request, places.get(user, place_id), "security:place")


def _inspect(request: AuthenticatedRequest, thing: Device | Place, page: str) -> HttpResponse:
    user = request.user
    allow(user, "security.keep", thing.unit)
    asked = inspections.points(thing.unit_id, inspections.about_of(thing))
    data, errors, conflict = groups(request.POST, "ok", "remark"), {}, ""
    if request.method == "POST":
        answers = [data.get(str(n), {}) for n in range(len(asked))]
        try:
            row = inspections.inspect(user, thing, posted(Inspect, request.POST, answers=answers))
        except Invalid as e:
            errors = {k.removeprefix("answers.").partition(".")[0]: v[0] for k, v in e.fields.items()}
        except Conflict as e:
            conflict = e.message
        else:
            bad = row.findings.count()
            message = ngettext(
                "检查已记录，发现 %(n)d 个问题，已交责任人整改。",
                "检查已记录，发现 %(n)d 个问题，已交责任人整改。",
                bad,
            ) % {"n": bad}
            messages.success(request, message if bad else _("检查已记录，全部合格。"))
            return redirect(page, thing.pk)
    context = {
        "thing": thing,
        "back": reverse(page, args=[thing.pk]),
        "message": conflict,
        "failed": bool(errors or conflict),
        "clause": "6.2.3" if isinstance(thing, Place) else "6.1.2",
        "count": len(asked),
        "points": [
            {
                "n": n,
                "label": p,
                "ok": data.get(str(n), {}).get("ok", "")[:1],
                "remark": data.get(str(n), {}).get("remark", "")[:400],
                "error": errors.get(str(n), ""),
            }
            for n, p in enumerate(asked)
        ],
    }
    return render(request, "security/inspect.html", context, status=422 if errors or conflict else 200)


@require_http_methods(["GET", "POST"])
@login_required
def check_list(request: AuthenticatedRequest, about: str) -> HttpResponseBase:
    """Change what an inspection asks, for a unit and those below it (`?unit=`)."""
    user = request.user
    allow(user, "security.officer")
    if about not in About.values:
        raise NotFound(_("没有这种检查表。"))
    units = OfUnit(user)
    unit = request.GET.get("unit") or str(units.initial.get("unit") or "")
    if unit not in dict(units.fields["unit"].choices):  # type: ignore[attr-defined]  # a ChoiceField
        raise NotFound(_("没有这个单位。"))
    row = tree().get(UUID(unit))
    if row is None:
        raise NotFound(_("没有这个单位。"))
    form = PointsForm(
        request.POST if request.method == "POST" else None,
        initial={"points": "\n".join(inspections.points(row.pk, about))},
    )

    def do() -> str:
        inspections.set_points(user, row.pk, about, posted(SetCheckList, request.POST))
        return reverse("security:places" if about == About.PLACE else "security:devices")

    back = (
        (reverse("security:places"), _("重要场所"))
        if about == About.PLACE
        else (reverse("security:devices"), _("设备和存储介质"))
    )
    title = _("检查表：%(about)s（%(unit)s）") % {"about": About(about).label, "unit": row.name}
    return ask(
        request,
        form,
        do,
        title=title,
        back=back,
        clause="6.2.3" if about == About.PLACE else "6.1.2",
        done=_("检查表已更新，从下一次检查起使用。"),
    )


# --- findings ----------------------------------------------------------------------------------------------


def _thing(row: Finding) -> Device | Place:
    result: Device | Place | None = row.inspection.device or row.inspection.place
    assert result is not None  # held by a constraint
    return result


def state(row: Finding) -> Badge:
    """The state of a finding."""
    if row.closed_at:
        return Badge(_("已关闭"), "done", "circle-check")
    if row.fixed_at:
        return Badge(_("待核验"), "wait", "hourglass")
    return Badge(_("待整改"), "warn", "tools")


def _line(row: Finding) -> Line:
    due = row.due_at if row.fixed_at is None and row.closed_at is None else None
    return Line(
        row.problem,
        [str(_thing(row)), row.owner.name, row.found_at],
        [state(row)],
        due=due,
        href=reverse("security:finding", args=[row.pk]),
    )


OPEN = {
    "open": Q(closed_at__isnull=True, fixed_at__isnull=True),
    "fixed": Q(closed_at__isnull=True, fixed_at__isnull=False),
    "closed": Q(closed_at__isnull=False),
}
REGISTER = Register(
    Listing(
        name="security-findings",
        title=lazy("检查发现的问题"),
        permission="security.look",
        action="security.export",
        url="security:findings",
        export_url="security:findings-export",
        rows=lambda user, values: Finding.objects.visible_to(user).select_related(
            "owner", "closed_by", "inspection__device", "inspection__place"
        ),
        filters=(
            Search(
                "q",
                lazy("问题或责任人"),
                lambda rows, q: rows.filter(Q(problem__icontains=q) | Q(owner__name__icontains=q)),
            ),
            Choice(
                "state",
                lazy("状态"),
                lambda rows, v: rows.filter(OPEN[v]),
                every=lazy("全部状态"),
                options=[("open", lazy("待整改")), ("fixed", lazy("待核验")), ("closed", lazy("已关闭"))],
            ),
        ),
        columns=(
            Column("found_at", lazy("时间"), lambda r: r.found_at, sort="found_at", format="%Y-%m-%d"),
            Column("thing", lazy("对象"), lambda r: _thing(r)),
            Column("problem", lazy("问题"), lambda r: r.problem),
            Column("owner", lazy("责任人"), lambda r: r.owner.name),
            Column("due_at", lazy("期限"), lambda r: r.due_at, format="%Y-%m-%d"),
            Column("state", lazy("状态"), lambda r: state(r).label),
            Column("correction", lazy("整改情况"), lambda r: r.correction),
            Column("closed_by", lazy("核验人"), lambda r: r.closed_by.name if r.closed_by else ""),
        ),
        sort="-found_at",
    ),
    clause="6.1.2",
    subtitle=lazy("责任人整改，安全保密员核验后关闭。"),
    line=_line,
    icon="checklist",
    empty=(lazy("没有发现问题"), lazy("检查中不合格的项目会出现在这里，直到整改关闭。")),
)


findings, export = REGISTER.views()


@require_GET
@login_required
def finding(request: AuthenticatedRequest, finding_id: UUID) -> HttpResponse:
    """One finding: the problem, its correction, who examined it."""
    user = request.user
    row = inspections.finding(user, finding_id)
    thing = _thing(row)
    keeps = user.has_perm("security.keep", tree().get(row.unit_id))
    acts = []
    if row.closed_at is None and row.fixed_at is None and (keeps or row.owner_id == user.pk):
        acts.append(Act(reverse("security:finding-fix", args=[row.pk]), _("填写整改情况"), "pencil", tone="primary"))
    if row.closed_at is None and row.fixed_at is not None and keeps:
        acts += [
            Act(
                reverse("security:finding-close", args=[row.pk, "right"]),
                _("核验通过"),
                "check",
                post=True,
                tone="primary",
            ),
            Act(reverse("security:finding-close", args=[row.pk, "again"]), _("退回整改"), "arrow-back-up", post=True),
        ]
    return detail(
        request,
        title=row.problem,
        back=back_to(user, "security:findings", _("检查发现的问题")),
        clause="6.2.3" if isinstance(thing, Place) else "6.1.2",
        badges=[state(row)],
        acts=acts,
        facts=[
            (_("对象"), str(thing)),
            (_("单位"), unit_name(row)),
            (_("责任人"), row.owner.name),
            (_("发现时间"), row.found_at),
            (_("期限"), row.due_at),
            (_("整改时间"), row.fixed_at),
            (_("整改情况"), row.correction),
            (_("核验人"), row.closed_by.name if row.closed_by else ""),
            (_("关闭时间"), row.closed_at),
        ],
    )


@require_http_methods(["GET", "POST"])
@login_required
def fix(request: AuthenticatedRequest, finding_id: UUID) -> HttpResponseBase:
    """Write how it was corrected."""
    user = request.user
    row = inspections.finding(user, finding_id)
    if row.owner_id != user.pk:
        allow(user, "security.keep", tree().get(row.unit_id))
    here = reverse("security:finding", args=[row.pk])
    form = NoteForm(
        request.POST if request.method == "POST" else None, label=_("整改情况"), name="correction", most=300
    )

    def do() -> str:
        inspections.fix(user, row.pk, posted(FixFinding, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=_("整改"),
        back=(here, row.problem),
        clause="6.1.2",
        submit=_("提交核验"),
        done=_("已提交，等待安全保密员核验。"),
    )


@require_POST
@login_required
def close(request: AuthenticatedRequest, finding_id: UUID, verdict: str) -> HttpResponse:
    """Close it, or send it back (`again`)."""
    user = request.user
    row = inspections.finding(user, finding_id)
    if verdict not in ("right", "again"):
        raise NotFound(_("没有这个操作。"))
    try:
        inspections.close(user, row.pk, right=verdict == "right")
        messages.success(request, _("已关闭。") if verdict == "right" else _("已退回，责任人已收到通知。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("security:finding", row.pk)

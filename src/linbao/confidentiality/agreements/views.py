"""Agreements on screen: one's own to read and sign, the unit's to write, and who has signed (6.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.agreements import gate
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.inputs import PHRASE, Publish, SaveDraft, Sign
from linbao.confidentiality.models import (
    Agreement,
    Disclosure,
    DisclosureState,
    PaperSignature,
    PaperState,
    PrivacyRequest,
    RequestState,
    Signature,
)
from linbao.core import clock
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem, TooMany
from linbao.documents.download import hand_out
from linbao.organisation.models import User
from linbao.organisation.people import UnitFilter
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.models import count

PAGE = 30
MOST_TRIES, TRIES_SECONDS = 10, 900  # wrong passwords while signing


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The person's own agreement, and what waits for them in this room."""
    user = request.user
    mine = Signature.objects.filter(user=user).select_related("agreement", "document").order_by("-signed_at")[:5]
    required = gate.required(user.rights)
    context: dict[str, Any] = {
        "tabs": presentation.tabs(request),
        "mine": list(mine),
        "required": bool(required),
        "to_sign": agreements.to_sign(user),
        "none_in_force": user.has_perm("agreement.write")
        and any(gate.in_force(u.pk) is None for u in presentation.units_of(user, presentation.OFFICER)),
        "facts": _facts(user),
    }
    return render(request, "confidentiality/index.html", context)


def _facts(user: User) -> list[dict[str, Any]]:
    """What waits for the person, as tiles."""
    rows: list[tuple[str, int, str]] = []
    if user.has_perm("disclosure.register"):
        n = Disclosure.objects.visible_to(user).filter(state=DisclosureState.ASKED).count()
        rows.append((_("待审批的对外提供"), n, "confidentiality:disclosures"))
    if user.has_perm("privacy.view"):
        n = PrivacyRequest.objects.visible_to(user).exclude(state=RequestState.ANSWERED).count()
        rows.append((_("未答复的个人信息请求"), n, "confidentiality:requests"))
    return [{"label": t, "count": n, "tone": "warn" if n else "", "url": reverse(page)} for t, n, page in rows]


@login_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def agreement(request: AuthenticatedRequest) -> HttpResponse:
    """The version that this person has to sign, with the password typed anew; nothing else opens before."""
    user = request.user
    row = agreements.to_sign(user)
    problem: Problem | None = None
    if request.method == "POST" and row is not None:
        try:
            _slow_down(user)
            agreements.sign(user, posted(Sign, request.POST))
        except (Invalid, Conflict, TooMany) as e:
            problem = e
            row = agreements.to_sign(user)
        else:
            request.session.pop(gate.KEY, None)
            messages.success(request, _("保密协议已签订，一年内有效。盖章文件稍后可在“保密”页下载。"))
            onward = gate.lacking_here(request)
            return redirect("confidentiality:agreement" if onward else "today")
    context = {
        "row": row,
        "shut": bool(gate.lacking(user.rights, gate.signed_by(user))),
        "paragraphs": _paragraphs(row.body) if row else [],
        "errors": presentation.error_messages(problem),
        "phrase": PHRASE,
        "post": request.POST,
        "current": Signature.objects.filter(user=user).order_by("-valid_until").first(),
    }
    return render(request, "confidentiality/agreement.html", context, status=problem.status if problem else 200)


def _slow_down(user: User) -> None:
    if count(f"agreement:{user.pk}", TRIES_SECONDS) > MOST_TRIES:
        raise TooMany(_("尝试次数过多，请 15 分钟后再试。"))


def _paragraphs(body: str) -> list[tuple[bool, str]]:
    """Lines of the text, and whether each is a heading."""
    return [
        (line[:1] in "一二三四五六七八九十" and "、" in line[:4], line)
        for line in (p.strip() for p in body.splitlines())
        if line
    ]


@login_required
@require_GET
def signed(request: AuthenticatedRequest, signature_id: UUID) -> HttpResponse:
    """The sealed document of a signature, for its person and those who keep the register."""
    user = request.user
    row = Signature.objects.visible_to(user).select_related("document").filter(pk=signature_id).first()
    if row is None:
        raise NotFound
    return hand_out(user, row.document, f"agreement-{clock.local(row.signed_at):%Y%m%d}")


OVERSEEN_BY = (presentation.OFFICER, presentation.MANAGER, presentation.AUDITOR)


class ChosenUnit(UnitFilter):
    """The unit whose agreement the page shows, one of those that one oversees; the first without."""

    def clean(self, user: User, raw: str) -> UUID:
        unit = next((u for u in presentation.units_of(user, *OVERSEEN_BY) if raw in (str(u.pk), u.code)), None)
        if unit is None:
            raise ValueError("no unit of theirs")
        return unit.pk

    def pairs(self, user: User) -> list[tuple[str, str]]:
        return [(str(u.pk), u.name) for u in presentation.units_of(user, *OVERSEEN_BY)[:200]]


def _signatures(user: User, values: Mapping[str, Any]) -> QuerySet[Signature]:
    """The signatures of the agreement that is in force on the unit."""
    units = presentation.units_of(user, *OVERSEEN_BY)
    unit = next((u for u in units if u.pk == values["unit"]), units[0] if units else None)
    if unit is None:
        return Signature.objects.none()
    force = gate.in_force(unit.pk)
    rows = Signature.objects.visible_to(user).filter(unit__in=[force.unit if force else unit.pk])
    return rows.select_related("user", "agreement", "document", "paper")


def _validity(rows: QuerySet[Signature], state: str) -> QuerySet[Signature]:
    today = clock.today()
    return rows.filter(valid_until__gte=today) if state == "valid" else rows.filter(valid_until__lt=today)


SIGNATURES = Listing(
    name="agreements",
    title=lazy("保密协议签订情况"),
    permission="agreement.oversee",
    action="agreement.export",
    url="confidentiality:agreements",
    export_url="confidentiality:agreements-export",
    size=30,
    rows=_signatures,
    filters=(
        ChosenUnit("unit", every=""),
        Choice(
            "state",
            lazy("状态"),
            _validity,
            every=lazy("全部签订记录"),
            options=[("valid", lazy("有效")), ("over", lazy("已过期"))],
        ),
    ),
    columns=(
        Column("name", lazy("姓名"), lambda r: r.user.name, 14),
        Column("username", lazy("用户名"), lambda r: r.user.username, 16),
        Column("agreement", lazy("协议"), lambda r: r.agreement.title, 30),
        Column("number", lazy("版本"), lambda r: r.number, 8),
        Column("signed", lazy("签订时间"), lambda r: r.signed_at, 18, sort="signed_at"),
        Column("valid", lazy("有效期至"), lambda r: r.valid_until, 12, sort="valid_until"),
        Column("document", lazy("文件编号"), lambda r: r.document.number if r.document else "", 28),
        Column("way", lazy("签订方式"), lambda r: _("纸质") if hasattr(r, "paper") else _("电子"), 10),
    ),
    sort="-signed",
)


@login_required
@require_GET
def register(request: AuthenticatedRequest) -> HttpResponse:
    """Versions of the unit's agreement, and who has signed or has not."""
    user = request.user
    allow(user, "agreement.oversee")
    unit = presentation.unit_of(request, *OVERSEEN_BY)
    if unit is None:
        raise NotFound(_("您没有可以查看的单位。"))
    force = gate.in_force(unit.pk)
    page = SIGNATURES.page(request)
    context = {
        "tabs": presentation.tabs(request),
        "unit": unit,
        "force": force,
        "force_unit": tree().get(UUID(force.unit)) if force else None,
        "versions": list(
            Agreement.objects.visible_to(user)
            .filter(unit=unit)
            .select_related("published_by", "written_by")
            .order_by("-number")[:20]
        ),
        "missing": _missing(unit.pk, force),
        "page": page,
        "papers": list(
            PaperSignature.objects.visible_to(user)
            .filter(state=PaperState.WAITING)
            .select_related("user", "recorded_by")
            .order_by("-recorded_at")[:50]
        ),
        "may_paper": user.has_perm("agreement.paper"),
        "may_write": user.has_perm("agreement.write", unit),
        "today": clock.today(),
    }
    return render(request, "confidentiality/agreements.html", context, status=page.status)


def _missing(unit_id: UUID, force: gate.InForce | None) -> list[User]:
    """People of this unit who are bound and have no valid signature; two statements."""
    if force is None:
        return []
    within = tree().within(unit_id)
    bound = set(agreements.bound_people(UUID(force.unit)))
    holding = Signature.objects.filter(unit_id=force.unit, valid_until__gte=clock.today()).values("user")
    here = User.objects.filter(pk__in=bound, grants__unit__in=within).exclude(pk__in=holding)
    return list(here.distinct().order_by("username")[:100])


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """Who signed which version when, as XLSX or CSV."""
    return SIGNATURES.export(request)


@login_required
@require_http_methods(["GET", "POST"])
def write(request: AuthenticatedRequest) -> HttpResponse:
    """The next version of the unit's text: kept as a draft, or published at once."""
    user = request.user
    allow(user, "agreement.write")
    unit = presentation.unit_of(request, presentation.OFFICER)
    if unit is None:
        raise NotFound(_("您没有可以起草协议的单位。"))
    title, body = agreements.suggested(unit.pk)
    problem: Problem | None = None
    if request.method == "POST":
        title, body = request.POST.get("title", ""), request.POST.get("body", "")
        try:
            publication = posted(Publish, request.POST) if request.POST.get("publish") else None
            draft = agreements.save(user, unit.pk, posted(SaveDraft, request.POST))
            if publication is not None:
                agreements.publish(user, draft.pk, publication)
                messages.success(request, _("第 %(n)d 版已发布；未签订的人员登录后须先签订。") % {"n": draft.number})
            else:
                messages.success(request, _("草稿已保存，尚未发布。"))
            return redirect("confidentiality:agreements")
        except (Invalid, Conflict) as e:
            problem = e
    context = {
        "tabs": presentation.tabs(request),
        "unit": unit,
        "units": presentation.units_of(user, presentation.OFFICER),
        "title": title,
        "body": body,
        "current": agreements.current(unit.pk),
        "errors": presentation.error_messages(problem),
        "post": request.POST,
        "bound": len(agreements.bound_people(unit.pk)),
    }
    return render(request, "confidentiality/write.html", context, status=problem.status if problem else 200)

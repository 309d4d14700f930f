"""Seals on screen: those in one's keeping and those of one's units, their making, their log (4.2.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Period, Search, contains
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotAllowed, Problem
from linbao.documents.inputs import ChangeSeal, HandOver, MakeSeal
from linbao.documents.models import Seal, SealKind, SealState, SealUse
from linbao.documents.seals import services as seals
from linbao.documents.seals.states import SEAL
from linbao.organisation.models import RoleGrant, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, require_proof

LARGEST = 10 * 1024 * 1024  # bytes of a picture or certificate
ACTIONS = {
    "make": gettext_lazy("制作"),
    "affix": gettext_lazy("用印"),
    "suspend": gettext_lazy("停用"),
    "resume": gettext_lazy("恢复启用"),
    "revoke": gettext_lazy("作废"),
    "hand_over": gettext_lazy("移交保管"),
}


SEALS = Listing(
    name="seals",
    title=gettext_lazy("印章"),
    action="list.export",
    url="documents:seals",
    size=30,
    rows=lambda user, values: Seal.objects.visible_to(user).select_related("unit", "custodian"),
    filters=(
        Search("q", gettext_lazy("印章名称或保管人"), contains("name", "custodian__name")),
        Choice("state", gettext_lazy("状态"), "state", every=gettext_lazy("全部状态"), options=SealState.choices),
        Choice("kind", gettext_lazy("种类"), "kind", every=gettext_lazy("全部种类"), options=SealKind.choices),
    ),
    columns=(
        Column("name", gettext_lazy("名称"), lambda s: s.name, 24, sort="name"),
        Column("kind", gettext_lazy("种类"), lambda s: s.get_kind_display(), 14),
        Column("unit", gettext_lazy("单位"), lambda s: s.unit.name, 20),
        Column("custodian", gettext_lazy("保管人"), lambda s: s.custodian.name, 12),
        Column("state", gettext_lazy("状态"), lambda s: s.get_state_display(), 10),
        Column("made", gettext_lazy("制作时间"), lambda s: s.made_at, 18, sort="made_at"),
        Column("valid", gettext_lazy("有效期至"), lambda s: s.valid_to, 18),
    ),
    sort="-made",
)
USES = Listing(
    name="seal-uses",
    title=gettext_lazy("用印记录"),
    action="list.export",
    url="documents:seal",
    size=30,
    rows=lambda user, values: SealUse.objects.filter(seal__in=Seal.objects.visible_to(user)).select_related(
        "by", "document"
    ),
    filters=(
        Choice("action", gettext_lazy("用印"), "action", every=gettext_lazy("全部记录"), options=ACTIONS.items()),
        Period("at", gettext_lazy("时间")),
    ),
    columns=(
        Column("at", gettext_lazy("时间"), lambda u: u.at, 18, sort="at"),
        Column("action", gettext_lazy("用印"), lambda u: ACTIONS.get(u.action, u.action), 12),
        Column("note", gettext_lazy("说明"), lambda u: u.note, 40),
        Column("by", gettext_lazy("经办人"), lambda u: u.by.name if u.by else _("系统"), 12),
        Column("document", gettext_lazy("文件编号"), lambda u: u.document.number if u.document else "", 28),
    ),
    sort="-at",
)


def _may_look(user: User) -> None:
    if not (
        user.rights.has("manager", "group_leader", "security_officer")
        or Seal.objects.filter(custodian=user).exists()
        or Seal.objects.filter(person=user).exists()
    ):
        raise NotAllowed(_("印章由管理部门管理；您没有保管的印章。"))


def _units(user: User) -> list[Unit]:
    """Units that this person may make seals for: their communities and what hangs under them."""
    kinds = (UnitKind.COMMUNITY, UnitKind.WORK_GROUP, UnitKind.DEPARTMENT)
    rows = [u for u in (tree().get(i) for i in user.rights.units("manager")) if u is not None and u.kind in kinds]
    return sorted(rows, key=lambda u: (u.kind != UnitKind.COMMUNITY, u.order, u.code))


@require_http_methods(["GET", "POST"])
@login_required
def index(request: AuthenticatedRequest) -> HttpResponseBase:
    """The seals that this person may see, and making one."""
    user = request.user
    _may_look(user)
    errors: dict[str, list[str]] = {}
    data: dict[str, str] = {"kind": SealKind.WORK_GROUP}
    if request.method == "POST":
        data = {name: str(value) for name, value in request.POST.items() if name != "passphrase"}
        person = data.get("custodian") or None if data.get("kind") == SealKind.PERSON else None
        try:
            seal = posted(MakeSeal, request.POST, person=person)
            made = seals.make(user, seal, image=_file(request, "picture"), pkcs12=_file(request, "pkcs12"))
            messages.success(request, _("印章已制作。"))
            return redirect("documents:seal", made.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    if request.GET.get("format"):
        return SEALS.export(request)
    page = SEALS.page(request)
    units = _units(user)
    people = RoleGrant.objects.current().filter(unit__in=user.rights.units("manager"))
    context: dict[str, Any] = {
        "page": page,
        "kinds": SealKind.choices,
        "units": units,
        "people": User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("name") if units else [],
        "errors": errors,
        "values": data,
    }
    return render(request, "documents/seals.html", context, status=422 if errors else page.status)


@require_GET
@login_required
def detail(request: AuthenticatedRequest, seal_id: UUID) -> HttpResponseBase:
    """One seal with its certificate and the log of every use; `?format=` exports the log."""
    user = request.user
    seal = seals.get(user, seal_id)
    rows = seal.uses.select_related("by", "document")
    if request.GET.get("format"):
        return USES.export(request, rows, subject=seal, unit_id=seal.unit_id)
    page = USES.page(request, rows)
    manages = user.has_perm("seal.manage", seal.unit)
    people = RoleGrant.objects.current().filter(unit__in=user.rights.units("manager")).values("user")
    context = {
        "seal": seal,
        "page": page,
        "manages": manages,
        "may_suspend": SEAL.allows(seal, "suspend") and (manages or seal.custodian_id == user.pk),
        "people": User.objects.filter(pk__in=people, is_active=True).order_by("name") if manages else [],
    }
    return render(request, "documents/seal.html", context, status=page.status)


@require_GET
@login_required
def picture(request: AuthenticatedRequest, seal_id: UUID) -> HttpResponse:
    """The seal's picture, for those who may see the seal."""
    seal = seals.get(request.user, seal_id)
    return HttpResponse(
        seals.picture(seal), content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
    )


@dangerous("seal.change")
@require_POST
@login_required
def change(request: AuthenticatedRequest, seal_id: UUID) -> HttpResponse:
    """Suspend (at once: it only protects), or after proving who one is resume, revoke, or hand over."""
    user = request.user
    action = request.POST.get("action", "")
    if action != "suspend":
        allow(user, "seal.manage", seals.get(user, seal_id).unit)
        require_proof(request)
    try:
        if action == "hand_over":
            seals.hand_over(user, seal_id, posted(HandOver, request.POST).custodian)
        else:
            seals.change(user, seal_id, action, posted(ChangeSeal, request.POST))
        messages.success(request, _("已记录。"))
    except Invalid as e:
        messages.error(request, " ".join(m for details in (e.fields or {"": [e.message]}).values() for m in details))
    except Problem as e:
        if e.status in (403, 404):
            raise
        messages.error(request, e.message)
    return redirect("documents:seal", seal_id)


def _file(request: AuthenticatedRequest, name: str) -> bytes | None:
    upload = request.FILES.get(name)
    if upload is None:
        return None
    if (upload.size or 0) > LARGEST:
        raise Invalid(fields={name: [_("文件不能超过 10 MB。")]})
    return upload.read() or None

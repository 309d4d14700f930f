"""Seals on screen: those in one's keeping and those of one's units, their making, their log (4.2.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.keyset import newest
from linbao.core.problems import Invalid, NotAllowed, Problem
from linbao.documents.models import Seal, SealKind, SealState
from linbao.documents.seals import services as seals
from linbao.documents.seals.states import SEAL
from linbao.organisation.models import RoleGrant, Unit, UnitKind, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
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
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The seals that this person may see, and making one."""
    user = request.user
    _may_look(user)
    errors: dict[str, list[str]] = {}
    data: dict[str, str] = {"kind": SealKind.WORK_GROUP}
    if request.method == "POST":
        data = {k: request.POST.get(k, "") for k in ("kind", "name", "unit", "custodian")}
        try:
            made = seals.make(
                user,
                kind=data["kind"],
                name=data["name"],
                unit_id=_uuid(data["unit"]),
                custodian_id=_uuid(data["custodian"]),
                person_id=_uuid(data["custodian"]) if data["kind"] == SealKind.PERSON else None,
                image=_file(request, "picture"),
                pkcs12=_file(request, "pkcs12"),
                passphrase=request.POST.get("passphrase", "")[:200],
            )
            messages.success(request, _("印章已制作。"))
            return redirect("documents:seal", made.pk)
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    rows = Seal.objects.visible_to(user).select_related("unit", "custodian")
    if (state := request.GET.get("state", "")) in SealState.values:
        rows = rows.filter(state=state)
    result, following = newest(rows, request.GET.get("cursor", ""), 30, moment="made_at")
    units = _units(user)
    people = RoleGrant.objects.current().filter(unit__in=user.rights.units("manager"))
    context: dict[str, Any] = {
        "rows": result,
        "next": following,
        "states": SealState.choices,
        "chosen": state,
        "kinds": SealKind.choices,
        "units": units,
        "people": User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("name") if units else [],
        "errors": errors,
        "given": data,
    }
    return render(request, "documents/seals.html", context, status=422 if errors else 200)


@require_GET
@login_required
def detail(request: AuthenticatedRequest, seal_id: UUID) -> HttpResponse:
    """One seal with its certificate and the log of every use."""
    user = request.user
    seal = seals.get(user, seal_id)
    uses, following = newest(seal.uses.select_related("by", "document"), request.GET.get("cursor", ""), 30, moment="at")
    for use in uses:
        use.action_label = ACTIONS.get(use.action, use.action)
    manages = user.has_perm("seal.manage", seal.unit)
    people = RoleGrant.objects.current().filter(unit__in=user.rights.units("manager")).values("user")
    context = {
        "seal": seal,
        "uses": uses,
        "next": following,
        "manages": manages,
        "may_suspend": SEAL.allows(seal, "suspend") and (manages or seal.custodian_id == user.pk),
        "people": User.objects.filter(pk__in=people, is_active=True).order_by("name") if manages else [],
    }
    return render(request, "documents/seal.html", context)


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
            seals.hand_over(user, seal_id, _uuid(request.POST.get("custodian", "")))
        else:
            seals.change(user, seal_id, action, reason=request.POST.get("reason", ""))
        messages.success(request, _("已记录。"))
    except Invalid as e:
        messages.error(request, " ".join(m for details in (e.fields or {"": [e.message]}).values() for m in details))
    except Problem as e:
        if e.status in (403, 404):
            raise
        messages.error(request, e.message)
    return redirect("documents:seal", seal_id)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        return UUID(int=0)


def _file(request: AuthenticatedRequest, name: str) -> bytes | None:
    upload = request.FILES.get(name)
    if upload is None:
        return None
    if (upload.size or 0) > LARGEST:
        raise Invalid(fields={name: [_("文件不能超过 10 MB。")]})
    return upload.read() or None

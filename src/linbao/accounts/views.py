"""People as their administrator and manager see them: list, account, roles for a period (1.3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.accounts import services, sessions, signals
from linbao.accounts.forms import NewPersonForm, PersonForm, RoleFields
from linbao.accounts.inputs import ChangePerson, CreatePerson, EndGrant, GrantRole, ProposeRole, RolePeriod
from linbao.accounts.models import RoleProposal
from linbao.accounts.passwords.services import Secret
from linbao.accounts.proposals import services as proposals
from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import people
from linbao.organisation.inputs import SetActive
from linbao.organisation.models import SEPARATED, Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import FORM_WITHIN, WITHIN, dangerous, require_proof


@require_GET
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The people of one's units by name, role, unit and state; a constant number of statements."""
    page = people.LISTING.page(request)
    for row in page.rows:
        row["posts"] = people.roles_of(row.row)
    context = {"page": page, "may_create": request.user.has_perm("people.create")}
    return render(request, "accounts/people.html", context, status=page.status)


@require_GET
@login_required
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list as XLSX or CSV, phones masked; on the audit log."""
    return people.LISTING.export(request)


@dangerous("role.propose")
@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """A new account, with its first role when it is known; its one-time password is shown this once."""
    user = request.user
    allow(user, "people.create")
    require_proof(request, within=FORM_WITHIN if request.method == "POST" else WITHIN)
    form = NewPersonForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            data = posted(CreatePerson, request.POST)
            role = posted(GrantRole, request.POST) if form.has_role() else None
            posted(RolePeriod, request.POST)  # days that are none are refused without a role too
            with transaction.atomic():
                person, once = services.create_person(user, data, unit_id=role.unit if role else None)
                if role:
                    made = services.grant(user, person.pk, role)
                    if isinstance(made, RoleProposal):
                        messages.warning(request, proposals.waits_for(made.unit_id))
            return _once(request, person, once, new=True)
        except Invalid as e:
            set_errors(form, e)
    return render(request, "accounts/person_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@login_required
def person(request: AuthenticatedRequest, person_id: UUID) -> HttpResponse:
    """One person: how to reach them, their roles with period, where they are signed in."""
    return _person(request, _seen(request, person_id))


@dangerous("person.change")
@require_http_methods(["GET", "POST"])
@login_required
def edit(request: AuthenticatedRequest, person_id: UUID) -> HttpResponseBase:
    """Correct name, phone or mail address."""
    user = request.user
    result = _seen(request, person_id)
    allow(user, "person.manage", result)
    require_proof(request, within=FORM_WITHIN if request.method == "POST" else WITHIN)
    form = PersonForm(
        result, request.POST if request.method == "POST" else None, initial={"name": result.name, "email": result.email}
    )
    if request.method == "POST":
        try:
            services.change_person(user, result.pk, posted(ChangePerson, request.POST))
            messages.success(request, _("已保存。"))
            return redirect("accounts:person", result.pk)
        except Invalid as e:
            set_errors(form, e)
    context = {"form": form, "person": result}
    return render(request, "accounts/person_form.html", context, status=422 if form.errors else 200)


@dangerous("role.propose")
@require_POST
@login_required
def grant(request: AuthenticatedRequest, person_id: UUID) -> HttpResponseBase:
    """Propose a role for the security officer to confirm; what forbids it (三员分立, a role that the person has
    already) stands beside the field."""
    user = request.user
    result = _seen(request, person_id)
    allow(user, "person.manage", result)
    require_proof(request)
    try:
        row = services.grant(user, result.pk, posted(ProposeRole, request.POST))
    except Invalid as e:
        form = RoleFields(user, request.POST)
        set_errors(form, e)
        return _person(request, result, form)
    if isinstance(row, RoleProposal):
        messages.warning(request, proposals.waits_for(row.unit_id))
    else:
        messages.success(request, _("已授予“%(role)s”。") % {"role": row.get_role_display()})
    return redirect("accounts:person", result.pk)


@dangerous("role.end")
@require_POST
@login_required
def end_grant(request: AuthenticatedRequest, person_id: UUID, grant_id: UUID) -> HttpResponseBase:
    """End a role at once, or after a day that is given."""
    user = request.user
    result = _seen(request, person_id)
    if not result.grants.filter(pk=grant_id).exists():
        raise NotFound(_("没有这项角色。"))
    allow(user, "grant.end", tree().get(result.grants.get(pk=grant_id).unit_id))
    require_proof(request)
    try:
        services.end_grant(user, grant_id, posted(EndGrant, request.POST))
        messages.success(request, _("已结束这项角色。"))
    except (Conflict, Invalid) as e:
        messages.error(request, e.text)
    return redirect("accounts:person", result.pk)


@dangerous("person.deactivate")
@require_POST
@login_required
def active(request: AuthenticatedRequest, person_id: UUID) -> HttpResponseBase:
    """Close an account, or open it again."""
    user = request.user
    result = _seen(request, person_id)
    allow(user, "person.manage", result)
    require_proof(request)
    on = posted(SetActive, request.POST).active
    try:
        services.set_active(user, result.pk, on)
        messages.success(request, _("账号已启用。") if on else _("账号已停用，登录和令牌已全部失效。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("accounts:person", result.pk)


@dangerous("person.reset_password")
@require_POST
@login_required
@never_cache
def reset(request: AuthenticatedRequest, person_id: UUID) -> HttpResponseBase:
    """A new one-time password, shown this once and stored nowhere."""
    user = request.user
    result = _seen(request, person_id)
    allow(user, "person.manage", result)
    require_proof(request)
    try:
        result, once = services.reset_password(user, result.pk)
    except Conflict as e:
        messages.error(request, e.message)
        return redirect("accounts:person", person_id)
    return _once(request, result, once)


@require_POST
@login_required
def sign_out(request: AuthenticatedRequest, person_id: UUID) -> HttpResponse:
    """End all of the person's sessions."""
    user = request.user
    ended = services.sign_out(user, _seen(request, person_id).pk)
    message = ngettext("已退出 %(n)d 处登录。", "已退出 %(n)d 处登录。", ended)
    messages.success(request, message % {"n": ended})
    return redirect("accounts:person", person_id)


@require_GET
@login_required
def units(request: AuthenticatedRequest) -> HttpResponse:
    """Proposals for the unit of a role, where there are too many to list."""
    user = request.user
    allow(user, "people.create")
    result = people.proposals(user.rights, request.GET.get("unit", ""), Role.ADMINISTRATOR)
    return render(request, "accounts/unit_proposals.html", {"units": [(u.code, people.name_of(u)) for u in result]})


# --- inside ------------------------------------------------------------------------------------


def _seen(request: AuthenticatedRequest, person_id: UUID) -> User:
    user = request.user
    allow(user, "people.view")
    result = people.find(user, person_id)
    if result is None:
        raise NotFound(_("没有这个人员。"))
    return result


def _person(request: AuthenticatedRequest, person: User, form: RoleFields | None = None) -> HttpResponse:
    user = request.user
    manage = user.has_perm("person.manage", person)
    today, known = clock.today(), tree()
    rows = [
        {
            "id": g.pk,
            "role": Role(g.role).label,
            "unit": people.name_of(known.get(g.unit_id)),
            "starts": g.starts,
            "ends": g.ends,
            "by": g.granted_by.name if g.granted_by else _("命令行"),
            "at": g.granted_at,
            "separated": g.role in SEPARATED,
            "may_end": manage and user.rights.on(g.unit_id, Role.ADMINISTRATOR),
            "when": "past" if g.ends and g.ends < today else "coming" if g.starts > today else "now",
        }
        for g in person.grants.select_related("granted_by").order_by("-starts", "role")
    ]
    context: dict[str, Any] = {
        "person": person,
        "state": people.state_of(person),
        "grants": [r for r in rows if r["when"] != "past"],
        "past": [r for r in rows if r["when"] == "past"],
        "proposals": [
            {"role": p.get_role_display(), "unit": people.name_of(known.get(p.unit_id)), "by": p.proposed_by.name}
            for p in person.proposals.waiting().select_related("proposed_by")
        ],
        "manage": manage,
        "reassign_by": _reassign_by(user, person) if manage else None,
        "self": person.pk == user.pk,
        "sessions": sessions.living(person).count() if manage else 0,
        "form": form or (RoleFields(user) if manage and person.is_active else None),
        "proposing": not people.all_offered(user.rights, Role.ADMINISTRATOR),
    }
    return render(request, "accounts/person.html", context, status=422 if form is not None and form.errors else 200)


def _reassign_by(user: User, person: User) -> datetime | None:
    """Until when `user` owes this person another post (5.2.3, 7.2.1)."""
    answers = signals.reassignment_due_asked.send(User, person=person, by=user)
    return next((due for _receiver, due in answers if due is not None), None)  # type: ignore[return-value]  # Django's stubs: a receiver returns text


def _once(request: AuthenticatedRequest, person: User, once: Secret, *, new: bool = False) -> HttpResponse:
    """Shown in the answer to the POST itself, so that it lies in no session, address or cache."""
    context = {"person": person, "secret": once.secret, "openers": _("、").join(once.openers[:5]), "new": new}
    return render(request, "accounts/person_password.html", context)

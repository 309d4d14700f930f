"""One's own account: name and phone, password and second factor, where one is signed in, tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linbao.accounts import services, sessions
from linbao.accounts.forms import AREAS, OwnForm, TokenForm
from linbao.accounts.inputs import ChangeOwn, ChooseAreas, MakeToken
from linbao.accounts.models import ApiToken
from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.problems import Invalid, Problem
from linbao.organisation import people
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform.protection.reauthentication import dangerous, proven, require_proof


@dangerous("person.own_address")
@require_http_methods(["GET", "POST"])
@login_required
def settings(request: AuthenticatedRequest) -> HttpResponseBase:
    """Everything about one's own account on one page; posting changes phone, mail address and language. Another mail
    address asks for a proof first; the form stays filled in meanwhile."""
    user = request.user
    if request.method != "POST":
        return _page(request)
    try:
        data = posted(ChangeOwn, request.POST)
        if not proven(request) and (changed := _proof_needed(user, data)):
            raise Invalid(fields={name: [_("更改前，请先在本页“验证身份”，再回来保存。")] for name in changed})
        person = services.change_own(user, data)
    except Invalid as e:
        form = _own(user, request.POST)
        set_errors(form, e)
        return _page(request, own=form)
    if person.language:
        translation.activate(person.language)  # the message below is read in the new language
    messages.success(request, _("已保存。"))
    return redirect("accounts:settings")


def _proof_needed(user: User, data: ChangeOwn) -> set[str]:
    """Which of the addresses would change, by which a stranger could take the account over."""
    changed = {name for name in ("email", "phone") if (new := getattr(data, name)) and new != getattr(user, name)}
    return changed | ({"email"} if user.email and not data.email else set()) | ({"phone"} if data.no_phone else set())


@dangerous("token.create")
@require_POST
@login_required
@never_cache
def make_token(request: AuthenticatedRequest) -> HttpResponseBase:
    """A token for a program; its secret is in the answer to the POST and nowhere else."""
    user = request.user
    require_proof(request)
    form = TokenForm(request.POST)
    try:
        scopes = posted(ChooseAreas, request.POST).scopes
        row, secret = services.make_token(user, posted(MakeToken, request.POST, scopes=scopes), by=user)
        return render(request, "accounts/token_made.html", {"token": row, "secret": secret, "scopes": _scopes(row)})
    except Invalid as e:
        set_errors(form, e, scopes="areas")
    return _page(request, token=form)


@require_POST
@login_required
def revoke_token(request: AuthenticatedRequest, token_id: UUID) -> HttpResponse:
    """Revoke a token of one's own."""
    services.revoke_token(request.user, token_id)
    messages.success(request, _("令牌已撤销，使用它的程序将无法再访问。"))
    return redirect("accounts:settings")


@require_POST
@login_required
def end_session(request: AuthenticatedRequest, session_id: int) -> HttpResponse:
    """Sign out on one device."""
    try:
        services.end_session(request.user, session_id)
        messages.success(request, _("已退出该设备上的登录。"))
    except Problem as e:
        messages.error(request, e.message)
    return redirect("accounts:settings")


@require_POST
@login_required
def end_sessions(request: AuthenticatedRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = services.end_other_sessions(request.user, request.session.session_key or "")
    message = ngettext("已退出其他 %(n)d 处登录。", "已退出其他 %(n)d 处登录。", ended)
    messages.success(request, message % {"n": ended})
    return redirect("accounts:settings")


# --- inside ------------------------------------------------------------------------------------


def _own(user: User, data: Any = None) -> OwnForm:
    language = user.language or translation.get_language()
    return OwnForm(user, data, initial={"email": user.email, "language": language})


def _page(request: AuthenticatedRequest, own: OwnForm | None = None, token: TokenForm | None = None) -> HttpResponse:
    user = request.user
    units, now = tree(), clock.now()
    factors: dict[str, list[Authenticator]] = {}
    for row in Authenticator.objects.filter(user=user):
        factors.setdefault(row.type, []).append(row)
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    tokens = user.tokens.filter(revoked_at__isnull=True).order_by("-created_at")
    context = {
        "own": own or _own(user),
        "token_form": token or TokenForm(),
        "grants": [
            {"role": Role(g.role).label, "unit": people.name_of(units.get(g.unit_id)), "ends": g.ends}
            for g in user.grants.current().order_by("starts")
        ],
        "totp": bool(factors.get(Authenticator.Type.TOTP)),
        "passkeys": len(factors.get(Authenticator.Type.WEBAUTHN, ())),
        "codes": len(codes[0].wrap().get_unused_codes()) if codes else None,
        "devices": sessions.devices(user, request.session.session_key or ""),
        "tokens": [
            {"row": t, "scopes": _scopes(t), "expired": bool(t.expires_at and t.expires_at <= now)} for t in tokens
        ],
    }
    errors = any(f is not None and f.errors for f in (own, token))
    return render(request, "accounts/settings.html", context, status=422 if errors else 200)


def _scopes(token: ApiToken) -> list[str]:
    """What a token may do, in words."""
    if "*" in token.scopes:
        return [_("全部")]
    terms = []
    for scope in token.scopes:
        area, _colon, verb = scope.partition(":")
        name = str(AREAS.get(area, area))
        terms.append(
            {"read": _("%(area)s（只读）"), "write": _("%(area)s（写入）")}.get(verb, "%(area)s") % {"area": name}
        )
    return terms

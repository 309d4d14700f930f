"""How people sign in: by username, with an account that an administrator made; nobody signs up."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_set
from axes.models import AccessAttempt
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from linbao.audit import actions as audit
from linbao.base import clock
from linbao.units import actions
from linbao.units.models import User


class Adapter(DefaultAccountAdapter):
    """Closes sign-up and sends no mail: accounts and forgotten passwords are the administrator's matter."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To the day's work, not to the same empty form again."""
        return "/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: what happened stands on the audit log and in the person's list of sessions."""


def address(request: HttpRequest) -> str:
    """Where a request comes from; `base.middleware.behind_proxies` has set it right."""
    return str(request.META.get("REMOTE_ADDR") or "")


def locked_out(request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """What somebody sees after too many wrong passwords."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"detail": _("口令多次错误，请 15 分钟后再试。")}, status=429)
    return render(request, "units/lockout.html", status=429)


@receiver([password_changed, password_set])
def _changed(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A password of one's own: the first-sign-in gate opens, other devices must use it, tokens end with the old one."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    audit.record(user, "password.change", user, address=address(request) or None)
    actions.end_other_sessions(user, request.session.session_key or "")
    actions.revoke_tokens(user)


def username_digest(request: HttpRequest | None, credentials: Any = None) -> str:
    """Under what name failed sign-ins are counted and kept: a keyed digest of what was typed, however it is spelt. People
    type their password there, and names of nobody."""
    typed = str((credentials or {}).get("username") or (request.POST.get("login") if request is not None else "") or "")
    person = unicodedata.normalize("NFKC", typed).strip().casefold()
    return salted_hmac("linbao.sign_in", person).hexdigest()[:40]


def forget_attempts() -> int:
    """Failed sign-ins older than a day are of no use for a lockout of minutes; returns how many went."""
    return int(AccessAttempt.objects.filter(attempt_time__lt=clock.now() - timedelta(days=1)).delete()[0])

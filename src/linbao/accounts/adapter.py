"""How people sign in: by username, with an account that an administrator made; nobody signs up."""

from __future__ import annotations

import ipaddress
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_set
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from linbao.accounts import services
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.http import wants_json
from linbao.organisation.models import User

KNOWN = "linbao_known"  # the cookie that marks a browser
KNOWN_DAYS, KNOWN_PEOPLE = 180, 5


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
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
    """Where a request comes from; `platform.server.middleware.behind_proxies` has set it right."""
    return str(request.META.get("REMOTE_ADDR") or "")


def place_of_attempt(request: HttpRequest) -> str:
    """Where a try to sign in counts: at its address; in a browser that this person has signed in with before, at that
    browser, as an address of its own (RFC 4193). So nobody at the same address locks them out."""
    name = str(request.POST.get("login") or getattr(getattr(request, "user", None), "username", ""))
    mark, people = known_browser(request)
    if not mark or username_digest(request, {"username": name}) not in people:
        return address(request)
    return str(ipaddress.IPv6Address(bytes([0xFD]) + bytes.fromhex(mark)))


def known_browser(request: HttpRequest) -> tuple[str, list[str]]:
    """The random mark of a browser and the digests of who signed in with it; "" and nobody for one without."""
    try:
        stored = signing.loads(request.COOKIES.get(KNOWN, ""), salt=KNOWN, max_age=KNOWN_DAYS * 86400)
        mark, people = str(stored[0]), [str(p) for p in stored[1]]
        return (mark, people) if re.fullmatch("[0-9a-f]{30}", mark) else ("", [])
    except (signing.BadSignature, LookupError, TypeError):
        return "", []


@receiver(user_logged_in)
def _known(sender: Any, request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    if request is not None:
        request.__dict__["signed_in_as"] = user.username


def remember_browser(request: HttpRequest, response: HttpResponse) -> None:
    """Mark the browser that somebody has just signed in with (see `place_of_attempt`); it tells no name."""
    name = request.__dict__.get("signed_in_as")
    if name is None:
        return
    mark, people = known_browser(request)
    digest = username_digest(None, {"username": name})
    stored = [mark or secrets.token_hex(15), [digest, *(p for p in people if p != digest)][:KNOWN_PEOPLE]]
    response.set_cookie(
        KNOWN,
        signing.dumps(stored, salt=KNOWN),
        max_age=KNOWN_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


def locked_out(request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """What somebody sees after too many wrong passwords."""
    if wants_json(request):
        return JsonResponse({"detail": _("口令多次错误，请 15 分钟后再试。")}, status=429)
    return render(request, "accounts/lockout.html", status=429)


@receiver([password_changed, password_set])
def _changed(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A password of one's own: the first-sign-in gate opens, other devices must use it, tokens end with the old one."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    audit.record(user, "password.change", user, address=address(request) or None)
    services.end_other_sessions(user, request.session.session_key or "")
    services.revoke_tokens(user)


def username_digest(request: HttpRequest | None, credentials: Any = None) -> str:
    """Under what name failed sign-ins are counted and kept: a keyed digest of what was typed, however it is spelt.
    People type their password there, and names of nobody."""
    typed = str((credentials or {}).get("username") or (request.POST.get("login") if request is not None else "") or "")
    person = unicodedata.normalize("NFKC", typed).strip().casefold()
    return salted_hmac("linbao.sign_in", person).hexdigest()[:40]


def forget_attempts() -> int:
    """Failed sign-ins older than a day are of no use for a lockout of minutes; returns how many went."""
    return int(AccessAttempt.objects.filter(attempt_time__lt=clock.now() - timedelta(days=1)).delete()[0])

"""Who came in, went out or was refused at the door, on the audit log (6.1.1)."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from linbao.accounts.adapter import address
from linbao.audit import services as audit
from linbao.organisation.models import User
from linbao.platform.observability import security_log


def _address(request: HttpRequest | None) -> str | None:
    return (address(request) or None) if request is not None else None


@receiver(user_logged_in)
def _came_in(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    audit.record(user, "sign_in", user, address=_address(request))
    security_log.event("sign_in", outcome=security_log.SUCCESS, address=_address(request), user=str(user.pk))


@receiver(user_logged_out)
def _went_out(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    audit.record(user, "sign_out", user, address=_address(request))


@receiver(user_login_failed)
def _refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    known = _known(credentials.get("username"))
    audit.record(None, "sign_in.fail", known, address=_address(request))
    security_log.event("sign_in.fail", address=_address(request), user=str(known.pk) if known else None)


@receiver(user_locked_out)
def _locked(sender: Any, request: HttpRequest | None, username: str, **_kwargs: Any) -> None:
    known = _known(request.POST.get("login") if request is not None else "")  # `username` is a digest
    audit.record(None, "sign_in.lock", known, address=_address(request))
    security_log.event(
        "sign_in.lock", severity=security_log.MIDDLE, address=_address(request), user=str(known.pk) if known else None
    )


@receiver(authentication_failed)
def _second_refused(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    audit.record(None, "sign_in.second_fail", user, address=_address(request))
    security_log.event("sign_in.second_fail", address=_address(request), user=str(user.pk))


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def _second_changed(signal: Any, request: HttpRequest, user: User, authenticator: Any, **_kwargs: Any) -> None:
    what = {id(authenticator_added): "add", id(authenticator_removed): "remove"}.get(id(signal), "reset")
    audit.record(user, f"second.{what}", user, address=_address(request), kind=str(authenticator.type))


def _known(username: Any) -> User | None:
    """Whose account was tried. A name that is nobody's is not kept: people type their password there."""
    return User.objects.filter(username=unicodedata.normalize("NFKC", str(username or "")).strip().lower()[:40]).first()

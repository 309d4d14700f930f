"""Rate limits and refusals around every request (6.1.3); nothing here asks or writes the database on the way of an
ordinary request (performance.md rule 4).

Ceilings per minute, shared out over the web processes (GCRA: a burst of a minute's worth, then evenly): by address,
by token, by signed-in browser, and for what residents may send without an account; and for files that had to be
stopped while they were decoded (`costly`: whoever sends several such may send none for a while). Guessing is held
tighter: an address whose tokens, links or codes are refused again and again is answered 429 for everything but
credentials that have just been good, so that an office behind one address works on while somebody in it guesses.
nginx limits before that (deploy/nginx.conf); wrong passwords have their own lockout (axes).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from linbao.core.problems import TooMany
from linbao.platform.observability import security_log
from linbao.platform.server.answers import answer

Answer = Callable[[HttpRequest], HttpResponse]
LIMITS = {
    "address": 30_000,
    "token": 30_000,
    "account": 6_000,
    "public": 240,
    "refused": 300,
    "report": 30,
    "costly": 6,
}  # a minute
MOST = 50_000  # keys that are remembered of each kind; the oldest are forgotten
GOOD_FOR = 600.0  # seconds for which a credential counts as good after it was
TELL_EVERY, TELL_LOUDLY_EVERY = 1.0, 600.0  # seconds between two events about one key
FREE = ("/healthz", "/readyz", "/metrics")
PUBLIC = ("/r/", "/intake/", "/s/", "/verify/")  # what residents open; codes in it can be guessed at


def read_limits(value: str) -> dict[str, int]:
    """`address=30000,token=…` over the defaults; raises `ValueError` for a name or number that is none."""
    limits = dict(LIMITS)
    for part in filter(None, (p.strip() for p in value.split(","))):
        name, equals, number = part.partition("=")
        if name not in limits or not equals or int(number) < 1:
            raise ValueError(f"LINBAO_RATE_LIMITS: {part}")
        limits[name] = int(number)
    return limits


class Meter:
    """How often each key comes, against a ceiling per minute."""

    def __init__(self, per_minute: int) -> None:
        self.step = 60.0 / per_minute
        self._due: OrderedDict[str, float] = OrderedDict()  # key → when its burst would be used up to nothing
        self._lock = threading.Lock()

    def take(self, key: str, now: float) -> float:
        """0 when it is within the ceiling and counted, else the seconds to wait."""
        with self._lock:
            due = max(self._due.get(key, now), now)
            wait = due - now - 60.0 + self.step
            if wait > 0:
                return wait
            self._due[key] = due + self.step
            self._due.move_to_end(key)
            while len(self._due) > MOST:
                self._due.popitem(last=False)
        return 0.0

    def wait(self, key: str, now: float) -> float:
        """As `take`, without counting."""
        return max(0.0, self._due.get(key, now) - now - 60.0 + self.step)


class Memory:
    """Keys and when they were noted; the oldest are forgotten."""

    def __init__(self) -> None:
        self._at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, key: str, now: float) -> None:
        with self._lock:
            self._at[key] = now
            self._at.move_to_end(key)
            while len(self._at) > MOST:
                self._at.popitem(last=False)

    def within(self, key: str, now: float, seconds: float) -> bool:
        at = self._at.get(key)
        return at is not None and now - at < seconds


class Guard:
    """Middleware. Sits before sessions and sign-in, so that a refused request costs next to nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        # Each process counts for itself, so that each has its share of a ceiling.
        processes = int(os.environ.get("WEB_PROCESSES") or 1)
        limits = read_limits(settings.RATE_LIMITS)
        self.meters = {name: Meter(max(1, limit // processes)) for name, limit in limits.items()}
        self.good, self.reported, self.told_loudly = Memory(), Memory(), Memory()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = str(request.META.get("REMOTE_ADDR") or "")
        token = security_log.come_from(address)
        try:
            now = time.monotonic()
            kind, credential = _credential(request)
            over, wait = self._over(request, address, kind, credential, now)
            if over:
                self._tell(
                    over, credential if over in ("token", "account", "costly") and credential else address, request, now
                )
                return too_many(request, wait)
            costly = security_log.count_costly()
            response = self.get_response(request)
            for _n in costly:
                self.meters["costly"].take(credential or address, now)
            self._after(request, response, address, kind, credential, now)
            return response
        finally:
            security_log.gone(token)

    def _over(self, request: HttpRequest, address: str, kind: str, credential: str, now: float) -> tuple[str, float]:
        """Which ceiling is passed, and for how many seconds."""
        path = request.path_info
        if path in FREE:
            return "", 0.0
        asked = [("address", address)]
        if kind:
            asked.append((kind, credential))
        if request.method not in ("GET", "HEAD") and path.startswith(PUBLIC):
            asked.append(("public", address))
        if path == "/csp-report":
            asked.append(("report", address))
        for name, key in asked:
            if wait := self.meters[name].take(key, now):
                return name, wait
        uploads = request.method == "POST" and request.content_type == "multipart/form-data"
        if uploads and (wait := self.meters["costly"].wait(credential or address, now)):
            return "costly", wait
        wait = self.meters["refused"].wait(address, now)
        if wait and not (credential and self.good.within(credential, now, GOOD_FOR)):
            return "refused", wait
        return "", 0.0

    def _after(
        self, request: HttpRequest, response: HttpResponse, address: str, kind: str, credential: str, now: float
    ) -> None:
        """What was refused counts, and stands in the security log."""
        status, path = response.status_code, request.path_info
        user = _known(request)
        if credential and user is not None:
            self.good.note(credential, now)
        if status < 400:
            return
        details: dict[str, Any] = {"path": path, "user": str(user.pk) if user else None}
        if status == 401 and kind == "token":
            self.meters["refused"].take(address, now)
            security_log.event("token.refused", **details)
        elif status == 404 and path.startswith(PUBLIC):
            self.meters["refused"].take(address, now)
            security_log.event("access.guess", **details)
        elif status == 403:
            security_log.event("access.refused", method=request.method, **details)
        elif status in (413, 415) and request.method != "GET":
            security_log.event("upload.refused", status=status, **details)
        elif status == 400:
            security_log.event("access.unreadable", **details)
        elif status == 429 and not path.startswith("/accounts/login"):  # the lockout tells of itself
            security_log.event("rate.limited", kind="sign_in", **details)

    def _tell(self, over: str, key: str, request: HttpRequest, now: float) -> None:
        if self.reported.within(f"{over}:{key}", now, TELL_EVERY):
            return
        self.reported.note(f"{over}:{key}", now)
        loud = not self.told_loudly.within(f"{over}:{key}", now, TELL_LOUDLY_EVERY)
        if loud:
            self.told_loudly.note(f"{over}:{key}", now)
        security_log.event(
            "rate.limited",
            severity=security_log.MIDDLE if loud else security_log.LOW,
            path=request.path_info,
            kind=over,
        )


def too_many(request: HttpRequest, wait: float) -> HttpResponse:
    """429 with `Retry-After`: a problem for programs, a page for people."""
    with translation.override(translation.get_language_from_request(request)):
        response = answer(request, TooMany(_("请求过于频繁，请稍候 %(n)d 秒再试。") % {"n": int(wait) + 1}))
    response["Retry-After"] = str(int(wait) + 1)
    return response


def _credential(request: HttpRequest) -> tuple[str, str]:
    """(`token` or `account`, a digest of it), or two empty strings."""
    bearer = request.META.get("HTTP_AUTHORIZATION", "")
    data, kind = (bearer, "token") if bearer else (request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), "account")
    if not data:
        return "", ""
    return kind, hashlib.blake2b(data.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def _known(request: HttpRequest) -> Any:
    """Who was found to ask; no query for it: whoever was not asked for by then is nobody here."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return user if getattr(user, "is_authenticated", False) else None

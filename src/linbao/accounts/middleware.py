"""Before a page: whoever still has the password that an administrator made changes it; a request that names its
person is answered to that person only."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from linbao.accounts import adapter

LANGUAGES = dict(settings.LANGUAGES)
OPEN = (
    "/static/",
    "/language",
    "/healthz",
    "/readyz",
    "/metrics",
    "/csp-report",
    "/manifest.webmanifest",
    "/sw.js",
    "/offline",
    "/r/",
    "/device/",
    "/api/",
)


def own_language(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Signed in: the language of one's account, on every device; else the one chosen in this browser (cookie);
    else the office's (LINBAO_LANGUAGE). Residents' pages and the sign-in page also heed `Accept-Language`, as
    LocaleMiddleware has settled before."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN):
            chosen = ""
            if request.user.is_authenticated:
                here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
                chosen = next(c for c in (request.user.language, here, settings.LANGUAGE_CODE) if c in LANGUAGES)
            if chosen and chosen != translation.get_language():
                translation.activate(chosen)
                request.LANGUAGE_CODE = chosen
        return get_response(request)

    return middleware


def first_password(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every page leads to the change of password while `must_change_password` is set (the API refuses by itself)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return get_response(request)  # the person is not even asked for
        user = request.user
        if user.is_authenticated and user.must_change_password and not user.has_usable_password():
            # Signed in by a passkey while a one-time password waits for its other half: nothing to change yet.
            if request.path == reverse("account_logout"):
                return get_response(request)
            return render(request, "accounts/password_waits.html", status=403)
        if user.is_authenticated and user.must_change_password:
            change = reverse("account_change_password")
            if request.path not in (change, reverse("account_logout"), reverse("account_reauthenticate")):
                return redirect(change)
        return get_response(request)

    return middleware


def same_person(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """What a phone kept for one person is never taken from another (1.3.4, 6.2.1): a request of a signed-in
    browser that names its person (`X-Linbao-User`, an id) answers 401 when that is not who is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        named = request.headers.get("X-Linbao-User")
        if named and named != str(request.user.pk):
            message = _("请先登录，或提供有效的令牌。")
            body = {
                "type": "/problems/not_signed_in",
                "code": "not_signed_in",
                "title": message,
                "status": 401,
                "detail": message,
                "fields": {},
            }
            return JsonResponse(body, status=401, content_type="application/problem+json")
        return get_response(request)

    return middleware


def known_browser(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Marks the browser that somebody has just signed in with, so that others' wrong passwords do not lock them out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        adapter.remember_browser(request, response)
        return response

    return middleware

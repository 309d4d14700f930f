"""Whoever still has the password that an administrator made changes it before anything else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

OPEN = (
    "/static/",
    "/language",
    "/healthz",
    "/readyz",
    "/metrics",
    "/manifest.webmanifest",
    "/sw.js",
    "/offline",
    "/r/",
    "/api/",
)


def first_password(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Every page leads to the change of password while `must_change_password` is set (the API refuses by itself)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return get_response(request)  # the person is not even asked for
        user = request.user
        if user.is_authenticated and user.must_change_password:
            change = reverse("account_change_password")
            if request.path not in (change, reverse("account_logout"), reverse("account_reauthenticate")):
                return redirect(change)
        return get_response(request)

    return middleware

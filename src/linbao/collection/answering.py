"""Pages answer people: signed-in ones only, and a problem becomes a message where it happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from linbao.base.problems import NotAllowed, NotFound, Problem

Page = Callable[..., HttpResponse]


def answering(page: Page) -> Page:
    """Signed-in people only; a problem becomes a message where it happened, never a fault of ours."""

    @wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        except Problem as e:
            if wants_json(request):
                return problem_json(e)
            if isinstance(e, NotFound):
                raise Http404(e.message) from e
            if isinstance(e, NotAllowed):
                raise PermissionDenied(e.message) from e
            return render(
                request,
                "collection/problem.html",
                {"problem": e, "said": _said(e), "back": _back(request)},
                status=e.status,
            )

    return login_required(answered)


def progress(request: HttpRequest, page: str, part: str, context: dict[str, Any], *, working: bool) -> HttpResponse:
    """The page of a job that somebody waits for, or the `part` of it that asks for itself while the job is `working`."""
    asked = bool(request.headers.get("HX-Request"))
    response = render(request, part if asked else page, context | {"working": working})
    if asked and not working:
        response["HX-Refresh"] = "true"  # the whole page: what comes next stands below the state
    return response


def problem_json(e: Problem) -> JsonResponse:
    return JsonResponse(
        {"code": e.code, "detail": _said(e), "fields": e.fields},
        status=e.status,
        content_type="application/problem+json",
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks."""
    return "application/json" in request.headers.get("Accept", "")


def _said(e: Problem) -> str:
    return "；".join(m for found in e.fields.values() for m in found) or e.message


def _back(request: HttpRequest) -> str:
    came = urlsplit(request.headers.get("Referer", ""))
    return (
        came.path
        if came.netloc == request.get_host() and came.path.startswith("/") and not came.path.startswith("//")
        else "/"
    )

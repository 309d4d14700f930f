"""What pages and endpoints do with a request: ids, files, what a script asks, a problem as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linbao.core import uploads
from linbao.core.problems import Invalid, Problem


def progress(request: HttpRequest, page: str, part: str, context: dict[str, Any], *, working: bool) -> HttpResponse:
    """The page of a job that somebody waits for, or the `part` of it that asks for itself while the job is
    `working`."""
    asked = bool(request.headers.get("HX-Request"))
    response = render(request, part if asked else page, context | {"working": working})
    if asked and not working:
        response["HX-Refresh"] = "true"  # the whole page: what comes next stands below the state
    return response


def problem_json(e: Problem) -> JsonResponse:
    return JsonResponse(
        {"code": e.code, "detail": e.text, "fields": e.fields}, status=e.status, content_type="application/problem+json"
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks."""
    return "application/json" in request.headers.get("Accept", "")


def came_from(request: HttpRequest) -> str:
    """The address of the page of ours that led here; the start page where none did."""
    came = urlsplit(request.headers.get("Referer", ""))
    return (
        came.path
        if came.netloc == request.get_host() and came.path.startswith("/") and not came.path.startswith("//")
        else "/"
    )


def as_uuid(value: object) -> UUID | None:
    """A UUID from whatever came in; None when it is none."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def uploaded(request: HttpRequest) -> tuple[bytes, str]:
    """The content and name of the one file of a multipart request, refused by its size before it is read whole.

    Raises `TooLarge`; `Invalid` beside `file` where there is none.
    """
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > uploads.LARGEST_FILE + 64_000:
        raise uploads.too_large()
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(fields={"file": [_("没有收到文件，请重新选择。")]})
    if file.size and file.size > uploads.LARGEST_FILE:
        raise uploads.too_large()
    return file.read(), file.name or ""

"""Where browsers report what the content security policy has stopped (6.1.3): a hint of injected script."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from linbao.platform.observability import security_log

MOST = 8_192  # bytes
DIRECTIVE = 40  # signs that are kept of its name


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """204 whatever it says; which directive and which host are kept, nothing of the page's address but its path."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST:
        return HttpResponse(status=413)
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):  # the last: a form, read as one before
        return HttpResponse(status=400)
    details = _facts(data)
    if details:
        directive = str(
            details.get("effective-directive")
            or details.get("effectiveDirective")
            or details.get("violated-directive")
            or ""
        )
        blocked = str(details.get("blocked-uri") or details.get("blockedURL") or "")
        page = str(details.get("document-uri") or details.get("documentURL") or "")
        security_log.event(
            "csp.violation", path=_path(page), directive=_plain(directive)[:DIRECTIVE], blocked=_host(blocked)
        )
    return HttpResponse(status=204)


def _facts(report: Any) -> dict[str, Any]:
    """The report itself, in the older form or the newer."""
    if isinstance(report, dict):
        inner = report.get("csp-report")
        return inner if isinstance(inner, dict) else {}
    if isinstance(report, list) and report and isinstance(report[0], dict):
        inner = report[0].get("body")
        return inner if isinstance(inner, dict) else {}
    return {}


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "-_.:"))


def _host(address: str) -> str:
    try:
        return _plain(urlsplit(address).hostname or address)[:80]
    except ValueError:
        return ""


def _path(address: str) -> str:
    try:
        return urlsplit(address).path[:200]
    except ValueError:
        return ""

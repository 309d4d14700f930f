"""Around every request: an id, one log line without personal data, and an answer for what nobody can read."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linbao.core import ids
from linbao.core.http import came_from, problem_json, wants_json
from linbao.core.problems import Problem
from linbao.platform.observability import health, security_log
from linbao.platform.protection import antivirus
from linbao.platform.server.answers import RETRY_AFTER, answer, bad_request

log = structlog.get_logger("linbao.shell")
Answer = Callable[[HttpRequest], HttpResponse]


def real_address(remote: str, forwarded: str) -> str:
    """Who asks: `remote`, or where that is a trusted proxy the last of `forwarded` that is none of our proxies."""
    if not forwarded or not health.proxy(remote):
        return remote
    for hop in reversed(forwarded.split(",")):
        if not health.proxy(hop.strip()):
            try:
                return str(ipaddress.ip_address(hop.strip()))
            except ValueError:
                break
    return remote


def behind_proxies(get_response: Answer) -> Answer:
    """Address and scheme of the real client, told by a trusted proxy alone (LINBAO_TRUSTED_PROXIES).

    The address is the last of `X-Forwarded-For` that is none of our proxies: what stands before it anybody
    can write. From everybody else both headers are taken away.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        details = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if health.proxy(remote := request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = real_address(remote, details)
            if scheme.strip().lower() == "https":
                request.META["HTTP_X_FORWARDED_PROTO"] = "https"  # read by SECURE_PROXY_SSL_HEADER
        return get_response(request)

    return middleware


def request_log(get_response: Answer) -> Answer:
    """One line and one measurement per request; paths that carry a secret are cut, queries never written."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        number = str(ids.new())
        structlog.contextvars.bind_contextvars(request=number)
        try:
            response = get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request")
        took = time.perf_counter() - started
        route = request.resolver_match.route if request.resolver_match else "?"
        health.REQUESTS.labels(route, response.status_code).inc()
        health.SECONDS.labels(route).observe(took)
        response["X-Request-Id"] = number
        if route not in ("healthz", "readyz", "metrics"):
            log.info(
                "request",
                id=number,
                method=request.method,
                path=security_log.safe(request.path),
                status=response.status_code,
                ms=round(took * 1000, 1),
            )
        return response

    return middleware


# What pages may use of the machine: place and camera for a report, passkeys, copying a link.
PERMISSIONS = ", ".join(
    [
        f"{name}=(self)"
        for name in (
            "geolocation",
            "camera",
            "microphone",
            "clipboard-write",
            "publickey-credentials-get",
            "publickey-credentials-create",
            "fullscreen",
        )
    ]
    + [
        f"{name}=()"
        for name in (
            "accelerometer",
            "autoplay",
            "bluetooth",
            "browsing-topics",
            "display-capture",
            "gyroscope",
            "hid",
            "idle-detection",
            "magnetometer",
            "midi",
            "payment",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ]
)


def headers(get_response: Answer) -> Answer:
    """What a browser may do with every answer; no answer with content is kept by anybody unless it says so. What is
    refused for the moment says when to come again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code in (429, 503):
            response.headers.setdefault("Retry-After", RETRY_AFTER)
        return response

    return middleware


def readable(get_response: Answer) -> Answer:
    """A NUL byte or broken encoding in an address or a form is the sender's mistake: 400, never 500. A file that
    carries malicious code goes no further than here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in query or "\x00" in query:
            return bad_request(request)
        if request.method == "POST" and request.content_type in (
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ):
            try:
                if any("\x00" in v for values in request.POST.lists() for v in values[1]):
                    return bad_request(request)
            except (BadRequest, UnicodeDecodeError):
                return bad_request(request)
            if (stopped := antivirus.refused(request)) is not None:
                return answer(request, stopped)
        return get_response(request)

    return middleware


class ProblemPages:
    """What an action refuses becomes a page with its words, where a page did not show them itself."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, e: Exception) -> HttpResponse | None:
        """JSON for a page's own script, else the page of problems with the way back; the API answers for itself."""
        if not isinstance(e, Problem):
            return None
        if wants_json(request):
            return problem_json(e)
        name = {403: "403.html", 404: "404.html"}.get(e.status, "problem.html")
        return render(request, name, {"problem": e, "back": came_from(request)}, status=e.status)

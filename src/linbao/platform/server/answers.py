"""A problem as an answer, where no page or endpoint is reached to give it: JSON for programs, a page for people."""

from __future__ import annotations

import errno
import sys
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from linbao.core.problems import Broken, NoRoom, Problem, Unavailable
from linbao.platform.observability import health

RETRY_AFTER = "15"  # seconds


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """`application/problem+json` below /api/, else the page of problems."""
    if not request.path_info.startswith("/api/"):
        return render(request, "problem.html", {"problem": problem}, status=problem.status)
    return _json(problem)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django itself cannot read (its `handler400`): a multipart body without boundary, a host that is none."""
    if request.path_info.startswith("/api/"):
        return _json(Problem())
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever was not foreseen (Django's `handler500`): 507 where there is no room, 503 without a database, else 500.

    The page asks nothing: neither database nor session may be there.
    """
    problem = problem_of(sys.exc_info()[1])
    if request.path_info.startswith("/api/"):
        response = _json(problem)
    else:
        response = HttpResponse(bare_page(problem), status=problem.status)
    if problem.status == NoRoom.status:
        response["Retry-After"] = RETRY_AFTER  # of 503 and 429 `middleware.headers` says it
    return response


def problem_of(e: BaseException | None) -> Problem:
    """What a fault means for the caller."""
    seen: set[int] = set()
    while e is not None and id(e) not in seen:
        seen.add(id(e))
        full = isinstance(e, OSError) and e.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or isinstance(e, psycopg.errors.DiskFull):
            health.note_full()
            return NoRoom()
        if isinstance(e, OperationalError | InterfaceError) and _unreachable(e):
            return Unavailable()
        e = e.__cause__ or e.__context__
    return Broken()


def _unreachable(e: Exception) -> bool:
    """No answer from the database: its errors carry a code, a lost or refused connection carries none."""
    return getattr(e.__cause__, "sqlstate", None) in (None, "57P01", "57P02", "57P03", "08006", "08003", "53300")


def bare_page(problem: Problem) -> str:
    """The page of a problem that asks nothing: neither database nor session nor request may be there."""
    return render_to_string("500.html", {"problem": problem})


def members(problem: Problem, status: int) -> dict[str, Any]:
    """A problem's members (RFC 9457)."""
    return {
        "type": f"/problems/{problem.code}",
        "title": str(problem.title),
        "status": status,
        "detail": problem.message,
        "fields": problem.fields,
    }


def _json(problem: Problem) -> HttpResponse:
    body = members(problem, problem.status)
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")

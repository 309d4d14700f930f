"""A problem as an answer, where no page or endpoint is reached to give it: JSON for programs, a page for people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from linbao.base.problems import Problem


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """`application/problem+json` below /api/, else the page of problems."""
    if not request.path_info.startswith("/api/"):
        return render(request, "problem.html", {"problem": problem}, status=problem.status)
    body = {
        "type": f"/problems/{problem.code}",
        "title": str(problem.title),
        "status": problem.status,
        "detail": problem.message,
        "fields": problem.fields,
    }
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")

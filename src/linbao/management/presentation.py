"""What the pages of this room share: a list, one verb of a subject's page, and the form shown again (5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.listing import Listing
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.organisation.models import User
from linbao.organisation.people import name_of
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

Verb = Callable[[AuthenticatedRequest, User, UUID], str]  # does it and returns the message of success


class Show(Protocol):
    """Shows a subject's page, with what `verb` refused."""

    def __call__(
        self, request: AuthenticatedRequest, subject_id: UUID, *, problem: Problem | None = None, verb: str = ""
    ) -> HttpResponse: ...


def listed(request: AuthenticatedRequest, listing: Listing, template: str, **more: Any) -> HttpResponse:
    """A page of `listing` with its filters, each row with `unit_name`; 422 where a filter is not understood."""
    page = listing.page(request)
    for row in page.objects:
        row.unit_name = name_of(tree().get(row.unit_id))
    context = {"page": page, "now": clock.now(), "tab": page.values.get("tab", ""), **more}
    return render(request, template, context, status=page.status)


def refusal(request: AuthenticatedRequest, problem: Problem | None, verb: str = "") -> dict[str, Any]:
    """What a template needs to show a refused form again: the messages by field, and what was typed (`post`)."""
    return {
        "problem": problem,
        "verb": verb,
        "errors": problem.fields if problem else {},
        "post": request.POST if problem else {},
    }


def perform(
    request: AuthenticatedRequest,
    subject_id: UUID,
    verb: str,
    *,
    verbs: Mapping[str, Verb],
    find: Callable[[User, UUID], object],
    show: Show,
    page: str,
) -> HttpResponse:
    """Do `verb` to the subject and return to its `page`; what was typed stays in the form where it is refused.

    Raises `NotFound` for a verb that is none of `verbs`, and where `find` does."""
    if verb not in verbs:
        raise NotFound(_("没有这项操作。"))
    find(request.user, subject_id)
    try:
        message = verbs[verb](request, request.user, subject_id)
    except (Invalid, Conflict) as e:
        return show(request, subject_id, problem=e, verb=verb)
    messages.success(request, message)
    return redirect(page, subject_id)

"""The three kinds of page of this room: a register, one thing of it, and one form. What they show is data; the
templates `register`, `detail` and `form` draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from linbao.core.fields import set_errors
from linbao.core.listing import Listing, Page
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.security import documents

PAGE = 50
Words = str | Promise


@dataclass(frozen=True)
class Badge:
    """A word on a tone (see the component)."""

    words: Words
    tone: str = "neutral"
    icon: str = "point"


@dataclass(frozen=True)
class Act:
    """Something to do: a link, or with `post` a button that asks `confirm` first."""

    href: str
    words: Words
    icon: str = "chevron-right"
    post: bool = False
    tone: str = ""  # primary, danger
    confirm: Words = ""


def record_act(row: Model, page: str, words: Words) -> list[Act]:
    """The document of a finished record, once the worker has made it."""
    return [Act(reverse(page, args=[row.pk]), words, "file-text")] if documents.of(row) else []


@dataclass(frozen=True)
class Line:
    """A row of a list."""

    title: Words
    meta: Sequence[Words | datetime] = ()
    badges: Sequence[Badge] = ()
    href: str = ""
    due: datetime | None = None
    words: str = ""
    acts: Sequence[Act] = ()


@dataclass(frozen=True)
class Section:
    """A card of one thing's page: lines, or running text."""

    title: Words
    icon: str
    lines: Sequence[Line] = ()
    empty: Words = ""
    body: str = ""
    acts: Sequence[Act] = ()
    page: Page | None = None


@dataclass(frozen=True)
class Register:
    """A list of what a unit keeps, as a page of this room."""

    listing: Listing
    clause: str
    subtitle: Words
    line: Callable[[Any], Line]
    icon: str
    empty: tuple[Words, Words]
    acts: Callable[[User], Sequence[Act]] = field(default=lambda user: ())


def register(request: AuthenticatedRequest, of: Register) -> HttpResponse:
    """The page of a register; statements: the rows, and what their lines join."""
    page = of.listing.page(request)
    context = {
        "of": of,
        "page": page,
        "lines": [of.line(r) for r in page.objects],
        "acts": of.acts(request.user),
        "export": request.path.rstrip("/") + "/export",
    }
    return render(request, "security/register.html", context, status=page.status)


def detail(
    request: AuthenticatedRequest,
    *,
    title: Words,
    back: tuple[str, Words],
    clause: str,
    subtitle: Words = "",
    badges: Sequence[Badge] = (),
    facts: Iterable[tuple[Words, Any]] = (),
    acts: Sequence[Act] = (),
    sections: Sequence[Section] = (),
    note: Words = "",
    side: Sequence[Section] = (),
    status: int = 200,
) -> HttpResponse:
    """One thing: facts, what can be done, and what belongs to it."""
    context = {
        "title": title,
        "back": back,
        "clause": clause,
        "subtitle": subtitle,
        "badges": badges,
        "facts": [(k, v) for k, v in facts if v not in (None, "")],
        "acts": acts,
        "sections": sections,
        "side": side,
        "note": note,
    }
    return render(request, "security/detail.html", context, status=status)


def ask(
    request: AuthenticatedRequest,
    form: forms.Form,
    do: Callable[[dict[str, Any]], HttpResponseBase | str],
    *,
    title: Words,
    back: tuple[str, Words],
    clause: str,
    submit: Words = "",
    note: Words = "",
    done: Words = "",
    danger: bool = False,
    people: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> HttpResponseBase:
    """A page of one form (bound when posted). `do` carries it out and says where to go; what it refuses stands beside
    the field, and the input is kept (422)."""
    if request.method == "POST" and form.is_valid():
        try:
            to = do(form.cleaned_data)
        except Problem as e:
            if not isinstance(e, (Invalid, Conflict)):
                raise
            set_errors(form, e)
        else:
            if isinstance(to, HttpResponseBase):
                return to
            if done:
                messages.success(request, str(done))
            return redirect(to)
    context = {
        "form": form,
        "title": title,
        "back": back,
        "clause": clause,
        "submit": submit or _("保存"),
        "note": note,
        "danger": danger,
        "people": people,
        "body": body,
    }
    return render(request, "security/form.html", context, status=422 if form.errors else 200)

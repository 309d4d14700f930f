"""The three kinds of page of this room: a register, one thing of it, and one form. What they show is data; the
templates `register`, `detail` and `form` draw it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from linbao.accounts.forms import tell
from linbao.audit import services as audit
from linbao.core import exports, text
from linbao.core.listing import Cursor
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.rights import allow
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
    next: str | None = None


@dataclass(frozen=True)
class Choice:
    """A filter: its parameter, its name for all, the options, and the query of one."""

    name: str
    all: Words
    options: Collection[tuple[str, Words]]
    query: Callable[[str], Q]


@dataclass(frozen=True)
class Register:
    """A list of what a unit keeps: filtered, paged by keyset, taken out as a sheet."""

    name: str
    title: Words
    clause: str
    subtitle: Words
    perm: str
    rows: Callable[[User], QuerySet[Any]]
    line: Callable[[Any], Line]
    head: Callable[[], list[str]]
    cells: Callable[[Any], list[str]]
    order: Cursor
    search: Callable[[str], Q]
    placeholder: Words
    icon: str
    empty: tuple[Words, Words]
    choices: Sequence[Choice] = ()
    acts: Callable[[User], Sequence[Act]] = field(default=lambda user: ())


def register(request: AuthenticatedRequest, of: Register) -> HttpResponse:
    """The page of a register; statements: the rows, and what their lines join."""
    user = request.user
    allow(user, of.perm)
    following, errors = None, ""
    rows: list[Any] = []
    try:
        rows, following = of.order.page(_filtered(request, of), request.GET.get("cursor", ""), PAGE)
    except Invalid as e:
        errors = e.message
    data = {c.name: request.GET.get(c.name, "") for c in of.choices}
    context = {
        "of": of,
        "lines": [of.line(r) for r in rows],
        "next": following,
        "wrong": errors,
        "acts": of.acts(user),
        "choices": [{"choice": c, "given": data[c.name]} for c in of.choices],
        "filtered": any(data.values()) or bool(request.GET.get("q")),
        "export": request.path.rstrip("/") + "/export",
    }
    return render(request, "security/register.html", context, status=422 if errors else 200)


def export(request: AuthenticatedRequest, of: Register) -> HttpResponseBase:
    """The same rows as XLSX or CSV; on the audit log."""
    user = request.user
    allow(user, of.perm)
    form = exports.form_of(request.GET.get("format", ""))
    rows = _filtered(request, of)
    audit.record(user, "security.export", unit_id=user.rights.home, what=of.name, format=form)

    def lines() -> Iterator[list[str]]:
        cursor: str | None = ""
        while cursor is not None:
            result, cursor = of.order.page(rows, cursor, 500)
            yield from map(of.cells, result)

    return exports.answer(form, of.name, str(of.title), of.head(), exports.at_most(lines()))


def _filtered(request: AuthenticatedRequest, of: Register) -> QuerySet[Any]:
    rows = of.rows(request.user)
    for choice in of.choices:
        value = request.GET.get(choice.name, "")
        if value in {o for o, _w in choice.options}:
            rows = rows.filter(choice.query(value))
    if terms := text.clean(request.GET.get("q", ""))[:60]:
        rows = rows.filter(of.search(terms))
    return rows


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
    return render(request, "security/detail.html", context)


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
            tell(form, e)
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

"""The three kinds of page of this room: a register, one thing of it, and one form. What they show is data; the
templates `register`, `detail` and `form` draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.listing import Listing, Page
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation import people as persons
from linbao.organisation.models import Unit, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security import documents

Label = str | Promise
View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound="OfUnit")


class OfUnit(Protocol):
    """Something that a unit keeps."""

    pk: UUID
    unit: Unit
    unit_id: UUID


@dataclass(frozen=True)
class Badge:
    """A state or mark: its label, tone and icon, as the component `badge` draws it."""

    label: Label
    tone: str = "neutral"
    icon: str = "point"


@dataclass(frozen=True)
class Act:
    """Something to do: a link, or with `post` a button that asks `confirm` first."""

    href: str
    label: Label
    icon: str = "chevron-right"
    post: bool = False
    tone: str = ""  # primary, danger
    confirm: Label = ""


def record_act(row: Model, page: str, label: Label) -> list[Act]:
    """The link to the document of a finished record, once the worker has made it."""
    return [Act(reverse(page, args=[row.pk]), label, "file-text")] if documents.of(row) else []


@dataclass(frozen=True)
class Line:
    """A row of a list."""

    title: Label
    meta: Sequence[Label | datetime] = ()
    badges: Sequence[Badge] = ()
    href: str = ""
    due: datetime | None = None
    body: str = ""
    acts: Sequence[Act] = ()


@dataclass(frozen=True)
class Section:
    """A card of one thing's page: lines, or running text."""

    title: Label
    icon: str
    lines: Sequence[Line] = ()
    empty: Label = ""
    body: str = ""
    acts: Sequence[Act] = ()
    page: Page | None = None


@dataclass(frozen=True)
class Register:
    """A list of what a unit keeps, as a page of this room."""

    listing: Listing
    clause: str
    subtitle: Label
    line: Callable[[Any], Line]
    icon: str
    empty: tuple[Label, Label]
    acts: Callable[[User], Sequence[Act]] = field(default=lambda user: ())

    def views(self) -> tuple[View, View]:
        """The page of the register, and its export as a sheet."""

        @require_GET
        @login_required
        def index(request: AuthenticatedRequest) -> HttpResponseBase:
            page = self.listing.page(request)
            context = {
                "of": self,
                "page": page,
                "lines": [self.line(r) for r in page.objects],
                "acts": self.acts(request.user),
                "export": request.path.rstrip("/") + "/export",
            }
            return render(request, "security/register.html", context, status=page.status)

        @require_GET
        @login_required
        def export(request: AuthenticatedRequest) -> HttpResponseBase:
            return self.listing.export(request)

        return index, export


def detail(
    request: AuthenticatedRequest,
    *,
    title: Label,
    back: tuple[str, Label],
    clause: str,
    subtitle: Label = "",
    badges: Sequence[Badge] = (),
    facts: Iterable[tuple[Label, Any]] = (),
    acts: Sequence[Act] = (),
    sections: Sequence[Section] = (),
    note: Label = "",
    side: Sequence[Section] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of one thing: its facts, what can be done with it, and what belongs to it. `back`: address and label of
    the page above; `clause`: of the regulation."""
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
    do: Callable[[], HttpResponseBase | str],
    *,
    title: Label,
    back: tuple[str, Label],
    clause: str,
    submit: Label = "",
    note: Label = "",
    done: Label = "",
    danger: bool = False,
    people: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> HttpResponseBase:
    """A page of one form. Posted, `do` reads the input and carries it out, and returns the address to go to or an
    answer; what it refuses is shown beside the fields of the form, which is bound (422). `people`: usernames and names
    that its fields propose."""
    if request.method == "POST":
        try:
            result = do()
        except (Invalid, Conflict) as e:
            set_errors(form, e)
        else:
            if isinstance(result, HttpResponseBase):
                return result
            if done:
                messages.success(request, str(done))
            return redirect(result)
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


def officers_row(
    request: AuthenticatedRequest, get: Callable[[User, UUID], M], row_id: UUID, page: str
) -> tuple[User, M, str]:
    """The officer who asks, the row of a unit that they keep, and the address of its `page`. Raises `NotAllowed` for
    anybody else, `NotFound` for a row of another unit."""
    user = request.user
    allow(user, "security.officer")
    row = get(user, row_id)
    if not user.has_perm("security.keep", row.unit):
        raise NotFound
    return user, row, reverse(page, args=[row.pk])


def unit_name(row: Any) -> str:
    """The name of the unit that keeps a row; no statement."""
    return persons.name_of(tree().get(row.unit_id))


def inspected(row: Any) -> str:
    """When a device or place was inspected last."""
    if row.inspected_at is None:
        return _("尚未检查")
    return _("检查于 %(day)s") % {"day": clock.local(row.inspected_at).strftime("%Y-%m-%d")}


def back_to(user: User, page: str, label: Label) -> tuple[str, Label]:
    """The register, for who sees it; the room's first page for anybody else."""
    if user.has_perm("security.look"):
        return reverse(page), label
    return reverse("security:index"), _("信息安全")

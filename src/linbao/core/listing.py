"""Lists: one declaration for what a page shows, filters, sorts and pages, and for the sheet that is exported.

A room declares a `Listing`; its view calls `page(request)` and `export(request)`, its API `slice`. The rows start from
what the asker may see. The columns of the sheet are those of the page, masked alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.dispatch import Signal
from django.http import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from linbao.core import clock, dates, exports, text
from linbao.core.http import as_uuid
from linbao.core.keyset import Cursor, Slice
from linbao.core.permissions import allow
from linbao.core.problems import Invalid

Label = str | Promise
Rows = QuerySet[Any]
Options = Iterable[tuple[Any, Any]]
Narrow = str | Callable[[Rows, Any], Rows]

# A list leaves the system as a sheet; the audit log keeps it (1.3.4). `user`, `listing`: Listing, `filters`: dict of
# the values asked for, `searched`: whether by free text (which is not kept), `format`: str, `subject`: the row that
# the list belongs to or None, `unit_id`: UUID or None.
exported = Signal()

REGISTRY: dict[str, Listing] = {}


def _refusal(raw: str) -> str:
    return _("“%(value)s”不是有效的筛选条件。") % {"value": text.clean(raw)[:40]}


# --- filters --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Control:
    """One input of the filter bar. `kind`: select, text, search, day, check or hidden; `value`: what the address
    holds."""

    kind: str
    name: str
    label: Label
    value: str = ""
    every: Label = ""
    groups: Sequence[tuple[str, Sequence[tuple[str, Any]]]] = ()


@dataclass(frozen=True)
class Filter:
    """One condition, `name` in the address. `narrow`: a look-up (`state`, `title__icontains`), a function of rows and
    value, or None where the listing's `rows` reads the value itself."""

    name: str
    label: Label
    narrow: Narrow | None = None
    default: str = ""

    free = False  # whether its value is free text, which the audit log does not keep

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def clean(self, user: Any, raw: str) -> Any:
        """The value behind what the address holds; raises `ValueError` for what is none."""
        return text.clean(raw)[:60]

    def read(self, user: Any, data: Mapping[str, Any], values: dict[str, Any], errors: dict[str, list[str]]) -> None:
        """Put the values of `names` into `values`, and a message for each that is none into `errors`."""
        raw = str(data.get(self.name) or "") or self.default
        try:
            values[self.name] = self.clean(user, raw) if raw else ""
        except ValueError:
            errors[self.name] = [self.refusal(raw)]

    def refusal(self, raw: str) -> str:
        """The message for a value that is none."""
        return _refusal(raw)

    def apply(self, rows: Rows, values: Mapping[str, Any]) -> Rows:
        value = values.get(self.name, "")
        if value == "" or self.narrow is None:
            return rows
        return self.narrow(rows, value) if callable(self.narrow) else rows.filter(**{self.narrow: value})

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        return [Control("text", self.name, self.label, raw.get(self.name, ""))]

    def chips(self, user: Any, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(name, label) of each active condition."""
        value = values.get(self.name, "")
        return [(self.name, f"{self.label}{_('：')}{self.shown(user, value)}")] if value != "" else []

    def shown(self, user: Any, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class Search(Filter):
    """Free text; the first of a list stands as its search box."""

    free = True
    placeholder: Label = ""

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        return [Control("search", self.name, self.placeholder or self.label, raw.get(self.name, ""))]


@dataclass(frozen=True)
class Text(Filter):
    """Free text in a box of its own, beside the search box."""

    free = True


@dataclass(frozen=True)
class Choice(Filter):
    """One of `options`: (code, name) pairs, or a function of the user that returns them; (heading, pairs) groups them.
    `codes` are accepted besides those that are offered."""

    options: Options | Callable[[Any], Options] = ()
    every: Label = ""
    codes: frozenset[str] = frozenset()

    def clean(self, user: Any, raw: str) -> Any:
        if raw not in self.codes and not any(raw == code for _h, pairs in self._groups(user) for code, _n in pairs):
            raise ValueError("not offered")
        return raw

    def _groups(self, user: Any) -> list[tuple[str, list[tuple[str, Any]]]]:
        options = list(self.options(user) if callable(self.options) else self.options)
        if options and isinstance(options[0][1], (list, tuple, Mapping)):
            return [(str(h), list(p.items() if isinstance(p, Mapping) else p)) for h, p in options]
        return [("", [(str(code), name) for code, name in options])] if options else []

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        groups = self._groups(user)
        value = raw.get(self.name, "") or self.default
        if not groups:
            return [Control("hidden", self.name, self.label, value)] if value else []
        every = self.every or ("" if self.default else _("全部%(label)s") % {"label": self.label})
        return [Control("select", self.name, self.label, value, every, groups)]

    def chips(self, user: Any, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [] if values.get(self.name, "") == self.default else super().chips(user, values)

    def shown(self, user: Any, value: Any) -> str:
        names = {code: name for _h, pairs in self._groups(user) for code, name in pairs}
        return str(names.get(value, value))


@dataclass(frozen=True)
class Tab(Choice):
    """A choice that stands above the list as tabs, and is none of its filters' chips. Without one: the first."""

    def read(self, user: Any, data: Mapping[str, Any], values: dict[str, Any], errors: dict[str, list[str]]) -> None:
        super().read(user, data, values, errors)
        if not values.get(self.name):
            values[self.name] = next((code for _h, pairs in self._groups(user) for code, _n in pairs), "")

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        return [Control("hidden", self.name, self.label, raw[self.name])] if raw.get(self.name) else []

    def chips(self, user: Any, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        return []


@dataclass(frozen=True)
class Flag(Filter):
    """A condition that is on (`1`) or not asked for; `narrow` is a function of rows and True."""

    def clean(self, user: Any, raw: str) -> Any:
        if raw not in ("1", "on", "true"):
            raise ValueError("neither on nor off")
        return True

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        return [Control("check", self.name, self.label, raw.get(self.name, ""))]

    def chips(self, user: Any, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(self.name, str(self.label))] if values.get(self.name) else []


@dataclass(frozen=True)
class Ident(Filter):
    """A row's id that a link of the page puts into the address; `words` name it where its row is at hand."""

    def clean(self, user: Any, raw: str) -> Any:
        value = as_uuid(raw)
        if value is None:
            raise ValueError("no id")
        return value

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        return [Control("hidden", self.name, self.label, raw[self.name])] if raw.get(self.name) else []

    def shown(self, user: Any, value: Any) -> str:
        return str(value)[-6:]


@dataclass(frozen=True)
class Period(Filter):
    """Days from `since` to `until`, both included, of the column `name`: of a moment in the installation's zone, or
    of a date (`of_date`). `first` and `last` are years."""

    of_date: bool = False
    first: int = 2000
    last: int = 2200

    @property
    def names(self) -> tuple[str, ...]:
        return ("since", "until")

    def read(self, user: Any, data: Mapping[str, Any], values: dict[str, Any], errors: dict[str, list[str]]) -> None:
        for name in self.names:
            raw = str(data.get(name) or "")
            try:
                values[name] = dates.day(raw, self.first, self.last) if raw else ""
            except ValueError:
                errors[name] = [_refusal(raw)]
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            errors["until"] = [_("结束日期不能早于开始日期。")]

    def apply(self, rows: Rows, values: Mapping[str, Any]) -> Rows:
        since, until = values.get("since"), values.get("until")
        if since:
            rows = rows.filter(**{f"{self.name}__gte": since if self.of_date else _midnight(since)})
        if until:
            end = until + timedelta(days=1)
            rows = rows.filter(**{f"{self.name}__lt": end if self.of_date else _midnight(end)})
        return rows

    def controls(self, user: Any, raw: Mapping[str, str]) -> list[Control]:
        labels = {"since": _("自"), "until": _("至")}
        return [Control("day", name, labels[name], raw.get(name, "")) for name in self.names]

    def chips(self, user: Any, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        labels = {"since": _("自"), "until": _("至")}
        return [(n, f"{self.label} {labels[n]} {values[n]:%Y-%m-%d}") for n in self.names if values.get(n)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), clock.zone())


def contains(*columns: str) -> Callable[[Rows, Any], Rows]:
    """A condition for free text: in any of `columns`, whatever the case."""

    def narrow(rows: Rows, value: Any) -> Rows:
        condition = Q()
        for column in columns:
            condition |= Q(**{f"{column}__icontains": value})
        return rows.filter(condition)

    return narrow


# --- columns and rows ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """`value` of a row: text, number, day, moment, bool or None, already masked. `width` in characters on the sheet.
    `sort`: the database's column to sort by, never null ("": not sortable). `format`: of moments and days."""

    key: str
    label: Label
    value: Callable[[Any], Any]
    width: int = 16
    sort: str = ""
    format: str = ""

    def text(self, row: Any, zone: str | None) -> str:
        """The cell as the page and the sheet show it, moments in `zone`."""
        value = self.value(row)
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, datetime):
            return clock.local(value, zone).strftime(self.format or "%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.strftime(self.format or "%Y-%m-%d")
        return str(value)


class Row:
    """A row as a template reads it: `r.<column's key>` is its cell's text, `r.row` the model's row, and whatever the
    view puts beside it (`row["seat"] = …`). Cells are made when they are read."""

    def __init__(self, listing: Listing, user: Any, row: Any) -> None:
        self.row, self._listing, self._user = row, listing, user
        self._beside: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key in self._beside:
            return self._beside[key]
        if key == "row":
            return self.row
        column = self._listing.by_key[key]
        return column.text(self.row, self._listing.zone(self._user, self.row))

    def __setitem__(self, key: str, value: Any) -> None:
        self._beside[key] = value

    def update(self, **values: Any) -> None:
        self._beside |= values


@dataclass
class Page:
    """A page of a list, for its template (`listing_bar`, `sort_header`, `pager`). `errors`: messages about the
    address, and then no rows; `values`: the cleaned value of each filter."""

    listing: Listing
    user: Any
    rows: list[Row] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None
    number: int = 1
    errors: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    offers: dict[str, Sequence[tuple[str, Any]]] = field(default_factory=dict)  # in place of what a filter offers

    @property
    def status(self) -> int:
        """Of the response: 422 where the address holds what is none."""
        return 422 if self.errors else 200

    @property
    def objects(self) -> list[Any]:
        """The models' rows."""
        return [r.row for r in self.rows]

    @property
    def active(self) -> bool:
        """Whether a filter narrows the list."""
        return bool(self.errors) or any(f.chips(self.user, self.values) for f in self.listing.filters)

    @property
    def controls(self) -> list[Control]:
        controls = [c for f in self.listing.filters for c in f.controls(self.user, self.raw)]
        return [replace(c, groups=[("", self.offers[c.name])]) if c.name in self.offers else c for c in controls]

    @property
    def chips(self) -> list[tuple[str, str]]:
        return [chip for f in self.listing.filters for chip in f.chips(self.user, self.values)]

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """(code, name, whether it is shown) of the list's tabs."""
        return [
            (code, str(name), code == self.values.get(f.name))
            for f in self.listing.filters
            if isinstance(f, Tab)
            for _heading, pairs in f._groups(self.user)
            for code, name in pairs
        ]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """(code, name) of every order that one may choose."""
        rising, falling = _("%(column)s（升序）"), _("%(column)s（降序）")
        return [
            (sign + c.key, pattern % {"column": c.label})
            for c in self.listing.columns
            if c.sort
            for sign, pattern in (("-", falling), ("", rising))
        ]


# --- the list ----------------------------------------------------------------------------------------


def _own_zone(user: Any, row: Any) -> str | None:
    """No zone of its own: that of the installation."""
    return None


@dataclass(frozen=True, eq=False)
class Listing:
    """A list of the product.

    `rows(user, values)`: the queryset that starts from what `user` may see (`values`: the filters' cleaned values).
    `sort`: the order where none was chosen, a column's key with "-" for falling, or keys of a cursor (a tuple), or a
    function of the values. `action`: the line of the audit log for an export. `prepare(user, rows, export)`: look-ups
    for all rows of a page or batch at once. `zone(user, row)`: in which moments are shown.
    """

    name: str  # of the sheet's file and in the registry
    title: Label
    rows: Callable[[Any, Mapping[str, Any]], Rows]
    columns: Sequence[Column]
    sort: str | tuple[str, ...] | Callable[[Mapping[str, Any]], str | tuple[str, ...]]
    action: str
    filters: Sequence[Filter] = ()
    permission: str = ""
    export_permission: str = ""
    size: int = 50
    url: str = ""  # name of the page's address; export's in `export_url`
    export_url: str = ""
    prepare: Callable[[Any, list[Any], bool], None] | None = None
    zone: Callable[[Any, Any], str | None] = _own_zone

    def __post_init__(self) -> None:
        assert self.name not in REGISTRY, self.name
        REGISTRY[self.name] = self
        object.__setattr__(self, "by_key", {c.key: c for c in self.columns})
        assert not isinstance(self.sort, str) or self._sortable(self.sort), f"{self.name}: no order {self.sort}"

    by_key: Mapping[str, Column] = field(init=False, repr=False)

    def read(self, user: Any, data: Mapping[str, Any]) -> dict[str, Any]:
        """The cleaned value of each filter, and `sort`. Raises `Invalid` with a message beside each that is none."""
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for each in self.filters:
            each.read(user, data, values, errors)
        sort = str(data.get("sort") or "")
        if sort and not self._sortable(sort):
            errors["sort"] = [_refusal(sort)]
        if errors:
            raise Invalid(_("有筛选条件无法识别，请修改后重试。"), errors)
        return {**values, "sort": sort}

    def _sortable(self, sort: str) -> bool:
        column = self.by_key.get(sort.removeprefix("-"))
        return column is not None and bool(column.sort)

    def order(self, values: Mapping[str, Any]) -> tuple[str, Cursor]:
        """The code of the present order and its cursor."""
        sort = values.get("sort") or (self.sort(values) if callable(self.sort) else self.sort)
        if isinstance(sort, tuple):
            return "", Cursor(*sort)
        column = self.by_key[sort.removeprefix("-")]
        return sort, Cursor(("-" if sort.startswith("-") else "") + column.sort)

    def narrowed(self, user: Any, values: Mapping[str, Any], rows: Rows | None = None) -> Rows:
        """The rows that `user` may see under the filters; `rows` in place of the declaration's, for a part of it."""
        matches = self.rows(user, values) if rows is None else rows
        for each in self.filters:
            matches = each.apply(matches, values)
        return matches

    def slice(
        self,
        user: Any,
        data: Mapping[str, Any],
        cursor: str = "",
        size: int | None = None,
        rows: Rows | None = None,
        *,
        export: bool = False,
    ) -> Slice[Any]:
        """A page as the API gives it: models' rows and the cursors beside them. Who may ask is the caller's to
        check; the rows are those that `user` may see anyway. Raises `Invalid`."""
        return self._slice(user, self.read(user, data), cursor, size or self.size, rows, export)

    def _slice(
        self, user: Any, values: Mapping[str, Any], cursor: str, size: int, rows: Rows | None, export: bool = False
    ) -> Slice[Any]:
        result: Slice[Any] = self.order(values)[1].page(self.narrowed(user, values, rows), cursor, size)
        if self.prepare:
            self.prepare(user, result.rows, export)
        return result

    def page(self, request: Any, rows: Rows | None = None, size: int | None = None) -> Page:
        """The page that the address asks for. A value that is none becomes a message in `errors`. Raises `NotAllowed`
        where the list is not the asker's."""
        user, data = request.user, request.GET
        if self.permission:
            allow(user, self.permission)
        names = [n for f in self.filters for n in f.names]
        page = Page(self, user, raw={n: text.clean(data.get(n, ""))[:100] for n in names})
        try:
            page.values = self.read(user, data)
            page.sort = self.order(page.values)[0]
            result = self._slice(user, page.values, data.get("cursor", ""), size or self.size, rows)
        except Invalid as e:
            page.errors = e.sentences
            return page
        page.rows = [Row(self, user, row) for row in result.rows]
        page.next, page.previous, page.number = result.next, result.previous, result.number
        return page

    def export(
        self,
        request: Any,
        rows: Rows | None = None,
        *,
        subject: Model | None = None,
        unit_id: UUID | None = None,
        beside: exports.Sheet | None = None,
    ) -> HttpResponseBase:
        """The same rows and columns as XLSX or CSV (`?format=`), on the audit log. `subject`: the row that the list
        belongs to. Raises `NotAllowed`, and `Invalid` for a format or filter that is none."""
        user, data = request.user, request.GET
        if permission := self.export_permission or self.permission:
            allow(user, permission)
        form, values = exports.form_of(data.get("format", "")), self.read(user, data)
        free = {f.name for f in self.filters if f.free}
        exported.send(
            Listing,
            user=user,
            listing=self,
            filters={k: str(v) for k, v in values.items() if k not in free and v != ""},
            searched=any(values.get(name) for name in free),
            format=form,
            subject=subject,
            unit_id=unit_id,
        )
        cells = exports.at_most(self.cells(user, values, rows))
        head, widths = [str(c.label) for c in self.columns], [c.width for c in self.columns]
        return exports.answer(form, self.name, str(self.title), head, cells, widths, beside)

    def cells(self, user: Any, values: Mapping[str, Any], rows: Rows | None = None) -> Iterator[list[str]]:
        """The sheet's lines, read batch by batch, so that memory does not grow."""
        for batch in self.order(values)[1].walk(self.narrowed(user, values, rows)):
            if self.prepare:
                self.prepare(user, batch, True)
            for row in batch:
                zone = self.zone(user, row)
                yield [c.text(row, zone) for c in self.columns]

"""The catalogue of figures: each is declared once, beside the function that computes it.

`FIGURES` holds them by code; `docs/figures.md` and the page `/stats/figures/` are read off it, and pages link to a
figure by `#<code>`. A figure has one definition for every reader of a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

F = TypeVar("F", bound=Callable[..., object])
STATISTICS, COMPLIANCE, APPRAISAL = "statistics", "compliance", "appraisal"
PLACES: dict[str, str | Promise] = {
    STATISTICS: gettext_lazy("统计"),
    COMPLIANCE: gettext_lazy("制度落实情况"),
    APPRAISAL: gettext_lazy("考核指标"),
}


@dataclass(frozen=True)
class Figure:
    """`code` is its anchor; `unit` what it counts in (条, %, 天, 0–100 分); `source` the rows that it is counted from;
    `place` where it is shown first (a key of `PLACES`)."""

    code: str
    place: str
    name: str | Promise
    definition: str | Promise
    unit: str | Promise
    source: str | Promise
    clause: str


FIGURES: dict[str, Figure] = {}


def figure(
    code: str,
    place: str,
    name: str | Promise,
    definition: str | Promise,
    *,
    unit: str | Promise,
    source: str | Promise,
    clause: str,
) -> Callable[[F], F]:
    """Declare the decorated function as what computes a figure. Raises `ValueError` for a code that stands already."""
    if code in FIGURES:
        raise ValueError(f"two figures are called {code}")
    FIGURES[code] = Figure(code, place, name, definition, unit, source, clause)

    def unchanged(function: F) -> F:
        return function

    return unchanged


def by_place() -> Iterator[tuple[str | Promise, list[Figure]]]:
    """The places in order, each with its figures in the order of their clauses."""
    for place, name in PLACES.items():
        rows = sorted((f for f in FIGURES.values() if f.place == place), key=_order)
        if rows:
            yield name, rows


def _order(row: Figure) -> tuple[list[int], str]:
    return [int(n) for n in row.clause.split(".")], row.code


def as_markdown() -> str:
    """The whole catalogue as the document `docs/figures.md`, in the language that is active."""
    head = [_("指标"), _("定义"), _("单位"), _("数据来源"), _("条款")]
    lines = [f"# {_('指标目录')}", ""]
    lines += [
        _("由 `make figures` 从计算这些指标的代码生成，请勿手工修改。同一单位、同一期间，每个指标对所有读者相同。"),
        "",
    ]
    for name, rows in by_place():
        lines += [f"## {name}", "", f"| {' | '.join(head)} |", "|---|---|---|---|---|"]
        for f in rows:
            cells = (f'<a id="{f.code}"></a>{f.name}', f.definition, f.unit, f.source, f.clause)
            lines.append("| " + " | ".join(str(c).replace("|", "/") for c in cells) + " |")
        lines.append("")
    return "\n".join(lines)

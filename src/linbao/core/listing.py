"""Keyset paging: a page knows its place by the last row's values, at the same cost on any page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from linbao.core.fields import column
from linbao.core.problems import Invalid

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Cursor:
    """Order by `field` (a moment, number or text that is never null), then by id in the same direction."""

    field: str
    descending: bool = True

    def page(self, rows: QuerySet[M], cursor: str, size: int) -> tuple[list[M], str | None]:
        """`size` rows after `cursor` and the cursor of the next page (None on the last). Asks for one
        row more than it gives; counts nothing. Raises `Invalid` for a cursor that is none."""
        if cursor:
            value, id = self._read(cursor, rows.model)
            side = "lt" if self.descending else "gt"
            rows = rows.filter(Q(**{f"{self.field}__{side}": value}) | Q(**{self.field: value, f"id__{side}": id}))
        sign = "-" if self.descending else ""
        matches = list(rows.order_by(f"{sign}{self.field}", f"{sign}id")[: size + 1])
        following = self._write(matches[size - 1]) if len(matches) > size else None
        return matches[:size], following

    def _write(self, row: Model) -> str:
        value = getattr(row, self.field)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return base64.urlsafe_b64encode(f"{text}|{row.pk}".encode()).decode().rstrip("=")

    def _read(self, cursor: str, model: type[Model]) -> tuple[Any, UUID]:
        try:
            text = base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor) % 4)).decode()
            value, _bar, id = text.rpartition("|")
            parsed = column(model, self.field).to_python(value)
            if parsed is None or (isinstance(parsed, datetime) and parsed.tzinfo is None):
                raise ValueError("no place")
            return parsed, UUID(id)
        except Exception as e:  # whatever was typed into the address
            raise Invalid(_("页码已失效，请从第一页重新打开。")) from e

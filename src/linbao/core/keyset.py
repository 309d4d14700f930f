"""Pages by the last row's place, for lists that put what is urgent first (performance.md rule 6).

Order: `priority` falling, then a moment rising, then id. The same cost on any page; counts nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from linbao.core.problems import Invalid


def after(rows: QuerySet[Any], moment: str, cursor: str) -> QuerySet[Any]:
    """`rows` in order from just behind `cursor` (all for an empty one); raises `Invalid` for one that is none."""
    if cursor:
        priority, at, id = _read(cursor)
        later = Q(**{f"{moment}__gt": at}) | Q(**{moment: at, "id__gt": id})
        rows = rows.filter(Q(priority__lt=priority) | (Q(priority=priority) & later))
    return rows.order_by("-priority", moment, "id")


def cursor(row: Model | Mapping[str, Any], moment: str) -> str:
    """The cursor that stands for `row` (a model or a mapping with priority, `moment` and id)."""
    data = row if isinstance(row, Mapping) else _place(row, moment)
    text = f"{data['priority']}|{data[moment].isoformat()}|{data['id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(row: Any, moment: str) -> dict[str, Any]:
    return {"priority": row.priority, moment: getattr(row, moment), "id": row.pk}


def _read(given: str) -> tuple[int, datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(given[:400] + "=" * (-len(given) % 4)).decode()
        priority, at, id = text.split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not -9 <= int(priority) <= 9:
            raise ValueError("no place")
        return int(priority), moment, UUID(id)
    except Exception as e:  # whatever was typed into the address
        raise Invalid(_("页码已失效，请从第一页重新打开。")) from e


def newest(rows: QuerySet[Any], given: str, count: int, moment: str = "created_at") -> tuple[list[Any], str]:
    """A page of `count` rows, the newest first, from just behind `given`; and the cursor of the next ("" at the
    end)."""
    if given:
        _priority, at, id = _read(given)
        rows = rows.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "id__lt": id}))
    matches = list(rows.order_by(f"-{moment}", "-id")[: count + 1])
    if len(matches) <= count:
        return matches, ""
    last = matches[count - 1]
    return matches[:count], cursor({"priority": 0, moment: getattr(last, moment), "id": last.pk}, moment)

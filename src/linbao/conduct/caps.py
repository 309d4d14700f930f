"""A confirmed leak or false report holds the half-year's grade down (domain.md §6, 5.2.3)."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from linbao.conduct.measures import CAPS
from linbao.conduct.models import Case
from linbao.units.models import User


def put(by: User, case: Case) -> None:
    """At most 基本称职 for the half-year in which it happened; the reason names the case, not its content."""
    room = _appraisal()
    if case.kind in CAPS and room is not None:
        room.cap(by, case.person_id, case.until, source=case.kind, reason=case.number, reference=str(case.pk))


def lift(by: User, case: Case) -> None:
    """The appeal was right: the case no longer counts."""
    room = _appraisal()
    if case.kind in CAPS and room is not None:
        room.lift_cap(by, case.person_id, reference=str(case.pk))


def _appraisal() -> Any:
    """The room of appraisal, where the installation has it."""
    name = "linbao.appraisal.actions"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None

"""A confirmed leak or false report holds the half-year's grade down (domain.md §6, 5.2.3)."""

from __future__ import annotations

from linbao.appraisal import grading
from linbao.conduct.cases.measures import CAPS
from linbao.conduct.models import Case
from linbao.organisation.models import User


def put(by: User, case: Case) -> None:
    """At most 基本称职 for the half-year in which it happened; the reason names the case, not its content."""
    if case.kind in CAPS:
        grading.cap(by, case.person_id, case.until, source=case.kind, reason=case.number, reference=str(case.pk))


def lift(by: User, case: Case) -> None:
    """Lift the cap after a successful appeal."""
    grading.lift_cap(by, case.person_id, reference=str(case.pk))

"""Weights and cut-offs of a unit: read, checked, and stored as versions; an open cycle keeps the copy it began with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.appraisal.inputs import RULES, RulesInput
from linbao.appraisal.metrics import DEFAULTS, METRICS, PARTS
from linbao.appraisal.models import RuleSet
from linbao.audit import services as audit
from linbao.core.permissions import allow
from linbao.core.problems import Invalid
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import tree


def current(unit_id: UUID) -> tuple[dict[str, Any], int]:
    """The rules in force for a unit and their version: its own, else the nearest above, else what is delivered (0)."""
    line = [u.id for u in tree().line(unit_id)]
    rows = {r.unit_id: r for r in RuleSet.objects.filter(unit__in=line).order_by("version")}  # the last one wins
    row = next((rows[u] for u in line if u in rows), None)
    return (row.rules, row.version) if row is not None else (copy.deepcopy(DEFAULTS), 0)


def read(rules: Mapping[str, Any], field: str) -> Any:
    """The value that `field` shows."""
    value: Any = rules
    for key in RULES[field][0]:
        value = value[key]
    return value


def check(data: RulesInput, before: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as they would be with `data`.

    Raises `Invalid` where weights do not add up to 100, or the cut-offs do not fall."""
    made: dict[str, Any] = copy.deepcopy(dict(before))
    for field, value in data.values.items():
        *path, last = RULES[field][0]
        at = made
        for key in path:
            at = at[key]
        at[last] = value
    errors: dict[str, list[str]] = {}
    for group, names in (("metrics", METRICS), ("parts", PARTS)):
        total = sum(made[group][n] for n in names)
        if total != 100:
            errors[f"{group}_{names[0]}"] = [_("各项权重合计须为 100，现为 %(sum)d；请调整后保存。") % {"sum": total}]
    cut = made["grades"]
    if not cut["excellent"] > cut["competent"] > cut["basic"]:
        errors["grades_excellent"] = [_("等次的分数线须由高到低：优秀、称职、基本称职。")]
    if errors:
        raise Invalid(fields=errors)
    return made


@transaction.atomic
def save(user: User, unit_id: UUID, data: RulesInput) -> RuleSet:
    """A new version for the unit; cycles that are open keep theirs. The same rules again change nothing.

    Raises `Invalid` by field, `NotAllowed`.
    """
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    allow(user, "appraisal.rules", unit)
    before, _version = current(unit_id)
    made = check(data, before)
    last = RuleSet.objects.filter(unit=unit).first()
    if last is not None and last.rules == made:
        return last
    row = RuleSet.objects.create(
        unit=unit, version=last.version + 1 if last else 1, rules=made, note=data.note, made_by=user
    )
    changed = [f for f in RULES if read(before, f) != read(made, f)]
    audit.record(user, "appraisal.rules", unit, unit_id=unit.pk, version=row.version, fields=changed)
    return row

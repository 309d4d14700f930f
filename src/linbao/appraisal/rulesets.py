"""Weights and cut-offs of a unit: read, checked, and kept as versions; an open cycle keeps the copy it began with."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.appraisal.metrics import DEFAULTS, METRICS, PARTS
from linbao.appraisal.models import RuleSet
from linbao.audit import services as audit
from linbao.core import text
from linbao.core.problems import Invalid
from linbao.organisation.models import Unit, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree

# What a manager may set on the page: field → (where it lies, lowest, highest, whole number). The rest is fixed.
FIELDS: dict[str, tuple[tuple[str, ...], float, float, bool]] = {
    **{f"metrics_{m}": (("metrics", m), 0, 100, True) for m in METRICS},
    **{f"parts_{p}": (("parts", p), 0, 100, True) for p in PARTS},
    **{f"grades_{g}": (("grades", g), 1, 100, True) for g in ("excellent", "competent", "basic")},
    "excellent_share": (("excellent_share",), 0, 20, True),  # 5.2.3 by domain.md §6: at most 20 %
    "worth_onsite": (("worth", "onsite"), 1, 3, False),
    "worth_complex": (("worth", "complex"), 1, 5, False),
    "complex_days": (("complex_days",), 1, 90, True),
    "urgent_weight": (("urgent_weight",), 1, 5, False),
    "wilson_z": (("wilson_z",), 0, 3, False),
    "peers": (("peers",), 1, 5, True),
    **{f"days_{p}": (("days", p), 1, 20, True) for p in ("self", "peer", "superior", "publish", "objection")},
}


def current(unit_id: UUID) -> tuple[dict[str, Any], int]:
    """The rules in force for a unit and their version: its own, else the nearest above, else what is delivered (0)."""
    line = [u.id for u in tree().line(unit_id)]
    rows = {r.unit_id: r for r in RuleSet.objects.filter(unit__in=line).order_by("version")}  # the last one wins
    row = next((rows[u] for u in line if u in rows), None)
    return (row.rules, row.version) if row is not None else (copy.deepcopy(DEFAULTS), 0)


def read(rules: Mapping[str, Any], field: str) -> Any:
    """The value that `field` shows."""
    value: Any = rules
    for key in FIELDS[field][0]:
        value = value[key]
    return value


def check(given: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as they would be with the fields `given`; raises `Invalid` beside each field that is wrong. Weights
    must add up to 100, and the cut-offs fall."""
    made: dict[str, Any] = copy.deepcopy(dict(before))
    errors: dict[str, list[str]] = {}
    for field, (path, low, high, whole) in FIELDS.items():
        typed = str(given.get(field, "")).strip()
        pattern = r"[0-9]{1,3}" if whole else r"[0-9]{1,3}(\.[0-9]{1,2})?"
        if not re.fullmatch(pattern, typed) or not low <= float(typed) <= high:
            kind = _("整数") if whole else _("数（最多两位小数）")
            errors[field] = [_("请填 %(low)g 到 %(high)g 之间的%(kind)s。") % {"low": low, "high": high, "kind": kind}]
            continue
        at = made
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = int(typed) if whole else float(typed)
    for group, names in (("metrics", METRICS), ("parts", PARTS)):
        whole_sum = sum(made[group][n] for n in names)
        if not any(f.startswith(group) for f in errors) and whole_sum != 100:
            errors[f"{group}_{names[0]}"] = [
                _("各项权重合计须为 100，现为 %(sum)d；请调整后保存。") % {"sum": whole_sum}
            ]
    cut = made["grades"]
    if not any(f.startswith("grades") for f in errors) and not cut["excellent"] > cut["competent"] > cut["basic"]:
        errors["grades_excellent"] = [_("等次的分数线须由高到低：优秀、称职、基本称职。")]
    if errors:
        raise Invalid(fields=errors)
    return made


@transaction.atomic
def save(user: User, unit_id: UUID, given: Mapping[str, str], *, note: str = "") -> RuleSet:
    """A new version for the unit; cycles that are open keep theirs. The same rules again change nothing.

    Raises `Invalid` by field, `NotAllowed`.
    """
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    allow(user, "appraisal.rules", unit)
    before, _version = current(unit_id)
    made = check(given, before)
    note = text.clean(note)
    if len(note) > 200:
        raise Invalid(fields={"note": [_("说明不超过 200 字。")]})
    last = RuleSet.objects.filter(unit=unit).first()
    if last is not None and last.rules == made:
        return last
    row = RuleSet.objects.create(
        unit=unit, version=last.version + 1 if last else 1, rules=made, note=note, made_by=user
    )
    changed = [f for f in FIELDS if read(before, f) != read(made, f)]
    audit.record(user, "appraisal.rules", unit, unit_id=unit.pk, version=row.version, fields=changed)
    return row

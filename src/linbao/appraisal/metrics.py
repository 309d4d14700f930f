"""The formulas of an appraisal (domain.md §6): facts in, scores from 0 to 100 out; nothing here asks the database.

Counted are items, obligations and evaluations alone: no clicks, presence, mileage or place in a ranking (5.2.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from linbao.appraisal.models import Grade

QUANTITY, QUALITY, TIMELINESS, ACCURACY, FEEDBACK = METRICS = (
    "quantity", "quality", "timeliness", "accuracy", "feedback",
)  # fmt: skip
PARTS = ("facts", "self", "peer", "superior")
# Kinds of obligation behind timeliness and feedback; urgent ones weigh `urgent_weight`.
ORDINARY, URGENT = ("weekly_report", "amend"), ("urgent_call", "urgent_written")
TELLING = ("inform_resident", "evaluate")

DEFAULTS: dict[str, Any] = {
    "metrics": {"quantity": 15, "quality": 25, "timeliness": 20, "accuracy": 20, "feedback": 20},
    "parts": {"facts": 60, "self": 5, "peer": 10, "superior": 25},
    "grades": {"excellent": 90, "competent": 75, "basic": 60},  # from this total on
    "excellent_share": 20,  # percent of the community at most
    "worth": {"easy": 1, "onsite": 1.5, "complex": 2, "returned_twice": 0.5, "alike": 0.2},
    "alike_free": 3,  # alike from one place in a week before they count little
    "complex_days": 15,  # a subcategory with at least so many working days for handling is complex
    "urgent_weight": 3,
    "small": 8,
    "answers": 5,  # evaluations needed before satisfaction counts
    "wilson_z": 1.0,  # how careful the lower bound of a rate is; 0: the rate itself
    "leave_days": 10,  # more leave than this in a month takes the month out
    "least_months": 1,  # in post less: no grade
    "marks": [40, 55, 70, 85, 100],  # what marks 1 to 5 are worth
    "peers": 3,  # raters drawn for each person, as far as the group allows
    "days": {"self": 5, "peer": 5, "superior": 10, "publish": 5, "objection": 5},  # working days, one after the other
}


@dataclass(frozen=True)
class Facts:
    """What one person did in the half-year, as counted by `counting`."""

    items: int = 0
    effective: float = 0.0
    decided: int = 0  # items with a first decision of a reviewer
    first_pass: int = 0
    marks: int = 0  # marks of 1 to 5 that reviewers gave
    marks_mean: float = 0.0
    adopted: int = 0
    worth: float = 0.0  # weights of the decided items
    worth_faulted: float = 0.0  # of those returned for truth or accuracy
    resolved: int = 0
    closed: int = 0
    answers: int = 0
    content: int = 0
    duties: int = 0
    duties_weight: float = 0.0
    duties_credit: float = 0.0
    telling: int = 0
    telling_credit: float = 0.0
    false_report: bool = False


def wilson(share: float, n: int, z: float) -> float:
    """The lower bound of Wilson's interval for a rate `share` seen on `n` cases; the rate itself for z = 0."""
    if not n:
        return 0.0
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + z * z / n))


def shared(values: Mapping[str, float | None], weights: Mapping[str, float]) -> tuple[float | None, dict[str, float]]:
    """The weighted mean of the parts that are there, and the weights (percent) that each then has: what is left out
    shares its weight among the others in proportion. None when nothing is there."""
    there = {k: v for k, v in values.items() if v is not None and weights[k] > 0}
    whole = sum(weights[k] for k in there)
    if not whole:
        return None, {}
    return sum(v * weights[k] for k, v in there.items()) / whole, {k: 100 * weights[k] / whole for k in there}


def unit_median(people: list[tuple[float, float]]) -> float:
    """T: the unit's own median of effective items per month, of (effective, months) of everybody in post."""
    rates = [effective / months for effective, months in people if months > 0]
    return median(rates) if rates else 0.0


def figures(facts: Facts, *, months: float, typical: float, rules: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every metric with score (None: left out), what it is based on, and its parts for showing."""
    z, small = rules["wilson_z"], rules["small"]
    made = {
        QUANTITY: _quantity(facts, months, typical),
        QUALITY: _quality(facts, z),
        TIMELINESS: _timeliness(facts),
        ACCURACY: _accuracy(facts),
        FEEDBACK: _feedback(facts, z, rules["answers"]),
    }
    for figure in made.values():
        figure["small"] = figure["n"] < small
        if figure["score"] is not None:
            figure["score"] = round(min(100.0, max(0.0, figure["score"])), 2)
    return made


def facts_score(made: Mapping[str, Mapping[str, Any]], rules: Mapping[str, Any]) -> float | None:
    return shared({m: made[m]["score"] for m in METRICS}, rules["metrics"])[0]


def grade_of(total: float | None, rules: Mapping[str, Any], *, capped: bool = False) -> str:
    """The grade that a total gives; with a confirmed leak or false report at most 基本称职. "" without a total."""
    if total is None:
        return ""
    found = next((g for g in ("excellent", "competent", "basic") if total >= rules["grades"][g]), str(Grade.FAILING))
    return str(Grade.BASIC) if capped and found in (Grade.EXCELLENT, Grade.COMPETENT) else found


def most_excellent(people: int, rules: Mapping[str, Any]) -> int:
    """How many of so many people may be 优秀: never more than the share, so rounded down."""
    return int(people * rules["excellent_share"] // 100)


def mark_score(marks: Mapping[str, int], rules: Mapping[str, Any]) -> float:
    """The mean worth of marks from 1 to 5."""
    return float(sum(rules["marks"][m - 1] for m in marks.values()) / len(marks))


def _quantity(f: Facts, months: float, typical: float) -> dict[str, Any]:
    expected = months * typical
    # Beyond the median it rises no more: there is nothing to gain by filing trivia.
    score = 100 * min(1.0, f.effective / expected) ** 0.5 if expected > 0 else None
    parts = [_part("effective", f.effective, f.items), _part("expected", expected), _part("typical", typical)]
    return {"score": score, "n": f.items, "parts": parts}


def _quality(f: Facts, z: float) -> dict[str, Any]:
    rate = 100 * wilson(f.first_pass / f.decided, f.decided, z) if f.decided else None
    marks = 25 * (f.marks_mean - 1) if f.marks else None
    bonus = min(10, 2 * f.adopted)
    score, weights = shared({"first_pass": rate, "marks": marks}, {"first_pass": 60, "marks": 40})
    parts = [
        _part("first_pass", rate, f.decided, weights.get("first_pass", 0), of=f.first_pass),
        _part("marks", marks, f.marks, weights.get("marks", 0)),
        _part("adopted", bonus, f.adopted),
    ]
    return {"score": None if score is None else score + bonus, "n": f.decided, "parts": parts}


def _timeliness(f: Facts) -> dict[str, Any]:
    score = 100 * f.duties_credit / f.duties_weight if f.duties_weight else None
    return {"score": score, "n": f.duties, "parts": [_part("in_time", score, f.duties)]}


def _accuracy(f: Facts) -> dict[str, Any]:
    score = 100 * (1 - f.worth_faulted / f.worth) if f.worth else None
    parts = [_part("faulted", f.worth_faulted, f.decided)]
    if f.false_report:
        score = 0.0
        parts.append(_part("false_report", 0))
    return {"score": score, "n": f.decided, "parts": parts}


def _feedback(f: Facts, z: float, answers: int) -> dict[str, Any]:
    told = 100 * f.telling_credit / f.telling if f.telling else None
    loops = 100 * wilson(f.closed / f.resolved, f.resolved, z) if f.resolved else None
    content = 100 * wilson(f.content / f.answers, f.answers, z) if f.answers >= answers else None
    score, weights = shared(
        {"told": told, "closed": loops, "content": content}, {"told": 50, "closed": 30, "content": 20}
    )
    parts = [
        _part("told", told, f.telling, weights.get("told", 0)),
        _part("closed", loops, f.resolved, weights.get("closed", 0), of=f.closed),
        _part("content", content, f.answers, weights.get("content", 0), of=f.content),
    ]
    return {"score": score, "n": max(f.telling, f.resolved), "parts": parts}


def _part(
    name: str, value: float | None, n: int | None = None, weight: float = 0, *, of: int | None = None
) -> dict[str, Any]:
    """A line under a figure: its value, on how many cases (`of`: how many of them), with which weight in percent."""
    found: dict[str, Any] = {"name": name, "value": None if value is None else round(value, 2)}
    if n is not None:
        found["n"] = n
    if of is not None:
        found["of"] = of
    if weight:
        found["weight"] = round(weight, 1)
    return found

"""The formulas of an appraisal (domain.md §6): facts in, scores from 0 to 100 out; nothing here asks the database.

Counted are items, obligations and evaluations alone: no clicks, presence, mileage or place in a ranking (5.2.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils.translation import gettext_lazy

from linbao.appraisal.models import Grade
from linbao.core.figures import APPRAISAL, figure

QUANTITY, QUALITY, TIMELINESS, ACCURACY, FEEDBACK = METRICS = (
    "quantity",
    "quality",
    "timeliness",
    "accuracy",
    "feedback",
)
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
    decided: int = 0  # items that a reviewer approved or returned
    judged: int = 0  # of them those that are neither merged nor withdrawn
    first_pass: int = 0
    marks: int = 0  # marks of 1 to 5 that reviewers gave
    marks_mean: float = 0.0
    adopted: int = 0
    worth: float = 0.0  # weights of the decided items
    worth_faulted: float = 0.0  # of those returned for truth or accuracy
    resolved: int = 0
    closed: int = 0
    answers: int = 0  # evaluations given, each of them
    content: int = 0
    first_answers: int = 0  # of them the first of each item
    first_content: int = 0
    last_answers: int = 0  # of them those that no later one has replaced
    last_content: int = 0
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
    for row in made.values():
        row["small"] = row["n"] < small
        if row["score"] is not None:
            row["score"] = round(min(100.0, max(0.0, row["score"])), 2)
    return made


def facts_score(made: Mapping[str, Mapping[str, Any]], rules: Mapping[str, Any]) -> float | None:
    """The weighted mean of the figures that there are; None without any."""
    return shared({m: made[m]["score"] for m in METRICS}, rules["metrics"])[0]


def grade_of(total: float | None, rules: Mapping[str, Any], *, capped: bool = False) -> str:
    """The grade that a total gives; with a confirmed leak or false report at most 基本称职. "" without a total."""
    if total is None:
        return ""
    result = next((g for g in ("excellent", "competent", "basic") if total >= rules["grades"][g]), str(Grade.FAILING))
    return str(Grade.BASIC) if capped and result in (Grade.EXCELLENT, Grade.COMPETENT) else result


def most_excellent(people: int, rules: Mapping[str, Any]) -> int:
    """How many of so many people may be 优秀: never more than the share, so rounded down."""
    return int(people * rules["excellent_share"] // 100)


def mark_score(marks: Mapping[str, int], rules: Mapping[str, Any]) -> float:
    """The mean worth of marks from 1 to 5."""
    return float(sum(rules["marks"][m - 1] for m in marks.values()) / len(marks))


_SCORE = gettext_lazy("0–100 分")


@figure(
    "quantity",
    APPRAISAL,
    gettext_lazy("数量"),
    gettext_lazy(
        "半年内上报的条目按难易加权（合并、未通过的为 0），"
        "与本单位人均每月中位数乘在岗月数之比的平方根；超过中位数不再提高"
    ),
    unit=_SCORE,
    source=gettext_lazy("条目"),
    clause="5.2.1",
)
def _quantity(f: Facts, months: float, typical: float) -> dict[str, Any]:
    expected = months * typical
    # Beyond the median it rises no more: there is nothing to gain by filing trivia.
    score = 100 * min(1.0, f.effective / expected) ** 0.5 if expected > 0 else None
    parts = [_part("effective", f.effective, f.items), _part("expected", expected), _part("typical", typical)]
    return {"score": score, "n": f.items, "parts": parts}


@figure(
    "quality",
    APPRAISAL,
    gettext_lazy("质量"),
    gettext_lazy(
        "一次通过率（与统计同一定义，取威尔逊下限）占 60%，"
        "审核员对完整性和分析的评分占 40%；被采用的每条加 2 分，最多 10 分"
    ),
    unit=_SCORE,
    source=gettext_lazy("条目、审核"),
    clause="5.2.1",
)
def _quality(f: Facts, z: float) -> dict[str, Any]:
    rate = 100 * wilson(f.first_pass / f.judged, f.judged, z) if f.judged else None
    marks = 25 * (f.marks_mean - 1) if f.marks else None
    bonus = min(10, 2 * f.adopted)
    score, weights = shared({"first_pass": rate, "marks": marks}, {"first_pass": 60, "marks": 40})
    parts = [
        _part("first_pass", rate, f.judged, weights.get("first_pass", 0), of=f.first_pass),
        _part("marks", marks, f.marks, weights.get("marks", 0)),
        _part("adopted", bonus, f.adopted),
    ]
    return {"score": None if score is None else score + bonus, "n": f.judged, "parts": parts}


@figure(
    "timeliness",
    APPRAISAL,
    gettext_lazy("及时性"),
    gettext_lazy(
        "期限在半年内的周报、补正、紧急电话和紧急书面报告：按时计 1，迟办计一半，"
        "未办计 0，紧急的权重为 3，免除的不计；工作小组的周报对到期"
        "当天的每名成员同样计（请假的除外）"
    ),
    unit=_SCORE,
    source=gettext_lazy("义务、任职记录"),
    clause="5.2.1",
)
def _timeliness(f: Facts) -> dict[str, Any]:
    score = 100 * f.duties_credit / f.duties_weight if f.duties_weight else None
    return {"score": score, "n": f.duties, "parts": [_part("in_time", score, f.duties)]}


@figure(
    "accuracy",
    APPRAISAL,
    gettext_lazy("准确性"),
    gettext_lazy("有审核结论的条目中，没有因真实性或准确性被退回的加权比例；退回后又撤回或合并的仍计；确认谎报的为 0"),
    unit=_SCORE,
    source=gettext_lazy("条目、审核"),
    clause="5.2.1",
)
def _accuracy(f: Facts) -> dict[str, Any]:
    score = 100 * (1 - f.worth_faulted / f.worth) if f.worth else None
    parts = [_part("faulted", f.worth_faulted, f.decided)]
    if f.false_report:
        score = 0.0
        parts.append(_part("false_report", 0))
    return {"score": score, "n": f.decided, "parts": parts}


@figure(
    "feedback",
    APPRAISAL,
    gettext_lazy("反馈跟踪"),
    gettext_lazy(
        "按期反馈和收集评价占 50%，形成闭环的比例占 30%，居民满意占"
        " 20%（半年内作出的每次评价都计，少于 5 次不计，权重由其余分担）；"
        "首次和最终的满意率另列"
    ),
    unit=_SCORE,
    source=gettext_lazy("义务、条目、评价"),
    clause="5.2.1",
)
def _feedback(f: Facts, z: float, answers: int) -> dict[str, Any]:
    details = 100 * f.telling_credit / f.telling if f.telling else None
    loops = 100 * wilson(f.closed / f.resolved, f.resolved, z) if f.resolved else None
    content = 100 * wilson(f.content / f.answers, f.answers, z) if f.answers >= answers else None
    score, weights = shared(
        {"told": details, "closed": loops, "content": content}, {"told": 50, "closed": 30, "content": 20}
    )
    parts = [
        _part("told", details, f.telling, weights.get("told", 0)),
        _part("closed", loops, f.resolved, weights.get("closed", 0), of=f.closed),
        _part("content", content, f.answers, weights.get("content", 0), of=f.content),
        _part("first_content", _rate(f.first_content, f.first_answers), f.first_answers, of=f.first_content),
        _part("last_content", _rate(f.last_content, f.last_answers), f.last_answers, of=f.last_content),
    ]
    return {"score": score, "n": max(f.telling, f.resolved), "parts": parts}


def _rate(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _part(
    name: str, value: float | None, n: int | None = None, weight: float = 0, *, of: int | None = None
) -> dict[str, Any]:
    """A line under a figure: its value, on how many cases (`of`: how many of them), with which weight in percent."""
    result: dict[str, Any] = {"name": name, "value": None if value is None else round(value, 2)}
    if n is not None:
        result["n"] = n
    if of is not None:
        result["of"] = of
    if weight:
        result["weight"] = round(weight, 1)
    return result

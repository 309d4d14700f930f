"""What to teach next, read off what review returned and why (5.1.1, 4.3.1), per group and per person.

Only checks and standard reasons are read, never what a reviewer typed: that may speak of residents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID

from django.db.models import Count
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.organisation.tree import tree
from linbao.review.models import Check, Finding
from linbao.training import quarters
from linbao.training.models import PRESCRIBED, Session, SessionStatus, Subject

QUARTERS_BACK = 2  # of findings that are read, besides the present quarter
TAUGHT_BACK = 4  # a prescribed subject not taught in so many quarters is proposed
GROUP_LEAST, GROUP_SHARE = 3, 0.5  # a group is proposed apart when half of a fault's findings are its own

ANSWERS = {
    Check.TRUTH: (Subject.COLLECTION, gettext_lazy("到场核实与取证")),
    Check.COMPLETENESS: (Subject.COLLECTION, gettext_lazy("要素采集不漏项")),
    Check.ACCURACY: (Subject.ORGANISING, gettext_lazy("核对与分类整理")),
    Check.FORMAT: (Subject.WRITING, gettext_lazy("报告格式与用语")),
}


@dataclass
class Suggestion:
    """A topic that would answer what was found; `groups` where it was found most, `group` when it is theirs alone."""

    subject: str
    title: str
    why: str
    check: str = ""
    count: int = 0
    group: UUID | None = None
    group_name: str = ""


@dataclass
class Person:
    """What was returned to one reporter, most frequent first: [(check in words, times)]."""

    id: UUID
    name: str
    total: int = 0
    checks: list[tuple[str, int]] = field(default_factory=list)


def since(community_id: UUID) -> datetime:
    """From when on findings are read."""
    quarter = quarters.current(community_id)
    for _n in range(QUARTERS_BACK):
        quarter = quarters.before(quarter)
    return datetime.combine(quarter, time(0), clock.zone(quarters.zone_of(community_id)))


def topics(community_id: UUID) -> list[Suggestion]:
    """Topics by what was returned most, and prescribed subjects that were not taught for a year; two statements."""
    english = (get_language() or "").startswith("en")
    rows = (
        Finding.objects.filter(review__item__community_id=community_id, review__at__gte=since(community_id))
        .order_by()
        .values_list("check_kind", "review__item__work_group_id", "reason__text", "reason__text_en")
        .annotate(n=Count("pk"))
    )
    by_check: Counter[str] = Counter()
    by_group: dict[str, Counter[UUID]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for check, group, text, text_en, n in rows:
        by_check[check] += n
        if group:
            by_group[check][group] += n
        if text:
            reasons[check][(english and text_en) or text] += n
    matches: list[Suggestion] = []
    total = sum(by_check.values())
    for check, n in by_check.most_common():
        subject, title = ANSWERS[Check(check)]
        why = _("近期审核退回涉及“%(check)s” %(n)d 处，占 %(share)d%%") % {
            "check": Check(check).label,
            "n": n,
            "share": round(100 * n / total),
        }
        if most := [f"{r}（{k}）" for r, k in reasons[check].most_common(2)]:
            why += _("；多为：%(reasons)s") % {"reasons": _("、").join(most)}
        top = by_group[check].most_common(1)
        concentrated = bool(top) and len(by_group[check]) > 1 and top[0][1] >= max(GROUP_LEAST, GROUP_SHARE * n)
        unit = tree().get(top[0][0]) if concentrated else None
        matches.append(
            Suggestion(subject, str(title), why[:300], check, n, unit.pk if unit else None, unit.name if unit else "")
        )
    taught = _taught(community_id)
    for subject in PRESCRIBED:
        if subject not in taught and subject not in {s.subject for s in matches}:
            message = _("制度规定的内容，近一年还没有安排过。")
            matches.append(Suggestion(subject, str(Subject(subject).label), message))
    return matches


def _taught(community_id: UUID) -> set[str]:
    quarter = quarters.current(community_id)
    for _n in range(TAUGHT_BACK - 1):
        quarter = quarters.before(quarter)
    lists = Session.objects.filter(community_id=community_id, quarter__gte=quarter, status=SessionStatus.HELD)
    return {s for subjects in lists.values_list("subjects", flat=True) for s in subjects}


def people(community_id: UUID, most: int = 12) -> list[Person]:
    """The reporters to whom most was returned, and for what; one statement. No ranking: whom a session would help."""
    rows = (
        Finding.objects.filter(review__item__community_id=community_id, review__at__gte=since(community_id))
        .order_by()
        .values_list("review__item__reporter_id", "review__item__reporter__name", "check_kind")
        .annotate(n=Count("pk"))
    )
    result: dict[UUID, Person] = {}
    for reporter, name, check, n in rows:
        person = result.setdefault(reporter, Person(reporter, name))
        person.total += n
        person.checks.append((str(Check(check).label), n))
    for person in result.values():
        person.checks.sort(key=lambda c: -c[1])
    return sorted((p for p in result.values() if p.total > 1), key=lambda p: (-p.total, p.name))[:most]

"""The half-year's cycle: opened, counted, told, ended, done again (5.2.2).

All facts of all cycles of one call are read in a constant number of statements, and written in one.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Avg, Count, Q
from django.utils.translation import gettext as _

from linbao.appraisal import drawing, enrolment, metrics, rulesets, scoring
from linbao.appraisal.inputs import OpenCycle, ReopenCycle
from linbao.appraisal.models import (
    Appraisal,
    Cap,
    CapSource,
    Change,
    Cycle,
    CycleState,
    Grade,
    Objection,
    Rating,
    RatingKind,
)
from linbao.appraisal.proposals import propose
from linbao.appraisal.states import CYCLE
from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.calendar import Calendar
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, RoleGrant, Unit, UnitKind, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue

OPEN_WITHIN_DAYS = 5  # working days from the first day after the half-year (5.2.2)
HALVES_BACK = 2  # how far back a cycle may still be opened


def get(user: User, cycle_id: UUID, *, lock: bool = False) -> Cycle:
    """A cycle that `user` manages; raises `NotFound`."""
    rows = Cycle.objects.visible_to(user).select_related("unit")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=cycle_id).first()
    if row is None:
        raise NotFound(_("没有这次考核。"))
    return row


def end_of(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The close of the last of `days` working days after the day of `start` (UTC): whole days for everybody."""
    tomorrow = start.astimezone(calendar.zone).date() + timedelta(days=1)
    return calendar.add_working_days(datetime.combine(tomorrow, time(0), calendar.zone), days)


def offered(today: date) -> list[date]:
    """The half-years that can be appraised now, the last one first."""
    rows = [enrolment.last_half(today)]
    while len(rows) < HALVES_BACK:
        rows.append(enrolment.last_half(rows[-1]))
    return rows


@transaction.atomic
def open_(user: User, data: OpenCycle) -> Cycle:
    """Begin the appraisal of a community's half-year: freezes the rules, enrols everybody, draws the peers, opens the
    duties of all phases, and counts. Safe to repeat.

    Raises `Invalid` (no such half-year, nobody to appraise), `Conflict` (no superior is there), `NotAllowed`.
    """
    unit = Unit.objects.select_for_update().filter(pk=data.unit).first()
    if unit is None or unit.kind != UnitKind.COMMUNITY:
        raise Invalid(fields={"unit": [_("请选择一个社区。")]})
    allow(user, "appraisal.open", unit)
    half = data.half
    standing = Cycle.objects.filter(unit=unit, half=half).exclude(state=CycleState.SUPERSEDED).first()
    if standing is not None:
        return standing
    if half not in offered(clock.today(tree().setting(unit.pk, "time_zone"))):
        raise Invalid(fields={"half": [_("只能考核已经结束的最近两个半年，请重新选择。")]})
    made = begin(unit, half, by=user)
    audit.record(user, "appraisal.open", made, unit_id=unit.pk, half=str(half), rules_version=made.rules_version)
    return made


def begin(unit: Unit, half: date, *, by: User) -> Cycle:
    """The cycle with its people, ratings and duties; inside the caller's transaction."""
    rules, version = rulesets.current(unit.pk)
    zone = clock.zone(tree().setting(unit.pk, "time_zone"))
    first, last = enrolment.bounds(half)
    calendar, now, days = tree().calendar(unit.pk), clock.now(), rules["days"]
    people = enrolment.reporters(unit.pk, half, clock.today(zone.key))
    if not people:
        raise Invalid(fields={"unit": [_("这个半年没有在岗的信息报告员，无需考核。")]})
    ends, at = [], now
    for phase in ("self", "peer", "superior", "publish"):
        at = end_of(calendar, at, days[phase])
        ends.append(at)
    cycle = Cycle.objects.create(
        unit=unit,
        half=half,
        rules=rules,
        rules_version=version,
        zone=zone.key,
        opened_by=by,
        seed=secrets.randbits(62),
        since=datetime.combine(first, time(0), zone),
        until=datetime.combine(last + timedelta(days=1), time(0), zone),
        self_due=ends[0],
        peer_due=ends[1],
        superior_due=ends[2],
        publish_due=ends[3],
    )
    away = enrolment.leaves([p.user for p in people], half)
    enrolled = []
    for p in people:
        months, lost = enrolment.months(p.spans, away.get(p.user, ()), half, calendar, rules)
        enrolled.append(
            Appraisal(
                cycle=cycle,
                person_id=p.user,
                name=p.name,
                group_id=p.group,
                groups=p.groups,
                left=p.left,
                months=months,
                absences=lost,
            )
        )
    Appraisal.objects.bulk_create(enrolled)
    _ask(cycle, enrolled)
    recount([cycle.pk])
    duties.meet_period("appraisal_open", None, half, subject_id=unit.pk)
    return cycle


def _ask(cycle: Cycle, enrolled: Sequence[Appraisal]) -> None:
    """The ratings that are asked for, their duties, and a word to everybody."""
    present = [a for a in enrolled if not a.left]
    by_person = {a.person_id: a for a in enrolled}
    leaders = _leaders({a.group_id for a in enrolled if a.group_id})
    managers = managers_of(cycle.unit_id)
    ratings = [Rating(appraisal=a, rater_id=a.person_id, kind=RatingKind.SELF) for a in present]
    pairs = drawing.peers(
        {a.person_id: a.group_id for a in present},
        {p for led in leaders.values() for p in led},
        seed=cycle.seed,
        each=cycle.rules["peers"],
        before=_pairs_before(cycle),
    )
    ratings += [Rating(appraisal=by_person[rated], rater_id=rater, kind=RatingKind.PEER) for rater, rated in pairs]
    for a in enrolled:
        above = [p for p in (*leaders.get(a.group_id, ()), *managers) if p != a.person_id]
        if not above:
            raise Conflict(
                _("%(name)s没有可以作上级评价的组长或负责人；请先任命负责人，再组织考核。") % {"name": a.name}
            )
        ratings.append(Rating(appraisal=a, rater_id=above[0], kind=RatingKind.SUPERIOR))
    Rating.objects.bulk_create(ratings)
    due = {"self": cycle.self_due, "peer": cycle.peer_due, "superior": cycle.superior_due}
    owed = {(str(r.kind), r.rater_id) for r in ratings}
    duties.open_(
        *(
            duties.make(
                f"appraisal_{kind}",
                unit_id=cycle.unit_id,
                owner_id=rater,
                subject=cycle,
                due_at=due[kind],
                period=cycle.half,
            )
            for kind, rater in owed
        ),
        _publish_duty(cycle, managers),
    )
    notify_many(
        sorted({rater for _kind, rater in owed}, key=str),
        worded("%(half)s考核已开始，请在期限内完成评价。") % {"half": cycle.named},
        kind="appraisal.open",
        subject_type="appraisal.cycle",
        subject_id=cycle.pk,
    )


def _publish_duty(cycle: Cycle, managers: Sequence[UUID]) -> Obligation:
    return duties.make(
        "appraisal_publish",
        unit_id=cycle.unit_id,
        owner_id=managers[0] if managers else None,
        subject=cycle,
        due_at=cycle.publish_due,
        period=cycle.half,
    )


def _leaders(groups: Iterable[UUID]) -> dict[UUID | None, list[UUID]]:
    result: dict[UUID | None, list[UUID]] = defaultdict(list)
    grants = RoleGrant.objects.current().filter(role=Role.GROUP_LEADER, unit__in=list(groups), user__is_active=True)
    for unit, user in grants.order_by("starts", "id").values_list("unit_id", "user_id"):
        result[unit].append(user)
    return result


def managers_of(unit_id: UUID) -> list[UUID]:
    """The managers of the unit, who has served longest first; then those of each unit above."""
    line = [u.id for u in tree().line(unit_id)]
    near = {
        child.id: place
        for place, unit in enumerate(line)
        for child in (tree().by_id[unit], *tree().children(unit, UnitKind.DEPARTMENT))
    }
    grants = RoleGrant.objects.current().filter(role=Role.MANAGER, unit__in=list(near), user__is_active=True)
    rows_ = sorted(
        grants.values_list("unit_id", "starts", "id", "user_id"), key=lambda g: (near[g[0]], g[1], str(g[2]))
    )
    return list(dict.fromkeys(user for _unit, _starts, _id, user in rows_))


def _pairs_before(cycle: Cycle) -> set[drawing.Pair]:
    """Who rated whom in the half-year before."""
    before = Cycle.objects.filter(unit_id=cycle.unit_id, half__lt=cycle.half).order_by("-half", "-version").first()
    if before is None:
        return set()
    rows_ = Rating.objects.filter(appraisal__cycle=before, kind=RatingKind.PEER).values_list(
        "rater", "appraisal__person"
    )
    return set(rows_)


# --- counting -----------------------------------------------------------------------------------


def recount(cycle_ids: Sequence[UUID]) -> int:
    """Count the facts of these cycles anew and write every figure, total and suggested grade; returns how many people.

    Whoever was graded by a person keeps that grade. A constant number of statements for any number of people.
    """
    cycles = {c.pk: c for c in Cycle.objects.filter(pk__in=cycle_ids)}
    if not cycles:
        return 0
    now = clock.now()
    facts = scoring.count(
        list(cycles), since=min(c.since for c in cycles.values()), until=max(c.until for c in cycles.values()), now=now
    )
    people = list(
        Appraisal.objects.filter(cycle__in=list(cycles)).values_list("id", "cycle_id", "person_id", "months", "grade")
    )
    capped = _caps({p for _id, _cycle, p, _months, _grade in people}, {c.half for c in cycles.values()})
    rated = _rated(list(cycles))
    changed = set(Change.objects.filter(appraisal__cycle__in=list(cycles)).values_list("appraisal", flat=True))
    by_cycle: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    for id, cycle_id, _person, months, _grade in people:
        by_cycle[cycle_id].append((facts.get(id, metrics.Facts()).effective, float(months)))
    typical = {cycle_id: metrics.unit_median(result) for cycle_id, result in by_cycle.items()}
    written = []
    for id, cycle_id, person, months, grade in people:
        cycle = cycles[cycle_id]
        caps = capped.get((person, cycle.half), set())
        written.append(
            _result(
                id,
                facts.get(id, metrics.Facts()),
                rated.get(id, {}),
                cycle,
                months=float(months),
                typical=typical[cycle_id],
                caps=caps,
                graded=grade if id in changed else None,
            )
        )
    _write(written)
    Cycle.objects.filter(pk__in=list(cycles)).update(counted_at=now)
    return len(written)


def _result(
    id: UUID,
    facts: metrics.Facts,
    rated: dict[str, float],
    cycle: Cycle,
    *,
    months: float,
    typical: float,
    caps: set[str],
    graded: str | None,
) -> tuple[Any, ...]:
    rules = cycle.rules
    if CapSource.FALSE in caps:
        facts = metrics.Facts(**{**facts.__dict__, "false_report": True})
    made = metrics.figures(facts, months=months, typical=typical, rules=rules)
    score = metrics.facts_score(made, rules)
    total, _weights = metrics.shared(
        {"facts": score, **{k: rated.get(k) for k in ("self", "peer", "superior")}}, rules["parts"]
    )
    total = None if total is None else round(total, 2)
    small = facts.items < rules["small"]
    # Few items, or nobody's judgement beside them: no grade by figures alone; and none for a guest of some days.
    alone = small and "superior" not in rated
    suggested = "" if months < rules["least_months"] or alone else metrics.grade_of(total, rules, capped=bool(caps))
    grade = suggested if graded is None else graded
    if caps and grade in (Grade.EXCELLENT, Grade.COMPETENT):
        grade = Grade.BASIC
    return (
        id,
        json.dumps(made),
        facts.items,
        small,
        score,
        rated.get("self"),
        rated.get("peer"),
        rated.get("superior"),
        total,
        bool(caps),
        suggested,
        str(grade),
    )


def _caps(people: set[UUID], halves: set[date]) -> dict[tuple[UUID, date], set[str]]:
    result: dict[tuple[UUID, date], set[str]] = defaultdict(set)
    rows_ = Cap.objects.filter(half__in=halves, lifted_at__isnull=True).values_list("person_id", "half", "source")
    for person, half, source in rows_:
        if person in people:
            result[person, half].add(source)
    return result


def _rated(cycle_ids: Sequence[UUID]) -> dict[UUID, dict[str, float]]:
    """The mean score of each kind of rating that was answered."""
    result: dict[UUID, dict[str, float]] = defaultdict(dict)
    values = Rating.objects.filter(appraisal__cycle__in=cycle_ids, submitted_at__isnull=False)
    for row in values.order_by().values("appraisal", "kind").annotate(mean=Avg("score")):
        result[row["appraisal"]][row["kind"]] = float(row["mean"])
    return result


def _write(results: Sequence[tuple[Any, ...]]) -> None:
    columns = list(zip(*results, strict=True)) or [()] * 12
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE appraisal_appraisal a SET figures = r.figures::jsonb, items ="
            " r.items, small = r.small, facts_score = r.facts,"
            " self_score = r.self, peer_score = r.peer, superior_score ="
            " r.superior, total = r.total, capped = r.capped,"
            " suggested = r.suggested, grade = r.grade FROM unnest(%s::uuid[],"
            " %s::text[], %s::int[], %s::bool[], %s::numeric[],"
            " %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bool[], %s::text[], %s::text[])"
            " AS r(id, figures, items, small, facts, self, peer, superior,"
            " total, capped, suggested, grade) WHERE a.id = r.id",
            [list(c) for c in columns],
        )


@transaction.atomic
def recalculate(user: User, cycle_id: UUID) -> Cycle:
    """Read the facts anew while the cycle is open; raises `Conflict` afterwards: published results stand."""
    cycle = get(user, cycle_id, lock=True)
    CYCLE.check(cycle, "recount", user)
    recount([cycle.pk])
    cycle.refresh_from_db()
    return cycle


# --- telling, ending, doing again ---------------------------------------------------------------


def waiting(cycle: Cycle) -> dict[str, int]:
    """Ratings that may still come in time, by kind."""
    now = clock.now()
    due = {"self": cycle.self_due, "peer": cycle.peer_due, "superior": cycle.superior_due}
    still = [kind for kind, at in due.items() if at > now]
    rows = Rating.objects.filter(
        appraisal__cycle=cycle, submitted_at__isnull=True, left_out_at__isnull=True, kind__in=still
    )
    return {r["kind"]: r["n"] for r in rows.order_by().values("kind").annotate(n=Count("pk"))}


@transaction.atomic
def publish(user: User, cycle_id: UUID) -> Cycle:
    """Publish the results: counts a last time, leaves out who never answered, notifies everybody of their grade, writes
    the proposals, lets objections begin. Safe to repeat.

    Raises `Conflict` while ratings may still come, `Invalid` with more 优秀 than the share allows, `NotAllowed`.
    """
    cycle = get(user, cycle_id, lock=True)
    CYCLE.permit(cycle, "publish", user)
    if cycle.state in (CycleState.PUBLISHED, CycleState.CLOSED):
        return cycle
    CYCLE.check(cycle, "publish")
    if open_ratings := waiting(cycle):
        message = "、".join(f"{RatingKind(k).label} {n}" for k, n in open_ratings.items())
        raise Conflict(_("还有评价没有到期（%(told)s 份）；全部提交或到期后才能告知结果。") % {"told": message})
    _leave_out(Rating.objects.filter(appraisal__cycle=cycle))
    recount([cycle.pk])
    check_share(cycle)
    now = clock.now()
    objection_due = end_of(tree().calendar(cycle.unit_id), now, cycle.rules["days"]["objection"])
    CYCLE.move(cycle, "publish", published_at=now, published_by=user, objection_due=objection_due)
    people = list(cycle.people.all())
    propose(people)
    duties.meet("appraisal_publish", cycle.pk)
    notify_many(
        [a.person_id for a in people],
        worded("%(half)s考核结果已出，请查看；有异议可在期限内申诉。") % {"half": cycle.named},
        kind="appraisal.result",
        subject_type="appraisal.cycle",
        subject_id=cycle.pk,
    )
    audit.record(user, "appraisal.publish", cycle, unit_id=cycle.unit_id, half=str(cycle.half), rows=len(people))

    queue.defer("appraisal.make_documents", cycle=cycle.pk)
    return cycle


def check_share(cycle: Cycle, *, raised: Appraisal | None = None) -> None:
    """At most the set share of a community is 优秀 (domain.md §6); raises `Invalid` with what to do."""
    grades = list(cycle.people.exclude(grade="").values_list("id", "grade"))
    excellent = sum(g == Grade.EXCELLENT and (raised is None or id != raised.pk) for id, g in grades) + (
        raised is not None
    )
    most = metrics.most_excellent(cycle.people.count(), cycle.rules)
    if excellent > most:
        raise Invalid(
            fields={
                "grade": [
                    _("优秀不超过 %(share)d%%：本单位最多 %(most)d 人，现有 %(now)d 人；请先在审定中调整并写明理由。")
                    % {"share": cycle.rules["excellent_share"], "most": most, "now": excellent}
                ]
            }
        )


def _leave_out(ratings: Any) -> int:
    return int(ratings.filter(submitted_at__isnull=True, left_out_at__isnull=True).update(left_out_at=clock.now()))


@transaction.atomic
def reopen(user: User, cycle_id: UUID, data: ReopenCycle) -> Cycle:
    """Do a published cycle again: a new version with the same rules, people and answers, published by its own date; the
    old one stays as it was (`superseded`). Raises `Conflict`, `NotAllowed`."""
    old = get(user, cycle_id, lock=True)
    CYCLE.permit(old, "reopen", user)
    CYCLE.check(old, "reopen")
    if Objection.objects.filter(appraisal__cycle=old, decided_at__isnull=True).exists():
        raise Conflict(_("还有申诉没有答复，请先答复申诉，再重新考核。"))
    CYCLE.move(old, "reopen")
    now = clock.now()
    stored = {f.attname: getattr(old, f.attname) for f in Cycle._meta.concrete_fields}
    fresh = Cycle.objects.create(
        **stored
        | {
            "id": Cycle._meta.pk.get_default(),
            "version": old.version + 1,
            "state": CycleState.OPEN,
            "opened_at": now,
            "opened_by_id": user.pk,
            "published_at": None,
            "published_by_id": None,
            "closed_at": None,
            "objection_due": None,
            "counted_at": None,
            "reopened_reason": data.reason,
            "previous_id": old.pk,
            "publish_due": end_of(tree().calendar(old.unit_id), now, old.rules["days"]["publish"]),
        }
    )
    _copy_people(old, fresh)
    recount([fresh.pk])
    duties.open_(_publish_duty(fresh, managers_of(fresh.unit_id)))
    audit.record(
        user,
        "appraisal.reopen",
        fresh,
        unit_id=fresh.unit_id,
        reason=data.reason,
        half=str(fresh.half),
        version=fresh.version,
    )
    return fresh


def _copy_people(old: Cycle, fresh: Cycle) -> None:
    """People with leave and posts as they are known now, and every answer that was given or missed."""
    calendar = tree().calendar(old.unit_id)
    known = {p.user: p for p in enrolment.reporters(old.unit_id, old.half, clock.today(old.zone))}
    people = list(old.people.all())
    away = enrolment.leaves([a.person_id for a in people], old.half)
    copies = {}
    for a in people:
        p = known.get(a.person_id)
        months, lost = (
            enrolment.months(p.spans, away.get(a.person_id, ()), old.half, calendar, old.rules)
            if p
            else (a.months, a.absences)
        )
        copies[a.pk] = Appraisal(
            cycle=fresh,
            person_id=a.person_id,
            name=a.name,
            group_id=a.group_id,
            groups=a.groups,
            left=a.left,
            months=months,
            absences=lost,
        )
    Appraisal.objects.bulk_create(copies.values())
    Rating.objects.bulk_create(
        Rating(
            appraisal=copies[r.appraisal_id],
            rater_id=r.rater_id,
            kind=r.kind,
            marks=r.marks,
            score=r.score,
            evidence=r.evidence,
            remark=r.remark,
            submitted_at=r.submitted_at,
            left_out_at=r.left_out_at if r.kind != RatingKind.SUPERIOR else None,
        )
        for r in Rating.objects.filter(appraisal__cycle=old)
    )


# --- what goes by itself ------------------------------------------------------------------------


@transaction.atomic
def open_duties() -> int:
    """In January and July every community with reporters owes the appraisal of the half before; returns how many do."""
    today = clock.today()
    half = enrolment.last_half(today)
    if today.month not in (1, 7):
        return 0
    first, last = enrolment.bounds(half)
    grants = RoleGrant.objects.filter(
        Q(ends__isnull=True) | Q(ends__gte=first), role=Role.REPORTER, starts__lte=last
    ).values_list("unit_id", flat=True)
    homes = {c for unit in set(grants) for c in tree().communities(unit)}
    homes -= set(Cycle.objects.filter(half=half).values_list("unit_id", flat=True))
    standing = Obligation.objects.filter(kind="appraisal_open", period=half).values_list("subject_id", flat=True)
    homes -= set(standing)
    opened = []
    for home in sorted(homes, key=str):
        managers = managers_of(home)
        start = datetime.combine(last + timedelta(days=1), time(0), clock.zone(tree().setting(home, "time_zone")))
        opened.append(
            duties.make(
                "appraisal_open",
                unit_id=home,
                owner_id=managers[0] if managers else None,
                subject=tree().by_id[home],
                period=half,
                due_at=tree().calendar(home).add_working_days(start, OPEN_WITHIN_DAYS),
            )
        )
    duties.open_(*opened)
    return len(opened)


@transaction.atomic
def close_expired_phases() -> int:
    """The end of phases: who did not answer in time is left out (they were reminded), and a cycle ends when the time to
    object has passed and every objection is decided."""
    now = clock.now()
    going = Rating.objects.filter(appraisal__cycle__state=CycleState.OPEN)
    done = _leave_out(going.filter(kind=RatingKind.SELF, appraisal__cycle__self_due__lt=now))
    done += _leave_out(going.filter(kind=RatingKind.PEER, appraisal__cycle__peer_due__lt=now))
    undecided = Objection.objects.filter(decided_at__isnull=True).values("appraisal__cycle")
    ended = Cycle.objects.filter(objection_due__lt=now).exclude(pk__in=undecided)
    return done + CYCLE.move_all(ended, "close", closed_at=now)


@transaction.atomic
def count_open() -> int:
    """The nightly count of all open cycles."""
    return recount(list(Cycle.objects.filter(state=CycleState.OPEN).values_list("pk", flat=True)))

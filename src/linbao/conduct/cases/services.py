"""A case from opening to the end of its appeal: answered, decided by somebody not involved (7.2.1, 7.2.2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.conduct import caps, reassignment
from linbao.conduct.cases import decisions, evidence, impartiality, measures, revocation
from linbao.conduct.cases.inputs import Appeal, DecideAppeal, DecideCase, NameDeciders, OpenCase, StateDefence
from linbao.conduct.cases.states import CASE
from linbao.conduct.models import Case, CaseState
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import services as duties
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue
from linbao.platform.models import next_number

STATEMENT_WITHIN_DAYS = 5  # working days (domain.md §7)
DECIDE_WITHIN_DAYS = 10  # working days after the statement's term
APPEAL_WITHIN = timedelta(days=10)
APPEAL_DECIDE_WITHIN_DAYS = 10  # working days
EVIDENCE_DAYS = timedelta(days=90)  # without a period
S = CaseState


def people(user: User) -> list[tuple[UUID, str, UUID]]:
    """Against whom `user` may open a case: (id, name, community) of the reporters in their care; one statement."""
    homes = user.rights.communities(Role.MANAGER, Role.SECURITY_OFFICER)
    units = {u for c in homes for u in tree().within(c)}
    rows = (
        RoleGrant.objects.current()
        .filter(role__in=(Role.REPORTER, Role.GROUP_LEADER), unit__in_array=units, user__is_active=True)
        .exclude(user=user)
        .values_list("user_id", "user__name", "unit_id")
        .order_by("user__name", "user_id")
    )
    result: dict[UUID, tuple[UUID, str, UUID]] = {}
    for person, name, unit in rows:
        home = next(iter(sorted(tree().communities(unit) & homes, key=str)), None)
        if home is not None:
            result.setdefault(person, (person, name, home))
    return list(result.values())


def candidates(community_id: UUID, barred: Collection[UUID]) -> set[UUID]:
    """Who could decide; empty when everybody is involved."""
    return impartiality.managers(community_id, but=barred)


@transaction.atomic
def open_(user: User, data: OpenCase) -> Case:
    """Open a case, freeze the evidence, notify the person and name who decides (7.2.1).

    Nobody uninvolved in the community: the unit above; nobody there either: the case waits, and the opener is
    notified. Raises `Invalid`, `Conflict` for a case that is open already, `NotAllowed`.
    """
    allow(user, "case.open")
    until = data.until or clock.today()
    since = data.since or until - EVIDENCE_DAYS
    home = {p: c for p, _n, c in people(user)}.get(data.person)
    if home is None:
        raise Invalid(fields={"person": [_("请选择本社区的信息报告员；不能对本人立案。")]})
    # Only those of the person: a security officer names them by number without reading them.
    items = list(
        Item.objects.filter(number__in=data.items, community=home, reporter=data.person).exclude(status=Status.DRAFT)
    )
    missing = [n for n in data.items if n not in {i.number for i in items}]
    if missing:
        message = _("没有找到当事人上报的：%(numbers)s。") % {"numbers": _("、").join(missing)}
        raise Invalid(fields={"items": [message]})
    allow(user, "case.open", (home, data.kind))
    User.objects.select_for_update().get(pk=data.person)
    for earlier in Case.objects.filter(person=data.person, kind=data.kind, since=since, until=until, state=S.OPEN):
        if earlier.opened_by_id == user.pk and earlier.allegation == data.allegation:
            return earlier
        raise Conflict(_("对这位报告员的同一事由、同一期间已经立案，不能重复立案。"))
    year = clock.local(clock.now(), tree().setting(home, "time_zone")).year
    unit = tree().get(home)
    number = next_number(f"case:{home}:{year}")
    calendar = tree().calendar(home)
    due = calendar.add_working_days(clock.now(), STATEMENT_WITHIN_DAYS)
    barred = {data.person, user.pk, *data.witnesses, *impartiality.took_part(items)}
    case = Case(
        number=f"{(unit.short_name or unit.name) if unit else ''}责〔{year}〕{number}号",
        kind=data.kind,
        suspected=data.suspected,
        person_id=data.person,
        community_id=home,
        since=since,
        until=until,
        allegation=data.allegation,
        opened_by=user,
        barred=sorted(barred, key=str),
        statement_due=due,
    )
    case.save(force_insert=True)
    case.items.set(items)
    evidence.freeze(user, case)
    audit.record(user, "case.open", case, unit_id=home)
    _open_duties(case, "case_statement", [data.person], due)
    _notify(
        case,
        [data.person],
        worded("有一件与您有关的事项需要您陈述申辩，请在 %(due)s 前查看并答复。")
        % {"due": clock.local(due, tree().setting(home, "time_zone")).strftime("%m-%d %H:%M")},
    )
    _name_decider(case)
    return case


def _name_decider(case: Case) -> None:
    """Name an uninvolved manager; where nobody is left, the opener is notified that it waits."""
    rows = sorted(candidates(case.community_id, case.barred), key=str)
    case.deciders = rows[:1]
    case.save(update_fields=["deciders"])
    if not rows:
        _notify(
            case,
            [case.opened_by_id],
            worded("案件 %(number)s 没有未参与的负责人可以决定，请上级单位指定负责人。") % {"number": case.number},
        )
        return
    due = tree().calendar(case.community_id).add_working_days(case.statement_due, DECIDE_WITHIN_DAYS)
    _open_duties(case, "case_decide", case.deciders, due)
    _notify(case, case.deciders, worded("案件 %(number)s 由您决定，请在当事人陈述后办理。") % {"number": case.number})


@transaction.atomic
def name_deciders(user: User, case_id: UUID, data: NameDeciders) -> Case:
    """Who opened it names up to three of those not involved; whoever decides first decides. Raises `Invalid`."""
    case = get(user, case_id, lock=True)
    CASE.check(case, "name_deciders", user)
    chosen = data.deciders
    if not set(chosen) <= candidates(case.community_id, case.barred):
        raise Invalid(fields={"deciders": [_("请选择一至三位未参与本案的负责人。")]})
    new = [p for p in chosen if p not in case.deciders]
    gone = [p for p in case.deciders if p not in chosen]
    case.deciders = chosen
    case.save(update_fields=["deciders"])
    for person in gone:
        duties.meet("case_decide", case.pk, owner_id=person)
    due = tree().calendar(case.community_id).add_working_days(case.statement_due, DECIDE_WITHIN_DAYS)
    _open_duties(case, "case_decide", new, due)
    _notify(case, new, worded("案件 %(number)s 由您决定，请在当事人陈述后办理。") % {"number": case.number})
    audit.record(user, "case.deciders", case, unit_id=case.community_id, rows=len(case.deciders))
    return case


@transaction.atomic
def state_defence(user: User, case_id: UUID, data: StateDefence) -> Case:
    """The person's statement in their own defence, once, before the decision. Late is taken too while nobody has
    decided. Raises `Conflict`, `NotAllowed`."""
    case = get(user, case_id, lock=True)
    CASE.permit(case, "state", user)
    if case.stated_at is not None and case.statement == data.statement:
        return case
    CASE.check(case, "state")
    if case.stated_at is not None:
        raise Conflict(CASE.answer(case, "state"))
    CASE.move(case, "state", statement=data.statement, stated_at=clock.now())
    duties.meet("case_statement", case.pk)
    audit.record(user, "case.statement", case, unit_id=case.community_id)
    _notify(
        case,
        [case.opened_by_id, *case.deciders],
        worded("案件 %(number)s 的当事人已提交陈述申辩。") % {"number": case.number},
    )
    return case


@transaction.atomic
def decide(user: User, case_id: UUID, data: DecideCase) -> Case:
    """Decide by one who was named and is not involved, after the statement or its term; silence is not guilt, so the
    reasons must rest on the evidence either way (7.2.1). The first to decide decides; the others are notified. The
    decision is issued as a document, with the seal in the decider's keeping, else signed in their name.

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    case = get(user, case_id, lock=True)
    verb = "decide" if data.founded else "dismiss"
    CASE.check(case, verb, user)
    if case.stated_at is None and clock.now() < case.statement_due:
        raise Conflict(_("当事人的陈述申辩期还没有结束，暂不能作出决定。"))
    if errors := decisions.check(user, case, reasons=data.reasons, field="reasons", seal_id=data.seal):
        raise Invalid(fields=errors)
    now = clock.now()
    imposed: dict[str, Any] = {}
    if data.founded and data.measure:
        imposed = {"severity": data.severity, "measure": data.measure, "decided_measure": data.measure}
        imposed |= {"appeal_until": now + APPEAL_WITHIN, "expires_at": measures.expiry(data.measure, now)}
    CASE.move(case, verb, decided_by=user, decided_at=now, reasons=data.reasons, **imposed)
    duties.meet(["case_decide"], case.pk)
    duties.cancel(["case_statement"], case.pk)
    audit.record(user, "case.decide", case, unit_id=case.community_id)
    others = [case.opened_by_id, *(p for p in case.deciders if p != user.pk)]
    _notify(case, others, worded("案件 %(number)s 已有决定。") % {"number": case.number})
    _notify(case, [case.person_id], worded("与您有关的事项已有决定，请查看；不服的可在 10 天内申诉。"))
    if data.founded:
        caps.put(user, case)
        if data.measure in measures.ENDS_ACCESS:
            revocation.revoke(user, case)
    reassignment.follow(case)
    decisions.ask(user, case, decisions.FIRST, data.seal)
    return case


@transaction.atomic
def appeal(user: User, case_id: UUID, data: Appeal) -> Case:
    """The person appeals within 10 days (7.2.2); one who did not decide is named to decide. Raises `NotAllowed`,
    `Conflict`."""
    case = get(user, case_id, lock=True)
    CASE.permit(case, "appeal", user)
    if case.appealed_at is not None and case.appeal == data.appeal:
        return case
    CASE.check(case, "appeal")
    if case.appeal_until is not None and clock.now() > case.appeal_until:
        raise Conflict(_("申诉期限已过。"))
    CASE.move(case, "appeal", appeal=data.appeal, appealed_at=clock.now())
    audit.record(user, "case.appeal", case, unit_id=case.community_id)
    _name_appeal_decider(case)
    return case


def _name_appeal_decider(case: Case) -> None:
    """Somebody who neither took part nor decided, in the community or above; else it waits."""
    rows = sorted(
        candidates(case.community_id, {*case.barred, *([case.decided_by_id] if case.decided_by_id else [])}), key=str
    )
    case.appeal_deciders = rows[:1]
    case.save(update_fields=["appeal_deciders"])
    if not rows:
        lines = [p for p in (case.opened_by_id, case.decided_by_id) if p]
        _notify(
            case,
            lines,
            worded("案件 %(number)s 的申诉没有其他负责人可以决定，请上级单位指定负责人。") % {"number": case.number},
        )
        return
    due = tree().calendar(case.community_id).add_working_days(clock.now(), APPEAL_DECIDE_WITHIN_DAYS)
    _open_duties(case, "appeal_decide", case.appeal_deciders, due)
    _notify(case, case.appeal_deciders, worded("案件 %(number)s 的申诉由您决定。") % {"number": case.number})


@transaction.atomic
def decide_appeal(user: User, case_id: UUID, data: DecideAppeal) -> Case:
    """Uphold (the same measure), make milder, or set aside (7.2.2). Never harder than what was appealed. Issued as a
    document as in `decide`.

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    case = get(user, case_id, lock=True)
    measure = data.measure or ""
    verb = "decide_appeal" if measure else "set_aside"
    CASE.check(case, verb, user)
    errors = decisions.check(user, case, reasons=data.answer, field="answer", seal_id=data.seal)
    if measure and not measures.milder_or_same(measure, case.measure):
        errors["measure"] = [_("申诉不得加重处理。")]
    if errors:
        raise Invalid(fields=errors)
    had_ended = case.measure in measures.ENDS_ACCESS
    CASE.move(
        case,
        verb,
        appeal_decided_by=user,
        appeal_decided_at=clock.now(),
        answer=data.answer,
        measure=measure,
        expires_at=measures.expiry(measure, case.decided_at) if measure and case.decided_at else None,
    )
    duties.meet("appeal_decide", case.pk)
    audit.record(user, "case.decide_appeal", case, unit_id=case.community_id)
    if not measure:
        caps.lift(user, case)
    if had_ended and measure not in measures.ENDS_ACCESS:
        revocation.undo(user, case)
    lines = [p for p in (case.person_id, case.opened_by_id, case.decided_by_id) if p]
    _notify(case, lines, worded("案件 %(number)s 的申诉已有答复。") % {"number": case.number})
    reassignment.follow(case)
    decisions.ask(user, case, decisions.APPEAL, data.seal)
    return case


# --- what time does ----------------------------------------------------------------------------


def settle() -> int:
    """Decisions that nobody appealed become final, records expire, cases that wait get somebody to decide; returns
    how many changed. Safe anywhere, any number of times."""
    now = clock.now()
    done = CASE.move_all(Case.objects.filter(appeal_until__lt=now), "become_final")
    done += Case.objects.filter(expires_at__lte=now, expired_at__isnull=True).update(expired_at=now)
    waiting = Case.objects.filter(state__in=(S.OPEN, S.APPEALED))

    def find_decider(pk: UUID) -> int:
        case = waiting.select_for_update(skip_locked=True).filter(pk=pk).first()
        if case is None:
            return 0
        named = case.deciders if case.state == S.OPEN else case.appeal_deciders
        if _still_there(case, named):
            return 0
        before = list(named)
        (_name_decider if case.state == S.OPEN else _name_appeal_decider)(case)
        return (case.deciders if case.state == S.OPEN else case.appeal_deciders) != before

    return done + queue.each(list(waiting.values_list("pk", flat=True)), find_decider)


def _still_there(case: Case, named: Sequence[UUID]) -> bool:
    line = [u.id for u in tree().line(case.community_id)]
    return (
        RoleGrant.objects.current()
        .filter(user__in=list(named), role=Role.MANAGER, unit__in=line, user__is_active=True)
        .exists()
    )


def get(user: User, case_id: UUID, *, lock: bool = False) -> Case:
    """The case, for those concerned alone. Raises `NotFound` for everybody else."""
    rows = Case.objects.visible_to(user).filter(pk=case_id)
    row = (
        (rows.select_for_update(of=("self",)) if lock else rows)
        .select_related("person", "opened_by", "decided_by", "appeal_decided_by", "community")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这件案件，或您无权查看。"))
    return row


def _open_duties(case: Case, kind: str, owners: Sequence[UUID], due: datetime) -> None:
    """Duties that only their owners see: without a community they stand in nobody's list of it (1.3.4)."""
    rows = [duties.make(kind, unit_id=case.community_id, due_at=due, owner_id=p, subject=case) for p in owners]
    for row in rows:
        row.community_id = None
    duties.open_(*rows)


def _notify(case: Case, people: Sequence[UUID], message: Worded) -> None:
    notify_many(list(dict.fromkeys(people)), message, kind="case", subject_type="conduct.case", subject_id=case.pk)

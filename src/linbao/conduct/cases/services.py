"""A case from opening to the end of its appeal: told, answered, decided by somebody not involved (7.2.1, 7.2.2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.conduct import caps, reassignment
from linbao.conduct.cases import decisions, evidence, impartiality, measures, revocation
from linbao.conduct.cases.states import CASE
from linbao.conduct.models import Breach, Case, CaseState, Measure, Severity
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import Worded, worded
from linbao.duties import services as duties
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue
from linbao.platform.models import next_number

STATEMENT_WITHIN_DAYS = 5  # working days (domain.md §7)
DECIDE_WITHIN_DAYS = 10  # working days after the statement's term
APPEAL_WITHIN = timedelta(days=10)
APPEAL_DECIDE_WITHIN_DAYS = 10  # working days
LONGEST_SPAN = timedelta(days=366)
MOST_WORDS = 5000
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
def open_(
    user: User,
    *,
    kind: str,
    suspected: str,
    person_id: UUID | None,
    allegation: str,
    numbers: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    witnesses: Sequence[UUID] = (),
) -> Case:
    """Open a case, freeze the evidence, tell the person and name who decides.

    Nobody uninvolved in the community: the unit above; nobody there either: the case waits, and the opener is told.
    `since` to `until` (days, both included; 90 days back without) is the period of the evidence. Raises `Invalid`,
    `Conflict`, `NotAllowed`.
    """
    allow(user, "case.open")
    errors: dict[str, list[str]] = {}
    message = text.clean(allegation)
    today = clock.today()
    until = until or today
    since = since or until - timedelta(days=90)
    known = {p: c for p, _n, c in people(user)}
    home = known.get(person_id) if person_id else None
    if kind not in Breach.values:
        errors["kind"] = [_("请选择事由。")]
    if suspected not in Severity.values:
        errors["suspected"] = [_("请选择初步判断的情节。")]
    if home is None or person_id is None:
        errors["person"] = [_("请选择本社区的信息报告员；不能对本人立案。")]
    if not 10 <= len(message) <= MOST_WORDS:
        errors["allegation"] = [_("请写明时间、经过和依据，10 至 5000 字。")]
    if since > until:
        errors["until"] = [_("结束日期不能早于开始日期。")]
    elif until > today:
        errors["until"] = [_("日期不能在将来。")]
    elif until - since > LONGEST_SPAN:
        errors["since"] = [_("取证期间最长一年。")]
    asked = list(dict.fromkeys(text.clean(n)[:24] for n in numbers if n.strip()))
    items: list[Item] = []
    if len(asked) > 20:
        errors["items"] = [_("最多填写 20 条。")]
    elif asked and home is not None:
        # Only those of the person: a security officer names them by number without reading them.
        items = list(
            Item.objects.filter(number__in=asked, community=home, reporter=person_id).exclude(status=Status.DRAFT)
        )
        lacking = [n for n in asked if n not in {i.number for i in items}]
        if lacking:
            errors["items"] = [_("没有找到当事人上报的：%(numbers)s。") % {"numbers": _("、").join(lacking)}]
    if errors or home is None or person_id is None:
        raise Invalid(fields=errors)
    allow(user, "case.open", (home, kind))
    User.objects.select_for_update().get(pk=person_id)
    for standing in Case.objects.filter(person=person_id, kind=kind, since=since, until=until, state=S.OPEN):
        if standing.opened_by_id == user.pk and standing.allegation == message:
            return standing
        raise Conflict(_("对这位报告员的同一事由、同一期间已经立案，不能重复立案。"))
    year = clock.local(clock.now(), tree().setting(home, "time_zone")).year
    unit = tree().get(home)
    number = next_number(f"case:{home}:{year}")
    calendar = tree().calendar(home)
    due = calendar.add_working_days(clock.now(), STATEMENT_WITHIN_DAYS)
    barred = {person_id, user.pk, *witnesses, *impartiality.took_part(items)}
    case = Case(
        number=f"{(unit.short_name or unit.name) if unit else ''}责〔{year}〕{number}号",
        kind=kind,
        suspected=suspected,
        person_id=person_id,
        community_id=home,
        since=since,
        until=until,
        allegation=message,
        opened_by=user,
        barred=sorted(barred, key=str),
        statement_due=due,
    )
    case.save(force_insert=True)
    case.items.set(items)
    evidence.freeze(user, case)
    audit.record(user, "case.open", case, unit_id=home)
    _owe(case, "case_statement", [person_id], due)
    _tell(
        case,
        [person_id],
        worded("有一件与您有关的事项需要您陈述申辩，请在 %(due)s 前查看并答复。")
        % {"due": clock.local(due, tree().setting(home, "time_zone")).strftime("%m-%d %H:%M")},
    )
    _name_decider(case)
    return case


def _name_decider(case: Case) -> None:
    """Name an uninvolved manager; where nobody is left, the opener hears that it waits."""
    rows = sorted(candidates(case.community_id, case.barred), key=str)
    case.deciders = rows[:1]
    case.save(update_fields=["deciders"])
    if not rows:
        _tell(
            case,
            [case.opened_by_id],
            worded("案件 %(number)s 没有未参与的负责人可以决定，请上级单位指定负责人。") % {"number": case.number},
        )
        return
    due = tree().calendar(case.community_id).add_working_days(case.statement_due, DECIDE_WITHIN_DAYS)
    _owe(case, "case_decide", case.deciders, due)
    _tell(case, case.deciders, worded("案件 %(number)s 由您决定，请在当事人陈述后办理。") % {"number": case.number})


@transaction.atomic
def name_deciders(user: User, case_id: UUID, chosen: Sequence[UUID]) -> Case:
    """Who opened it names up to three of those not involved; whoever decides first decides. Raises `Invalid`."""
    case = get(user, case_id, lock=True)
    CASE.check(case, "name_deciders", user)
    possible = candidates(case.community_id, case.barred)
    if not chosen or len(chosen) > 3 or not set(chosen) <= possible:
        raise Invalid(fields={"deciders": [_("请选择一至三位未参与本案的负责人。")]})
    new = [p for p in chosen if p not in case.deciders]
    gone = [p for p in case.deciders if p not in chosen]
    case.deciders = list(dict.fromkeys(chosen))
    case.save(update_fields=["deciders"])
    for person in gone:
        duties.meet("case_decide", case.pk, owner_id=person)
    due = tree().calendar(case.community_id).add_working_days(case.statement_due, DECIDE_WITHIN_DAYS)
    _owe(case, "case_decide", new, due)
    _tell(case, new, worded("案件 %(number)s 由您决定，请在当事人陈述后办理。") % {"number": case.number})
    audit.record(user, "case.deciders", case, unit_id=case.community_id, rows=len(case.deciders))
    return case


@transaction.atomic
def state_defence(user: User, case_id: UUID, words: str) -> Case:
    """The person's statement in their own defence, once, before the decision. Late is taken too while nobody has
    decided. Raises `Invalid`, `Conflict`, `NotAllowed`."""
    case = get(user, case_id, lock=True)
    CASE.permit(case, "state", user)
    message = text.clean(words)
    if case.stated_at is not None and case.statement == message:
        return case
    CASE.check(case, "state")
    if case.stated_at is not None:
        raise Conflict(CASE.answer(case, "state"))
    if not 1 <= len(message) <= MOST_WORDS:
        raise Invalid(fields={"statement": [_("请写明您的陈述，不超过 5000 字。")]})
    CASE.move(case, "state", statement=message, stated_at=clock.now())
    duties.meet("case_statement", case.pk)
    audit.record(user, "case.statement", case, unit_id=case.community_id)
    _tell(
        case,
        [case.opened_by_id, *case.deciders],
        worded("案件 %(number)s 的当事人已提交陈述申辩。") % {"number": case.number},
    )
    return case


@transaction.atomic
def decide(
    user: User,
    case_id: UUID,
    *,
    founded: bool,
    severity: str = "",
    measure: str = "",
    reasons: str = "",
    seal_id: UUID | None = None,
) -> Case:
    """Decide by one who was named and is not involved, after the statement or its term; silence is not guilt, so the
    reasons must rest on the evidence either way. The first to decide decides; the other is told. The decision is
    issued as a document, with the seal `seal_id` in the decider's keeping, else signed in their name.

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    case = get(user, case_id, lock=True)
    verb = "decide" if founded else "dismiss"
    CASE.check(case, verb, user)
    if case.stated_at is None and clock.now() < case.statement_due:
        raise Conflict(_("当事人的陈述申辩期还没有结束，暂不能作出决定。"))
    message = text.clean(reasons)
    errors: dict[str, list[str]] = {}
    if not 10 <= len(message) <= MOST_WORDS:
        errors["reasons"] = [_("请写明认定的事实、证据和理由，10 至 5000 字。")]
    errors = decisions.check(user, case, words=message, field="reasons", seal_id=seal_id) | errors
    if founded:
        if severity not in Severity.values:
            errors["severity"] = [_("请认定情节。")]
        if measure not in Measure.values:
            errors["measure"] = [_("请选择处理。")]
        elif "severity" not in errors and not measures.fits(measure, severity):
            errors["measure"] = [
                _("“%(severity)s”最重只能“%(measure)s”；取消资格须情节严重。")
                % {"severity": Severity(severity).label, "measure": measures.HARDEST[Severity(severity)].label}
            ]
    if errors:
        raise Invalid(fields=errors)
    now = clock.now()
    imposed: dict[str, Any] = {}
    if founded:
        imposed = {"severity": severity, "measure": measure, "decided_measure": measure}
        imposed |= {"appeal_until": now + APPEAL_WITHIN, "expires_at": measures.expiry(measure, now)}
    CASE.move(case, verb, decided_by=user, decided_at=now, reasons=message, **imposed)
    duties.meet(["case_decide"], case.pk)
    duties.cancel(["case_statement"], case.pk)
    audit.record(user, "case.decide", case, unit_id=case.community_id)
    others = [case.opened_by_id, *(p for p in case.deciders if p != user.pk)]
    _tell(case, others, worded("案件 %(number)s 已有决定。") % {"number": case.number})
    _tell(case, [case.person_id], worded("与您有关的事项已有决定，请查看；不服的可在 10 天内申诉。"))
    if founded:
        caps.put(user, case)
        if measure in measures.ENDS_ACCESS:
            revocation.revoke(user, case)
    reassignment.follow(case)
    decisions.ask(user, case, decisions.FIRST, seal_id)
    return case


@transaction.atomic
def appeal(user: User, case_id: UUID, words: str) -> Case:
    """The person appeals within 10 days; another person still is named to decide. Raises `Invalid`, `Conflict`."""
    case = get(user, case_id, lock=True)
    CASE.permit(case, "appeal", user)
    message = text.clean(words)
    if case.appealed_at is not None and case.appeal == message:
        return case
    CASE.check(case, "appeal")
    if case.appeal_until is not None and clock.now() > case.appeal_until:
        raise Conflict(_("申诉期限已过。"))
    if not 1 <= len(message) <= MOST_WORDS:
        raise Invalid(fields={"appeal": [_("请写明申诉的理由，不超过 5000 字。")]})
    CASE.move(case, "appeal", appeal=message, appealed_at=clock.now())
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
        _tell(
            case,
            lines,
            worded("案件 %(number)s 的申诉没有其他负责人可以决定，请上级单位指定负责人。") % {"number": case.number},
        )
        return
    due = tree().calendar(case.community_id).add_working_days(clock.now(), APPEAL_DECIDE_WITHIN_DAYS)
    _owe(case, "appeal_decide", case.appeal_deciders, due)
    _tell(case, case.appeal_deciders, worded("案件 %(number)s 的申诉由您决定。") % {"number": case.number})


@transaction.atomic
def decide_appeal(user: User, case_id: UUID, *, measure: str, answer: str, seal_id: UUID | None = None) -> Case:
    """Uphold (the same measure), make milder, or set aside (`measure` empty). Never harder than what was appealed.
    Issued as a document as in `decide`.

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    case = get(user, case_id, lock=True)
    verb = "decide_appeal" if measure else "set_aside"
    CASE.check(case, verb, user)
    message = text.clean(answer)
    errors: dict[str, list[str]] = {}
    if not 10 <= len(message) <= MOST_WORDS:
        errors["answer"] = [_("请写明答复的理由，10 至 5000 字。")]
    errors = decisions.check(user, case, words=message, field="answer", seal_id=seal_id) | errors
    if measure and measure not in Measure.values:
        errors["measure"] = [_("请选择处理。")]
    elif measure and not measures.milder_or_same(measure, case.measure):
        errors["measure"] = [_("申诉不得加重处理。")]
    if errors:
        raise Invalid(fields=errors)
    had_ended = case.measure in measures.ENDS_ACCESS
    CASE.move(
        case,
        verb,
        appeal_decided_by=user,
        appeal_decided_at=clock.now(),
        answer=message,
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
    _tell(case, lines, worded("案件 %(number)s 的申诉已有答复。") % {"number": case.number})
    reassignment.follow(case)
    decisions.ask(user, case, decisions.APPEAL, seal_id)
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
    """The case, for those concerned alone; `NotFound` for everybody else."""
    rows = Case.objects.visible_to(user).filter(pk=case_id)
    row = (
        (rows.select_for_update(of=("self",)) if lock else rows)
        .select_related("person", "opened_by", "decided_by", "appeal_decided_by", "community")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这件案件，或您无权查看。"))
    return row


def _owe(case: Case, kind: str, owners: Sequence[UUID], due: datetime) -> None:
    """Duties that only their owners see: without a community they stand in nobody's list of it (1.3.4)."""
    rows = [duties.make(kind, unit_id=case.community_id, due_at=due, owner_id=p, subject=case) for p in owners]
    for row in rows:
        row.community_id = None
    duties.open_(*rows)


def _tell(case: Case, people: Sequence[UUID], words: Worded) -> None:
    notify_many(list(dict.fromkeys(people)), words, kind="case", subject_type="conduct.case", subject_id=case.pk)

"""Nominating, deciding, handing over, showing: rewards from proposal to the wall of honour (7.1.1, 7.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.conduct import scale
from linbao.conduct.cases import impartiality
from linbao.conduct.models import Award, Budget, Kind, Nomination, NominationState
from linbao.conduct.permissions import manages_above
from linbao.conduct.rewards.inputs import AskCertificate, DecideNomination, Nominate, SetBudget
from linbao.conduct.rewards.states import NOMINATION
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.documents import glyphs
from linbao.documents.models import Document
from linbao.documents.seals import services as seals
from linbao.duties import services as duties
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue

DECIDE_WITHIN_DAYS = 5  # working days (7.1.1)
S = NominationState


def nominees(user: User) -> list[tuple[UUID, str, UUID]]:
    """Reporters whom `user` may nominate: (id, name, community) of those of their own communities; one statement."""
    units = {u for c in user.rights.communities() for u in tree().within(c)}
    rows = (
        RoleGrant.objects.current()
        .filter(role__in=(Role.REPORTER, Role.GROUP_LEADER), unit__in_array=units, user__is_active=True)
        .values_list("user_id", "user__name", "unit_id")
        .order_by("user__name", "user_id")
    )
    result: dict[UUID, tuple[UUID, str, UUID]] = {}
    for person, name, unit in rows:
        home = next(iter(sorted(tree().communities(unit), key=str)), None)
        if home is not None:
            result.setdefault(person, (person, name, home))
    return list(result.values())


@transaction.atomic
def nominate(user: User, data: Nominate) -> Nomination:
    """Propose a reporter for this half-year, with reasons and the items concerned (7.1.1). One open nomination for each
    person. Raises `Invalid`, `Conflict`, `NotAllowed`."""
    allow(user, "reward.nominate")
    home = next((c for p, _n, c in nominees(user) if p == data.nominee), None)
    if home is None:
        raise Invalid(fields={"nominee": [_("请选择本社区的信息报告员。")]})
    items = list(
        Item.objects.visible_to(user)
        .filter(number__in=data.items, reporter=data.nominee, community=home)
        .exclude(status__in=(Status.DRAFT, Status.WITHDRAWN))
    )
    missing = [n for n in data.items if n not in {i.number for i in items}]
    if missing:
        message = _("没有找到被提名人上报的：%(numbers)s。") % {"numbers": _("、").join(missing)}
        raise Invalid(fields={"items": [message]})
    half = scale.this_half()
    User.objects.select_for_update().get(pk=data.nominee)
    earlier = Nomination.objects.filter(nominee=data.nominee, half=half, state=S.OPEN).first()
    if earlier is not None:
        if earlier.nominated_by_id == user.pk and earlier.reasons == data.reasons:
            return earlier
        raise Conflict(_("这位报告员本半年已有一项待决定的提名，请等待结果。"))
    row = Nomination.objects.create(
        community_id=home, nominee_id=data.nominee, reasons=data.reasons, half=half, nominated_by=user
    )
    row.items.set(items)
    audit.record(user, "reward.nominate", row, unit_id=home)
    deciders = sorted(_deciders(row), key=str)
    due = tree().calendar(home).add_working_days(clock.now(), DECIDE_WITHIN_DAYS)
    duties.open_(*(duties.make("reward_decide", unit_id=home, due_at=due, owner_id=p, subject=row) for p in deciders))
    _notify(row, deciders, worded("有一项表彰提名等待您决定。"))
    return row


def _deciders(row: Nomination) -> set[UUID]:
    """Managers nearest to the community who have no part in it."""
    return impartiality.managers(row.community_id, but={row.nominee_id, row.nominated_by_id})


@transaction.atomic
def decide(user: User, nomination_id: UUID, data: DecideNomination) -> Nomination:
    """Grant the rewards of the chosen kinds, or decline (7.1.2). What the half-year's confirmed contribution does not
    reach, what exceeds the budget, and an amount above the manager's own level are refused.

    Raises `Invalid`, `Conflict` (decided already), `NotAllowed`.
    """
    row = get(user, nomination_id, lock=True)
    NOMINATION.check(row, "grant" if data.kinds else "decline", user)
    points = scale.sums([row.nominee_id], row.half).get(row.nominee_id, Decimal(0))
    errors: dict[str, list[str]] = {}
    chosen = [k for k in Kind if k in data.kinds]
    amounts = {Kind.BONUS: data.bonus, Kind.GOODS: data.goods_price}
    short = [k for k in chosen if points < scale.LEVELS[k]]
    if short:
        errors["kinds"] = [
            _("本半年已确认的贡献值为 %(points)s，未达到“%(kind)s”的标准（%(needed)d）；请先确认贡献，或选择其他方式。")
            % {"points": points, "kind": k.label, "needed": scale.LEVELS[k]}
            for k in short
        ]
    if Kind.CERTIFICATE in chosen:
        errors |= unprintable(row.nominee.name, data.title, data.citation)
    if errors:
        raise Invalid(fields=errors)
    total = sum(amounts.values(), Decimal(0))
    if total > scale.threshold(row.community_id) and not manages_above(user, row.community_id):
        raise NotAllowed(
            _("金额超过 %(limit)s 元，由上级单位的管理部门负责人决定；请调整金额，或请上级办理。")
            % {"limit": scale.threshold(row.community_id)}
        )
    year = clock.local(clock.now()).year
    if total:
        _within_budget(row.community_id, year, total)
    Award.objects.bulk_create(
        Award(
            nomination=row,
            community_id=row.community_id,
            person_id=row.nominee_id,
            kind=k,
            title=data.title,
            citation=data.citation,
            goods=data.goods if k == Kind.GOODS else "",
            amount=amounts.get(k, Decimal(0)),
            points=points,
            half=row.half,
            year=year,
            decided_by=user,
        )
        for k in chosen
    )
    verb = "grant" if chosen else "decline"
    NOMINATION.move(row, verb, decided_by=user, decided_at=clock.now(), remark=data.remark)
    duties.meet("reward_decide", row.pk)
    audit.record(user, "reward.decide", row, unit_id=row.community_id, kind=[str(k.label) for k in chosen])
    if chosen:
        _notify(row, [row.nominee_id], worded("您获得了表彰，请查看。"))
    _notify(row, [row.nominated_by_id], worded("您提名的表彰已有决定。"))
    return row


def unprintable(*texts: str) -> dict[str, list[str]]:
    """What the certificate's fonts cannot print, as a message: never an empty box on a certificate."""
    missing = glyphs.missing("".join(texts))
    if not missing:
        return {}
    return {
        "kinds": [
            _("“%(letters)s”在已安装的字体中没有字形，无法打印证书；请系统管理员把含有此字的字体放入字体文件夹后再试。")
            % {"letters": _("、").join(missing)}
        ]
    }


def _within_budget(unit_id: UUID, year: int, total: Decimal) -> None:
    """Raises `Conflict` when the year's budget does not hold `total` more; two at once wait for each other."""
    budget = Budget.objects.select_for_update().filter(unit=unit_id, year=year).first()
    if budget is None:
        raise Conflict(
            _("还没有设定 %(year)d 年的奖励预算，不能发放奖金或实物；请先在奖励台账中设定。") % {"year": year}
        )
    left = budget.amount - spent(unit_id, year)
    if total > left:
        raise Conflict(
            _("超出预算：%(year)d 年奖励预算还剩 %(left)s 元，本次需要 %(total)s 元。请减少金额，或先调整预算。")
            % {"year": year, "left": left, "total": total}
        )


def spent(unit_id: UUID, year: int) -> Decimal:
    """What the unit's rewards of that year come to, in yuan."""
    return Award.objects.paid_from(unit_id, year).aggregate(n=Sum("amount"))["n"] or Decimal(0)


@transaction.atomic
def set_budget(user: User, data: SetBudget) -> Budget:
    """Set the unit's budget of a year, never below what is spent already (7.1.2). Raises `Invalid`, `NotFound`,
    `NotAllowed`."""
    if tree().get(data.unit) is None:
        raise NotFound(_("没有这个单位。"))
    allow(user, "reward.ledger", data.unit)
    Unit.objects.select_for_update().get(pk=data.unit)
    if data.amount < spent(data.unit, data.year):
        message = _("预算不能低于已决定发放的 %(spent)s 元。") % {"spent": spent(data.unit, data.year)}
        raise Invalid(fields={"amount": [message]})
    row, _made = Budget.objects.update_or_create(
        unit_id=data.unit, year=data.year, defaults={"amount": data.amount, "set_by": user, "set_at": clock.now()}
    )
    audit.record(user, "reward.budget", row, unit_id=data.unit, year=data.year, amount=str(data.amount))
    return row


@transaction.atomic
def withdraw(user: User, nomination_id: UUID) -> Nomination:
    """The nominator takes an open nomination back. Safe to repeat."""
    row = get(user, nomination_id, lock=True)
    NOMINATION.permit(row, "withdraw", user)
    if row.state == S.WITHDRAWN:
        return row
    NOMINATION.move(row, "withdraw")
    duties.cancel(["reward_decide"], row.pk)
    audit.record(user, "reward.withdraw", row, unit_id=row.community_id)
    return row


@transaction.atomic
def hand_over(user: User, award_id: UUID) -> Award:
    """Record that the bonus was paid, the goods or the certificate handed over. Safe to repeat. Raises `NotAllowed`."""
    row = award(user, award_id, lock=True)
    allow(user, "award.hand_over", row)
    if row.handed_over_at is None:
        row.handed_over_at, row.handed_over_by = clock.now(), user
        row.save(update_fields=["handed_over_at", "handed_over_by"])
        audit.record(user, "award.hand_over", row, unit_id=row.community_id)
    return row


@transaction.atomic
def consent(user: User, award_id: UUID, *, agrees: bool) -> Award:
    """The holder agrees to be shown on the wall of honour, or withdraws that; at once either way (1.3.4)."""
    row = award(user, award_id, lock=True)
    allow(user, "award.consent", row)
    if agrees != (row.shown_since is not None):
        row.shown_since = clock.now() if agrees else None
        row.save(update_fields=["shown_since"])
        audit.record(user, "award.consent" if agrees else "award.withdraw_consent", row, unit_id=row.community_id)
    return row


@transaction.atomic
def ask_certificate(user: User, award_id: UUID, data: AskCertificate) -> Award:
    """Have the sealed certificate made by a worker, with a seal in the asker's own keeping (4.2.2, 7.1.2).

    Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    row = award(user, award_id, lock=True)
    allow(user, "award.issue", row)
    if row.kind != Kind.CERTIFICATE:
        raise Conflict(_("这项奖励没有证书。"))
    if certificate(row) is not None:
        return row
    if data.seal is None:
        raise Invalid(fields={"seal": [_("请选择要加盖的印章；只有印章的保管人可以用印。")]})
    if missing := unprintable(row.person.name, row.title, row.citation):
        raise Invalid(fields={"seal": missing["kinds"]})
    seal = seals.to_affix(user, data.seal)
    if row.community_id not in tree().communities(seal.unit_id):
        raise Invalid(fields={"seal": [_("请使用本单位或上级单位的印章。")]})
    queue.defer("conduct.make_certificate", award=row.pk, seal=str(data.seal), by=user.pk)
    audit.record(user, "award.certificate", row, unit_id=row.community_id)
    return row


def certificate(row: Award) -> Document | None:
    """The award's certificate, once it is made."""
    return Document.objects.filter(kind="certificate", subject_id=row.pk).order_by("-version").first()


def get(user: User, nomination_id: UUID, *, lock: bool = False) -> Nomination:
    """A nomination that `user` may see. Raises `NotFound`."""
    rows = Nomination.objects.visible_to(user).filter(pk=nomination_id)
    row = (
        (rows.select_for_update(of=("self",)) if lock else rows)
        .select_related("nominee", "nominated_by", "decided_by", "community")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这项提名，或您无权查看。"))
    return row


def award(user: User, award_id: UUID, *, lock: bool = False) -> Award:
    """A reward that `user` may see. Raises `NotFound`."""
    rows = Award.objects.visible_to(user).filter(pk=award_id)
    row = (
        (rows.select_for_update(of=("self",)) if lock else rows)
        .select_related("person", "community", "decided_by", "handed_over_by", "nomination")
        .first()
    )
    if row is None:
        raise NotFound(_("没有这项奖励，或您无权查看。"))
    return row


def _notify(row: Nomination, people: Sequence[UUID], message: Any) -> None:
    notify_many(people, message, kind="reward", subject_type="conduct.nomination", subject_id=row.pk)

"""Security rules: versions that each person reads and confirms (6.1.1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.models import Confirmation, RuleVersion, SecurityRule
from linbao.security.rules.inputs import IssueRule, ReviseRule, RuleText

CONFIRM_DAYS = 7


@transaction.atomic
def issue(actor: User, data: IssueRule) -> SecurityRule:
    """Issue a rule in a unit that the officer keeps (6.1.1): each person of the unit owes a confirmation within seven
    days. Raises `Invalid`, `NotAllowed` for another unit."""
    unit = tree().get(data.unit)
    if unit is None:
        raise Invalid(fields={"unit": [_("请选择单位。")]})
    allow(actor, "security.keep", unit)
    return _publish(actor, SecurityRule(unit_id=unit.pk, made_at=clock.now()), data)


@transaction.atomic
def revise(actor: User, rule_id: UUID, data: ReviseRule) -> SecurityRule:
    """Issue the next version of a rule, which each person confirms anew. Raises `Invalid`, `Conflict` where another
    version came out since the one that was read."""
    rule = get(actor, rule_id, lock=True)
    if rule.version != data.seen:
        raise Conflict(_("这项制度刚发布了新版本，请先阅读再修改。"))
    return _publish(actor, rule, data)


def _publish(actor: User, rule: SecurityRule, data: RuleText) -> SecurityRule:
    if SecurityRule.objects.filter(unit_id=rule.unit_id, title=data.title).exclude(pk=rule.pk).exists():
        raise Invalid(fields={"title": [_("本单位已有同名的制度。")]})
    rule.title, rule.version, rule.active = data.title, rule.version + 1, True
    rule.save()
    duties.cancel(["rule_confirm"], rule.pk)
    RuleVersion.objects.create(rule=rule, version=rule.version, body=data.body, issued_by=actor, issued_at=clock.now())
    audit.record(actor, "rule.issue", rule, unit_id=rule.unit_id, version=rule.version)
    open_duties([rule.pk])
    return rule


@transaction.atomic
def end(actor: User, rule_id: UUID) -> SecurityRule:
    """Take a rule out of force; its versions and confirmations stay. Repeating it changes nothing."""
    rule = get(actor, rule_id, lock=True)
    if rule.active:
        rule.active = False
        rule.save(update_fields=["active"])
        duties.cancel(["rule_confirm"], rule.pk)
        audit.record(actor, "rule.end", rule, unit_id=rule.unit_id)
    return rule


@transaction.atomic
def confirm(person: User, rule_id: UUID, version: int) -> Confirmation:
    """Confirm that one has read this version and follows it; repeating it changes nothing. Raises `Conflict`
    when a newer one is in force."""
    rule = read(person, rule_id)
    if not rule.active:
        raise Conflict(_("这项制度已停用，不需要确认。"))
    if rule.version != version:
        raise Conflict(_("这项制度已有新版本，请阅读新版本后确认。"))
    row, made = Confirmation.objects.get_or_create(
        version=rule.versions.get(version=version), person=person, defaults={"at": clock.now()}
    )
    if made:
        duties.meet("rule_confirm", rule.pk, owner_id=person.pk)
        audit.record(person, "rule.confirm", rule, unit_id=rule.unit_id, version=version)
    return row


def bound(person: User) -> list[SecurityRule]:
    """The rules that a person works under: of the units of their roles and of all units above; one statement."""
    over = {u.pk for unit in _units(person) for u in tree().line(unit)}
    return list(SecurityRule.objects.filter(unit__in=over, active=True).order_by("title"))


def read(person: User, rule_id: UUID) -> SecurityRule:
    """A rule that a person works under, or of a unit that they keep or lead. Raises `NotFound`."""
    over = {u.pk for unit in _units(person) for u in tree().line(unit)}
    rule: SecurityRule | None = SecurityRule.objects.select_related("unit").filter(pk=rule_id).first()
    if rule is None or (
        rule.unit_id not in over and not SecurityRule.objects.visible_to(person).filter(pk=rule_id).exists()
    ):
        raise NotFound(_("没有这项制度。"))
    return rule


def get(user: User, rule_id: UUID, *, lock: bool = False) -> SecurityRule:
    """A rule of the units that `user` keeps or leads; with `lock`, for changing, of a unit that they keep. Raises
    `NotFound`, `NotAllowed`."""
    rows = SecurityRule.objects.visible_to(user).select_related("unit")
    rule: SecurityRule | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("没有这项制度。"))
    if lock:
        allow(user, "security.keep", rule.unit)
    return rule


def confirmed_by(person: User, rules: Collection[SecurityRule]) -> set[UUID]:
    """Those of the rules whose present version the person has confirmed; one statement."""
    versions = {r.pk: r.version for r in rules}
    rows = Confirmation.objects.filter(person=person, version__rule__in=versions)
    return {r for r, v in rows.values_list("version__rule", "version__version") if versions[r] == v}


@transaction.atomic
def open_duties(only: Collection[UUID] | None = None) -> int:
    """Open the duties to confirm each rule in force, or those of `only`, for each person of its unit who has not, also
    who joined later; safe to repeat. Returns how many are due."""
    rules = SecurityRule.objects.filter(active=True)
    if only is not None:
        rules = rules.filter(pk__in=only)
    opened: list[Obligation] = []
    for rule in rules:
        confirmed = Confirmation.objects.filter(version__rule=rule, version__version=rule.version).values("person")
        people = (
            RoleGrant.objects.current()
            .filter(unit__in_array=tree().within(rule.unit_id), user__is_active=True)
            .exclude(user__in=confirmed)
            .values_list("user_id", flat=True)
            .distinct()
        )
        day = clock.today(staff.zone_of(rule.unit_id)) + timedelta(days=CONFIRM_DAYS)
        opened += [
            duties.make(
                "rule_confirm",
                unit_id=rule.unit_id,
                due_at=staff.due(rule.unit_id, day),
                owner_id=person,
                subject=rule,
                round=rule.version,
                title=rule.title,
            )
            for person in people
        ]
    duties.open_(*opened)
    return len(opened)


def _units(person: User) -> set[UUID]:
    return {u for units in person.rights.granted.values() for u in units}

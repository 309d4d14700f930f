"""Security rules: versions that each person reads and confirms (6.1.1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.models import Confirmation, RuleVersion, SecurityRule

CONFIRM_DAYS = 7
LONGEST = 20_000


@transaction.atomic
def issue(
    actor: User, unit_id: UUID, *, title: str, words: str, rule_id: UUID | None = None, seen: int = 0
) -> SecurityRule:
    """Issue a rule, or its next version (`rule_id`, and `seen`, the version that was read before changing it). Each
    person of the unit owes a confirmation within seven days. Raises `Invalid`, `Conflict` where another was faster."""
    title, words = text.clean(title), text.clean(words)
    if rule_id is None:
        unit = tree().get(unit_id)
        if unit is None:
            raise Invalid(fields={"unit": [_("请选择单位。")]})
        allow(actor, "security.keep", unit)
        rule = SecurityRule(unit_id=unit.pk, made_at=clock.now())
    else:
        rule = get(actor, rule_id, lock=True)
        if rule.version != seen:
            raise Conflict(_("这项制度刚发布了新版本，请先阅读再修改。"))
    errors: dict[str, list[str]] = {}
    if not 2 <= len(title) <= 80:
        errors["title"] = [_("请填写名称（2 至 80 字）。")]
    elif SecurityRule.objects.filter(unit_id=rule.unit_id, title=title).exclude(pk=rule.pk).exists():
        errors["title"] = [_("本单位已有同名的制度。")]
    if not 10 <= len(words) <= LONGEST:
        errors["words"] = [_("请填写正文（10 至 20000 字）。")]
    if errors:
        raise Invalid(fields=errors)
    rule.title, rule.version, rule.active = title, rule.version + 1, True
    rule.save()
    duties.cancel(["rule_confirm"], rule.pk)
    RuleVersion.objects.create(rule=rule, version=rule.version, words=words, issued_by=actor, issued_at=clock.now())
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
    """A person has read this version and will keep to it; repeating it changes nothing. Raises `Conflict` when a newer
    one is in force."""
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
    """A rule that a person works under or keeps."""
    over = {u.pk for unit in _units(person) for u in tree().line(unit)}
    rule: SecurityRule | None = SecurityRule.objects.select_related("unit").filter(pk=rule_id).first()
    if rule is None or (
        rule.unit_id not in over and not SecurityRule.objects.visible_to(person).filter(pk=rule_id).exists()
    ):
        raise NotFound(_("没有这项制度。"))
    return rule


def get(user: User, rule_id: UUID, *, lock: bool = False) -> SecurityRule:
    """A rule of the units that `user` keeps or leads; with `lock` one that they keep."""
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
    """Each person of a unit owes a confirmation of each rule in force there: also whoever joined later. Safe to
    repeat; how many are owed."""
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
    return {u for held in person.rights.granted.values() for u in held}

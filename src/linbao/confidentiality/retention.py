"""How long what is kept, and the job that removes it when the time has come (1.3.4; domain.md §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import actions as audit
from linbao.base import clock, text
from linbao.base.problems import Conflict, Invalid, NotFound
from linbao.collection import actions as collection
from linbao.collection.models import Item, Status
from linbao.confidentiality import removing
from linbao.confidentiality.models import Cleared, Hold, Relative, Removal
from linbao.units.models import RoleGrant, Unit, User
from linbao.units.rights import allow
from linbao.units.tree import reference, tree

BATCH = 200


@dataclass(frozen=True)
class Category:
    """What is kept how long: `days` by default, never set below `least`."""

    code: str
    name: str | Promise
    begins: str | Promise
    then: str | Promise
    days: int
    least: int


CATEGORIES = (
    Category("contacts", gettext_lazy("居民联系方式"), gettext_lazy("条目归档之日"), gettext_lazy("删除电话和查询链接"), 365, 30),
    Category("ordinary", gettext_lazy("一般信息条目和附件"), gettext_lazy("条目归档之日"), gettext_lazy("匿名化，删除附件文件"), 3 * 365, 365),
    Category("urgent", gettext_lazy("紧急信息条目和附件"), gettext_lazy("条目归档之日"), gettext_lazy("匿名化，删除附件文件"), 10 * 365, 3 * 365),
    Category("agreements", gettext_lazy("保密协议"), gettext_lazy("本人离岗之日"), gettext_lazy("删除申报的亲属信息"), 3 * 365, 365),
)  # fmt: skip
FIXED = ((gettext_lazy("审计日志"), gettext_lazy("至少 3 年，不可修改、不可删除")),)


def days(unit_id: UUID | None) -> dict[str, int]:
    """The unit's own periods (setting `retention`), with the defaults for those left out."""
    return {c.code: c.days for c in CATEGORIES} | (tree().setting(unit_id, "retention") or {})


@transaction.atomic
def set_days(user: User, unit_id: UUID, given: Mapping[str, str]) -> None:
    """Change the unit's periods, in days. Raises `Invalid` for one below the least."""
    unit = tree().get(unit_id)
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    allow(user, "retention.set", unit)
    chosen, wrong = {}, {}
    for c in CATEGORIES:
        raw = given.get(c.code, "").strip()
        if not raw.isascii() or not raw.isdigit() or not c.least <= int(raw[:9]) <= 36500:
            wrong[c.code] = [_("请填写 %(least)d 至 36500 之间的天数。") % {"least": c.least}]
        else:
            chosen[c.code] = int(raw)
    if wrong:
        raise Invalid(fields=wrong)
    _set(unit_id, "retention", chosen)
    audit.record(user, "retention.set", unit, unit_id=unit_id, fields=sorted(chosen))


@transaction.atomic
def set_thresholds(user: User, unit_id: UUID, given: Mapping[str, str]) -> None:
    """Change from where on looking is unusual. Raises `Invalid`."""
    from linbao.confidentiality.watching import THRESHOLDS

    unit = tree().get(unit_id)
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    allow(user, "retention.set", unit)
    chosen, wrong = {}, {}
    for name in THRESHOLDS:
        raw = given.get(name, "").strip()
        least, most = (0, 23) if name.startswith("night_") else (1, 10_000)
        if not raw.isascii() or not raw.isdigit() or not least <= int(raw[:9]) <= most:
            wrong[name] = [_("请填写 %(least)d 至 %(most)d 之间的整数。") % {"least": least, "most": most}]
        else:
            chosen[name] = int(raw)
    if wrong:
        raise Invalid(fields=wrong)
    _set(unit_id, "looking", chosen)
    audit.record(user, "looking.set", unit, unit_id=unit_id, fields=sorted(chosen))


def _set(unit_id: UUID, name: str, value: Any) -> None:
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    unit.settings = unit.settings | {name: value}
    unit.save(update_fields=["settings"])
    reference.changed()


def run() -> dict[str, int]:
    """Daily: remove what is past its period, unit by unit; a record of each run that removed something. Safe to
    repeat and to stop: each item is its own transaction."""
    total: Counter[str] = Counter()
    for unit in tree().of_kind("community"):
        kept = days(unit.pk)
        for cause, urgent, field in (("contacts", None, "contacts_at"), ("ordinary", False, "anonymised_at"), ("urgent", True, "anonymised_at")):  # fmt: skip
            done = _clear(unit.pk, cause, urgent, field, kept[cause])
            total += done
    total += _left()
    return dict(total)


def _clear(unit_id: UUID, cause: str, urgent: bool | None, field: str, period: int) -> Counter[str]:
    ended = clock.now() - timedelta(days=period)
    due = Item.objects.filter(community_id=unit_id, closed_at__lt=ended, status=Status.CLOSED)
    if urgent is not None:
        due = due.filter(urgent=urgent)
    done_before = Cleared.objects.filter(**{f"{field}__isnull": False}).values("item")
    holds = Hold.objects.filter(released_at__isnull=True).values("item")
    due = due.exclude(pk__in=done_before).exclude(pk__in=holds).order_by("closed_at")
    done: Counter[str] = Counter()
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            item = Item.objects.select_for_update(of=("self",)).filter(pk=pk, closed_at__lt=ended).first()
            if item is None or removing.held([pk]):
                continue
            done += removing.contacts(item) if field == "contacts_at" else removing.everything(item)
            Cleared.objects.update_or_create(item=item, defaults={field: clock.now()})
    if +done:
        Removal.objects.create(unit_id=unit_id, cause=cause, counts=dict(+done), at=clock.now())
        audit.record(None, "retention.remove", unit_id=unit_id, what=cause, **+done)
    return done


def _left() -> Counter[str]:
    """Relatives whom people declared who left long ago."""
    done: Counter[str] = Counter()
    ids = Relative.objects.order_by().values_list("user_id", flat=True).distinct()
    for person in list(ids):
        grants = list(RoleGrant.objects.filter(user_id=person).values_list("unit_id", "ends"))
        if not grants or any(ends is None for _unit, ends in grants):
            continue
        unit_id, last = max(grants, key=lambda g: g[1])
        if last < clock.today() - timedelta(days=days(unit_id)["agreements"]):
            with transaction.atomic():
                done["relatives"] += Relative.objects.filter(user_id=person).delete()[0]
    if +done:
        Removal.objects.create(cause="agreements", counts=dict(+done), at=clock.now())
    return done


# --- legal hold ----------------------------------------------------------------------------------


@transaction.atomic
def hold(user: User, item_id: UUID, reason: str) -> Hold:
    """Keep an item beyond its period. Raises `Conflict` when it is held already, `Invalid` without a reason."""
    item = collection.get(user, item_id, lock=True)
    allow(user, "hold.keep", item)
    reason = text.clean(reason)
    if not 4 <= len(reason) <= 300:
        raise Invalid(fields={"reason": [_("请写明保全的理由，如案号或来函（4 至 300 字）。")]})
    if removing.held([item.pk]):
        raise Conflict(_("这一条已在保全中。"))
    row = Hold.objects.create(item=item, unit_id=item.community_id, reason=reason, by=user, at=clock.now())
    audit.record(user, "hold.set", item, unit_id=item.community_id, reason=text.mask_within(reason))
    return row


@transaction.atomic
def release(user: User, hold_id: UUID) -> Hold:
    """End the hold; the periods run again."""
    row = Hold.objects.select_for_update(of=("self",)).select_related("item").filter(pk=hold_id).first()
    if row is None or not user.has_perm("hold.keep", row.item):
        raise NotFound(_("没有这项保全，或您无权处理。"))
    if row.released_at is None:
        row.released_by, row.released_at = user, clock.now()
        row.save(update_fields=["released_by", "released_at"])
        audit.record(user, "hold.release", row.item, unit_id=row.unit_id)
    return row

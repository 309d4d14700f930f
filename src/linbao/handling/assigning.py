"""Who gets an item, and by when: assign, take up, hand over, assist (4.3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.http import as_uuid
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.handling import limits
from linbao.handling.informing import has_resident, notify_people
from linbao.handling.inputs import AssignItem, AssistItem, TransferItem
from linbao.handling.models import Assignment
from linbao.items import masking, states, visibility
from linbao.items import services as item_services
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Entry, Item, Sensitivity, Status
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.tree import tree

# A name or code that nobody has: refused where one of another community is, with the same sentence (1.3.4).
NOBODY = UUID(int=0)


def assign(user: User, item_id: UUID, data: AssignItem) -> Item:
    """Give an approved item to a unit or a person (4.3.2).

    Without `unit`: the handler's, else the subcategory's default unit, else the community. Without `due_at` (in the
    future; without zone: the community's): urgent 24 hours, else the subcategory's working days. Opens the duties to
    handle it and to inform the resident of progress. Safe to repeat. Raises `Invalid` (nobody there to handle it),
    `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.assign", item)
        unit, handler = unit_id(data.unit), handler_id(data.handler)
        message = masking.within(item, data.instruction)[:500]
        if item.status == Status.HANDLING and _is_same(user, item, unit, handler):
            return item
        check_version(item, data.version)
        to, person = receiver(item, unit, handler)
        entry = states.move(
            item,
            "assign",
            user,
            note=message,
            unit=str(to.id),
            unit_name=to.name,
            handler=person.name if person else "",
        )
        due = due_for(item, data.due_at)
        entry.data["due_at"] = due.isoformat()
        begin(user, item, to, person, message, due, entries=[entry])
        notify_people(
            item,
            worded("%(number)s“%(title)s”已交办给%(unit)s，期限 %(due)s。")
            % {**visibility.label(item), "unit": to.name, "due": day(item, due)},
            kind="item.assigned",
            by=user,
        )
    return item


def take_up(user: User, item_id: UUID) -> Item:
    """A handler of the unit takes an item that was given to the unit; the duty becomes theirs. Safe to repeat."""
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.take_up", item)
        if item.status != Status.HANDLING:
            raise Conflict(_("该条目当前为“%(now)s”，无需领办。") % {"now": Status(item.status).label})
        if item.handler_id == user.pk:
            return item
        if item.handler is not None:
            raise Conflict(_("该条目已由%(name)s办理。") % {"name": item.handler.name})
        row = open_assignment(item)
        row.handler = item.handler = user
        row.save(update_fields=["handler"])
        item.save(update_fields=["handler"])
        duties.cancel(["handle"], item.pk)
        duties.open_(limits.handle(item, row, nth(item) + 100))
        Entry.objects.bulk_create([states.entry(item, "take_up", user)])
        notify_people(
            item,
            worded("%(number)s“%(title)s”由%(name)s办理。") % {**visibility.label(item), "name": user.name},
            kind="item.taken_up",
            by=user,
        )
    return item


def transfer(user: User, item_id: UUID, data: TransferItem) -> Item:
    """Hand an item over to another unit or person (转办), with a reason; the limit stays unless the department sets
    one.

    The department may give it to anyone; the handler to a colleague of the same unit. What was overdue stays on the
    record as late. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.transfer", item)
        require_handling(item)
        message = masking.within(item, data.reason)[:300]
        to, person = receiver(item, unit_id(data.unit), handler_id(data.handler))
        if item.handling_unit_id == to.id and item.handler_id == (person.pk if person else None):
            return item
        department = user.has_perm("item.assign", item)
        if not department and (person is None or to.id != item.handling_unit_id):
            raise NotAllowed(_("办理人只能转给本单位的同事；需转给其他单位的，请联系交办人。"))
        if data.due_at is not None and not department:
            raise NotAllowed(_("办理期限由交办人决定；需要更多时间的，请申请延期。"))
        row = open_assignment(item)
        row.ended_at, row.outcome = clock.now(), "transferred"
        row.save(update_fields=["ended_at", "outcome"])
        if row.due_at <= clock.now():
            duties.meet("handle", item.pk)  # late, and kept as such
        else:
            duties.cancel(["handle"], item.pk)
        due = due_for(item, data.due_at) if data.due_at else max(row.due_at, clock.now())
        entry = states.entry(
            item,
            "transfer",
            user,
            note=message,
            unit=str(to.id),
            unit_name=to.name,
            handler=person.name if person else "",
        )
        item.version += 1
        begin(user, item, to, person, message, due, entries=[entry])
        notify_people(
            item,
            worded("%(number)s“%(title)s”已转由%(unit)s办理。") % {**visibility.label(item), "unit": to.name},
            kind="item.transferred",
            by=user,
            also=[row.handler_id],
        )
    return item


def assist(user: User, item_id: UUID, data: AssistItem) -> Item:
    """Name the co-handlers (协办), replacing those named before; they may record progress, not the result.

    Raises `Invalid` for somebody who does not handle for this community, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.assist", item)
        require_handling(item)
        people = list(User.objects.filter(pk__in=data.handlers, is_active=True)) if data.handlers else []
        able = [
            p for p in people if p.rights.has(Role.HANDLER) and item.community_id in p.rights.communities(Role.HANDLER)
        ]
        if len(able) != len(set(data.handlers)):
            raise Invalid(fields={"handlers": [_("协办人须是负责本社区的办理人。")]})
        if item.handler_id in {p.pk for p in able}:
            raise Invalid(fields={"handlers": [_("主办人不必再列为协办人。")]})
        new = [p for p in able if p.pk not in item.assistants]
        item.assistants = [p.pk for p in able]
        item.changed_at = clock.now()
        item.save(update_fields=["assistants", "changed_at"])
        note = masking.within(item, data.note)[:300]
        Entry.objects.bulk_create([states.entry(item, "assist", user, note=note, handlers=[p.name for p in able])])
        notify_people(
            item,
            worded("请协助办理 %(number)s“%(title)s”。") % visibility.label(item),
            kind="item.assist",
            by=user,
            also=[p.pk for p in new],
            reporters=False,
        )
    return item


def open_assignment(item: Item) -> Assignment:
    """The assignment that is being handled; `Conflict` if there is none."""
    row = Assignment.objects.select_for_update(of=("self",)).filter(item=item, ended_at__isnull=True).first()
    if row is None:
        raise Conflict(_("该条目没有正在进行的办理。"))
    return row


def receivers(item: Item) -> list[Unit]:
    """Units that may be given this item: those that serve its community, departments first."""
    order = {"department": 0, "community": 1, "work_group": 2, "grid": 3}
    rows = [u for u in tree().by_id.values() if u.active and item.community_id in tree().communities(u.id)]
    return sorted(rows, key=lambda u: (order.get(u.kind, 4), u.order, u.code))


# --- inside ------------------------------------------------------------------------------------


def _is_same(user: User, item: Item, unit: UUID | None, handler: UUID | None) -> bool:
    """Whether the open assignment is this one already: a repeated request."""
    row = Assignment.objects.filter(item=item, ended_at__isnull=True, assigned_by=user).first()
    if row is None:
        return False
    return (unit is None or row.unit_id == unit) and (handler is None or row.handler_id == handler)


def unit_id(value: str | None) -> UUID | None:
    """The id of the unit that `value` names by id or code; `NOBODY` where there is none. None for nothing."""
    if not value:
        return None
    row = tree().by_code.get(value)
    return row.id if row else as_uuid(value) or NOBODY


def handler_id(value: str | None) -> UUID | None:
    """The id of the person whom `value` names by id or user name; `NOBODY` where there is none. None for nothing."""
    if not value:
        return None
    return as_uuid(value) or User.objects.filter(username=value.lower()).values_list("pk", flat=True).first() or NOBODY


def check_version(item: Item, version: int | None) -> None:
    """Raises `Conflict` where the item has changed since the page or program read `version` of it."""
    if version is not None and version != item.version:
        raise Conflict(_("该条目已有新的变化，请核对后再提交；您填写的内容仍保留在页面上。"))


def require_handling(item: Item) -> None:
    """Raises `Conflict` where the item is not being handled."""
    if item.status != Status.HANDLING:
        raise Conflict(_("该条目当前为“%(now)s”，不在办理中。") % {"now": Status(item.status).label})


def receiver(item: Item, unit: UUID | None, handler: UUID | None) -> tuple[Unit, User | None]:
    """The unit and person to handle `item`; raises `Invalid` where nobody would be there."""
    units = tree()
    person: User | None = None
    if handler is not None:
        # One answer for nobody, for somebody elsewhere and for another role: it tells of nobody's existence (1.3.4).
        person = User.objects.filter(pk=handler, is_active=True).first()
        if person is None or item.community_id not in person.rights.communities(Role.HANDLER):
            raise Invalid(fields={"handler": [_("请选择负责本社区的在岗办理人。")]})
    to = units.get(unit)
    if unit is not None and (to is None or item.community_id not in units.communities(to.id)):
        raise Invalid(fields={"unit": [_("请选择负责本社区的单位。")]})
    if to is None and person is not None:
        own = sorted(
            (u for u in person.rights.granted[Role.HANDLER] if item.community_id in units.communities(u)), key=str
        )
        to = units.get(own[0]) if own else None
    if to is None and person is None:
        sub = catalogue().subcategories.get(item.subcategory)
        to = units.get(sub.default_unit_id) if sub else None
    to = to or units.get(item.community_id)
    assert to is not None  # the community itself is always there
    if person is not None and not person.rights.on(to.id, Role.HANDLER):
        raise Invalid(
            fields={"handler": [_("%(name)s不是%(unit)s的办理人。") % {"name": person.name, "unit": to.name}]}
        )
    if person is None:
        if item.sensitivity == Sensitivity.CONFIDENTIAL:
            raise Invalid(fields={"handler": [_("机密条目须指定到人，不能只交给单位。")]})
        if not duties.holders(to.id, Role.HANDLER):
            raise Invalid(fields={"unit": [_("%(unit)s没有在岗的办理人，请先指定人员。") % {"unit": to.name}]})
    return to, person


def with_zone(item: Item, moment: datetime) -> datetime:
    """`moment`; one without a zone is meant in the zone of the item's community."""
    if moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=clock.zone(tree().setting(item.community_id, "time_zone")))


def due_for(item: Item, due_at: datetime | None) -> datetime:
    """When handling is due: `due_at`, else by the limits. Raises `Invalid` for one that is past or over a year off."""
    if due_at is None:
        return limits.handle_due(item)
    due_at = with_zone(item, due_at)
    if due_at <= clock.now():
        raise Invalid(fields={"due_at": [_("办理期限须晚于现在。")]})
    if due_at > clock.now() + timedelta(days=366):
        raise Invalid(fields={"due_at": [_("办理期限不能超过一年。")]})
    return due_at


def begin(
    user: User,
    item: Item,
    unit: Unit,
    person: User | None,
    instruction: str,
    due: datetime,
    *,
    entries: list[Entry],
    first_progress: int = 0,
) -> Assignment:
    """Write the assignment, the item's row and the duties that follow from it."""
    row = Assignment(
        item=item,
        unit_id=unit.id,
        handler=person,
        instruction=instruction,
        assigned_by=user,
        due_at=due,
        round=item.round,
    )
    row.save(force_insert=True)
    item.handling_unit_id, item.handler, item.due_at = unit.id, person, due
    if person is not None and item.sensitivity == Sensitivity.CONFIDENTIAL and person.pk not in item.named:
        item.named = [*item.named, person.pk]
    item.changed_at = clock.now()
    item.save()
    Entry.objects.bulk_create(entries)
    opened = [limits.handle(item, row, nth(item))]
    if has_resident(item):
        opened.append(limits.inform_progress(item, first_progress))
    duties.change(open=opened, meet_subjects=[("assign", item.pk)])
    people = {person.pk} if person else duties.holders(unit.id, Role.HANDLER)
    notify_people(
        item,
        worded("请办理 %(number)s“%(title)s”，期限 %(due)s。") % {**visibility.label(item), "due": day(item, due)},
        kind="item.to_handle",
        by=user,
        also=people,
        reporters=False,
    )
    return row


def nth(item: Item) -> int:
    """How often the item has been assigned: the round of the duty to handle it."""
    return Assignment.objects.filter(item=item).count()


def day(item: Item, moment: datetime) -> str:
    """`moment` as text, day and time in the zone of the item's community."""
    return clock.local(moment, tree().setting(item.community_id, "time_zone")).strftime("%m-%d %H:%M")

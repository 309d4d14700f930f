"""Who assigns, handles, informs the resident, records their judgement and closes (4.3.2, 2.4.1, 2.4.2)."""

from __future__ import annotations

import rules

from linbao.duties import leave
from linbao.handling.models import CallBack, Extension
from linbao.items.models import Item
from linbao.organisation.models import Role, User


@rules.predicate
def in_department(user: User, item: Item | None = None) -> bool:
    """Reviewer or manager of the item's community (the department in charge)."""
    if item is None:
        return user.rights.has(Role.REVIEWER, Role.MANAGER)
    return user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def manages(user: User, item: Item | None = None) -> bool:
    """Manager of the item's community."""
    if item is None:
        return user.rights.has(Role.MANAGER)
    return user.rights.on(item.community_id, Role.MANAGER)


@rules.predicate
def handles(user: User, item: Item | None = None) -> bool:
    """The handler; with none named, any handler of the unit."""
    if item is None:
        return user.rights.has(Role.HANDLER)
    if item.handler_id is not None:
        return item.handler_id == user.pk
    return item.handling_unit_id is not None and user.rights.on(item.handling_unit_id, Role.HANDLER)


@rules.predicate
def same_unit(user: User, item: Item | None = None) -> bool:
    """A handler of the unit that handles the item."""
    return (
        item is not None and item.handling_unit_id is not None and user.rights.on(item.handling_unit_id, Role.HANDLER)
    )


@rules.predicate
def assists(user: User, item: Item | None = None) -> bool:
    """A co-handler (协办)."""
    return item is not None and user.pk in item.assistants


@rules.predicate
def reported(user: User, item: Item | None = None) -> bool:
    """The reporter of the item."""
    return item is not None and item.reporter_id == user.pk


@rules.predicate
def is_deputy_to_inform(user: User, item: Item | None = None) -> bool:
    """The duty to inform or ask the resident came to them by the reporter's leave (5.3.1)."""
    return item is not None and leave.stands_in(user, item.pk, "inform_resident", "inform_progress", "evaluate")


@rules.predicate
def is_deputy_to_handle(user: User, item: Item | None = None) -> bool:
    """The handling came to them by the handler's leave (5.3.1)."""
    return item is not None and leave.stands_in(user, item.pk, "handle")


@rules.predicate
def leads_group(user: User, item: Item | None = None) -> bool:
    """Group leader of the reporter's work group: stands in when the reporter cannot."""
    return item is not None and user.rights.on(item.work_group_id, Role.GROUP_LEADER)


@rules.predicate
def is_own_request(user: User, extension: Extension) -> bool:
    """Asked for the extension, or handles what it is for."""
    return extension.asked_by_id == user.pk or extension.assignment.handler_id == user.pk


@rules.predicate
def decides_extension(user: User, extension: Extension) -> bool:
    """The department in charge of the item."""
    return user.rights.on(extension.assignment.item.community_id, Role.MANAGER, Role.REVIEWER)


@rules.predicate
def calls_back(user: User, call_back: CallBack | None = None) -> bool:
    """Somebody of the community who works for the department or leads a group."""
    roles = (Role.REVIEWER, Role.MANAGER, Role.GROUP_LEADER)
    return user.rights.has(*roles) if call_back is None else user.rights.on(call_back.community_id, *roles)


@rules.predicate
def took_part(user: User, call_back: CallBack | None = None) -> bool:
    """Reported or handled it: a call-back is made by somebody else (2.4.2)."""
    if call_back is None:
        return False
    item = call_back.item
    return user.pk in {item.reporter_id, item.handler_id, *item.assistants}


rules.add_perm("handling.board", in_department | handles | reported)
rules.add_perm("item.assign", in_department)
rules.add_perm("item.take_up", same_unit)
rules.add_perm("item.handle", handles | assists | is_deputy_to_handle)
rules.add_perm("item.resolve", handles | is_deputy_to_handle)
rules.add_perm("item.transfer", in_department | handles)
rules.add_perm("item.assist", in_department | handles)
rules.add_perm("item.supervise", manages)
rules.add_perm("item.remind", in_department | reported)
rules.add_perm("item.inform", reported | leads_group | manages | is_deputy_to_inform)
# Whoever handled it does not record how content people are with it.
rules.add_perm("item.evaluate", (reported | leads_group | manages | is_deputy_to_inform) & ~handles)
rules.add_perm("item.close", in_department & ~reported)
rules.add_perm("item.decide", manages & ~reported)  # what becomes of an unsatisfied resident's matter
rules.add_perm("item.reopen", manages & ~reported)
rules.add_perm("item.adopt", in_department | handles)
rules.add_perm("item.confirm_adoption", manages & ~reported)
rules.add_perm("extension.decide", decides_extension & ~is_own_request)
rules.add_perm("call_back.record", calls_back & ~took_part)

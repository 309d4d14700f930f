"""Who may see and change an item while it is the reporter's (2.3.1)."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import rules

from linbao.duties import leave
from linbao.items.models import OPEN_STATUSES, Activity, Attachment, Item, Status
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree


@rules.predicate
def is_reporter_of(user: User, item: Item) -> bool:
    """Whether `user` reported the item."""
    return item.reporter_id == user.pk


@rules.predicate
def stands_in_to_amend(user: User, item: Item) -> bool:
    """Whether the duty to amend passed to `user` by the reporter's leave (5.3.1)."""
    return leave.stands_in(user, item.pk, "amend")


@rules.predicate
def is_with_reporter(user: User, item: Item) -> bool:
    """Whether the reporter may still take the item back: a draft, submitted or returned."""
    return item.status in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)


@rules.predicate
def is_urgent_and_open(user: User, item: Item) -> bool:
    """Whether the item is urgent and not ended."""
    return item.urgent and item.status in OPEN_STATUSES


@rules.predicate
def reports(user: User, item: object = None) -> bool:
    """Whether `user` collects information anywhere (2.1)."""
    return bool(user.rights.has(Role.REPORTER, Role.GROUP_LEADER))


@rules.predicate
def administers(user: User, unit: object = None) -> bool:
    """Whether `user` is an administrator anywhere."""
    return bool(user.rights.has(Role.ADMINISTRATOR))


@rules.predicate
def is_activity_of(user: User, activity: Activity) -> bool:
    """Whether `user` recorded the activity."""
    return activity.reporter_id == user.pk


@rules.predicate
def is_owner_of_file(user: User, attachment: Attachment) -> bool:
    """Whether `user` added the file."""
    return attachment.owner_id == user.pk


@rules.predicate
def reviews_file(user: User, attachment: Attachment) -> bool:
    """Whether `user` reviews or manages the file's community: originals hold metadata of the camera (1.3.4, 4.3.1)."""
    holder = attachment.item if attachment.item_id else attachment.activity
    return holder is not None and user.rights.on(holder.community_id, Role.REVIEWER, Role.MANAGER)


@rules.predicate
def may_reveal(user: User, item: Item) -> bool:
    """Whether `user` may unmask persons of the item: reporter, reviewer, manager and handler (1.3.4, 2.4.1)."""
    if item.reporter_id == user.pk:
        return True
    if user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER):
        return True
    handles = item.handler_id == user.pk or user.pk in item.assistants
    if handles or (item.handler_id is None and user.rights.on(item.handling_unit_id, Role.HANDLER)):
        return True
    return leave.stands_in(user, item.pk, "inform_resident", "inform_progress", "evaluate", "handle")


@rules.predicate
def imports(user: User, _obj: object = None) -> bool:
    """Whether `user` may import spreadsheets: the department (2.2.1)."""
    return bool(user.rights.has(Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR))


@rules.predicate
def leads(user: User, item: Item) -> bool:
    """Whether `user` reviews or manages the item's community."""
    return user.rights.on(item.community_id, Role.REVIEWER, Role.MANAGER)


rules.add_perm("item.mark_urgent", is_reporter_of | leads)
rules.add_perm("item.unmark_urgent", leads & ~is_reporter_of)


def exporting_communities(user: User) -> frozenset[UUID]:
    """The communities whose items `user` may export: where they hold a role that the unit's setting `export_roles`
    names (the manager's by default)."""
    by_roles: dict[str, set[UUID]] = defaultdict(set)
    for community in user.rights.communities():
        by_roles[str(tree().setting(community, "export_roles") or "")].add(community)
    return frozenset().union(
        *(user.rights.communities(*roles.split(",")) & communities for roles, communities in by_roles.items() if roles)
    )


@rules.predicate
def exports(user: User, _obj: object = None) -> bool:
    """Whether `user` may export items of any community; a right of its own (1.3.4)."""
    return bool(exporting_communities(user))


rules.add_perm("item.export", exports)
rules.add_perm("item.import", imports)
rules.add_perm("item.create", reports)
rules.add_perm("item.edit", is_with_reporter & (is_reporter_of | stands_in_to_amend))
# Photos of an emergency belong to its follow-ups too, whatever became of the item by then (2.3.2).
rules.add_perm(
    "item.attach", is_with_reporter & (is_reporter_of | stands_in_to_amend) | is_reporter_of & is_urgent_and_open
)
rules.add_perm("party.reveal", may_reveal)
rules.add_perm("activity.create", reports)
rules.add_perm("activity.change", is_activity_of)
rules.add_perm("attachment.original", is_owner_of_file | reviews_file)
rules.add_perm("catalogue.change", administers)

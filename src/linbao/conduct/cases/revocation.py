"""取消资格: access ends at once, open work goes to others, devices are wiped at their next contact (7.2.1)."""

from __future__ import annotations

from uuid import UUID

from linbao.accounts import services as accounts
from linbao.audit import services as audit
from linbao.conduct.models import Case, CaseState, Revocation
from linbao.core import clock
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.handling.models import Assignment
from linbao.items.models import Item, Status
from linbao.organisation.models import Role, User
from linbao.platform import queue

# Duties that are nobody else's: they end with the qualification. The case's own stay.
OF_THE_PERSON = (
    "weekly_collection",
    "weekly_report",
    "training_attend",
    "appraisal_self",
    "appraisal_peer",
    "agreement",
    "rule_confirm",
)
OF_THE_CASE = ("case_statement", "case_decide", "appeal_decide")


def revoke(by: User, case: Case) -> Revocation:
    """End the person's roles, sessions and tokens now; hand over what they owe; ask their devices to clear themselves.

    Drafts stay as they are. The account stays open without any role until the appeal is settled, so that the
    person can read the decision and appeal (`close_accounts`).
    """
    person = User.objects.select_for_update().get(pk=case.person_id)
    moved = _hand_over(by, case, person)
    roles = accounts.end_access(by, person)
    row = Revocation.objects.create(case=case, person=person, roles=roles, moved=moved)
    audit.record(by, "case.revoke", case, unit_id=case.community_id, rows=moved)
    return row


def _hand_over(by: User, case: Case, person: User) -> int:
    """Open duties to the group leader, else the manager; those of handling to the unit's pool."""
    now = clock.now()
    open_ = Obligation.objects.open().filter(owner=person).exclude(kind__in=OF_THE_CASE)
    open_.filter(kind__in=OF_THE_PERSON).update(waived_at=now, waived_by=by, waived_reason="取消资格", next_at=None)
    Item.objects.filter(handler=person, status=Status.HANDLING).update(handler=None)
    Assignment.objects.filter(handler=person, ended_at__isnull=True).update(handler=None)
    moved = open_.filter(kind="handle").update(owner=None)
    heir = next(iter(sorted(_heirs(case, person), key=str)), None)
    return moved + (open_.update(owner_id=heir) if heir else 0)


def _heirs(case: Case, person: User) -> set[UUID]:
    leaders = duties.leaders_of(person.pk) - {person.pk}
    return leaders or duties.holders(case.community_id, Role.MANAGER) - {person.pk}


def undo(by: User, case: Case) -> None:
    """A successful appeal: the roles that had not ended otherwise come back, the account opens, devices that did not
    clear themselves yet are left alone."""
    row = Revocation.objects.select_for_update().filter(case=case, undone_at__isnull=True).first()
    if row is None:
        return
    accounts.restore_access(by, row.person, row.roles)
    row.undone_at = clock.now()
    row.save(update_fields=["undone_at"])
    audit.record(by, "case.restore", case, unit_id=case.community_id)


def close_accounts() -> int:
    """Close the accounts of those whose revocation is final; returns how many."""
    rows = Revocation.objects.filter(undone_at__isnull=True, case__state=CaseState.FINAL, person__is_active=True)

    def close(pk: UUID) -> int:
        row = rows.select_related("person").select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if row is not None:
            accounts.close_account(None, row.person)
        return row is not None

    return queue.each(list(rows.values_list("pk", flat=True)), close)


def wiped(row: Revocation) -> dict[str, int]:
    """How many of the person's known devices were asked to clear themselves, and how many confirmed it."""
    asked = row.person.phones.filter(wipe_asked_at__gte=row.case.decided_at)
    return {"asked": asked.count(), "done": asked.filter(wiped_at__isnull=False).count()}

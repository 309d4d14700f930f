"""调整岗位, decided in a case or after an appraisal: a duty of the administrator, so that it is not forgotten
(5.2.3, 7.2.1).

The administrator ends the old role and proposes the new one on the person's page, where a security officer confirms
it; the duty is met when a role of the person ends (`accounts.services.end_grant`). The
reason is not given to them (1.3.4).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from linbao.appraisal.models import Proposal, ProposalKind, ProposalState
from linbao.conduct.models import Case, Measure
from linbao.core import clock
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue

WITHIN_DAYS = 5  # working days
LOOK_BACK = timedelta(days=60)


def ask(person: User, community_id: UUID, decided_at: datetime) -> bool:
    """Open the duty to change the post for the administrators of the community or the nearest unit above; without
    one the managers are notified. Asked for the same decision again, nothing changes. Returns whether it was new."""
    owners = sorted(duties.holders(community_id, Role.ADMINISTRATOR) - {person.pk}, key=str)
    day = clock.local(decided_at, tree().setting(community_id, "time_zone")).date()
    due = tree().calendar(community_id).add_working_days(decided_at, WITHIN_DAYS)
    rows = [
        duties.make("reassign", unit_id=community_id, due_at=due, owner_id=p, subject=person, period=day)
        for p in owners
    ]
    for row in rows:
        row.community_id = None  # in nobody's list but the owners'
    if Obligation.objects.filter(key__in=[r.key for r in rows]).exists():
        return False
    duties.open_(*rows)
    details = owners or sorted(duties.holders(community_id, Role.MANAGER) - {person.pk}, key=str)
    message = (
        worded("有一位报告员需要调整岗位：请结束原角色，并提出新角色，由安全保密员确认。")
        if owners
        else worded("有一位报告员需要调整岗位，但本单位及上级没有系统管理员，请先设立。")
    )
    notify_many(details, message, kind="reassign", subject_type="organisation.user", subject_id=person.pk)
    return bool(owners)


def follow(case: Case) -> None:
    """What a decision, or that of an appeal, means for the post: in the transaction of its cause."""
    if case.decided_at is None:
        return
    if case.measure == Measure.REASSIGN:
        ask(case.person, case.community_id, case.decided_at)
    elif case.decided_measure == Measure.REASSIGN:
        day = clock.local(case.decided_at, tree().setting(case.community_id, "time_zone")).date()
        Obligation.objects.filter(kind="reassign", subject_id=case.person_id, period=day).open().delete()


def gather() -> int:
    """Take up proposals of the appraisal that were accepted; returns how many were new. Safe to repeat."""
    rows = Proposal.objects.filter(
        kind=ProposalKind.REASSIGNMENT, state=ProposalState.ACCEPTED, decided_at__gte=clock.now() - LOOK_BACK
    ).select_related("appraisal__person", "appraisal__cycle")

    def take_up(row: Proposal) -> int:
        return ask(row.appraisal.person, row.appraisal.cycle.unit_id, row.decided_at) if row.decided_at else 0

    return queue.each(rows, take_up)

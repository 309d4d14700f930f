"""Giving information out (6.2.2): asked with purpose, recipient and basis; approved by others; made once; traced."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.audit import services as audit
from linbao.confidentiality.disclosures import copy_marks, production
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure
from linbao.confidentiality.disclosures.states import DISCLOSURE
from linbao.confidentiality.models import Approval, Disclosure, DisclosureState, Form
from linbao.core import clock, ids
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import DocumentKind
from linbao.duties import services as duties
from linbao.items import visibility
from linbao.items.models import Item, Sensitivity
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many
from linbao.platform import files, queue

S = DisclosureState
MOST_ITEMS = 500  # of one request: more is no longer a purpose but a copy of the archive
DECIDE_WITHIN = 2  # working days


def scope(user: User, filters: Filters) -> list[Item]:
    """The items that the archive's filters find for this person now, at most `MOST_ITEMS` + 1."""
    rows = list(search.walk(user, filters, MOST_ITEMS + 1))
    result = Item.objects.visible_to(user).in_bulk([r["id"] for r in rows])
    return [result[r["id"]] for r in rows if r["id"] in result]


@transaction.atomic
def ask(user: User, data: AskDisclosure, filters: Filters) -> Disclosure:
    """File a request to give information out (6.2.2); its scope is frozen as the items that the filters find now.

    Raises `Invalid` by `scope` for none or too many, `NotAllowed`; `Conflict` where nobody but the asker could approve.
    """
    allow(user, "disclosure.ask")
    items = scope(user, filters)
    if not items:
        raise Invalid(fields={"scope": [_("这些条件没有找到您可以查看的条目，请回到档案修改条件。")]})
    if len(items) > MOST_ITEMS:
        message = _("范围超过 %(n)d 条，请缩小筛选条件；对外提供以够用为限。") % {"n": MOST_ITEMS}
        raise Invalid(fields={"scope": [message]})
    unit_id = _unit_over({i.community_id for i in items})
    row = Disclosure(
        number=documents.number(unit_id, "社外"),
        unit_id=unit_id,
        asked_by=user,
        asked_at=clock.now(),
        form=data.form,
        recipient=data.recipient,
        purpose=data.purpose,
        legal_basis=data.legal_basis,
        until=data.until,
        identified=data.identified,
        why_identified=data.why_identified,
        query=filters.query(),
        items=[i.pk for i in items],
        confidential=sum(i.sensitivity == Sensitivity.CONFIDENTIAL for i in items),
    )
    able = approvers(row)
    if len(able) < row.needed:
        raise Conflict(
            _(
                "目前没有足够的人可以审批（需要 %(n)d 位，申请人不能审批自己的申请）。"
                "请联系系统管理员授予负责人角色，或由上级单位提出申请。"
            )
            % {"n": row.needed}
        )
    row.save(force_insert=True)
    due = tree().calendar(unit_id).add_working_days(clock.now(), DECIDE_WITHIN)
    duties.open_(
        *(
            duties.make("disclosure_decide", unit_id=unit_id, owner_id=p, subject=row, due_at=due, title=row.number)
            for p in able
        )
    )
    notify_many(
        able,
        worded("%(number)s 申请对外提供信息，请审批。") % {"number": row.number},
        kind="disclosure",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )
    audit.record(
        user,
        "disclosure.ask",
        row,
        unit_id=unit_id,
        reason=row.purpose[:200],
        rows=len(items),
        identified=row.identified,
    )
    return row


def _unit_over(communities: set[UUID]) -> UUID:
    """The unit that answers for all these communities: the community itself, or the nearest above them all."""
    lines = [[u.pk for u in tree().line(c)] for c in communities]
    return next(u for u in lines[0] if all(u in line for line in lines))


def approvers(row: Disclosure) -> list[UUID]:
    """Who may approve: managers of the unit or above, for the second signature security officers; not the asker."""
    line = [u.pk for u in tree().line(row.unit_id)]
    roles = [Role.MANAGER, *([Role.SECURITY_OFFICER] if row.needed > 1 else [])]
    grants = RoleGrant.objects.current().filter(unit__in=line, role__in=roles, user__is_active=True)
    return sorted(set(grants.exclude(user_id=row.asked_by_id).values_list("user_id", flat=True)), key=str)


def get(user: User, row_id: UUID, *, lock: bool = False) -> Disclosure:
    """A request that this person may see. Raises `NotFound`."""
    rows = Disclosure.objects.visible_to(user).select_related("unit", "asked_by")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有这份申请，或您无权查看。"))
    return row


@transaction.atomic
def decide(user: User, row_id: UUID, data: DecideDisclosure) -> Disclosure:
    """Approve or refuse; a refusal ends it, an approval of confidential data waits for a second person (6.2.2).

    Raises `NotAllowed` for the asker, `Conflict` when it was decided.
    """
    row = get(user, row_id, lock=True)
    verb = "approve" if data.approve else "refuse"
    DISCLOSURE.check(row, verb, user)
    earlier = list(row.approvals.all())
    if any(a.by_id == user.pk for a in earlier):
        raise Conflict(_("您已经批准过，须由另一人再批。"))
    if data.approve and row.needed > 1 and earlier and not _one_is_manager(row, [*(a.by_id for a in earlier), user.pk]):
        raise Conflict(_("两位审批人中至少有一位须是管理部门负责人。"))
    Approval.objects.create(disclosure=row, by=user, approved=data.approve, comment=data.comment, at=clock.now())
    duties.meet("disclosure_decide", row.pk, owner_id=user.pk)
    audit.record(user, f"disclosure.{verb}", row, unit_id=row.unit_id)
    if not data.approve or len(earlier) + 1 >= row.needed:
        DISCLOSURE.move(row, verb, decided_at=clock.now())
        duties.cancel(["disclosure_decide"], row.pk)
        message = worded("%(number)s 已批准，可以生成。") if data.approve else worded("%(number)s 未获批准，请看理由。")
        notify(
            row.asked_by_id,
            message % {"number": row.number},
            kind="disclosure",
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
        )
    return row


def _one_is_manager(row: Disclosure, people: list[UUID]) -> bool:
    line = [u.pk for u in tree().line(row.unit_id)]
    return RoleGrant.objects.current().filter(user__in=people, role=Role.MANAGER, unit__in=line).exists()


@transaction.atomic
def withdraw(user: User, row_id: UUID) -> Disclosure:
    """The asker takes back a request that was not produced yet. Raises `Conflict`."""
    row = get(user, row_id, lock=True)
    DISCLOSURE.move(row, "withdraw", user)
    duties.cancel(["disclosure_decide"], row.pk)
    audit.record(user, "disclosure.withdraw", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def produce(user: User, row_id: UUID) -> Disclosure:
    """Make the one copy, by the asker; of the frozen items those that the asker may still see. Raises `Conflict` for a
    second copy, and where nothing may be given any more."""
    row = get(user, row_id, lock=True)
    DISCLOSURE.check(row, "produce", user)
    if row.until < clock.today():
        raise Conflict(_("使用期限已过，请重新申请。"))
    result = Item.objects.visible_to(user).in_bulk(row.items)
    items = [result[pk] for pk in row.items if pk in result]
    if not items:
        raise Conflict(_("范围内的条目您都已无权查看。"))
    if sum(i.sensitivity == Sensitivity.CONFIDENTIAL for i in items) > row.confidential:
        raise Conflict(_("批准之后有条目被改为机密，请撤回后重新申请。"))
    mark, code = copy_marks.new(), ids.code()
    if row.form == Form.PDF:
        data = production.pdf(row, items, mark, code=code, verify=f"{settings.BASE_URL}/verify/")
        documents.keep(
            DocumentKind.DISCLOSURE,
            data,
            number=row.number,
            title=_("对外提供资料"),
            unit_id=row.unit_id,
            subject=row,
            code=code,
            by=user,
        )
    else:
        data = production.xlsx(row, items, mark)
    file = files.put(data)
    DISCLOSURE.move(
        row, "produce", items=[i.pk for i in items], file=file, digest=file, mark=mark, produced_at=clock.now()
    )
    audit.record(
        user,
        "disclosure.produce",
        row,
        unit_id=row.unit_id,
        rows=len(items),
        format=row.form,
        identified=row.identified,
        recipient=row.recipient,
    )
    return row


@transaction.atomic
def download(user: User, row_id: UUID, *, address: str | None = None) -> tuple[Disclosure, bytes]:
    """The copy, for the asker, until it expires; each time recorded on the audit log. Raises `NotAllowed`,
    `Conflict`."""
    row = get(user, row_id, lock=True)
    if row.asked_by_id != user.pk:
        raise NotAllowed(_("只有申请人可以取得这份文件。"))
    DISCLOSURE.check(row, "download")
    if not row.file or row.until < clock.today():
        raise Conflict(DISCLOSURE.answer(row, "download"))
    if Item.objects.visible_to(user).filter(pk__in=row.items).count() < len(set(row.items)):
        raise NotAllowed(_("文件里有您已无权查看的条目，不能再取得。"))
    row.downloads += 1
    row.save(update_fields=["downloads"])
    audit.record(user, "disclosure.download", row, unit_id=row.unit_id, address=address)
    return row, files.get(row.file)


def expire() -> int:
    """Daily: delete copies past their period, end requests that nobody produced in time. Returns how many."""
    running = Disclosure.objects.filter(until__lt=clock.today(), state__in=DISCLOSURE.sources("expire"))

    def end(pk: UUID) -> int:
        row = running.select_for_update().filter(pk=pk).first()
        if row is None:
            return 0
        gone = row.file
        DISCLOSURE.move(row, "expire", file="")
        duties.cancel(["disclosure_decide"], row.pk)
        audit.record(None, "disclosure.expire", row, unit_id=row.unit_id)
        if gone:
            transaction.on_commit(lambda: files.delete(gone))
        return 1

    return queue.each(list(running.values_list("pk", flat=True)), end)


def scope_facts(row: Disclosure, reader: User) -> dict[str, Any]:
    """What `reader`, the approver among others, sees of the scope: numbers, kinds and times, not the persons; of
    restricted items that they may not open the category in the title's place (1.3.4)."""
    items = list(Item.objects.filter(pk__in=row.items).order_by("-reported_at")[:50])
    hidden = {i.pk for i in visibility.withheld([i.pk for i in items], reader)}
    listed = [
        {
            "number": i.number,
            "title": visibility.title(i) if i.pk in hidden else i.title,
            "sensitivity": i.sensitivity,
            "reported_at": i.reported_at,
        }
        for i in items
    ]
    return {"count": len(row.items), "listed": listed, "more": max(0, len(row.items) - len(listed))}

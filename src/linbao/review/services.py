"""The verbs of review: claim, approve, return, merge (4.3.1, 4.3.2, 2.2.1).

Every decision locks the item's row, so of two reviewers at once one decides and the other gets `Conflict`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.items import masking, signals, states, visibility
from linbao.items import services as item_services
from linbao.items.fields import reviewers_of
from linbao.items.models import OPEN_STATUSES, Entry, Hint, Item, Sensitivity, Status
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.outbox.models import Notice
from linbao.outbox.services import notify, notify_many
from linbao.platform import queue
from linbao.review import reasons, snapshot
from linbao.review.inputs import Approve, Decision, FindingInput, Merge, ReturnItem
from linbao.review.models import Check, Claim, Finding, MergeSuggestion, Review

CLAIM_LASTS = timedelta(minutes=15)
AMEND_WITHIN_URGENT = timedelta(hours=1)  # 4.3.2, domain.md §3
AMEND_WITHIN_DAYS = 2  # working days
ASSIGN_WITHIN_URGENT = timedelta(minutes=30)  # 4.3.2
ASSIGN_WITHIN_DAYS = 1
ADVICE = ("none", "no_photo", "broken")  # hints that need no reason to pass


def claim(user: User, item_id: UUID) -> Claim:
    """Reserve an item for its reviewer for 15 minutes; claiming it again starts them anew (4.3.1).

    One at a time: an earlier claim of the same reviewer ends, so that leafing through blocks nobody.
    Raises `Conflict` naming who has it, or when it is not waiting for review any more, `NotAllowed`.
    """
    with transaction.atomic():
        item = item_services.get(user, item_id, lock=True)
        allow(user, "item.review", item)
        if item.status != Status.SUBMITTED:
            raise Conflict(_("该条目当前为“%(now)s”，无需审核。") % {"now": Status(item.status).label})
        _refuse_claimed(user, item)
        Claim.objects.filter(reviewer=user).exclude(item=item).delete()
        row, _created = Claim.objects.update_or_create(
            item=item, defaults={"reviewer": user, "until": clock.now() + CLAIM_LASTS}
        )
    return row


def release(user: User, item_id: UUID) -> None:
    """End one's claim on an item; nothing happens without one."""
    Claim.objects.filter(item_id=item_id, reviewer=user).delete()


def approve(user: User, item_id: UUID, data: Approve) -> Item:
    """Approve an item: all four checks passed (4.3.1); opens the duty to assign it (4.3.2).

    A check that the computed hints speak against passes only with a reason in `overruled` (or a remark). Safe to
    repeat. Raises `Invalid` with a field map, `Conflict` (stale, decided, claimed), `NotAllowed`.
    """
    with transaction.atomic():
        item, done = _lock_for_decision(user, item_id, approved=True, version=data.version)
        if done:
            return item
        hints = (
            Hint.objects.filter(item=item)
            .exclude(code__in=ADVICE)
            .exclude(code="duplicate", other__in=dismissed_duplicates(item))
        )
        answers = _answers(data, approving=True, hinted={h.check_kind for h in hints})
        answers = masking.deep(answers, masking.names_of(item))
        review = _review(user, item, answers, data, approved=True)
        review.completeness_mark, review.analysis_mark = data.completeness_mark, data.analysis_mark
        overruled = {k: v["overruled"] for k, v in answers.items() if v.get("overruled")}
        entry = states.move(item, "approve", user, note=review.remark, review=str(review.pk), overruled=overruled)
        item.save(update_fields=["status", "priority", "version", "changed_at"])
        review.save(force_insert=True)
        Entry.objects.bulk_create([entry])
        Claim.objects.filter(item=item).delete()
        duties.change(open=[_assign_duty(item)], meet_subjects=[("review", item.pk)])
        notify(
            item.reporter_id,
            worded("%(number)s“%(title)s”已审核通过，等待交办。") % visibility.label(item),
            kind="item.approved",
            subject_type="items.item",
            subject_id=item.pk,
        )
    return item


def return_(user: User, item_id: UUID, data: ReturnItem) -> Item:
    """Return an item with what is wrong, field by field (4.3.2); opens the reporter's duty to amend.

    Safe to repeat. Raises `Invalid` with a field map (no finding, an unknown field, one without a reason), `Conflict`
    (stale, decided, claimed), `NotAllowed`.
    """
    with transaction.atomic():
        item, done = _lock_for_decision(user, item_id, approved=False, version=data.version)
        if done:
            return item
        rows = _findings(item, data.findings)
        answers = masking.deep(_answers(data, approving=False), masking.names_of(item))
        for row in rows:
            answers[row.check_kind] = {**answers.get(row.check_kind, {}), "pass": False}
        review = _review(user, item, answers, data, approved=False)
        lines = [_timeline_finding(row) for row in rows]
        entry = states.move(item, "return", user, note=review.remark, review=str(review.pk), findings=lines)
        item.returns += 1
        item.save(update_fields=["status", "priority", "version", "changed_at", "returns"])
        review.save(force_insert=True)
        for row in rows:
            row.review = review
        Finding.objects.bulk_create(rows)
        Entry.objects.bulk_create([entry])
        Claim.objects.filter(item=item).delete()
        duties.change(open=[_amend_duty(item)], meet_subjects=[("review", item.pk)])
        notify(
            item.reporter_id,
            worded("%(number)s“%(title)s”被退回，有 %(count)d 处需要补正。")
            % {**visibility.label(item), "count": len(rows)},
            kind="item.returned",
            subject_type="items.item",
            subject_id=item.pk,
        )
    return item


def merge(user: User, item_id: UUID, data: Merge) -> Item:
    """Merge a duplicate into the item that carries the matter on (2.2.1); returns the merged one.

    The result of the surviving item goes to the residents of both. Urgent items are not merged into ones that are
    not. Safe to repeat. Raises `Invalid`, `Conflict`, `NotAllowed`, `NotFound`.
    """
    if item_id == data.into:
        raise Invalid(fields={"into": [_("条目不能并入它自己。")]})
    with transaction.atomic():
        # Always in the order of the ids, so that two merges at once cannot wait for each other.
        locked = {i: item_services.get(user, i, lock=True) for i in sorted((item_id, data.into))}
        item, into = locked[item_id], locked[data.into]
        if item.status == Status.MERGED and item.merged_into_id == into.pk:
            return item
        allow(user, "item.merge", item)
        allow(user, "item.merge", into)
        reason = masking.within(item, data.reason)[:300]
        if item.community_id != into.community_id:
            raise Invalid(fields={"into": [_("只能合并同一社区的条目。")]})
        if into.status not in OPEN_STATUSES:
            raise Conflict(
                _("%(number)s 当前为“%(now)s”，不能再并入。")
                % {"number": into.number or "", "now": Status(into.status).label}
            )
        if item.urgent and not into.urgent:
            raise Invalid(fields={"into": [_("紧急条目不能并入非紧急条目，请反过来合并。")]})
        _refuse_claimed(user, item)
        entry = states.move(item, "merge", user, note=reason, into=str(into.pk), into_number=into.number or "")
        item.merged_into = into
        item.save(update_fields=["status", "priority", "version", "changed_at", "merged_into"])
        # What had been merged into this one goes along, so that one step always reaches the carrier.
        Item.objects.filter(merged_into=item).update(merged_into=into)
        carried = states.entry(into, "merged_from", user, note=reason, merged=str(item.pk), number=item.number or "")
        Entry.objects.bulk_create([entry, carried])
        Claim.objects.filter(item=item).delete()
        duties.change(meet_subjects=[("review", item.pk), ("assign", item.pk)])
        if item.urgent:
            signals.urgent_ended.send(sender=Item, item=item, by=user, outcome="merged", reason=reason, into=into)
        notify(
            item.reporter_id,
            worded("%(number)s“%(title)s”与 %(into)s 是同一件事，已并入；办理结果会一并反馈给您。")
            % {**visibility.label(item), "into": into.number or ""},
            kind="item.merged",
            subject_type="items.item",
            subject_id=item.pk,
        )
    return item


def id_of_number(user: User, item: Item, number: str) -> UUID:
    """The id of the item of the same community that bears `number`. Raises `Invalid` where `user` sees none."""
    rows = Item.objects.visible_to(user).filter(community=item.community_id, number=number)
    pk = rows.values_list("pk", flat=True).first() if number else None
    if pk is None:
        raise Invalid(fields={"into": [_("没有找到编号为“%(number)s”的条目。") % {"number": number}]})
    return pk


def dismiss_duplicate(user: User, item_id: UUID, other_id: UUID) -> None:
    """Record that two items are not one matter (2.2.1): the pair is not offered again, and needs no other reason.

    Safe to repeat. Raises `NotAllowed`, `NotFound`.
    """
    with transaction.atomic():
        item, other = item_services.get(user, item_id), item_services.get(user, other_id)
        allow(user, "item.review", item)
        first, second = sorted((item.pk, other.pk))
        _row, made = MergeSuggestion.objects.get_or_create(
            item_id=first, other_id=second, defaults={"community_id": item.community_id, "dismissed_by": user}
        )
        if made:
            Entry.objects.bulk_create(
                [states.entry(item, "tell_apart", user, other=str(other.pk), number=other.number or "")]
            )


def dismissed_duplicates(item: Item) -> set[UUID]:
    """The items that a reviewer has declared to be another matter than `item`."""
    pairs = MergeSuggestion.objects.filter(Q(item=item) | Q(other=item), dismissed_by__isnull=False).values_list(
        "item_id", "other_id"
    )
    return {b if a == item.pk else a for a, b in pairs}


def escalate_unreviewable() -> int:
    """Notify managers of items that nobody may review: no reviewer, or only the reporter (4.3.1; an hourly job).

    Nothing is approved because nobody was there. Each such item is reported once a day; returns how many.
    """
    waiting = (
        Item.objects.filter(status=Status.SUBMITTED)
        .order_by("community_id")
        .only("id", "number", "title", "community_id", "reporter_id", "category", "sensitivity", "named")
    )
    able: dict[UUID, set[UUID]] = {}
    since = clock.now() - timedelta(hours=20)

    def escalate(item: Item) -> int:
        confidential = item.sensitivity == Sensitivity.CONFIDENTIAL
        if confidential:  # by the named persons alone
            reviewers = set(reviewers_of(item.community_id).values_list("user_id", flat=True)) & set(item.named)
        else:
            if item.community_id not in able:
                able[item.community_id] = duties.holders(item.community_id, Role.REVIEWER)
            reviewers = able[item.community_id]
        if reviewers - {item.reporter_id}:
            return 0
        if Notice.objects.filter(kind="review.nobody", subject_id=item.pk, created_at__gte=since).exists():
            return 0
        people = duties.holders(item.community_id, Role.MANAGER) - {item.reporter_id}
        if confidential:  # whom it names, its reporter alone can change: withdraw it, and file it anew
            people |= {item.reporter_id}
        notify_many(
            sorted(people, key=str),
            worded("%(number)s“%(title)s”没有可以审核的人员，请指定审核员；未经审核不会放行。")
            % visibility.label(item),
            kind="review.nobody",
            subject_type="items.item",
            subject_id=item.pk,
        )
        return 1

    return queue.each(waiting.iterator(), escalate)


def changed_since_review(item: Item, last: Review | None) -> list[snapshot.Change]:
    """What the reporter changed since the last review; nothing for a first submission."""
    if last is None or not last.snapshot:
        return []
    return snapshot.changes(
        item, last.snapshot, snapshot.take(item, list(item.parties.all()), list(item.attachments.all()))
    )


@receiver(signals.urgent_marked)
def shorten_limits(sender: Any, *, item: Item, **_more: Any) -> None:
    """An item found urgent later is amended and assigned within the short limits from then on (4.3.2)."""
    duties.hasten(Q(kind="amend", subject_id=item.pk), _due(item, "amend", AMEND_WITHIN_URGENT, AMEND_WITHIN_DAYS))
    duties.hasten(Q(kind="assign", subject_id=item.pk), _due(item, "assign", ASSIGN_WITHIN_URGENT, ASSIGN_WITHIN_DAYS))


# --- inside ------------------------------------------------------------------------------------


def _lock_for_decision(user: User, item_id: UUID, *, approved: bool, version: int | None) -> tuple[Item, bool]:
    """The locked item that `user` may judge, and whether this very decision was taken already."""
    item = item_services.get(user, item_id, lock=True)
    allow(user, "item.review", item)
    if item.status != Status.SUBMITTED:
        last = Review.objects.filter(item=item).order_by("-at").first()
        if last is not None and last.reviewer_id == user.pk and last.approved == approved:
            return item, True
        if last is not None:
            raise Conflict(
                _("该条目已由%(name)s审核，当前为“%(now)s”。您填写的内容仍保留在页面上。")
                % {"name": last.reviewer.name, "now": Status(item.status).label}
            )
        raise Conflict(_("该条目当前为“%(now)s”，不能审核。") % {"now": Status(item.status).label})
    if version is not None and version != item.version:
        raise Conflict(_("该条目在您审核期间有了新的内容，请核对后再决定；您填写的内容仍保留在页面上。"))
    _refuse_claimed(user, item)
    return item, False


def _refuse_claimed(user: User, item: Item) -> None:
    claim = (
        Claim.objects.filter(item=item, until__gt=clock.now()).exclude(reviewer=user).select_related("reviewer").first()
    )
    if claim is not None:
        until = clock.local(claim.until, tree().setting(item.community_id, "time_zone")).strftime("%H:%M")
        raise Conflict(
            _("%(name)s正在审核该条目（保留到 %(until)s），请先处理其他条目。")
            % {"name": claim.reviewer.name, "until": until}
        )


def _answers(data: Decision, *, approving: bool, hinted: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """The four answers as they are stored; raises `Invalid` where approval lacks one."""
    errors: dict[str, list[str]] = {}
    stored: dict[str, dict[str, Any]] = {}
    for name, answer in data.checks.items():
        notes = {"remark": answer.remark, "overruled": answer.overruled}
        stored[name.value] = {"pass": answer.passed} | {k: v for k, v in notes.items() if v}
    if approving:
        for check in Check:
            row = stored.get(check.value, {"pass": None})
            if row["pass"] is None:
                errors[f"checks.{check.value}"] = [_("请给出“%(check)s”的结论。") % {"check": check.label}]
            elif not row["pass"]:
                errors[f"checks.{check.value}"] = [
                    _("“%(check)s”未通过，不能审核通过；请退回补正。") % {"check": check.label}
                ]
            elif check.value in hinted:
                row["overruled"] = row.get("overruled") or row.get("remark") or data.remark[:300]
                if not row["overruled"]:
                    errors[f"checks.{check.value}.overruled"] = [
                        _("自动核查对“%(check)s”有提示，判为通过请写明理由。") % {"check": check.label}
                    ]
    if errors:
        raise Invalid(fields=errors)
    return stored


def _findings(item: Item, findings: Sequence[FindingInput]) -> list[Finding]:
    if not findings:
        raise Invalid(fields={"findings": [_("退回时请至少指出一处问题及其所在的栏目。")]})
    known = reasons.active()
    errors: dict[str, list[str]] = {}
    rows: list[Finding] = []
    for n, finding in enumerate(findings):
        note = masking.within(item, finding.note)[:300]
        reason = known.get(finding.reason or "")
        if not snapshot.is_field(item, finding.field):
            errors[f"findings.{n}.field"] = [_("没有这个栏目。")]
        if finding.reason and reason is None:
            errors[f"findings.{n}.reason"] = [_("没有这条标准理由，可能已停用。")]
        if not finding.reason and not note:
            errors[f"findings.{n}.words"] = [_("请选择理由或写明问题。")]
        check = finding.check or (reason.check_kind if reason else "")
        if not check:
            errors[f"findings.{n}.check"] = [_("请选择属于哪个审核项。")]
        rows.append(Finding(field=finding.field, check_kind=check, reason=reason, note=note, order=n))
    if errors:
        raise Invalid(_("退回理由没有填写完整。"), errors)
    return rows


def _timeline_finding(row: Finding) -> dict[str, str]:
    """A finding as the timeline stores it and the API gives it (hence `words`)."""
    return {
        "field": row.field,
        "check": row.check_kind,
        "reason": row.reason_id or "",
        "text": row.reason.text if row.reason else "",
        "text_en": row.reason.text_en if row.reason else "",
        "words": row.note,
    }


def _review(user: User, item: Item, answers: dict[str, dict[str, Any]], data: Decision, *, approved: bool) -> Review:
    return Review(
        item=item,
        reviewer=user,
        round=item.returns + 1,
        approved=approved,
        answers=answers,
        remark=masking.within(item, data.remark)[:500],
        snapshot=snapshot.take(item, list(item.parties.all()), list(item.attachments.all())),
    )


def _due(item: Item, kind: str, urgent_within: timedelta, days: int) -> datetime:
    if item.urgent:
        return clock.now() + duties.limit(item.community_id, f"{kind}_urgent", urgent_within)
    calendar = tree().calendar(item.community_id)
    return calendar.add_working_time(clock.now(), duties.limit(item.community_id, kind, calendar.day_length * days))


def _assign_duty(item: Item) -> Any:
    due = _due(item, "assign", ASSIGN_WITHIN_URGENT, ASSIGN_WITHIN_DAYS)
    return duties.make(
        "assign", unit_id=item.community_id, due_at=due, subject=item, round=item.round, title=item.heading
    )


def _amend_duty(item: Item) -> Any:
    due = _due(item, "amend", AMEND_WITHIN_URGENT, AMEND_WITHIN_DAYS)
    return duties.make(
        "amend",
        unit_id=item.community_id,
        owner_id=item.reporter_id,
        due_at=due,
        subject=item,
        round=item.returns,
        title=item.heading,
    )

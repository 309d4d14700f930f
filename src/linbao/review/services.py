"""The verbs of review: claim, approve, return, merge (4.3.1, 4.3.2, 2.2.1).

Every decision holds the item's row, so of two reviewers at once one decides and the other is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext as _

from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.items import masking, signals, states, visibility
from linbao.items import services as item_services
from linbao.items.fields import reviewers_of
from linbao.items.models import OPEN_STATUSES, Entry, Hint, Item, Sensitivity, Status
from linbao.organisation.models import Role, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox.models import Notice
from linbao.outbox.services import notify, notify_many
from linbao.platform import queue
from linbao.review import reasons, snapshot
from linbao.review.models import Check, Claim, Finding, MergeSuggestion, Review

CLAIM_LASTS = timedelta(minutes=15)
AMEND_WITHIN_URGENT = timedelta(hours=1)  # 4.3.2, domain.md §3
AMEND_WITHIN_DAYS = 2  # working days
ASSIGN_WITHIN_URGENT = timedelta(minutes=30)  # 4.3.2
ASSIGN_WITHIN_DAYS = 1
ADVICE = ("none", "no_photo")  # said, but nothing to overrule


def claim(user: User, item_id: UUID) -> Claim:
    """Take an item on one's table for 15 minutes; taking it again starts them anew.

    One at a time: what one had before goes back to the queue, so that leafing through blocks nobody.
    Raises `Conflict` naming who has it, or when it is not waiting for review any more.
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
    """Put an item back in the queue; nothing happens if one does not have it."""
    Claim.objects.filter(item_id=item_id, reviewer=user).delete()


def approve(
    user: User,
    item_id: UUID,
    *,
    answers: Mapping[str, Mapping[str, Any]],
    completeness_mark: int | None = None,
    analysis_mark: int | None = None,
    remark: str = "",
    version: int | None = None,
) -> Item:
    """Approve an item: all four checks passed (4.3.1); opens the duty to assign it (4.3.2).

    `answers` is `{check: {"pass": bool, "remark": str, "overruled": str}}`. A check that the computed hints speak
    against passes only with a reason in `overruled` (or `remark`). Marks are 1 to 5. Safe to repeat. Raises `Invalid`
    with a field map, `Conflict` (stale, decided, claimed), `NotAllowed`.
    """
    with transaction.atomic():
        item, done = _table(user, item_id, approved=True, version=version)
        if done:
            return item
        hints = (
            Hint.objects.filter(item=item)
            .exclude(code__in=ADVICE)
            .exclude(code="duplicate", other__in=told_apart(item))
        )
        data = _answers(answers, approving=True, hinted={h.check_kind for h in hints}, reason=remark)
        data = masking.deep(data, masking.names_of(item))
        review = _review(user, item, data, approved=True, remark=remark, marks=(completeness_mark, analysis_mark))
        overruled = {k: v["overruled"] for k, v in data.items() if v.get("overruled")}
        entry = states.move(item, "approve", user, words=review.remark, review=str(review.pk), overruled=overruled)
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


def return_(
    user: User,
    item_id: UUID,
    *,
    findings: Sequence[Mapping[str, Any]],
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    remark: str = "",
    version: int | None = None,
) -> Item:
    """Return an item with what is wrong, field by field (4.3.2); opens the reporter's duty to amend.

    `findings` are `{"field", "check", "reason": code of a standard reason, "words"}`; each needs a reason or words. A
    check with a finding has failed, whatever `answers` say. Safe to repeat. Raises `Invalid` with a field map,
    `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        item, done = _table(user, item_id, approved=False, version=version)
        if done:
            return item
        rows = _findings(item, findings)
        data = masking.deep(_answers(answers or {}, approving=False), masking.names_of(item))
        for row in rows:
            data[row.check_kind] = {**data.get(row.check_kind, {}), "pass": False}
        review = _review(user, item, data, approved=False, remark=remark)
        lines = [_told(row) for row in rows]
        entry = states.move(item, "return", user, words=review.remark, review=str(review.pk), findings=lines)
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


def merge(user: User, item_id: UUID, into_id: UUID, reason: str) -> Item:
    """Merge a duplicate into the item that carries the matter on (2.2.1); returns the merged one.

    The surviving item tells the residents of both. Urgent items are not merged into ones that are not. Safe to
    repeat. Raises `Invalid`, `Conflict`, `NotAllowed`, `NotFound`.
    """
    if item_id == into_id:
        raise Invalid(fields={"into": [_("条目不能并入它自己。")]})
    with transaction.atomic():
        # Always in the order of the ids, so that two merges at once cannot wait for each other.
        locked = {i: item_services.get(user, i, lock=True) for i in sorted((item_id, into_id))}
        item, into = locked[item_id], locked[into_id]
        if item.status == Status.MERGED and item.merged_into_id == into.pk:
            return item
        allow(user, "item.merge", item)
        allow(user, "item.merge", into)
        message = masking.within(item, text.clean(reason)[:300])
        if not message:
            raise Invalid(fields={"reason": [_("请写明为什么是同一件事。")]})
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
        entry = states.move(item, "merge", user, words=message, into=str(into.pk), into_number=into.number or "")
        item.merged_into = into
        item.save(update_fields=["status", "priority", "version", "changed_at", "merged_into"])
        # What had been merged into this one goes along, so that one step always reaches the carrier.
        Item.objects.filter(merged_into=item).update(merged_into=into)
        carried = states.entry(into, "merged_from", user, words=message, merged=str(item.pk), number=item.number or "")
        Entry.objects.bulk_create([entry, carried])
        Claim.objects.filter(item=item).delete()
        duties.change(meet_subjects=[("review", item.pk), ("assign", item.pk)])
        if item.urgent:
            signals.urgent_ended.send(sender=Item, item=item, by=user, outcome="merged", reason=message, into=into)
        notify(
            item.reporter_id,
            worded("%(number)s“%(title)s”与 %(into)s 是同一件事，已并入；办理结果会一并反馈给您。")
            % {**visibility.label(item), "into": into.number or ""},
            kind="item.merged",
            subject_type="items.item",
            subject_id=item.pk,
        )
    return item


def tell_apart(user: User, item_id: UUID, other_id: UUID) -> None:
    """Say that two items are not one matter (2.2.1): the pair is not offered again, and needs no other reason.

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


def told_apart(item: Item) -> set[UUID]:
    """The items that somebody has said are another matter than `item`."""
    pairs = MergeSuggestion.objects.filter(Q(item=item) | Q(other=item), dismissed_by__isnull=False).values_list(
        "item_id", "other_id"
    )
    return {b if a == item.pk else a for a, b in pairs}


def escalate_unreviewable() -> int:
    """Tell managers of items that nobody may review: no reviewer, or only the reporter (run by a job each hour).

    Nothing is approved because nobody was there. Each such item is told once a day; returns how many.
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


def _table(user: User, item_id: UUID, *, approved: bool, version: int | None) -> tuple[Item, bool]:
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
    held = (
        Claim.objects.filter(item=item, until__gt=clock.now()).exclude(reviewer=user).select_related("reviewer").first()
    )
    if held is not None:
        until = clock.local(held.until, tree().setting(item.community_id, "time_zone")).strftime("%H:%M")
        raise Conflict(
            _("%(name)s正在审核该条目（保留到 %(until)s），请先处理其他条目。")
            % {"name": held.reviewer.name, "until": until}
        )


def _answers(
    answers: Mapping[str, Mapping[str, Any]], *, approving: bool, hinted: Collection[str] = (), reason: str = ""
) -> dict[str, dict[str, Any]]:
    """The four answers as they are kept; raises `Invalid` where approval lacks one."""
    errors: dict[str, list[str]] = {}
    stored: dict[str, dict[str, Any]] = {}
    for name, answer in answers.items():
        if name not in Check.values:
            errors[f"checks.{name}"] = [_("没有这个审核项。")]
            continue
        passed = answer.get("pass")
        row: dict[str, Any] = {"pass": None if passed is None else bool(passed)}
        row |= {k: v for k in ("remark", "overruled") if (v := text.clean(str(answer.get(k) or ""))[:300])}
        stored[name] = row
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
                row["overruled"] = row.get("overruled") or row.get("remark") or text.clean(reason)[:300]
                if not row["overruled"]:
                    errors[f"checks.{check.value}.overruled"] = [
                        _("自动核查对“%(check)s”有提示，判为通过请写明理由。") % {"check": check.label}
                    ]
    if errors:
        raise Invalid(fields=errors)
    return stored


def _findings(item: Item, given: Sequence[Mapping[str, Any]]) -> list[Finding]:
    if not given:
        raise Invalid(fields={"findings": [_("退回时请至少指出一处问题及其所在的栏目。")]})
    known = reasons.active()
    errors: dict[str, list[str]] = {}
    rows: list[Finding] = []
    for n, one in enumerate(given[:60]):
        name = str(one.get("field") or "")
        code = str(one.get("reason") or "")
        message = masking.within(item, text.clean(str(one.get("words") or ""))[:300])
        reason = known.get(code)
        if not snapshot.is_field(item, name):
            errors[f"findings.{n}.field"] = [_("没有这个栏目。")]
        if code and reason is None:
            errors[f"findings.{n}.reason"] = [_("没有这条标准理由，可能已停用。")]
        if not code and not message:
            errors[f"findings.{n}.words"] = [_("请选择理由或写明问题。")]
        check = str(one.get("check") or (reason.check_kind if reason else ""))
        if check not in Check.values:
            errors[f"findings.{n}.check"] = [_("请选择属于哪个审核项。")]
        rows.append(Finding(field=name[:60], check_kind=check, reason=reason, words=message, order=n))
    if errors:
        raise Invalid(_("退回理由没有填写完整。"), errors)
    return rows


def _told(row: Finding) -> dict[str, str]:
    """A finding on the timeline: where the reporter's form reads it."""
    return {
        "field": row.field,
        "check": row.check_kind,
        "reason": row.reason_id or "",
        "text": row.reason.text if row.reason else "",
        "text_en": row.reason.text_en if row.reason else "",
        "words": row.words,
    }


def _review(
    user: User,
    item: Item,
    answers: dict[str, dict[str, Any]],
    *,
    approved: bool,
    remark: str,
    marks: tuple[int | None, int | None] = (None, None),
) -> Review:
    for name, mark in zip(("completeness_mark", "analysis_mark"), marks, strict=True):
        if mark is not None and not 1 <= mark <= 5:
            raise Invalid(fields={name: [_("评分为 1 至 5 分。")]})
    return Review(
        item=item,
        reviewer=user,
        round=item.returns + 1,
        approved=approved,
        answers=answers,
        remark=masking.within(item, text.clean(remark)[:500]),
        completeness_mark=marks[0],
        analysis_mark=marks[1],
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

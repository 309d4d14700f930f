"""Periods of storage, the job that removes what is past its period, and legal holds (1.3.4; domain.md §5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField, F, Field, JSONField, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import services as audit
from linbao.confidentiality import personal_data
from linbao.confidentiality.inputs import LEAST_DAYS, HoldItem, SetPeriods, SetThresholds
from linbao.confidentiality.models import Cleared, Hold, PrivacyRequest, Relative, Removal
from linbao.confidentiality.privacy_requests import removal
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, NotFound
from linbao.documents import deidentification
from linbao.documents.models import Document, DocumentKind
from linbao.items import masking
from linbao.items import services as item_services
from linbao.items.models import Attachment, Item, Status
from linbao.items.privacy_notice import KEPT_DAYS
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.organisation.tree import reference, tree
from linbao.platform import files
from linbao.platform.encryption.crypto import EncryptedText
from linbao.weekly_reports.models import WeeklyReport

BATCH = 200


@dataclass(frozen=True)
class Category:
    """How long a kind of data is stored: `days` by default; from when on, and what is done then."""

    code: str
    name: str | Promise
    begins: str | Promise
    then: str | Promise
    days: int

    @property
    def least(self) -> int:
        """The fewest days that may be set."""
        return LEAST_DAYS[self.code]


CATEGORIES = (
    Category(
        "contacts",
        gettext_lazy("居民联系方式"),
        gettext_lazy("条目归档、合并或撤回之日"),
        gettext_lazy("删除电话和查询链接"),
        KEPT_DAYS["contacts"],
    ),
    Category(
        "ordinary",
        gettext_lazy("一般信息条目、附件和周报"),
        gettext_lazy("条目归档之日；没有归档的，最后一次变动之日"),
        gettext_lazy("匿名化，删除附件文件，文件换成去标识化版本"),
        KEPT_DAYS["ordinary"],
    ),
    Category(
        "urgent",
        gettext_lazy("紧急信息条目、附件和紧急报告"),
        gettext_lazy("条目归档之日；没有归档的，最后一次变动之日"),
        gettext_lazy("匿名化，删除附件文件，文件换成去标识化版本"),
        KEPT_DAYS["urgent"],
    ),
    Category(
        "drafts",
        gettext_lazy("没有上报的草稿"),
        gettext_lazy("最后一次变动之日"),
        gettext_lazy("匿名化，删除附件文件"),
        365,
    ),
    Category(
        "agreements",
        gettext_lazy("保密协议"),
        gettext_lazy("本人离岗之日"),
        gettext_lazy("删除申报的亲属信息"),
        3 * 365,
    ),
)
FIXED = (
    (gettext_lazy("审计日志"), gettext_lazy("至少 3 年，不可修改、不可删除")),
    (gettext_lazy("外发消息、通知、个人信息请求、来访登记"), gettext_lazy("3 年后清空")),
    (gettext_lazy("任务、会议、考核、安全事件和案件的文字"), gettext_lazy("10 年后清空")),
)
ENDED = (Status.MERGED, Status.WITHDRAWN)  # by their last change, as everything that never was closed
AT_ONCE = 1000  # rows of one place in one run
log = structlog.get_logger("linbao.confidentiality")


def days(unit_id: UUID | None) -> dict[str, int]:
    """The unit's own periods (setting `retention`), with the defaults for those left out."""
    return {c.code: c.days for c in CATEGORIES} | (tree().setting(unit_id, "retention") or {})


@transaction.atomic
def set_days(user: User, unit_id: UUID, data: SetPeriods) -> None:
    """Change the unit's periods of storage, in days (1.3.4). Raises `NotFound`, `NotAllowed`."""
    _change_setting(user, unit_id, "retention", data)


@transaction.atomic
def set_thresholds(user: User, unit_id: UUID, data: SetThresholds) -> None:
    """Change from how many accesses on it is unusual in the unit (1.3.4). Raises `NotFound`, `NotAllowed`."""
    _change_setting(user, unit_id, "looking", data)


def _change_setting(user: User, unit_id: UUID, name: str, data: SetPeriods | SetThresholds) -> None:
    unit = tree().get(unit_id)
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    allow(user, "retention.set", unit)
    values = data.model_dump()
    _set(unit_id, name, values)
    audit.record(user, f"{name}.set", unit, unit_id=unit_id, fields=sorted(values))


def _set(unit_id: UUID, name: str, value: Any) -> None:
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    unit.settings = unit.settings | {name: value}
    unit.save(update_fields=["settings"])
    reference.changed()


def run() -> dict[str, int]:
    """Daily: remove what is past its period, unit by unit; a record of each run that removed something. Safe to
    repeat and to stop: each row is its own transaction, and one that cannot be cleared does not hold up the others."""
    total: Counter[str] = Counter()
    for unit in tree().of_kind("community"):
        stored = days(unit.pk)
        for cause, field in CAUSES.items():
            total += _clear(unit.pk, cause, field, stored[cause])
        total += _weeks(unit.pk, stored["ordinary"])
    total += _left()
    total += _aged()
    return dict(total)


CAUSES = {"contacts": "contacts_at", "drafts": "anonymised_at", "ordinary": "anonymised_at", "urgent": "anonymised_at"}


def _due(unit_id: UUID, cause: str, ended: datetime) -> QuerySet[Item]:
    """The items of the unit whose period of this cause ended before `ended`."""
    items = Item.objects.filter(community_id=unit_id)
    closed = Q(status=Status.CLOSED, closed_at__lt=ended)
    if cause == "contacts":
        return items.filter(closed | Q(status__in=ENDED, changed_at__lt=ended))
    if cause == "drafts":
        return items.filter(status=Status.DRAFT, changed_at__lt=ended)
    never = ~Q(status__in=[Status.CLOSED, Status.DRAFT]) & Q(changed_at__lt=ended)
    return items.filter(closed | never, urgent=cause == "urgent")


def _clear(unit_id: UUID, cause: str, field: str, period: int) -> Counter[str]:
    ended = clock.now() - timedelta(days=period)
    # What was changed after it was cleared is cleared again when its time has come.
    done_before = Cleared.objects.filter(**{f"{field}__gte": F("item__changed_at")}).values("item")
    holds = Hold.objects.filter(released_at__isnull=True).values("item")
    due = _due(unit_id, cause, ended).exclude(pk__in=done_before).exclude(pk__in=holds).order_by("changed_at", "id")
    done: Counter[str] = Counter()
    for pk in list(due.values_list("pk", flat=True)):
        if done["items"] + done["contacts"] >= BATCH:
            break
        try:
            with transaction.atomic():
                item = Item.objects.select_for_update(of=("self",)).filter(pk=pk).first()
                if item is None or removal.on_hold([pk]) or not _due(unit_id, cause, ended).filter(pk=pk).exists():
                    continue
                done += removal.contacts(item) if field == "contacts_at" else removal.everything(item)
                Cleared.objects.update_or_create(item=item, defaults={field: clock.now()})
        except Exception:  # one row that cannot be opened must not keep all others beyond their time
            log.exception("retention.failed", item=str(pk), cause=cause)
            done["failed"] += 1
    _record(unit_id, cause, done)
    return done


def _weeks(unit_id: UUID, period: int) -> Counter[str]:
    """Weekly reports past their own period: words without persons, documents in their de-identified edition."""
    until = clock.today() - timedelta(days=period + 7)
    documents = Document.objects.filter(
        kind=DocumentKind.WEEKLY_REPORT, unit_id=unit_id, deidentified_at__isnull=True, issued_at__date__lt=until
    ).exclude(pdf="", docx="")
    done: Counter[str] = Counter()
    for document in list(documents.order_by("issued_at")[:BATCH]):
        report = WeeklyReport.objects.filter(pk=document.subject_id).first() if document.subject_id else None
        if report is not None and removal.on_hold(removal.items_of(report)):
            continue
        try:
            with transaction.atomic():
                if report is not None:
                    done["texts"] += removal.week_without(report, _masked)
                done["documents"] += deidentification.replace(document, _masked)
        except Exception:
            log.exception("retention.failed", document=str(document.pk))
            done["failed"] += 1
    _record(unit_id, "ordinary", done)
    return done


def _aged() -> Counter[str]:
    """Places of the register that end by the age of their rows, whatever unit they belong to."""
    done: Counter[str] = Counter()
    for place in personal_data.PLACES:
        if place.since:
            done += _aged_place(place)
    done["files"] += _activity_files()
    for row in PrivacyRequest.objects.filter(received_at__lt=clock.now() - timedelta(days=personal_data.THREE_YEARS)):
        for document in Document.objects.filter(subject_id=row.pk, deidentified_at__isnull=True).exclude(pdf=""):
            done["documents"] += deidentification.replace(document, _masked, text=False)
    _record(None, "records", done)
    return done


def _activity_files() -> int:
    """Files of collecting activities, as old as the notes that end with them."""
    ended = clock.now() - timedelta(days=personal_data.THREE_YEARS)
    return removal.delete_files(Attachment.objects.filter(activity__starts_at__lt=ended))


def _aged_place(place: personal_data.Place) -> Counter[str]:
    model = apps.get_model(place.model)
    ended = clock.now() - timedelta(days=place.days)
    field = model
    for part in place.since.split("__"):
        result = field._meta.get_field(part)
        field = result.related_model or field
    rows = model._default_manager.filter(
        **{f"{place.since}__lt": ended if isinstance(result, DateTimeField) else ended.date()}
    )
    if "subject_id" in {f.name for f in model._meta.concrete_fields}:  # what was sent about an item under legal hold
        rows = rows.exclude(subject_id__in=Hold.objects.filter(released_at__isnull=True).values("item"))
    done: Counter[str] = Counter()
    if place.ends == personal_data.Ends.DELETED:
        digests = set(rows.values_list("sha256", flat=True)) if hasattr(model, "sha256") else set()
        if count := rows.delete()[0]:
            done["rows"] += count
            files.delete_on_commit(digests)
        return done
    filled = Q()
    for name in place.fields:
        column = model._meta.get_field(name)
        # Of a sealed field that must hold something only its opening tells whether it was emptied.
        known = column.null or isinstance(column, EncryptedText)
        filled |= Q(**{f"{name}__isnull": False}) if known else ~Q(**{name: _blank(column)})
    for row in rows.filter(filled).order_by(place.since).iterator(AT_ONCE):
        if done["rows"] >= AT_ONCE:
            break
        try:
            with transaction.atomic():
                done["rows"] += removal.clear(row, place.fields, None)
        except Exception:
            log.exception("retention.failed", place=place.model, row=str(row.pk))
            done["failed"] += 1
    return done


def _blank(column: Field[Any, Any]) -> Any:
    return {} if isinstance(column, JSONField) and column.default is dict else [] if column.default is list else ""


def _masked(value: str) -> str:
    return text.mask_within(value)


def _record(unit_id: UUID | None, cause: str, done: Counter[str]) -> None:
    if +done:
        counts: dict[str, Any] = dict(+done)
        Removal.objects.create(unit_id=unit_id, cause=cause, counts=counts, at=clock.now())
        audit.record(None, "retention.remove", unit_id=unit_id, what=cause, **counts)


def _left() -> Counter[str]:
    """Relatives whom people declared who left long ago."""
    done: Counter[str] = Counter()
    ids = Relative.objects.order_by().values_list("user_id", flat=True).distinct()
    for person in list(ids):
        grants = list(RoleGrant.objects.filter(user_id=person).values_list("unit_id", "ends"))
        ended = [(ends, unit_id) for unit_id, ends in grants if ends is not None]
        if not ended or len(ended) < len(grants):
            continue
        last, unit_id = max(ended, key=lambda g: g[0])
        if last < clock.today() - timedelta(days=days(unit_id)["agreements"]):
            with transaction.atomic():
                done["relatives"] += Relative.objects.filter(user_id=person).delete()[0]
    _record(None, "agreements", done)
    return done


# --- legal hold ----------------------------------------------------------------------------------


@transaction.atomic
def hold(user: User, item_id: UUID, data: HoldItem) -> Hold:
    """Put an item under legal hold: it is stored beyond its period. Raises `Conflict` when it is on hold already."""
    item = item_services.get(user, item_id, lock=True)
    allow(user, "hold.keep", item)
    if removal.on_hold([item.pk]):
        raise Conflict(_("这一条已在保全中。"))
    row = Hold.objects.create(item=item, unit_id=item.community_id, reason=data.reason, by=user, at=clock.now())
    audit.record(user, "hold.set", item, unit_id=item.community_id, reason=masking.within(item, data.reason))
    return row


@transaction.atomic
def release(user: User, item_id: UUID) -> None:
    """End the legal hold of an item; its periods run again. Repeating it changes nothing. Raises `NotFound`."""
    item = item_services.get(user, item_id)
    allow(user, "hold.keep", item)
    row = Hold.objects.select_for_update(of=("self",)).filter(item=item, released_at__isnull=True).first()
    if row is not None:
        row.released_by, row.released_at = user, clock.now()
        row.save(update_fields=["released_by", "released_at"])
        audit.record(user, "hold.release", item, unit_id=row.unit_id)

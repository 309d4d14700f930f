"""What can be computed about a report before a person reviews it (4.3.1, design §3, domain.md §2).

Hints, never a bar: the reviewer sees them beside the text and may overrule each. Each submit marks its item as
unchecked (`items.unchecked`), in its own transaction; one job takes all that are marked (`check_marked`). For an item
that it has not come to yet they are made when the reviewer opens it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from linbao.core import clock, text
from linbao.core.masking import holds_phone
from linbao.documents import glyphs
from linbao.items import fields, masking, place
from linbao.items.attachments import images
from linbao.items.attachments import services as attachments
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import (
    RESTRICTED,
    Attachment,
    AttachmentKind,
    Category,
    FieldKind,
    Hint,
    Item,
    Party,
    Sensitivity,
    Status,
    UncheckedItem,
)
from linbao.organisation.tree import tree
from linbao.platform import bulk, queue

log = structlog.get_logger("linbao.items")
TRUTH, COMPLETENESS, ACCURACY, FORMAT = "truth", "completeness", "accuracy", "format"
NEAR_DAYS, NEAR_METRES, ALIKE = 30, 60.0, 0.5
BATCH = 50  # items checked in one transaction
TURNS = 400  # batches of one job: the next one goes on
TRIES = 3  # of an item whose checks break, or take the worker along
MOST_USED = 5  # places that a photo was used in before, for one item
LATEST = 800  # items compared at most: more than a large community files in a month
OUTSIDE_METRES = 30.0  # what a phone's position may err
PHOTO_AWAY_METRES = 500.0
PHOTO_BEFORE = timedelta(days=2)
_DEAD = re.compile(r"(?<![未没无])(?:死亡|身亡|遇难|不治)")
_HURT = re.compile(r"(?<![未没无])(?:受伤|伤者|骨折|烧伤|烫伤|擦伤|送医|昏迷)")
_MISSING = re.compile(r"(?<![未没无])(?:失踪|失联|走失)")
_NOBODY = re.compile(r"(无|没有|未造成|未发生|无人)[^，。；]{0,6}(伤亡|受伤|死亡|人员伤)")


@dataclass(frozen=True)
class Result:
    """One finding of the checks: which of the four questions, and where."""

    check: str
    code: str
    field: str
    message: str
    other: UUID | None = None


def check_marked() -> int:
    """Make the hints of all items that are marked, `BATCH` at a time; returns how many items.

    An item whose checks break is told to the reviewer, who then looks without them; the others are checked. Raises
    `Faults` at the end when something broke.
    """
    checked = 0
    first: Exception | None = None
    for _turn in range(TURNS):
        taken = _take()
        if not taken:
            break
        try:
            with transaction.atomic():
                _check(taken)
        except Exception as e:  # one of them: they come back alone
            first = first or e
            log.error("items not checked", items=[str(mark.item_id) for mark in taken], error=queue.described(e))
        else:
            checked += len(taken)
    if first is not None:
        raise queue.Faults("items not checked") from first
    return checked


def _take() -> list[UncheckedItem]:
    """The next marks, oldest first, counted as tried before their checks begin: those of a run that broke, or that took
    its worker along, come back alone, and `TRIES` times at most."""
    taken = list(UncheckedItem.objects.order_by("id")[:BATCH])
    while taken and taken[0].tries >= TRIES:
        _give_up(taken.pop(0))
    if taken and taken[0].tries:
        del taken[1:]
    UncheckedItem.objects.filter(pk__in=[mark.pk for mark in taken]).update(tries=F("tries") + 1)
    return taken


def _check(taken: Sequence[UncheckedItem]) -> None:
    refresh(list(Item.objects.filter(pk__in={mark.item_id for mark in taken}).exclude(status=Status.DRAFT)))
    UncheckedItem.objects.filter(pk__in=[mark.pk for mark in taken]).delete()


def _give_up(mark: UncheckedItem) -> None:
    """Tell the reviewer that nothing was checked."""
    with transaction.atomic():
        Hint.objects.filter(item=mark.item_id).delete()
        message = _("自动核查未能完成，请逐项人工核对。")
        Hint.objects.create(item_id=mark.item_id, check_kind=FORMAT, code="broken", message=message)
        mark.delete()


def refresh(items: Sequence[Item]) -> None:
    """Compute and store the hints of these items, the old ones go: nine statements for any number."""
    if not items:
        return
    hints = [
        Hint(item=item, check_kind=r.check, code=r.code, field=r.field, message=r.message[:300], other_id=r.other)
        for item, results in compute(items)
        for r in results or [Result(FORMAT, "none", "", _("未发现问题。"))]
    ]
    pks = sorted(item.pk for item in items)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the job and the reviewer's page may come at the same moment
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(id, 4311)) FROM unnest(%s::text[]) AS t (id)",
                [[str(pk) for pk in pks]],
            )
        Hint.objects.filter(item__in=pks).delete()
        bulk.insert(hints)


def of(item: Item) -> list[Hint]:
    """The hints of an item as the reviewer sees them, made now if the job has not come to it yet, or
    only to what the item was before it was submitted again."""
    result = _stored(item)
    if item.status == Status.SUBMITTED and (not result or result[0].created_at < item.changed_at):
        refresh([item])
        result = _stored(item)
    return [h for h in result if h.code != "none"]


def _stored(item: Item) -> list[Hint]:
    return list(Hint.objects.filter(item=item).select_related("other").order_by("check_kind", "created_at"))


def compute(items: Sequence[Item]) -> list[tuple[Item, list[Result]]]:
    """All findings about each item: four statements for all (parties, files, near-duplicates, photos used before), the
    rest from memory."""
    pks = [item.pk for item in items]
    parties: dict[UUID, list[Party]] = defaultdict(list)
    for party in Party.objects.filter(item__in=pks):
        parties[party.item_id].append(party)
    photos: dict[UUID, list[Attachment]] = defaultdict(list)
    for photo in Attachment.objects.filter(item__in=pks, kind=AttachmentKind.PHOTO, stage="report"):
        if photo.item_id is not None:
            photos[photo.item_id].append(photo)
    near, used = _near(items), _used_before(items, photos)
    computed = []
    for item in items:
        typed, people, pictures = masking.as_typed(item), parties[item.pk], photos[item.pk]
        results = [
            *_complete(typed, people, pictures),
            *_personal(typed, people),
            *_times(item),
            *_placed(item),
            *_casualties(item),
            *_title(typed),
            *_printable(typed),
            *_duplicates(item, near[item.pk]),
            *_photos(item, pictures),
            *used[item.pk],
        ]
        computed.append((item, results))
    return computed


# --- completeness and format -------------------------------------------------------------------


def _printable(item: Item) -> list[Result]:
    """Letters that no font at hand has would be empty boxes in the documents that this goes into."""
    names = ("title", "narrative", "place", "analysis", "suggestion")
    return [
        Result(FORMAT, "glyphs", name, glyphs.notice(lacking))
        for name in names
        if (lacking := glyphs.missing(getattr(item, name)))
    ]


def _complete(item: Item, parties: Sequence[Party], photos: Sequence[Attachment]) -> list[Result]:
    rows = [
        Result(COMPLETENESS, "missing", name, messages[0]) for name, messages in fields.missing(item, parties).items()
    ]
    if not photos and item.category in (Category.CONSTRUCTION, Category.SANITATION):
        clause = "3.3" if item.category == Category.CONSTRUCTION else "3.4"
        rows.append(
            Result(COMPLETENESS, "no_photo", "attachments", _("建议附照片（%(clause)s）。") % {"clause": clause})
        )
    return rows


def _texts(item: Item) -> list[tuple[str, str]]:
    plain = [
        ("title", item.title),
        ("narrative", item.narrative),
        ("place.text", item.place),
        ("analysis", item.analysis),
        ("suggestion", item.suggestion),
    ]
    plain += [("key_points", point) for point in item.key_points]
    for f in catalogue().fields(item.category, item.subcategory):
        value = item.details.get(f.code)
        if f.kind in (FieldKind.TEXT, FieldKind.LONG) and isinstance(value, str) and value != item.narrative:
            plain.append((f"details.{f.code}", value))
    return plain


def _personal(item: Item, parties: Sequence[Party]) -> list[Result]:
    """Phone numbers belong in the contact field, ID numbers nowhere (1.3.4, domain.md §5)."""
    rows = []
    for name, message in _texts(item):
        if any(id_number(m.group()) for m in text.ID_NUMBER.finditer(message)):
            rows.append(Result(FORMAT, "id_number", name, _("文中有身份证号码，不需要收集，请删除（1.3.4）。")))
        if holds_phone(message):
            rows.append(
                Result(FORMAT, "phone_in_text", name, _("文中有手机号码，请移到“联系方式”栏，以便加密保存（1.3.4）。"))
            )
    for number, party in enumerate(parties):
        if party.phone and not _plausible(party.phone):
            rows.append(Result(ACCURACY, "phone", f"parties.{number}.phone", _("联系方式不像真实号码，请核对。")))
    return rows


def id_number(value: str) -> bool:
    """Whether 18 characters are a citizen's ID number by their checksum (GB 11643)."""
    if not re.fullmatch(r"\d{17}[\dXx]", value) or not value.isascii():
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(value[:17], weights, strict=True)) % 11] == value[17].upper()


def _plausible(phone: str) -> bool:
    try:
        number = text.phone(phone)
    except ValueError:
        return False
    return len(set(re.sub(r"\D", "", number)[3:])) > 1


def _title(item: Item) -> list[Result]:
    title, narrative = _bare(item.title), _bare(item.narrative)
    if (
        title
        and narrative
        and len(narrative) <= len(title) * 1.3
        and SequenceMatcher(None, title, narrative).ratio() > 0.8
    ):
        return [Result(COMPLETENESS, "only_title", "narrative", _("具体情况只是重复了标题，请补充经过和现状。"))]
    return []


# --- accuracy ----------------------------------------------------------------------------------


def _times(item: Item) -> list[Result]:
    rows = []
    reported = item.reported_at or clock.now()
    arrived = item.arrived_at or clock.now()
    if item.occurred_at and item.seen_at and item.occurred_at > item.seen_at:
        rows.append(Result(ACCURACY, "seen_before", "seen_at", _("发现时间早于发生时间。")))
    if item.seen_at and item.seen_at > reported + timedelta(minutes=1):
        rows.append(Result(ACCURACY, "reported_before", "seen_at", _("发现时间晚于上报时间。")))
    for name, moment in (("occurred_at", item.occurred_at), ("seen_at", item.seen_at)):
        if moment and moment > arrived + timedelta(minutes=1):
            rows.append(Result(ACCURACY, "future", name, _("时间晚于系统收到的时间，请核对。")))
    return rows


def _placed(item: Item) -> list[Result]:
    if item.lat is None or item.lon is None:
        return []
    units = tree()
    for unit, message in (
        (units.get(item.grid_id), _("地图上的位置在所选网格之外约 %(metres)d 米。")),
        (units.get(item.community_id), _("地图上的位置在本社区之外约 %(metres)d 米。")),
    ):
        away = place.outside(unit.outline, item.lat, item.lon) if unit is not None else None
        if away is not None:
            return (
                [Result(ACCURACY, "outside", "place", message % {"metres": round(away, -1)})]
                if away > OUTSIDE_METRES
                else []
            )
    return []


def _casualties(item: Item) -> list[Result]:
    """The numbers must agree with what the course says (3.2)."""
    entry = item.details.get("casualties")
    if not isinstance(entry, Mapping):
        return []
    course = f"{item.narrative}\n{item.details.get('course', '')}"
    denied = bool(_NOBODY.search(course))
    rows = []
    for code, pattern, word in (
        ("dead", _DEAD, _("死亡")),
        ("injured", _HURT, _("受伤")),
        ("missing", _MISSING, _("失联")),
    ):
        number = entry.get(code) or 0
        if not number and pattern.search(course) and not denied:
            rows.append(
                Result(
                    ACCURACY,
                    "casualties",
                    "details.casualties",
                    _("经过中提到“%(word)s”，但伤亡数字为 0。") % {"word": word},
                )
            )
        if number and denied and not pattern.search(_NOBODY.sub("", course)):
            rows.append(
                Result(
                    ACCURACY,
                    "casualties",
                    "details.casualties",
                    _("经过中说无人伤亡，但填写了“%(word)s” %(number)d 人。") % {"word": word, "number": number},
                )
            )
    return rows


# --- truth -------------------------------------------------------------------------------------


def _near(items: Sequence[Item]) -> dict[UUID, list[tuple[Any, ...]]]:
    """For each item those of its community in 30 days with similar words or at the same spot: one statement."""
    asked = []
    for item in items:
        terms = [t for t in text.query_terms(f"{item.title} {item.place}") if len(t) > 1][:40]
        if terms or item.lat is not None:
            query = " | ".join("'" + t.replace("'", "''") + "'" for t in terms)
            at = item.reported_at or clock.now()
            asked.append((item.pk, item.community_id, at, query, item.subcategory, item.lat, item.lon))
    rows: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    if not asked:
        return rows
    # The community's latest rows of the month, found along its time index: bounded whatever an import brings.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mine.id, other.* FROM unnest(%(ids)s::uuid[], %(communities)s::uuid[], %(at)s::timestamptz[],"
            " %(queries)s::text[], %(subcategories)s::text[], %(lats)s::float8[], %(lons)s::float8[])"
            " AS mine (id, community, at, query, subcategory, lat, lon) CROSS JOIN LATERAL ("
            "SELECT i.id, i.number, i.title, i.narrative, i.place, i.grid_id, i.subcategory, i.lat, i.lon,"
            " i.category, i.sensitivity FROM ("
            " SELECT t.item_id, t.terms FROM items_itemtext t WHERE t.community_id = mine.community"
            " AND t.reported_at BETWEEN mine.at - make_interval(days => %(days)s) AND mine.at + interval '1 day'"
            " AND t.item_id <> mine.id"
            " ORDER BY t.reported_at DESC LIMIT %(latest)s) t JOIN items_item i ON i.id = t.item_id"
            " WHERE i.status NOT IN ('draft', 'withdrawn', 'merged') AND i.sensitivity <> %(confidential)s"
            " AND (t.terms @@ mine.query::tsquery OR (i.subcategory = mine.subcategory"
            "  AND i.lat BETWEEN mine.lat - %(near)s AND mine.lat + %(near)s"
            "  AND i.lon BETWEEN mine.lon - 2 * %(near)s AND mine.lon + 2 * %(near)s))"
            " ORDER BY ts_rank(t.terms, mine.query::tsquery) DESC, i.reported_at DESC LIMIT 30) other",
            {
                **_columns(("ids", "communities", "at", "queries", "subcategories", "lats", "lons"), asked),
                "days": NEAR_DAYS,
                "latest": LATEST,
                "confidential": Sensitivity.CONFIDENTIAL.value,
                "near": NEAR_METRES / 111_000,
            },
        )
        for mine, *other in cursor.fetchall():
            rows[mine].append(tuple(other))
    return rows


def _duplicates(item: Item, rows: Sequence[tuple[Any, ...]]) -> list[Result]:
    """Which of the items near this one (`_near`) tell of the same matter."""
    own = _bigrams(f"{item.title}{item.narrative}")
    scored: list[tuple[float, Result]] = []
    for other, number, title, narrative, spot, grid, subcategory, lat, lon, category, sensitivity in rows:
        alike = _overlap(own, _bigrams(f"{title}{narrative}"))
        close = (
            item.lat is not None
            and item.lon is not None
            and lat is not None
            and subcategory == item.subcategory
            and place.metres(item.lat, item.lon, lat, lon) <= NEAR_METRES
        )
        same_spot = bool(spot) and _bare(spot) == _bare(item.place) and subcategory == item.subcategory
        if alike >= ALIKE or ((close or same_spot) and alike >= 0.2):
            why = _("内容相近") if alike >= ALIKE else _("地点相同、类别相同")
            if grid != item.grid_id and alike < 0.7:
                continue
            name = Category(category).label if sensitivity in RESTRICTED else title  # others' reporters read it
            scored.append(
                (
                    alike,
                    Result(
                        TRUTH,
                        "duplicate",
                        "",
                        _("疑似与 %(number)s“%(title)s”重复：%(why)s。")
                        % {"number": number, "title": name, "why": why},
                        other,
                    ),
                )
            )
    scored.sort(key=lambda pair: -pair[0])
    return [f for _score, f in scored[:3]]


def _photos(item: Item, photos: Sequence[Attachment]) -> list[Result]:
    rows = []
    for photo in photos:
        exif = attachments.exif_of(photo)
        if "lat" in exif and item.lat is not None and item.lon is not None:
            away = place.metres(item.lat, item.lon, exif["lat"], exif["lon"])
            if away > PHOTO_AWAY_METRES:
                rows.append(
                    Result(
                        TRUTH,
                        "photo_elsewhere",
                        "attachments",
                        _("照片“%(name)s”的拍摄位置距上报地点约 %(km)s 公里。")
                        % {"name": photo.name, "km": f"{away / 1000:.1f}"},
                    )
                )
        begin = item.occurred_at or item.seen_at
        if photo.taken_at and begin and photo.taken_at < begin - PHOTO_BEFORE:
            day = clock.local(photo.taken_at, tree().setting(item.community_id, "time_zone"))
            rows.append(
                Result(
                    TRUTH,
                    "photo_earlier",
                    "attachments",
                    _("照片“%(name)s”摄于 %(day)s，早于事情发生时间。")
                    % {"name": photo.name, "day": day.strftime("%Y-%m-%d %H:%M")},
                )
            )
    return rows


def _used_before(items: Sequence[Item], photos: Mapping[UUID, Sequence[Attachment]]) -> dict[UUID, list[Result]]:
    """For each item the photos of which the same file is used anywhere, or a picture that looks the same in its
    community: one statement."""
    asked = [
        (item.pk, item.community_id, photo.name, photo.sha256, photo.fingerprint)
        for item in items
        for photo in photos.get(item.pk, ())
    ]
    results: dict[UUID, list[Result]] = defaultdict(list)
    if not asked:
        return results
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH mine AS (SELECT * FROM unnest(%(items)s::uuid[], %(communities)s::uuid[], %(names)s::text[],"
            " %(digests)s::text[], %(prints)s::bigint[]) AS m (item, community, name, sha, mark))"
            " SELECT item, name, id, number, sensitivity FROM ("
            "SELECT u.*, row_number() OVER (PARTITION BY item) AS place FROM ("
            " SELECT m.item, m.name, i.id, i.number, i.sensitivity FROM mine m"
            "  JOIN items_attachment a ON a.sha256 = m.sha"
            "  JOIN items_item i ON i.id = a.item_id WHERE i.id <> m.item AND i.status <> 'draft'"
            " UNION"
            " SELECT m.item, m.name, i.id, i.number, i.sensitivity FROM mine m"
            "  JOIN items_item i ON i.community_id = m.community AND i.id <> m.item AND i.status <> 'draft'"
            "  JOIN items_attachment a ON a.item_id = i.id AND a.fingerprint IS NOT NULL"
            "   AND bit_count((a.fingerprint # m.mark)::bit(64)) <= %(same)s"
            ") u) r WHERE place <= %(most)s",
            {
                **_columns(("items", "communities", "names", "digests", "prints"), asked),
                "same": images.SAME_PICTURE,
                "most": MOST_USED,
            },
        )
        rows = cursor.fetchall()
    for mine, name, other, number, sensitivity in rows:
        hidden = sensitivity == Sensitivity.CONFIDENTIAL
        where = _("另一条目") if hidden else number or _("另一条目")
        message = _("照片“%(name)s”已在 %(number)s 中用过。") % {"name": name, "number": where}
        results[mine].append(Result(TRUTH, "photo_used", "attachments", message, None if hidden else other))
    return results


def _columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The columns of `rows` by name, as `unnest` takes them."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _bare(value: str) -> str:
    return re.sub(r"[\W_]+", "", value).lower()


def _bigrams(value: str) -> set[str]:
    bare = _bare(value)[:2000]
    return {bare[i : i + 2] for i in range(len(bare) - 1)}


def _overlap(a: set[str], b: set[str]) -> float:
    """How much of the shorter text stands in the longer one, tempered by their difference in length."""
    if not a or not b:
        return 0.0
    shared = len(a & b)
    return (shared / min(len(a), len(b)) + shared / len(a | b)) / 2

"""Spreadsheets of real messages, filed as items in review: dry run, row-by-row errors, safe to repeat.

Each row becomes one submitted item (`channel` import) with its author's name encrypted and the duty of review. The id
follows from community and number, or from the content where the number only counts the rows of a sheet: a second
import of the same file changes nothing, and a known number with other content is refused row by row.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.problems import Invalid
from linbao.duties import services as duties
from linbao.items import masking, services, signals, states, unchecked
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.imports import spreadsheets
from linbao.items.imports.cells import tidy
from linbao.items.imports.columns import KNOWN, column_of_dates, guess, header
from linbao.items.imports.rows import LONGEST_TITLE, MOST_ERRORS, Report, Row, read_rows
from linbao.items.models import Item, Party, PartyRole, Source
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import bulk
from linbao.platform.encryption.crypto import blind_index
from linbao.platform.models import next_number

BATCH = 500
OTHER = "opinion.other"
FRESH = timedelta(hours=24)  # an emergency of an imported row is one that still wants help; before that it is history
RUNNING = re.compile(r"\d{1,4}")  # a number that counts the rows of a sheet and begins anew in the next
OWN = re.compile(r"\d{6}-\d{6}-\d{4,}")  # an item's number, in a file that was exported here

# Words by which the subcategory is guessed: the first list that has one in the text; a reviewer may change it.
KEYWORDS: list[tuple[str, tuple[str, ...]]] = [
    ("event.fire", ("火灾", "起火", "着火")),
    ("event.gas", ("燃气", "煤气泄漏", "天然气泄漏")),
    ("event.high_fall", ("高空坠物", "高空抛物", "外墙脱落", "瓷砖脱落")),
    ("event.fire_safety", ("消防通道", "消防隐患", "飞线充电", "灭火器")),
    ("event.lift", ("电梯故障", "电梯困人", "电梯停运")),
    ("event.flood", ("内涝", "积水")),
    ("event.wage", ("拖欠工资", "欠薪", "讨薪", "农民工工资")),
    ("event.theft", ("盗窃", "被偷", "小偷")),
    ("event.property_service", ("物业费", "物业纠纷", "业委会", "业主委员会")),
    ("event.neighbour", ("邻里", "楼上漏水")),
    ("sanitation.noise", ("噪音", "噪声", "扰民")),
    ("sanitation.sewage", ("污水", "下水道", "化粪池", "排污")),
    ("sanitation.waste", ("垃圾",)),
    ("sanitation.greening", ("绿化", "树木", "树枝")),
    ("sanitation.occupying", ("占道", "摆摊", "乱停")),
    ("sanitation.fly_posting", ("小广告", "乱贴")),
    ("sanitation.pests", ("老鼠", "蚊虫", "蟑螂")),
    ("construction.lighting", ("路灯",)),
    ("construction.road", ("道路", "修路", "路面", "坑洼")),
    ("construction.drainage", ("排水", "管网")),
    ("construction.lift", ("加装电梯",)),
    ("construction.parking", ("停车",)),
    ("construction.planning", ("规划", "拆迁", "征地", "征收")),
    ("construction.project", ("改造", "工程", "施工", "建设")),
    ("opinion.welfare", ("社保", "低保", "养老", "医保", "残疾", "补贴")),
    ("opinion.property", ("物业",)),
    ("opinion.culture", ("文化", "体育", "健身", "广场舞")),
    ("opinion.safety", ("治安", "安全", "监控")),
    ("opinion.environment", ("环境", "污染", "异味")),
    ("opinion.facility", ("设施", "公交", "地铁")),
    ("opinion.service", ("办事", "服务", "窗口")),
]


def run(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    community: UUID,
    user: User,
    dry: bool = False,
    errors_to: Path | None = None,
    progress: Callable[[Report], None] | None = None,
) -> Report:
    """Import the file (or only try it, `dry`). Raises `Invalid` when the file or mapping cannot work at all."""
    start, names = header(path)
    chosen = {**({} if mapping else guess(names)), **(mapping or {})}
    unknown = [c for c in chosen.values() if c not in names]
    if unknown:
        raise Invalid(
            fields={
                "map": [
                    _("表中没有这些列：%(names)s。表中的列：%(all)s")
                    % {"names": "、".join(unknown), "all": "、".join(filter(None, names))}
                ]
            }
        )
    if "text" not in chosen and "title" not in chosen:
        raise Invalid(fields={"map": [_("没有找到标题或内容列，请指明哪一列是内容。")]})
    columns = {key: names.index(column) for key, column in chosen.items()}
    report = Report(mapping=chosen, header=start)
    zone = clock.zone(tree().setting(community, "time_zone"))
    seen: dict[UUID, Row] = {}
    out = open(errors_to, "w", encoding="utf-8-sig", newline="") if errors_to else None  # noqa: SIM115
    writer = csv.writer(out) if out else None
    if writer:
        writer.writerow([_("行号"), _("列"), _("问题")])

    def refuse(row: int, column: str, message: str) -> None:
        if len(report.errors) < MOST_ERRORS:
            report.errors.append((row, column, message))
        if writer:
            writer.writerow([row, column, message])

    try:
        with spreadsheets.read(path, columns=KNOWN) as sheet:
            report.sheet, report.others = sheet.name, sheet.others
            report.warnings += [(row, _("这一行的引号没有闭合，已按原样读取。")) for row in sheet.quotes]
            days = column_of_dates(names)
            understood = read_rows(sheet.rows, start, columns, days, chosen, zone, report, refuse)
            while batch := list(islice(understood, BATCH)):
                _file(batch, community, user, seen, report, refuse, dry=dry)
                if progress:
                    progress(report)
    finally:
        if out:
            out.close()
    if not dry:
        audit.record(user, "import", unit_id=community, rows=report.filed, refused=len(report.errors))
    if report.filed and not dry:
        # What waits outside the text index is put in now, so that the next search need not read through it.
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('item_text_terms')")
    return report


def subcategory(content: str) -> str:
    """The subcategory whose keywords stand in the content; `opinion.other` when none do."""
    known = catalogue().subcategories
    return next(
        (code for code, list_ in KEYWORDS if code in known and any(w in content for w in list_)), "opinion.other"
    )


def _content(row: Row) -> str:
    """The digest of a row's content: by it a second import is distinguished from another matter with its number."""
    return services.digest(
        {"title": row.title, "text": row.text, "at": row.at and row.at.astimezone(UTC), "place": row.place}
    )


def _id(community: UUID, row: Row) -> UUID:
    """Always the same for the same row; shaped and ordered like the others (UUIDv7)."""
    numbered = bool(row.number) and not RUNNING.fullmatch(row.number)
    key = f"{community}|{row.number}" if numbered else f"{community}||{_content(row)}|{row.user}"
    digest = bytearray(hashlib.sha256(b"linbao import " + key.encode()).digest()[:16])
    digest[:6] = max(0, int((row.at or datetime(2020, 1, 1, tzinfo=UTC)).timestamp() * 1000)).to_bytes(6, "big")
    if numbered:
        digest[:6] = bytes(6)
    digest[6], digest[8] = digest[6] & 0x0F | 0x70, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def _file(
    batch: Sequence[Row],
    community: UUID,
    user: User,
    seen: dict[UUID, Row],
    report: Report,
    refuse: Callable[[int, str, str], None],
    *,
    dry: bool,
) -> None:
    """File those rows of a batch that are new, in one transaction; `seen`: all rows of the file so far, by id."""
    fresh = _fresh(batch, community, user, seen, report, refuse)
    report.filed += len(fresh)
    urgent = _urgent(fresh, report)
    if fresh and not dry:
        _write(fresh, community, user, urgent)


def _fresh(
    batch: Sequence[Row],
    community: UUID,
    user: User,
    seen: dict[UUID, Row],
    report: Report,
    refuse: Callable[[int, str, str], None],
) -> dict[UUID, Row]:
    """The rows that are to be filed, by the id of their items; the others are counted on `report`."""

    def conflict(row: Row, message: str) -> None:
        report.refused += 1
        refuse(row.row, report.mapping.get("number", report.mapping.get("text", "")), message)

    data: dict[UUID, Row] = {}
    own = _own(batch, user)
    for row in batch:
        if row.number in own:
            item = own[row.number]
            if item is None or _unchanged(row, item):
                report.existing += 1
            else:
                conflict(
                    row,
                    _("编号 %(number)s 是本系统的条目，这一行与它现在的内容不同；导入不更改已有条目。")
                    % {"number": row.number},
                )
            continue
        id_ = _id(community, row)
        if before := seen.get(id_):
            if row.number == before.number and _content(row) == _content(before):
                report.existing += 1
            elif row.number == before.number:
                conflict(
                    row,
                    _("编号 %(number)s 与第 %(row)d 行相同而内容不同，未导入。")
                    % {"number": row.number, "row": before.row},
                )
            else:
                conflict(row, _("与第 %(row)d 行的内容完全相同，未重复导入。") % {"row": before.row})
            continue
        seen[id_] = row
        data[id_] = row
    there = dict(Item.objects.filter(pk__in=list(data)).values_list("pk", "body_digest"))
    for id_, known in there.items():
        row = data.pop(id_)
        if known == _content(row):
            report.existing += 1
        else:
            conflict(
                row,
                _("编号 %(number)s 已导入过，这一行与那次的内容不同，未导入；如是更正，请在条目里修改。")
                % {"number": row.number},
            )
    return data


def _write(fresh: Mapping[UUID, Row], community: UUID, user: User, urgent: set[UUID]) -> None:
    """The items of these rows, submitted, with all that follows it: numbers, search terms, duties, checks, alarms."""
    with transaction.atomic():
        items, parties = _rows(fresh, community, user, urgent)
        entries = [states.move(item, "submit", user, check=False) for item in items]
        unit = tree().by_id[community]
        day = clock.local(clock.now(), tree().setting(community, "time_zone"))
        last = next_number(f"item:{community}:{day:%y%m%d}", len(items))
        for n, item in enumerate(items):
            item.number = f"{unit.code[-6:]}-{day:%y%m%d}-{last - len(items) + 1 + n:04d}"
        due = {urgent: services.review_due(community, urgent, clock.now()) for urgent in {i.urgent for i in items}}
        bulk.insert(items, parties, entries, unchecked.marks(items))
        _index(items, unit.code)
        duties.change(
            open=[
                duties.make("review", unit_id=community, due_at=due[i.urgent], subject=i, round=0, title=i.heading)
                for i in items
            ],
            fresh=True,
        )
        unchecked.check_soon()
        if opening := [i for i in items if i.urgent]:
            # They become known with the import: the call is owed from this moment.
            signals.urgent_submitted.send(sender=Item, items=opening, by=user, marked_at=clock.now())


def _own(batch: Sequence[Row], user: User) -> dict[str, Item | None]:
    """Items of this system by the numbers that rows carry, as a file has them that was exported here; None for one
    that `user` may not see: it exists, so it is not filed again."""
    numbers = [t.number for t in batch if OWN.fullmatch(t.number)]
    if not numbers:
        return {}
    result: dict[str, Item | None] = {}
    for number in Item.objects.filter(number__in=numbers).values_list("number", flat=True):
        result[str(number)] = None
    for item in Item.objects.visible_to(user).filter(number__in=list(result)):
        result[str(item.number)] = item
    return result


def _unchanged(row: Row, item: Item) -> bool:
    return row.title == tidy(item.title)[:LONGEST_TITLE] and row.text == (tidy(item.narrative, lines=True) or row.title)


def _urgent(fresh: Mapping[UUID, Row], report: Report) -> set[UUID]:
    """Which rows are emergencies that ring (2.3.2): marked so by a column, or without one of an emergency's
    subcategory, and of the last 24 hours. Older ones are history: counted, and filed without the mark."""
    known, since = catalogue().subcategories, clock.now() - FRESH
    result = set()
    for id_, details in fresh.items():
        code = subcategory(f"{details.title}\n{details.text[:600]}")
        emergency = code in known and known[code].emergency
        if not (emergency if details.urgent is None else details.urgent):
            continue
        if details.at is not None and details.at >= since:  # also what lies ahead by hours: an inaccurate clock
            result.add(id_)
            report.urgent += 1
        else:
            report.urgent_past += 1
    return result


def _rows(fresh: Mapping[UUID, Row], community: UUID, user: User, urgent: set[UUID]) -> tuple[list[Item], list[Party]]:
    now = clock.now()
    items, parties = [], []
    for id_, payload in fresh.items():
        code = subcategory(f"{payload.title}\n{payload.text[:600]}")
        details = {"import_number": payload.number} if payload.number else {}
        at = min(payload.at, now) if payload.at else None
        items.append(
            Item(
                id=id_,
                category=code.partition(".")[0],
                subcategory=code,
                title=payload.title,
                narrative=payload.text,
                details=details,
                community_id=community,
                reporter=user,
                channel="import",
                occurred_at=at,
                seen_at=at,
                reported_at=at or now,
                arrived_at=now,
                created_at=now,
                changed_at=now,
                place=payload.place,
                source=Source.OTHER,
                body_digest=_content(payload),
                urgent=id_ in urgent,
            )
        )
        own = (
            [Party(item_id=id_, role=PartyRole.PROPOSER, name=payload.user, name_index=blind_index(payload.user))]
            if payload.user
            else []
        )
        masking.hide(items[-1], own)
        parties += own
    return items, parties


def _index(items: Sequence[Item], code: str) -> None:
    """The search terms by COPY: the database works on one row while the next is being made."""
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY items_itemtext (item_id, community_id, reported_at, terms) FROM STDIN") as copy,
    ):
        for item in items:
            at = item.reported_at or item.created_at
            terms = text.search_terms(
                f"{item.title}\n{item.narrative}\n{item.place}\n{item.details.get('import_number', '')}"
            )
            terms += text.place_terms(code, at.astimezone(UTC).date())
            copy.write_row((item.pk, item.community_id, at, " ".join(f"'{t}'" for t in terms)))


def account() -> User:
    """Who files what comes from a file without a person: an account that nobody can sign in to."""
    return User.objects.get_or_create(
        username="import", defaults={"name": "批量导入", "is_active": False, "password": "!"}
    )[0]


def only_community() -> UUID:
    """The community, when there is but one; raises `Invalid` else."""
    result = tree().of_kind(UnitKind.COMMUNITY)
    if len(result) != 1:
        raise Invalid(fields={"community": [_("请用 --community 指明导入到哪个社区（代码）。")]})
    return result[0].id

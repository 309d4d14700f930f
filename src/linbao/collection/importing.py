"""Spreadsheets of real messages, filed as items in review: dry run, row-by-row errors, safe to repeat.

Each row becomes one submitted item (`channel` import) with its author's name encrypted and the
duty of review. The id follows from community and number (or content): a second import of the same
file changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.audit import actions as audit
from linbao.base import clock, rows, text
from linbao.base.crypto import blind_index
from linbao.base.models import next_number
from linbao.base.problems import Invalid
from linbao.collection import actions, lifecycle, masking, signals, spreadsheets
from linbao.collection.catalogue import catalogue
from linbao.collection.models import Item, Party, PartyRole, Source
from linbao.duties import actions as duties
from linbao.units.models import UnitKind, User
from linbao.units.tree import tree

BATCH = 500
FRESH = timedelta(hours=24)  # an emergency of an imported row is one that still wants help; before that it is history
URGENT_WORDS = ("是", "紧急", "特急", "urgent", "yes", "true", "1", "√")
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME, LONGEST_PLACE, LONGEST_NUMBER = 60, 20_000, 60, 200, 60
HEAD_ROWS = 20  # among which the names of the columns are looked for
MOST_GAP = 10_000  # blank rows in one stretch that are still counted as such
MOST_ERRORS = 1000  # kept in the report; the error file has all of them

COLUMNS: dict[str, tuple[str, ...]] = {
    # 序号 counts the rows of one sheet and begins anew in the next: it names no matter.
    "number": ("编号", "留言编号", "工单号", "工单编号", "id", "number", "单号"),
    "title": ("标题", "留言主题", "主题", "题目", "title", "subject", "事项"),
    "text": ("内容", "留言详情", "详情", "正文", "留言内容", "诉求内容", "text", "content", "描述", "具体情况"),
    "time": ("时间", "留言时间", "日期", "反映时间", "受理时间", "time", "date", "创建时间", "上报时间"),
    "user": ("留言人", "留言用户", "用户", "姓名", "反映人", "提出人", "user", "name"),
    "place": ("地点", "地址", "位置", "place", "address", "发生地点"),
    "urgent": ("紧急", "是否紧急", "紧急程度", "urgent"),
}
NAMES = {
    "number": "编号",
    "title": "标题",
    "text": "内容",
    "time": "时间",
    "user": "留言人",
    "place": "地点",
    "urgent": "紧急",
}

# Words that tell the subcategory, the first list that has one in the text; a reviewer may change it.
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


@dataclass
class Report:
    """What came of an import. `errors`: (row of the sheet, column, message), at most `MOST_ERRORS`."""

    total: int = 0
    filed: int = 0
    existing: int = 0
    blank: int = 0
    wrong: int = 0
    urgent: int = 0  # fresh emergencies: opened like any other
    urgent_past: int = 0  # emergencies older than `FRESH`, or of no known time: filed without mark and alarm
    errors: list[tuple[int, str, str]] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "filed": self.filed,
            "existing": self.existing,
            "blank": self.blank,
            "wrong": self.wrong,
            "urgent": self.urgent,
            "urgent_past": self.urgent_past,
            "mapping": self.mapping,
        }


@dataclass
class Told:
    """A row of the sheet, understood."""

    row: int
    number: str
    title: str
    text: str
    at: datetime | None
    user: str
    place: str
    urgent: bool | None  # as a column says; None: there is none


def header(path: Path) -> tuple[int, list[str]]:
    """The row that names the columns, by its number and its names: the first of the first rows in which two of them
    are known (above it may stand a title), else the first with words. Raises `Invalid` for an empty sheet."""
    first: tuple[int, list[str]] | None = None
    for number, row in spreadsheets.rows(path, most=HEAD_ROWS):
        names = [text.clean(str(v)) if v is not None else "" for v in row]
        if not any(names):
            continue
        first = first or (number, names)
        if len(guess(names)) >= 2:
            return number, names
    if first is None:
        raise Invalid(fields={"file": [_("表格是空的，没有标题行。")]})
    return first


_MARKS = re.compile(r"[\s*＊:：]+")  # that people put around a column's name: `编 号`, `*标题`


def guess(names: Sequence[str]) -> dict[str, str]:
    """Which column holds what, by its name: `{"title": "标题", …}`."""
    found: dict[str, str] = {}
    plain = {n: _MARKS.sub("", n).lower() for n in names}
    for key, known in COLUMNS.items():
        for word in known:
            match = next((n for n in names if plain[n] == word and n not in found.values()), None)
            if match:
                found[key] = match
                break
        else:
            match = next(
                (n for n in names if n and n not in found.values() and any(w in plain[n] for w in known if len(w) > 1)),
                None,
            )
            if match:
                found[key] = match
    return found


def read_mapping(given: str) -> dict[str, str]:
    """`title=标题,text=内容` as the command line writes it; raises `Invalid`."""
    found: dict[str, str] = {}
    for pair in filter(None, (p.strip() for p in given.split(","))):
        key, equals, column = pair.partition("=")
        if not equals or key.strip() not in COLUMNS or not column.strip():
            raise Invalid(
                fields={
                    "map": [_("--map 应写成 title=标题,text=内容；可用：%(keys)s。") % {"keys": "、".join(COLUMNS)}]
                }
            )
        found[key.strip()] = column.strip()
    return found


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
    report = Report(mapping=chosen)
    zone = clock.zone(tree().setting(community, "time_zone"))
    seen: set[UUID] = set()
    out = open(errors_to, "w", encoding="utf-8-sig", newline="") if errors_to else None  # noqa: SIM115
    writer = csv.writer(out) if out else None
    if writer:
        writer.writerow([_("行号"), _("列"), _("问题")])

    def wrong(row: int, column: str, message: str) -> None:
        if len(report.errors) < MOST_ERRORS:
            report.errors.append((row, column, message))
        if writer:
            writer.writerow([row, column, message])

    try:
        told = _told(spreadsheets.rows(path), start, columns, chosen, zone, report, wrong)
        while batch := list(islice(told, BATCH)):
            _file(batch, community, user, seen, report, dry=dry)
            if progress:
                progress(report)
    finally:
        if out:
            out.close()
    if not dry:
        audit.record(user, "import", unit_id=community, rows=report.filed, wrong=len(report.errors))
    if report.filed and not dry:
        # What waits outside the text index is put in now, so that the next search need not read through it.
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('item_text_terms')")
    return report


def _told(
    sheet: Iterator[tuple[int, Sequence[Any]]],
    start: int,
    columns: Mapping[str, int],
    names: Mapping[str, str],
    zone: Any,
    report: Report,
    wrong: Callable[[int, str, str], None],
) -> Iterator[Told]:
    def cell(row: Sequence[Any], key: str) -> Any:
        at = columns.get(key)
        return row[at] if at is not None and at < len(row) else None

    now = clock.now()
    last = start
    for index, row in sheet:
        if index <= start:
            continue
        gap, last = index - last - 1, index
        report.blank += gap if gap <= MOST_GAP else 0
        if not any(cell(row, key) not in (None, "") and str(cell(row, key)).strip() for key in columns):
            report.blank += 1  # nothing, or a note beside the table
            continue
        report.total += 1
        problems: list[tuple[str, str]] = []
        title, body = tidy(cell(row, "title")), tidy(cell(row, "text"), lines=True)
        if not body and not title:
            problems.append((names.get("text", names.get("title", "")), _("标题和内容都是空的。")))
        elif len(body) > LONGEST_TEXT:
            problems.append(
                (names["text"], _("内容有 %(n)d 字，超过 %(most)d 字。") % {"n": len(body), "most": LONGEST_TEXT})
            )
        at = None
        raw = cell(row, "time")
        if raw is not None and str(raw).strip():
            try:
                at = moment(raw, zone)
                if at > now + timedelta(days=1):
                    problems.append((names["time"], _("时间 %(at)s 在将来。") % {"at": f"{at:%Y-%m-%d}"}))
                at = min(at, now)
            except ValueError:
                problems.append((names["time"], _("无法识别的时间：“%(value)s”。") % {"value": str(raw).strip()[:40]}))
        if problems:
            report.wrong += 1
            for column, message in problems:
                wrong(index, column, message)
            continue
        whole = body or title
        if len(title) > LONGEST_TITLE:
            whole = f"{title}\n{whole}" if title not in whole else whole
        yield Told(
            index, tidy(cell(row, "number"))[:LONGEST_NUMBER], (title or " ".join(body.split()))[:LONGEST_TITLE], whole, at,
            tidy(cell(row, "user"))[:LONGEST_NAME], tidy(cell(row, "place"))[:LONGEST_PLACE],
            tidy(cell(row, "urgent")).lower() in URGENT_WORDS if "urgent" in columns else None,
        )  # fmt: skip


_SPACES = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a]+")
_LINES = re.compile(r"\s*\n\s*")


def tidy(value: Any, *, lines: bool = False) -> str:
    """A cell as text: whole numbers without `.0`, white space put in order."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    cleaned = _SPACES.sub(" ", text.clean(str(value)))
    return _LINES.sub("\n" if lines else " ", cleaned).strip()


_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT]*(上午|下午|晚上|凌晨|中午)?\s*(\d{1,2})\s*[:：时点]\s*(\d{1,2})?(?:\s*[:：分]\s*(\d{1,2}))?[^\dAPap+]*([AaPp])?.*)?"
)
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")


def moment(value: Any, zone: Any) -> datetime:
    """`2020/1/6 12:09:38`, `2020-01-06`, `2020年1月6日 下午3点`, `20200106`, Excel serials; raises `ValueError`."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    told = str(value).strip()
    if isinstance(value, bool):
        raise ValueError("no time")
    if not isinstance(value, (int, float)):
        told = re.sub(r"\s+", " ", told.translate(str.maketrans("０１２３４５６７８９／－：", "0123456789/-:")))
        if _WITH_ZONE.fullmatch(told):
            return _year(datetime.fromisoformat(told))
        if m := _DATE.fullmatch(told):
            year, month, day, half, hour, minute, second, letter = m.groups()
            h = int(hour or 0)
            if letter:
                half = "下午" if letter in "Pp" else "上午"
            if half in ("下午", "晚上", "中午") and h < (11 if half == "中午" else 12):
                h += 12
            elif half in ("上午", "凌晨") and h == 12:
                h = 0
            return _year(
                datetime(int(year), int(month), int(day), h, int(minute or 0), min(int(second or 0), 59), tzinfo=zone)
            )
        if m := _COMPACT.fullmatch(told):
            year, month, day, hour, minute, second = m.groups()
            return _year(
                datetime(
                    int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
                )
            )
        try:
            return _year(
                datetime.fromisoformat(told)
                if datetime.fromisoformat(told).tzinfo
                else datetime.fromisoformat(told).replace(tzinfo=zone)
            )
        except ValueError:
            value = float(told)
    if 20_000 <= float(value) <= 80_000:  # days since 1899-12-30, as spreadsheets count
        return (datetime(1899, 12, 30) + timedelta(seconds=round(float(value) * 86_400))).replace(tzinfo=zone)
    if 19_000_101 <= float(value) <= 22_001_231:
        return moment(str(int(value)), zone)
    raise ValueError("no time")


def _year(at: datetime) -> datetime:
    if not 1949 <= at.year <= 2100:
        raise ValueError("year")
    return at


def subcategory(words: str) -> str:
    """The subcategory that the words speak of; `opinion.other` when none does."""
    known = catalogue().subcategories
    return next((code for code, list_ in KEYWORDS if code in known and any(w in words for w in list_)), "opinion.other")


def _id(community: UUID, told: Told) -> UUID:
    """Always the same for the same row; shaped and ordered like the others (UUIDv7)."""
    key = f"{community}|{told.number}" if told.number else f"{community}|{told.title}|{told.text}|{told.at}|{told.user}"
    digest = bytearray(hashlib.sha256(b"linbao import " + key.encode()).digest()[:16])
    digest[:6] = max(0, int((told.at or datetime(2020, 1, 1, tzinfo=UTC)).timestamp() * 1000)).to_bytes(6, "big")
    if told.number:
        digest[:6] = bytes(6)
    digest[6], digest[8] = digest[6] & 0x0F | 0x70, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def _file(batch: Sequence[Told], community: UUID, user: User, seen: set[UUID], report: Report, *, dry: bool) -> None:
    given = {}
    for told in batch:
        id_ = _id(community, told)
        if id_ in seen:
            report.existing += 1
            continue
        seen.add(id_)
        given[id_] = told
    there = set(Item.objects.filter(pk__in=list(given)).values_list("pk", flat=True))
    report.existing += len(there)
    fresh = {i: t for i, t in given.items() if i not in there}
    report.filed += len(fresh)
    urgent = _urgent(fresh, report)
    if dry or not fresh:
        return
    with transaction.atomic():
        items, parties = _rows(fresh, community, user, urgent)
        entries = [lifecycle.move(item, "submit", user, check=False) for item in items]
        unit = tree().by_id[community]
        day = clock.local(clock.now(), tree().setting(community, "time_zone"))
        last = next_number(f"item:{community}:{day:%y%m%d}", len(items))
        for n, item in enumerate(items):
            item.number = f"{unit.code[-6:]}-{day:%y%m%d}-{last - len(items) + 1 + n:04d}"
        due = {urgent: actions.review_due(community, urgent, clock.now()) for urgent in {i.urgent for i in items}}
        rows.insert(items, parties, entries)
        _index(items, unit.code)
        duties.change(
            open=[
                duties.make("review", unit_id=community, due_at=due[i.urgent], subject=i, round=0, title=i.heading)
                for i in items
            ],
            fresh=True,
        )
        from linbao.collection.jobs import check_items

        check_items.defer(items=[str(i.pk) for i in items])
        if opening := [i for i in items if i.urgent]:
            # Whoever brings them in sees them now: the call is owed from this moment.
            signals.urgent_submitted.send(sender=Item, items=opening, by=user, marked_at=clock.now())


def _urgent(fresh: Mapping[UUID, Told], report: Report) -> set[UUID]:
    """Which rows are emergencies that ring (2.3.2): marked so by a column, or without one of an emergency's subcategory,
    and of the last 24 hours. Older ones are history: counted, and filed without the mark."""
    known, since = catalogue().subcategories, clock.now() - FRESH
    found = set()
    for id_, told in fresh.items():
        code = subcategory(f"{told.title}\n{told.text[:600]}")
        emergency = code in known and known[code].emergency
        if not (emergency if told.urgent is None else told.urgent):
            continue
        if told.at is not None and told.at >= since:
            found.add(id_)
            report.urgent += 1
        else:
            report.urgent_past += 1
    return found


def _rows(fresh: Mapping[UUID, Told], community: UUID, user: User, urgent: set[UUID]) -> tuple[list[Item], list[Party]]:
    now = clock.now()
    items, parties = [], []
    for id_, told in fresh.items():
        code = subcategory(f"{told.title}\n{told.text[:600]}")
        details = {"import_number": told.number} if told.number else {}
        items.append(
            Item(
                id=id_, category=code.partition(".")[0], subcategory=code, title=told.title, narrative=told.text, details=details,
                community_id=community, reporter=user, channel="import", occurred_at=told.at, seen_at=told.at, reported_at=told.at or now, arrived_at=now,
                created_at=now, changed_at=now, place=told.place, source=Source.OTHER, body_digest="import", urgent=id_ in urgent,
            )
        )  # fmt: skip
        own = (
            [Party(item_id=id_, role=PartyRole.PROPOSER, name=told.user, name_index=blind_index(told.user))]
            if told.user
            else []
        )
        masking.hide(items[-1], own)
        parties += own
    return items, parties


def _index(items: Sequence[Item], code: str) -> None:
    """The search terms by COPY: the database works on one row while the next is being made."""
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY collection_itemtext (item_id, community_id, reported_at, terms) FROM STDIN") as copy,
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
    found = tree().of_kind(UnitKind.COMMUNITY)
    if len(found) != 1:
        raise Invalid(fields={"community": [_("请用 --community 指明导入到哪个社区（代码）。")]})
    return found[0].id

"""Spreadsheets of real messages, filed as items in review: dry run, row-by-row errors, safe to repeat.

Each row becomes one submitted item (`channel` import) with its author's name encrypted and the duty of review. The id
follows from community and number, or from the content where the number only counts the rows of a sheet: a second
import of the same file changes nothing, and a known number with other content is told row by row.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, exports, text
from linbao.core.problems import Invalid
from linbao.duties import services as duties
from linbao.items import masking, services, signals, states
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.imports import spreadsheets
from linbao.items.models import Item, Party, PartyRole, Source
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.platform import bulk, queue
from linbao.platform.encryption.crypto import blind_index
from linbao.platform.models import next_number

BATCH = 500
FRESH = timedelta(hours=24)  # an emergency of an imported row is one that still wants help; before that it is history
URGENT_WORDS = ("是", "紧急", "特急", "urgent", "yes", "true", "1", "√")
LONGEST_NAME_OF_COLUMN = 30  # characters
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME, LONGEST_PLACE, LONGEST_NUMBER = 60, 20_000, 60, 200, 60
HEAD_ROWS = 20  # among which the names of the columns are looked for
MOST_GAP = 10_000  # blank rows in one stretch that are still counted as such
MOST_ERRORS = 1000  # kept in the report; the error file has all of them
MOST_SAMPLES, SAMPLE_CHARACTERS = 5, 80  # rows shown as they were understood; of their text
MOST_SKIPPED = 50  # rows of totals and signatures that are named
MOST_DIGITS = 15  # of a number that a spreadsheet keeps: further ones have become zeros
RUNNING = re.compile(r"\d{1,4}")  # a number that counts the rows of a sheet and begins anew in the next
OWN = re.compile(r"\d{6}-\d{6}-\d{4,}")  # an item's number, in a file that was exported here

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
KNOWN = tuple(word for words in COLUMNS.values() for word in words if len(word) > 1)
DATES = ("日期", "留言日期", "受理日期", "登记日期", "反映日期", "发生日期", "date")  # beside a column of times of day
NO_NUMBER = ("无", "暂无", "-", "--", "—", "/", "\\", "n/a", "null", "none", "nan", "0")
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
    # How the file was understood:
    sheet: str = ""
    others: list[str] = field(default_factory=list)  # filled sheets that were not read
    header: int = 0  # row that names the columns
    skipped: list[tuple[int, str]] = field(default_factory=list)  # totals and signatures: row, first words
    samples: list[dict[str, Any]] = field(default_factory=list)  # first rows as they are filed, persons masked
    warnings: list[tuple[int, str]] = field(default_factory=list)  # row and message; the row is filed all the same

    def as_dict(self) -> dict[str, Any]:
        """Everything but the errors, as plain JSON."""
        return {name: value for name, value in vars(self).items() if name != "errors"}


@dataclass
class Told:
    """A row of the sheet, understood. `at` is as written, though it may lie ahead by less than a day."""

    row: int
    number: str
    title: str
    text: str
    at: datetime | None
    user: str
    place: str
    urgent: bool | None  # as a column says; None: there is none


def header(path: Path) -> tuple[int, list[str]]:
    """The row that names the columns, by its number and its names: of the first rows the one in which most names
    are known (above it may stand a title), else the first with words. Names that stand in two rows, groups above their
    columns, are taken together, by the number of the second. Raises `Invalid` for an empty sheet."""
    lines = []
    with spreadsheets.read(path, most=HEAD_ROWS, columns=KNOWN) as sheet:
        for number, row in sheet.rows:
            names = [text.clean(str(v))[:LONGEST_NAME] if v is not None else "" for v in row]
            if any(names):
                lines.append((number, names, row))
    if not lines:
        raise Invalid(fields={"file": [_("表格是空的，没有标题行。")]})
    known = [_known(names) for _number, names, _row in lines]
    at = known.index(max(known))
    number, names, _row = lines[at]
    if at + 1 < len(lines) and lines[at + 1][0] == number + 1 and (both := _two_rows(names, lines[at + 1][2])):
        number, names = number + 1, both
    return number, _distinct(names)


def _known(names: Sequence[str]) -> int:
    """How many columns a row names, if it can be the head of a table: a title is one cell, what is filled in is
    none."""
    short = [n for n in names if len(n) <= LONGEST_NAME_OF_COLUMN and not _FILLED_IN.search(n)]
    result = guess(short)
    return len(result) if len(result) > 1 or ({"title", "text"} & set(result) and sum(map(bool, names)) > 1) else 0


_FILLED_IN = re.compile(r"[:：]\s*\S")  # `填报时间：11月`: no column's name


def _two_rows(upper: Sequence[str], lower: Sequence[Any]) -> list[str] | None:
    """The names of columns whose groups (`upper`) stand above them, `lower` being the row below; None where that
    holds data: it names a column only below a group that spans several, and says nothing else elsewhere."""
    width = max(len(upper), len(lower))
    above = [*upper, *([""] * (width - len(upper)))]
    below = [*(text.clean(str(v)) if v is not None else "" for v in lower), *([""] * (width - len(lower)))]
    if any(v is not None and not isinstance(v, str) for v in lower) or any(len(name) > 12 for name in below):
        return None
    spans = False
    for n, (group, name) in enumerate(zip(above, below, strict=True)):
        if not name or name == group:
            continue
        spanning = n + 1 < width and not above[n + 1] and bool(below[n + 1])
        inside = not group and any(above[:n])
        if not spanning and not inside:
            return None
        spans = True
    return [name or group for group, name in zip(above, below, strict=True)] if spans else None


def _distinct(names: Sequence[str]) -> list[str]:
    """Each column by a name of its own: the second `时间` is `时间（2）`."""
    times: dict[str, int] = {}
    rows = []
    for name in names:
        times[name] = times.get(name, 0) + 1
        rows.append(f"{name}（{times[name]}）" if name and times[name] > 1 else name)
    return rows


_MARKS = re.compile(r"[\s*＊:：]+")  # that people put around a column's name: `编 号`, `*标题`


def guess(names: Sequence[str]) -> dict[str, str]:
    """Which column holds what, by its name, also in traditional characters: `{"title": "标题", …}`."""
    result: dict[str, str] = {}
    plain = {n: _MARKS.sub("", text.comparable(n)) for n in names}
    for key, known in COLUMNS.items():
        for word in known:
            match = next((n for n in names if plain[n] == word and n not in result.values()), None)
            if match:
                result[key] = match
                break
        else:
            match = next(
                (
                    n
                    for n in names
                    if n and n not in result.values() and any(w in plain[n] for w in known if len(w) > 1)
                ),
                None,
            )
            if match:
                result[key] = match
    return result


def read_mapping(given: str) -> dict[str, str]:
    """`title=标题,text=内容` as the command line writes it; raises `Invalid`."""
    result: dict[str, str] = {}
    for pair in filter(None, (p.strip() for p in given.split(","))):
        key, equals, column = pair.partition("=")
        if not equals or key.strip() not in COLUMNS or not column.strip():
            raise Invalid(
                fields={
                    "map": [_("--map 应写成 title=标题,text=内容；可用：%(keys)s。") % {"keys": "、".join(COLUMNS)}]
                }
            )
        result[key.strip()] = column.strip()
    return result


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
    seen: dict[UUID, Told] = {}
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
        with spreadsheets.read(path, columns=KNOWN) as sheet:
            report.sheet, report.others = sheet.name, sheet.others
            report.warnings += [(row, _("这一行的引号没有闭合，已按原样读取。")) for row in sheet.quotes]
            days = next((n for n, name in enumerate(names) if _MARKS.sub("", text.comparable(name)) in DATES), None)
            details = _told(sheet.rows, start, columns, days, chosen, zone, report, wrong)
            while batch := list(islice(details, BATCH)):
                _file(batch, community, user, seen, report, wrong, dry=dry)
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
    days: int | None,
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
        if (label := _beside(row, columns)) is not None:
            if len(report.skipped) < MOST_SKIPPED:
                report.skipped.append((index, label))
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
        if days is not None and days < len(row) and row[days] is not None and _TIME_OF_DAY.fullmatch(str(raw).strip()):
            day = f"{row[days]:%Y-%m-%d}" if isinstance(row[days], datetime) else str(row[days]).strip()
            raw = f"{day} {str(raw).strip()}"
        if raw is not None and str(raw).strip():
            try:
                at = moment(raw, zone)
                if at > now + timedelta(days=1):
                    problems.append(
                        (names["time"], _("时间 %(at)s 在将来。") % {"at": f"{at.astimezone(zone):%Y-%m-%d}"})
                    )
            except (ValueError, OverflowError):
                problems.append((names["time"], _("无法识别的时间：“%(value)s”。") % {"value": tidy(raw)[:40]}))
        if problems:
            report.wrong += 1
            for column, message in problems:
                wrong(index, column, message)
            continue
        whole = body or title
        if len(title) > LONGEST_TITLE:
            whole = f"{title}\n{whole}" if title not in whole else whole
        number = tidy(cell(row, "number"))[:LONGEST_NUMBER]
        if number.lower() in NO_NUMBER:
            number = ""
        if _rounded(cell(row, "number")):
            number = ""
            if len(report.warnings) < MOST_ERRORS:
                message = _("编号超过 %(n)d 位，表格程序已丢失末尾数字，未采用编号；请把这一列设为文本后重新填写。")
                report.warnings.append((index, message % {"n": MOST_DIGITS}))
        details = Told(
            index,
            number,
            (title or " ".join(body.split()))[:LONGEST_TITLE],
            whole,
            at,
            tidy(cell(row, "user"))[:LONGEST_NAME],
            tidy(cell(row, "place"))[:LONGEST_PLACE],
            tidy(cell(row, "urgent")).lower() in URGENT_WORDS if "urgent" in columns else None,
        )
        if len(report.samples) < MOST_SAMPLES:
            report.samples.append(_sample(details, zone))
        yield details


_TIME_OF_DAY = re.compile(r"(?:[一-龥]{2}|[AaPp][Mm])? ?\d{1,2} ?[:：时点][^-/年]{0,12}")
_TOTAL = re.compile(r"(?:[本全][页月周季年]|以上)?(?:合计|总计|小计|共计|累计)[:：]?\d*[条件项个起]?")
_SIGNATURE = re.compile(r"(?:填表|制表|填报|审核|审批|登记|经办|负责)(?:人|单位|日期|时间)?[:：]")
_NOTE = re.compile(r"(?:备注|说明|注)[:：]")


def _beside(row: Sequence[Any], columns: Mapping[str, int]) -> str | None:
    """The first words of a row that is no matter of its own but a total, a signature or a note below the table."""
    filled = [(n, v) for n, v in enumerate(row) if v is not None and str(v).strip()]
    first, message = filled[0][0], "".join(str(filled[0][1]).split())
    long = any(n != first and len(str(v)) > 30 for n, v in filled)
    own = any(n != first and n == columns.get("text") and isinstance(v, str) for n, v in filled)
    alone = len(filled) == 1 and _NOTE.match(message)
    if not long and not own and (alone or _TOTAL.fullmatch(message) or _SIGNATURE.match(message)):
        return text.mask_within(" ".join(tidy(v) for _n, v in filled))[:SAMPLE_CHARACTERS]
    return None


def _rounded(number: Any) -> bool:
    """Whether a number has lost its last digits to a spreadsheet's arithmetic."""
    if isinstance(number, float):
        return abs(number) >= float(10**MOST_DIGITS)
    return isinstance(number, str) and bool(re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d+", number.strip()))


def _sample(told: Told, zone: Any) -> dict[str, Any]:
    """A row as it is understood, for the person who imports it; persons masked, for the report is kept (1.3.4)."""
    names = [told.user] if told.user else []
    return {
        "row": told.row,
        "number": told.number,
        "title": text.mask_within(told.title, names),
        "text": text.mask_within(told.text[:SAMPLE_CHARACTERS], names),
        "time": f"{told.at.astimezone(zone):%Y-%m-%d %H:%M}" if told.at else "",
        "user": text.mask_name(told.user),
        "place": text.mask_within(told.place),
        "urgent": bool(told.urgent),
    }


_FAULT = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")  # of a formula
_SPACES = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a]+")
_LINES = re.compile(r"\s*\n\s*")


def tidy(value: Any, *, lines: bool = False) -> str:
    """A cell as text: whole numbers without `.0`, white space put in order."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if _FAULT.fullmatch(str(value).strip()):
        return ""
    cleaned = _SPACES.sub(" ", text.clean(exports.plain(str(value))))
    return _LINES.sub("\n" if lines else " ", cleaned).strip()


_DATE = re.compile(
    r"(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2}) ?[日号]?"
    r"(?: ?[（(]?(?:星期|周)[一二三四五六日天][）)]?)?"
    r"(?:[ T]*(?P<half>[一-龥]{2}|[AaPp]\.?[Mm]\.?)? ?(?P<hour>\d{1,2}) ?[:时点] ?(?P<minute>\d{1,2}|半)?"
    r"(?: ?[:分] ?(?P<second>\d{1,2})(?:[.,]\d+)?)?[ 分秒整]*(?P<letter>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?\+\d{1,2}(?::?\d\d)?|(?:UTC|GMT)-\d{1,2}(?::?\d\d)?|CST|北京时间)?)?"
    r" ?(?:左右|前后|许)?(?: ?(?:--?|—|–|~|～|至|到) ?.*)?",  # of a stretch of time its beginning
    re.IGNORECASE,
)
_MORNING, _NIGHT = ("上午", "早上", "早晨", "清晨", "凌晨"), ("晚上", "夜里", "夜间", "深夜", "午夜", "晚间")
_AFTERNOON = ("下午", "傍晚", "中午")
# A dash behind hours and minutes alone is a stretch of time, not an offset.
_WITH_ZONE = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?| \d\d:\d\d:\d\d(?:\.\d+)?) ?(?:Z|[+-]\d\d:?\d\d)"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")


def moment(value: Any, zone: Any) -> datetime:
    """`2020/1/6 12:09:38`, `2020-01-06`, `2020年1月6日 下午3点`, `20200106`, Excel serials; raises `ValueError`."""
    if isinstance(value, datetime):
        return _year(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return _year(datetime(value.year, value.month, value.day, tzinfo=zone))
    message = str(value).strip()
    if isinstance(value, bool):
        raise ValueError("no time")
    if not isinstance(value, (int, float)):
        message = re.sub(r"\s+", " ", message.translate(str.maketrans("０１２３４５６７８９／－：", "0123456789/-:")))
        if _WITH_ZONE.fullmatch(message):
            return _year(datetime.fromisoformat(message.replace(" Z", "Z").replace(" +", "+")))
        if m := _DATE.fullmatch(message):
            return _year(_written(m, zone))
        if m := _COMPACT.fullmatch(message):
            year, month, day, hour, minute, second = m.groups()
            return _year(
                datetime(
                    int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
                )
            )
        try:
            return _year(
                datetime.fromisoformat(message)
                if datetime.fromisoformat(message).tzinfo
                else datetime.fromisoformat(message).replace(tzinfo=zone)
            )
        except ValueError:
            value = float(message)
    if 20_000 <= float(value) <= 80_000:  # days since 1899-12-30, as spreadsheets count
        return (datetime(1899, 12, 30) + timedelta(seconds=round(float(value) * 86_400))).replace(tzinfo=zone)
    if 19_000_101 <= float(value) <= 22_001_231:
        return moment(str(int(value)), zone)
    raise ValueError("no time")


def _written(m: re.Match[str], zone: Any) -> datetime:
    """The moment that `_DATE` matched; raises `ValueError` where its parts contradict each other."""
    half = m["half"] or m["letter"] or ""
    if half[:1] in "AaPp":
        half = {"a": "上午", "p": "下午"}.get(half[:1].lower(), "")
    if half and half not in (*_MORNING, *_NIGHT, *_AFTERNOON):
        raise ValueError("no part of a day")
    hour = int(m["hour"] or 0)
    if half in _MORNING:
        if hour > 12:
            raise ValueError("hour")
        hour = 0 if hour == 12 else hour
    elif half:
        # Noon may be told as eleven; one o'clock at night is of that day's first hours.
        first, last = (1, 10) if half == "中午" else (6, 12) if half in _NIGHT else (1, 11)
        hour += 12 if first <= hour <= last else 0
    minute = 30 if m["minute"] == "半" else int(m["minute"] or 0)
    next_day = hour == 24 and minute == 0
    at = datetime(
        int(m["year"]), int(m["month"]), int(m["day"]), 0 if next_day else hour, minute, int(m["second"] or 0) % 60
    )
    return (at + timedelta(days=1) if next_day else at).replace(tzinfo=_offset(m["zone"] or "", zone))


def _offset(name: str, zone: Any) -> tzinfo:
    """The zone that stands behind a time: none is the community's own."""
    if name.upper() in ("CST", "北京时间"):
        return timezone(timedelta(hours=8))
    if m := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", name, re.IGNORECASE):
        away = timedelta(hours=int(m[2]), minutes=int(m[3] or 0))
        return timezone(away if m[1] == "+" else -away)
    return UTC if name else zone


def _year(at: datetime) -> datetime:
    if not 1949 <= at.year <= 2100:
        raise ValueError("year")
    return at


def subcategory(words: str) -> str:
    """The subcategory that the words speak of; `opinion.other` when none does."""
    known = catalogue().subcategories
    return next((code for code, list_ in KEYWORDS if code in known and any(w in words for w in list_)), "opinion.other")


def _content(told: Told) -> str:
    """What a row says, as a digest: by it a second import is told from another matter with the same number."""
    return services.digest(
        {"title": told.title, "text": told.text, "at": told.at and told.at.astimezone(UTC), "place": told.place}
    )


def _id(community: UUID, told: Told) -> UUID:
    """Always the same for the same row; shaped and ordered like the others (UUIDv7)."""
    numbered = bool(told.number) and not RUNNING.fullmatch(told.number)
    key = f"{community}|{told.number}" if numbered else f"{community}||{_content(told)}|{told.user}"
    digest = bytearray(hashlib.sha256(b"linbao import " + key.encode()).digest()[:16])
    digest[:6] = max(0, int((told.at or datetime(2020, 1, 1, tzinfo=UTC)).timestamp() * 1000)).to_bytes(6, "big")
    if numbered:
        digest[:6] = bytes(6)
    digest[6], digest[8] = digest[6] & 0x0F | 0x70, digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def _file(
    batch: Sequence[Told],
    community: UUID,
    user: User,
    seen: dict[UUID, Told],
    report: Report,
    wrong: Callable[[int, str, str], None],
    *,
    dry: bool,
) -> None:
    def conflict(told: Told, message: str) -> None:
        report.wrong += 1
        wrong(told.row, report.mapping.get("number", report.mapping.get("text", "")), message)

    data: dict[UUID, Told] = {}
    own = _own(batch, user)
    for told in batch:
        if told.number in own:
            item = own[told.number]
            if item is None or _unchanged(told, item):
                report.existing += 1
            else:
                conflict(
                    told,
                    _("编号 %(number)s 是本系统的条目，这一行与它现在的内容不同；导入不更改已有条目。")
                    % {"number": told.number},
                )
            continue
        id_ = _id(community, told)
        if before := seen.get(id_):
            if told.number == before.number and _content(told) == _content(before):
                report.existing += 1
            elif told.number == before.number:
                conflict(
                    told,
                    _("编号 %(number)s 与第 %(row)d 行相同而内容不同，未导入。")
                    % {"number": told.number, "row": before.row},
                )
            else:
                conflict(told, _("与第 %(row)d 行的内容完全相同，未重复导入。") % {"row": before.row})
            continue
        seen[id_] = told
        data[id_] = told
    there = dict(Item.objects.filter(pk__in=list(data)).values_list("pk", "body_digest"))
    for id_, known in there.items():
        told = data.pop(id_)
        if known == _content(told):
            report.existing += 1
        else:
            conflict(
                told,
                _("编号 %(number)s 已导入过，这一行与那次的内容不同，未导入；如是更正，请在条目里修改。")
                % {"number": told.number},
            )
    fresh = data
    report.filed += len(fresh)
    urgent = _urgent(fresh, report)
    if dry or not fresh:
        return
    with transaction.atomic():
        items, parties = _rows(fresh, community, user, urgent)
        entries = [states.move(item, "submit", user, check=False) for item in items]
        unit = tree().by_id[community]
        day = clock.local(clock.now(), tree().setting(community, "time_zone"))
        last = next_number(f"item:{community}:{day:%y%m%d}", len(items))
        for n, item in enumerate(items):
            item.number = f"{unit.code[-6:]}-{day:%y%m%d}-{last - len(items) + 1 + n:04d}"
        due = {urgent: services.review_due(community, urgent, clock.now()) for urgent in {i.urgent for i in items}}
        bulk.insert(items, parties, entries)
        _index(items, unit.code)
        duties.change(
            open=[
                duties.make("review", unit_id=community, due_at=due[i.urgent], subject=i, round=0, title=i.heading)
                for i in items
            ],
            fresh=True,
        )

        queue.defer("items.check_items", items=[str(i.pk) for i in items])
        if opening := [i for i in items if i.urgent]:
            # Whoever brings them in sees them now: the call is owed from this moment.
            signals.urgent_submitted.send(sender=Item, items=opening, by=user, marked_at=clock.now())


def _own(batch: Sequence[Told], user: User) -> dict[str, Item | None]:
    """Items of this system by the numbers that rows carry, as a file has them that was exported here; None for one
    that `user` may not see: that it stands is reason enough to file it no second time."""
    numbers = [t.number for t in batch if OWN.fullmatch(t.number)]
    if not numbers:
        return {}
    result: dict[str, Item | None] = {}
    for number in Item.objects.filter(number__in=numbers).values_list("number", flat=True):
        result[str(number)] = None
    for item in Item.objects.visible_to(user).filter(number__in=list(result)):
        result[str(item.number)] = item
    return result


def _unchanged(told: Told, item: Item) -> bool:
    return told.title == tidy(item.title)[:LONGEST_TITLE] and told.text == (
        tidy(item.narrative, lines=True) or told.title
    )


def _urgent(fresh: Mapping[UUID, Told], report: Report) -> set[UUID]:
    """Which rows are emergencies that ring (2.3.2): marked so by a column, or without one of an emergency's
    subcategory, and of the last 24 hours. Older ones are history: counted, and filed without the mark."""
    known, since = catalogue().subcategories, clock.now() - FRESH
    result = set()
    for id_, details in fresh.items():
        code = subcategory(f"{details.title}\n{details.text[:600]}")
        emergency = code in known and known[code].emergency
        if not (emergency if details.urgent is None else details.urgent):
            continue
        if details.at is not None and details.at >= since:  # also what lies ahead by hours: a clock that is wrong
            result.add(id_)
            report.urgent += 1
        else:
            report.urgent_past += 1
    return result


def _rows(fresh: Mapping[UUID, Told], community: UUID, user: User, urgent: set[UUID]) -> tuple[list[Item], list[Party]]:
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

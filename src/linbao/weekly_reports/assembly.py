"""What a weekly report holds: taken in from items and activities, computed, and laid out as a document (2.3.1, 4.1.2).

`facts` of a report, JSON-ready, people masked, times ISO 8601 in UTC: `items` (one entry per submitted item;
sensitive ones by number and category only), `activities`, `last_week` (what became of the report before), `printed`
(ids of the items that are quoted in these facts or in a document that was made of earlier ones) and
`last_report` (the Monday of that report's week: a later one, where this week was confirmed after it), `photos` and
`files` (attachments), `findings` (lines computed for part three).
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from linbao.core import clock, text
from linbao.core.wording import official
from linbao.items import visibility
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import (
    Activity,
    ActivityKind,
    Attachment,
    AttachmentKind,
    Category,
    Item,
    PartyRole,
    Sensitivity,
    Source,
    Status,
)
from linbao.organisation.models import RoleGrant, User
from linbao.organisation.tree import tree
from linbao.weekly_reports import weeks
from linbao.weekly_reports.models import ReportStatus, WeeklyReport

NUMERALS = "一二三四五六七八九十"
DONE = frozenset({Status.RESOLVED, Status.INFORMED, Status.EVALUATED, Status.CLOSED})
BY_NUMBER = ("number", "category", "sensitivity")  # all that stands of an item that a reader may not read
WEEKS_BEFORE = 4  # that part three compares with
REPEATED = 3  # as many of a kind within those weeks and this report are a repeated matter
NOT_WRITTEN = "（报告员未填写。）"
Facts = dict[str, Any]


def take_in(report: WeeklyReport) -> None:
    """Mark everything of the reporter or group that no report has taken in as this report's; two statements. What is
    being filed in this very moment waits for the next one, so that nothing is in two reports or in none (4.1.1)."""
    Item.objects.filter(_whose(report), weekly_report__isnull=True, arrived_at__isnull=False).update(
        weekly_report=report.pk
    )
    Activity.objects.filter(_whose(report), weekly_report__isnull=True).update(weekly_report=report.pk)


def let_go(report: WeeklyReport) -> None:
    """Undo `take_in`: a confirmation was taken back."""
    Item.objects.filter(weekly_report=report.pk).update(weekly_report=None)
    Activity.objects.filter(weekly_report=report.pk).update(weekly_report=None)


@official()
def gather(report: WeeklyReport) -> list[str]:
    """Set `facts` and the period covered from what the report took in, or would take in now; the row is not saved.
    Returns the names of the parties, which no text of the report may contain (1.3.4).

    About ten statements, whatever the week holds.
    """
    items, activities = _contents(report)
    previous = _before(report)
    if report.status == ReportStatus.ASSEMBLED:
        report.covers_from, report.covers_until = previous.covers_until if previous else None, clock.now()
    attachments = _attachments(items)
    before = report.facts.get("printed", ()) if report.version > 1 or report.status == ReportStatus.RETURNED else ()
    entries, progress = [_entry(i, report) for i in items], _progress(previous)
    report.facts = {
        "items": entries,
        "activities": [
            {
                "kind": a.kind,
                "starts_at": a.starts_at.isoformat(),
                "place": _masked(a.place),
                "people": a.people,
                "after": _after_week(a.starts_at, report),
            }
            for a in activities
        ],
        "last_week": progress,
        "printed": sorted({*before, *(e["id"] for e in (*entries, *progress) if e.get("title"))}),
        "last_report": previous.week.isoformat() if previous else None,
        **attachments,
        "findings": _findings(report, items),
    }
    return _names_in(items)


def names(report: WeeklyReport) -> list[str]:
    """Names of the parties of what the report took in, or would take in now: none of them goes out (1.3.4)."""
    items, _activities = _contents(report)
    return _names_in(items)


def draft(facts: Facts) -> dict[str, str]:
    """Parts three and four as offered to the reporter for editing: computed facts first, then what the items' own
    analyses and suggestions say. Words that nobody wrote and nothing computed do not appear."""
    entries = facts.get("items", ())
    findings = list(facts.get("findings", ()))
    return {
        "analysis": "\n".join([*findings, *_numbered(e["analysis"] for e in entries if e.get("analysis"))]),
        "suggestion": "\n".join(_numbered(e["suggestion"] for e in entries if e.get("suggestion"))),
    }


def for_reader(report: WeeklyReport, reader: User | None) -> WeeklyReport:
    """A copy of the report as `reader` may read it; None: as documents and mails carry it (1.3.4). Not to be saved.

    Items that the reader may not read stand by number and category; what others quoted of them is left out of
    findings, texts and reasons. One statement.
    """
    shown = copy.copy(report)
    entries, progress = report.facts.get("items", []), report.facts.get("last_week", [])
    progress = _identified(report, progress)
    hidden = visibility.withheld([e["id"] for e in (*entries, *progress) if e.get("id")], reader)
    if not hidden:
        return shown
    ids, numbers = {str(i.pk) for i in hidden}, {i.number for i in hidden}

    def strip(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{k: e[k] for k in BY_NUMBER if k in e} if e.get("id") in ids else e for e in rows]

    shown.facts = report.facts | {
        "items": strip(entries),
        "last_week": strip(progress),
        "photos": [p for p in report.facts.get("photos", ()) if p["number"] not in numbers],
        "files": [f for f in report.facts.get("files", ()) if f["number"] not in numbers],
    }
    beside = json.dumps([shown.facts["items"], shown.facts["last_week"]], ensure_ascii=False)
    phrases = set().union(
        *(visibility.phrases(i) for i in hidden),
        *(_phrases(e) for e in (*entries, *progress) if e.get("id") in ids),  # as they read when it was assembled
    )

    def redact(value: str) -> str:
        return visibility.redact(value, phrases, beside)

    shown.facts["findings"] = [redact(line) for line in report.facts.get("findings", ())]
    shown.texts = {name: redact(value) for name, value in report.texts.items()}
    shown.nil_reason, shown.timing_reason = redact(report.nil_reason), redact(report.timing_reason)
    shown.findings = [f | {"words": redact(f["words"])} for f in report.findings]
    return shown


def _identified(report: WeeklyReport, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rows` of the facts with the id of their item: reports of before kept last week's by number alone. No statement
    where all have one."""
    numbers = [e["number"] for e in rows if not e.get("id") and e.get("number")]
    if not numbers:
        return rows
    matches = Item.objects.filter(community_id=report.community_id, number__in=numbers)
    ids = {number: str(pk) for number, pk in matches.values_list("number", "pk")}
    return [e if e.get("id") else e | {"id": ids.get(e.get("number", ""), "")} for e in rows]


def _phrases(entry: dict[str, Any]) -> set[str]:
    lines = [entry.get("title", ""), entry.get("place", ""), *entry.get("key_points", ())]
    texts = [entry.get(name, "") for name in ("narrative", "analysis", "suggestion", "result")]
    return visibility.phrases_in(lines, texts)


def documents_open_to(report: WeeklyReport, reader: User | None) -> bool:
    """Whether `reader` (None: whoever receives a mail) may have the report's documents: they quote no item
    that has become restricted since and that `reader` may not open. One statement."""
    printed = report.facts.get("printed")
    if printed is None:  # made before it was noted: whatever the report names
        rows = _identified(report, [*report.facts.get("items", ()), *report.facts.get("last_week", ())])
        printed = [e["id"] for e in rows if e.get("id")]
    return not visibility.withheld(printed, reader)


def period(report: WeeklyReport) -> str:
    """The period truly covered, in words: `2026年11月20日14时05分至2026年11月27日14时00分`."""
    zone = tree().setting(report.community_id, "time_zone")

    def moment(at: datetime) -> str:
        return clock.written_moment(clock.local(at, zone))

    until = moment(report.covers_until or clock.now())
    return f"{moment(report.covers_from)}至{until}" if report.covers_from else f"截至{until}"


@official()
def summary(facts: Facts) -> str:
    """How much is in a report, on one line: `8 条（社情民意 3、环境卫生 5），紧急 1 条，补报 2 条`."""
    entries = facts.get("items", ())
    if not entries:
        return "本期无上报事项"
    counts = Counter(e["category"] for e in entries)
    kinds = "、".join(f"{c.label} {counts[c]}" for c in Category if counts[c])
    more = (("紧急", sum(e["urgent"] for e in entries)), ("补报", sum(e["late"] for e in entries)))
    return "，".join([f"{len(entries)} 条（{kinds}）", *(f"{name} {n} 条" for name, n in more if n)])


def overtaken_by(report: WeeklyReport) -> date | None:
    """The Monday of the later week whose report was confirmed before this one and took in what this week's people had
    filed until then; None where the weeks were reported in their order (2.3.1)."""
    before = report.facts.get("last_report")
    later = date.fromisoformat(before) if before else None
    return later if later is not None and later > report.week else None


def outside(report: WeeklyReport) -> dict[str, int]:
    """How much of a report lies outside the week that it is named after: `late` and `after` of items, `activities`."""
    entries, activities = report.facts.get("items", ()), report.facts.get("activities", ())
    return {
        "late": sum(bool(e["late"]) for e in entries),
        "after": sum(bool(e.get("after")) for e in entries),
        "activities": sum(bool(a.get("after")) for a in activities),
    }


@official()
def content(report: WeeklyReport) -> dict[str, Any]:
    """The report as a document (`documents.services.issue`): five parts and the table, in fixed order (4.1.2); items
    that are restricted now by number and category, whatever they were when it was assembled."""
    shown = for_reader(report, None)
    zone = tree().setting(report.community_id, "time_zone")
    unit = tree().name(report.community_id)
    group = tree().name(report.work_group_id) if report.by_group else ""
    labels = {**draft(shown.facts), **shown.texts}
    return {
        "title": f"{unit}信息周报",
        "subtitle": clock.week_name(report.week),
        "unit": unit,
        "issuer": f"{unit}信息报告",
        "number": report.number,
        "to": "社区管理部门",
        "sections": [
            {"heading": "一、信息来源", "blocks": [_text(line) for line in _sources(report, shown)]},
            {"heading": "二、具体情况", "blocks": _matters(shown, zone)},
            {"heading": "三、分析结论", "blocks": _written(labels["analysis"])},
            {"heading": "四、建议措施", "blocks": _written(labels["suggestion"])},
            {"heading": "五、上周事项办理进展", "blocks": _progress_blocks(shown)},
            {"heading": "六、统计", "blocks": [{"kind": "table", "rows": _table(report.facts["items"])}]},
        ],
        "attachments": _annexes(shown.facts),
        "photos": [{"sha256": p["sha256"], "caption": p["caption"]} for p in shown.facts.get("photos", ())],
        "signature": f"{group}　{report.reporter.name}" if group else report.reporter.name,
        "date": clock.written(clock.local(report.confirmed_at or clock.now(), zone)),
    }


# --- facts -------------------------------------------------------------------------------------


def _whose(report: WeeklyReport) -> Q:
    """Items and activities of the reporter; of a group also what its present members filed before they were in it."""
    if not report.by_group:
        return Q(reporter_id=report.reporter_id)
    members = RoleGrant.objects.current().filter(unit=report.work_group_id, role__in=weeks.REPORTING_ROLES)
    return Q(work_group_id=report.work_group_id) | Q(reporter_id__in=list(members.values_list("user_id", flat=True)))


def _contents(report: WeeklyReport) -> tuple[list[Item], list[Activity]]:
    """What the report took in, or would take in now."""
    belongs = Q(weekly_report=report.pk)
    if report.status == ReportStatus.ASSEMBLED:
        belongs |= _whose(report) & Q(weekly_report__isnull=True)
    items = (
        Item.objects.filter(belongs, arrived_at__isnull=False)
        .select_related("merged_into")
        .prefetch_related("parties")
        .order_by("-priority", "arrived_at", "id")
    )
    return list(items), list(Activity.objects.filter(belongs).order_by("starts_at", "id"))


def _before(report: WeeklyReport) -> WeeklyReport | None:
    """The confirmed report of the same reporter or group whose period ended where this one's begins."""
    before = WeeklyReport.objects.of(report).exclude(pk=report.pk).exclude(status=ReportStatus.ASSEMBLED)
    if report.status != ReportStatus.ASSEMBLED:
        before = before.filter(covers_until=report.covers_from) if report.covers_from else before.none()
    return before.order_by("-covers_until").first()


def _names(item: Item) -> list[str]:
    return [p.name for p in item.parties.all() if p.name]


def _names_in(items: Iterable[Item]) -> list[str]:
    return [name for item in items for name in _names(item)]


def _masked(value: str, names: Iterable[str] = ()) -> str:
    return text.mask_within(value, names=list(names))


def _entry(item: Item, report: WeeklyReport) -> dict[str, Any]:
    """One item as the report tells it; a sensitive or confidential one by number and category alone (1.3.4)."""
    entry: dict[str, Any] = {
        "id": str(item.pk),
        "number": item.number,
        "category": item.category,
        "sensitivity": item.sensitivity,
        "status": item.status,
        "urgent": item.urgent,
        "merged_into": item.merged_into.number if item.merged_into else None,
        "arrived_at": item.arrived_at.isoformat() if item.arrived_at else None,
        "reported_at": item.reported_at.isoformat() if item.reported_at else None,
        "late": _arrived_late(item, report),
        "after": _after_week(item.reported_at, report),
    }
    if item.restricted:
        return entry
    names = _names(item)
    proposer = next((p for p in item.parties.all() if p.role == PartyRole.PROPOSER), None)
    return entry | {
        "subcategory": catalogue().official(item.subcategory),
        "subcategory_code": item.subcategory,
        "title": _masked(item.title, names),
        "narrative": _masked(item.narrative, names)[:1000],
        "key_points": [_masked(k, names) for k in item.key_points],
        "place": _masked(item.place, names),
        "occurred_at": item.occurred_at.isoformat() if item.occurred_at else None,
        "said_by": text.mask_name(proposer.name or "") if proposer else "",
        "source": item.source,
        "analysis": _masked(item.analysis, names)[:600],
        "suggestion": _masked(item.suggestion, names)[:600],
    }


def _arrived_late(item: Item, report: WeeklyReport) -> bool:
    """Whether an item belongs, by its own time of reporting, to a week before this report's (补报)."""
    if item.reported_at is None:
        return False
    begins = weeks.begins(report.community_id, report.week)
    return item.reported_at < begins or (report.covers_from is not None and item.reported_at < report.covers_from)


def _after_week(at: datetime | None, report: WeeklyReport) -> bool:
    """Whether something lies behind the week that a report is named after: it was confirmed late, and covers what
    arrived until then (2.3.1)."""
    return at is not None and at >= weeks.begins(report.community_id, report.week + weeks.WEEK)


def _progress(previous: WeeklyReport | None) -> list[dict[str, Any]]:
    """What became of the items of the report before; sensitive ones by number alone."""
    if previous is None:
        return []
    items = Item.objects.filter(weekly_report=previous.pk).prefetch_related("parties").order_by("arrived_at", "id")
    progress = []
    for item in items:
        close = item.restricted
        progress.append(
            {
                "id": str(item.pk),
                "number": item.number,
                "category": item.category,
                "sensitivity": item.sensitivity,
                "title": "" if close else _masked(item.title, _names(item)),
                "status": item.status,
                "result": "" if close else _masked(item.result, _names(item))[:300],
            }
        )
    return progress


def _attachments(items: Sequence[Item]) -> dict[str, list[dict[str, Any]]]:
    """Photos and other files that were filed with the items; none of sensitive ones."""
    open_items = {i.pk: i for i in items if not i.restricted and i.status != Status.WITHDRAWN}
    photos, files = [], []
    rows = Attachment.objects.filter(item__in=open_items, stage="report").order_by("item__arrived_at", "order", "id")
    for row in rows:
        item = open_items[row.item_id]  # type: ignore[index]  # filtered: each has an item
        caption = _masked(row.caption or item.title, _names(item))
        entry = {"id": str(row.pk), "number": item.number, "caption": f"{item.number}　{caption}"}
        if row.kind == AttachmentKind.PHOTO and row.shown:
            photos.append(entry | {"sha256": row.shown})
        else:
            files.append(entry | {"kind": str(AttachmentKind(row.kind).label)})
    return {"photos": photos, "files": files}


# --- part three --------------------------------------------------------------------------------


def _findings(report: WeeklyReport, items: Sequence[Item]) -> list[str]:
    """The computed lines of part three: counts against the four weeks before, urgent and overdue matters, repeated
    places and kinds (2.2.2)."""
    begins = weeks.begins(report.community_id, report.week)
    if report.covers_from is not None:  # a week confirmed after a later one begins where that one ended
        begins = max(begins, report.covers_from)
    earlier = list(
        Item.objects.filter(_whose(report), arrived_at__gte=begins - WEEKS_BEFORE * weeks.WEEK, arrived_at__lt=begins)
        .exclude(pk__in=[i.pk for i in items])
        .exclude(status=Status.MERGED)
        .only("category", "subcategory", "place", "number", "sensitivity")
    )
    counted = [i for i in items if i.status not in (Status.MERGED, Status.WITHDRAWN)]
    span = _weeks_from(
        min([begins - WEEKS_BEFORE * weeks.WEEK, *(i.arrived_at for i in items if i.arrived_at)]), report
    )
    return [
        *_counts(counted, earlier),
        *_urgent(counted),
        *_overdue(report),
        *_repeated_places(counted, earlier, span),
        *_repeated_kinds(counted, earlier, span),
    ]


def _weeks_from(since: datetime, report: WeeklyReport) -> str:
    """How many weeks lie between a moment and the end of what a report covers, in words: `五`."""
    count = max(1, -((since - (report.covers_until or clock.now())) // weeks.WEEK))
    return NUMERALS[count - 1] if count <= len(NUMERALS) else str(count)


def _counts(items: Sequence[Item], earlier: Sequence[Item]) -> list[str]:
    if not items and not earlier:
        return []
    kinds = Counter(i.category for i in items)
    parts = "，".join(f"{Category(c).label} {kinds[c]} 条" for c in Category.values if kinds[c])
    average = len(earlier) / WEEKS_BEFORE
    mean = f"{average:.1f}".removesuffix(".0")
    change = len(items) - average
    difference = f"{abs(change):.1f}".removesuffix(".0")
    compared = "与之持平" if not change else f"{'多' if change > 0 else '少'} {difference} 条"
    return [f"本期信息 {len(items)} 条{f'（{parts}）' if parts else ''}，此前四周平均每周 {mean} 条，{compared}。"]


def _urgent(items: Sequence[Item]) -> list[str]:
    urgent = [i for i in items if i.urgent]
    return [f"紧急信息 {len(urgent)} 条：{_numbers(urgent)}。"] if urgent else []


def _overdue(report: WeeklyReport) -> list[str]:
    overdue = Item.objects.filter(_whose(report), status=Status.HANDLING, due_at__lt=clock.now()).order_by("due_at")
    rows = list(overdue.only("number")[:20])
    return [f"超过办理期限尚未办结 {len(rows)} 条：{_numbers(rows)}。"] if rows else []


def _repeated_places(items: Sequence[Item], earlier: Sequence[Item], span: str) -> list[str]:
    def place(item: Item) -> str:
        return "" if item.restricted else "".join(item.place.split())

    now = Counter(place(i) for i in items)
    every = now + Counter(place(i) for i in earlier)
    repeated = [(p, n) for p, n in every.most_common() if p and n >= 2 and now[p]][:5]
    places = "，".join(f"{_masked(p)} {n} 条" for p, n in repeated)
    return [f"同一地点{span}周内多次出现：{places}。"] if repeated else []


def _repeated_kinds(items: Sequence[Item], earlier: Sequence[Item], span: str) -> list[str]:
    now = Counter(i.subcategory for i in items if not i.restricted)
    every = now + Counter(i.subcategory for i in earlier if not i.restricted)
    repeated = [(s, n) for s, n in every.most_common() if s and n >= REPEATED and now[s]][:5]
    kinds = "，".join(f"{catalogue().official(s)} {n} 条" for s, n in repeated)
    return [f"同类事项{span}周内多次出现：{kinds}。"] if repeated else []


def _numbers(items: Iterable[Item]) -> str:
    return "、".join(i.number or "" for i in items)


# --- layout ------------------------------------------------------------------------------------


def _text(value: str) -> dict[str, str]:
    return {"kind": "text", "text": value}


def _written(value: str) -> list[dict[str, str]]:
    lines = [line.strip() for line in value.split("\n") if line.strip()]
    return [_text(line) for line in lines] or [_text(NOT_WRITTEN)]


def _numbered(lines: Iterable[str]) -> list[str]:
    return [f"{n}. {' '.join(line.split())}" for n, line in enumerate(lines, 1)]


def _sources(report: WeeklyReport, shown: WeeklyReport) -> list[str]:
    """Part one: all is counted; the reasons as they are `shown`."""
    entries, activities = report.facts["items"], report.facts["activities"]
    kinds = Counter(a["kind"] for a in activities)
    visits = "、".join(f"{ActivityKind(k).label} {n} 次" for k, n in kinds.items()) or "未登记收集活动"
    ways = Counter(e["source"] for e in entries if e.get("source"))
    sources = "、".join(f"{Source(k).label} {n} 条" for k, n in ways.items())
    people = sum(a["people"] for a in activities)
    lines = [
        f"本报告涵盖{period(report)}到达的信息和收集活动。{_out_of_order(report)}",
        f"本期{visits}"
        + (f"，接触居民 {people} 人次" if people else "")
        + f"；上报信息 {len(entries)} 条"
        + (f"，其中{sources}" if sources else "")
        + "。",
    ]
    if report.nil_reason:
        lines.append(f"本期为零报告：{shown.nil_reason}")
    if report.timing_reason:
        early = (report.confirmed_at or clock.now()) < weeks.due(report.community_id, report.week)
        lines.append(f"{'提前' if early else '逾期'}报送的原因：{shown.timing_reason}")
    return lines


def _out_of_order(report: WeeklyReport) -> str:
    """What does not lie in the week that the report is named after, and why (2.3.1); empty where all does."""
    later, count = overtaken_by(report), outside(report)
    message = (
        f"{clock.week_name(later)}的周报已先行报送，此前到达的信息均在其中；本报告为迟报的{clock.week_name(report.week)}周报。"
        if later
        else ""
    )
    parts = [f"补报的信息 {count['late']} 条"] if count["late"] else []
    parts += [f"本周之后上报的信息 {count['after']} 条"] if count["after"] else []
    parts += [f"本周之后的收集活动 {count['activities']} 次"] if count["activities"] else []
    return message + (f"其中{'，'.join(parts)}。" if parts else "")


def _matters(report: WeeklyReport, zone: str | None) -> list[dict[str, Any]]:
    """Part two: by category, each matter once; merged duplicates are named at the item that carries them on."""
    entries = report.facts["items"]
    if not entries:
        return [_text("本期无上报事项。")]
    numbers = {e["number"] for e in entries}
    merged: dict[str, list[str]] = {}
    for entry in entries:
        if entry.get("merged_into") in numbers:
            merged.setdefault(entry["merged_into"], []).append(entry["number"])
    shown = [e for e in entries if e.get("merged_into") not in numbers]
    blocks: list[dict[str, Any]] = []
    categories = [c for c in Category.values if any(e["category"] == c for e in shown)]
    for position, category in enumerate(categories):
        blocks.append({"kind": "sub", "text": f"（{NUMERALS[position]}）{Category(category).label}"})
        for n, entry in enumerate((e for e in shown if e["category"] == category), 1):
            blocks.append(_text(f"{n}. {_matter(entry, merged.get(entry['number'], []), zone)}"))
    return blocks


def _matter(entry: dict[str, Any], merged: Sequence[str], zone: str | None) -> str:
    """One matter in words; a restricted one by its number, under its category."""
    if not entry.get("title"):
        return f"{entry['number']}（{Sensitivity(entry['sensitivity']).label}，内容须登录系统查阅）。"

    def moment(name: str) -> str:
        at = datetime.fromisoformat(entry[name]) if entry.get(name) else None
        return clock.written_moment(clock.local(at, zone)) if at else ""

    mark = "【紧急】" if entry["urgent"] else ""
    outside_week = "补报" if entry["late"] else "本周之后" if entry.get("after") else ""
    late = f"（{outside_week}：{moment('reported_at')}上报，{moment('arrived_at')}到达）" if outside_week else ""
    state = f"与 {entry['merged_into']} 为同一事项，已合并。" if entry["merged_into"] else ""
    state = state or f"目前{Status(entry['status']).label}。"
    points = f"要点：{'；'.join(entry['key_points'])}。" if entry.get("key_points") else ""
    reported_by = f"，{entry['said_by']}反映" if entry.get("said_by") else ""
    narrative = " ".join(entry["narrative"].split())
    narrative += "" if not narrative or narrative[-1] in "。！？…" else "。"
    also = f"同一事项另有 {'、'.join(merged)}。" if merged else ""
    head = "，".join(part for part in (moment("occurred_at"), entry["place"]) if part)
    return f"{mark}{entry['title']}（{entry['number']}）{late}：{head}{reported_by}。{narrative}{points}{also}{state}"


def _progress_blocks(report: WeeklyReport) -> list[dict[str, str]]:
    """What became of the report before; which one that was, where it is not that of the week before."""
    progress, before = report.facts["last_week"], report.facts.get("last_report")
    named = before is not None and date.fromisoformat(before) != report.week - weeks.WEEK
    lines = [f"上一份周报为{clock.week_name(date.fromisoformat(before))}。"] if named else []
    lines += [
        f"{n}. {e['number']}　{e['title']}：{Status(e['status']).label}。{e['result']}"
        if e.get("title")
        else f"{n}. {e['number']}（{Category(e['category']).label}，内容须登录系统查阅）。"
        for n, e in enumerate(progress, 1)
    ]
    return [_text(line) for line in lines] if progress else [*map(_text, lines), _text("上期无上报事项。")]


def _annexes(facts: Facts) -> list[str]:
    """The list of attachments under the body: the photos of the annex pages, and files that stay in the system."""
    photos, files = facts.get("photos", ()), facts.get("files", ())
    lines = [f"现场照片 {len(photos)} 张（见附页）"] if photos else []
    return lines + [f"{f['number']}　{f['kind']}（在系统内查阅）" for f in files]


def _table(entries: Sequence[dict[str, Any]]) -> list[list[str]]:
    rows = [["类别", "上报", "其中合并", "其中撤回", "紧急", "已办结"]]
    for category in [*Category.values, ""]:
        of_kind = [e for e in entries if not category or e["category"] == category]
        counts = [
            len(of_kind),
            sum(e["status"] == Status.MERGED for e in of_kind),
            sum(e["status"] == Status.WITHDRAWN for e in of_kind),
            sum(e["urgent"] for e in of_kind),
            sum(e["status"] in DONE for e in of_kind),
        ]
        rows.append([str(Category(category).label) if category else "合计", *map(str, counts)])
    return rows

"""The week's facts for one reporter, read off items and activities; nothing is typed again (2.3.1, 4.1.2)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from linbao.base import clock, text
from linbao.collection.activities import week_bounds
from linbao.collection.catalogue import catalogue
from linbao.collection.models import Activity, ActivityKind, Attachment, Category, Item, PartyRole, Source, Status
from linbao.reporting.models import WeeklyReport
from linbao.units.models import User
from linbao.units.tree import tree

NUMERALS = "一二三四五六七八九十"


def facts(report: WeeklyReport) -> dict[str, Any]:
    """Items filed and activities held in the report's week by its reporter or work group, what became of last
    week's, counts, names of attachments.

    JSON-ready; people are masked, times ISO 8601 in UTC. Five queries whatever the week holds.
    """
    starts, ends = week_bounds(report.week, report.community_id)
    whose = {"work_group_id": report.work_group_id} if report.by_group else {"reporter_id": report.reporter_id}
    items = list(
        Item.objects.filter(**whose, reported_at__gte=starts, reported_at__lt=ends)
        .exclude(status__in=[Status.DRAFT, Status.WITHDRAWN])
        .prefetch_related("parties")
        .order_by("-priority", "reported_at")
    )
    activities = Activity.objects.filter(**whose, starts_at__gte=starts, starts_at__lt=ends).order_by("starts_at")
    held = list(activities.values("kind", "starts_at", "place", "people"))
    before = Item.objects.filter(**whose, reported_at__gte=starts - timedelta(days=7), reported_at__lt=starts).exclude(
        status__in=[Status.DRAFT, Status.WITHDRAWN]
    )
    files = (
        Attachment.objects.filter(item__in=[i.pk for i in items], stage="report")
        .order_by("created_at")
        .values_list("name", flat=True)
    )
    return {
        "activities": [{**a, "starts_at": a["starts_at"].isoformat()} for a in held],
        "items": [_line(i) for i in items],
        "last_week": [{"number": i.number, "title": text.mask_within(i.title), "status": i.status, "result": text.mask_within(i.result)[:300]} for i in before.order_by("reported_at")],
        "attachments": list(files),
    }  # fmt: skip


def _line(item: Item) -> dict[str, Any]:
    proposer = next((p for p in item.parties.all() if p.role == PartyRole.PROPOSER), None)
    return {
        "number": item.number, "category": item.category, "subcategory": catalogue().official(item.subcategory), "title": text.mask_within(item.title),
        "narrative": text.mask_within(item.narrative)[:1000], "place": item.place, "occurred_at": item.occurred_at.isoformat() if item.occurred_at else None,
        "said_by": text.mask_name(proposer.name or "") if proposer else "", "source": item.source, "status": item.status, "urgent": item.urgent,
        "analysis": text.mask_within(item.analysis)[:600], "suggestion": text.mask_within(item.suggestion)[:600],
    }  # fmt: skip


def content(
    facts: dict[str, Any],
    words: dict[str, str],
    *,
    week: date,
    community_id: UUID,
    reporter: User,
    number: str,
    nil_reason: str,
    confirmed_at: datetime,
    group: str = "",
) -> dict[str, Any]:
    """The report as a document (`documents.actions.issue`): five parts and the table, in fixed order (4.1.2)."""
    zone = tree().setting(community_id, "time_zone")
    name = tree().name(community_id)
    items, held = facts["items"], facts["activities"]
    return {
        "title": f"{name}信息周报（{clock.week_name(week)}）", "unit": name, "issuer": f"{name}信息报告", "number": number, "to": "社区管理部门",
        "sections": [
            {"heading": "一、信息来源", "blocks": [_text(_sources(held, items, nil_reason))]},
            {"heading": "二、具体情况", "blocks": _matters(items, zone, nil_reason)},
            {"heading": "三、分析结论", "blocks": [_text(words.get("analysis") or _joined(items, "analysis") or "本周情况平稳。")]},
            {"heading": "四、建议措施", "blocks": [_text(words.get("suggestion") or _joined(items, "suggestion") or "无。")]},
            {"heading": "五、上周事项办理进展", "blocks": [_text(f"{i['number']}　{i['title']}：{Status(i['status']).label}。{i['result']}") for i in facts["last_week"]] or [_text("上周无上报事项。")]},
            {"heading": "六、统计", "blocks": [{"kind": "table", "rows": _table(items)}]},
        ],
        "attachments": facts["attachments"], "signature": f"{group}　{reporter.name}" if group else reporter.name, "date": clock.written(clock.local(confirmed_at, zone)),
    }  # fmt: skip


def _text(words: str) -> dict[str, str]:
    return {"kind": "text", "text": words}


def _sources(held: list[dict[str, Any]], items: list[dict[str, Any]], nil_reason: str) -> str:
    kinds = Counter(a["kind"] for a in held)
    told = "、".join(f"{ActivityKind(k).label} {n} 次" for k, n in kinds.items()) or "未开展集中收集活动"
    ways = "、".join(f"{Source(k).label} {n} 条" for k, n in Counter(i["source"] for i in items if i["source"]).items())
    people = sum(a["people"] for a in held)
    return (
        f"本周{told}"
        + (f"，接触居民 {people} 人" if people else "")
        + f"；上报信息 {len(items)} 条"
        + (f"，其中{ways}" if ways else "")
        + "。"
        + (f"本周为零报告：{nil_reason}" if nil_reason else "")
    )


def _matters(items: list[dict[str, Any]], zone: str | None, nil_reason: str) -> list[dict[str, Any]]:
    if not items:
        return [_text(f"本周无上报事项。{nil_reason}")]
    blocks: list[dict[str, Any]] = []
    told = [c for c in Category.values if any(i["category"] == c for i in items)]
    for number, category in enumerate(told):
        of_kind = [i for i in items if i["category"] == category]
        blocks.append({"kind": "sub", "text": f"（{NUMERALS[number]}）{Category(category).label}"})
        for place, i in enumerate(of_kind, 1):
            when = (
                clock.written(clock.local(datetime.fromisoformat(i["occurred_at"]), zone)) if i["occurred_at"] else ""
            )
            said = f"，{i['said_by']}反映" if i["said_by"] else ""
            blocks.append(
                _text(
                    f"{place}. {'【紧急】' if i['urgent'] else ''}{i['title']}（{i['number']}）：{when}，{i['place']}{said}。{i['narrative']}目前{Status(i['status']).label}。"
                )
            )
    return blocks


def _joined(items: list[dict[str, Any]], name: str) -> str:
    return "".join(f"{n}. {i[name]}" for n, i in enumerate((i for i in items if i[name]), 1))[:3000]


def _table(items: list[dict[str, Any]]) -> list[list[str]]:
    rows = [["类别", "上报", "紧急", "已办结"]]
    done = {Status.RESOLVED, Status.INFORMED, Status.EVALUATED, Status.CLOSED}
    for category in Category.values:
        of_kind = [i for i in items if i["category"] == category]
        rows.append(
            [
                str(Category(category).label),
                str(len(of_kind)),
                str(sum(i["urgent"] for i in of_kind)),
                str(sum(i["status"] in done for i in of_kind)),
            ]
        )
    return rows

"""The items of the content modules: what was seen, and what became of it."""

from __future__ import annotations

from itertools import count
from typing import Any

_phones = count(1)


def phone() -> str:
    """A number in a range that is used for examples."""
    return f"1380013{next(_phones):04d}"


def _item(
    category: str,
    sub: str,
    title: str,
    text: str,
    *,
    days: float,
    grid: int,
    place: str,
    points: list[str],
    **more: Any,
) -> dict[str, Any]:
    return {
        "category": category,
        "subcategory": sub,
        "title": title,
        "narrative": text,
        "days": days,
        "grid": grid,
        "place": place,
        "key_points": points,
        "source": more.pop("source", "visit"),
        "analysis": more.pop("analysis", ""),
        "suggestion": more.pop("suggestion", ""),
        "sensitivity": more.pop("sensitivity", "internal"),
        "urgent": more.pop("urgent", False),
        "photo": more.pop("photo", ""),
        "end": more.pop("end", "closed"),
        "by": more.pop("by", "handler1"),
        "handling_note": more.pop("handling_note", ""),
        "did": more.pop("did", ""),
        "verdict": more.pop("verdict", "satisfied"),
        "remark": more.pop("remark", ""),
        "back": more.pop("back", ""),
        "hour": more.pop("hour", 9),
        "adopted": more.pop("adopted", ""),
        "parties": more.pop("parties", []),
        "details": more,
    }


def opinion(
    sub: str, title: str, text: str, who: str, wish: str, *, kind: str = "complaint", reply: str = "phone", **more: Any
) -> dict[str, Any]:
    """3.1: an opinion that wants an answer; `who` empty for an anonymous voice."""
    row = _item("opinion", sub, title, text, **more)
    row["details"] |= {"kind": kind, "wish": wish, "reply_wanted": reply}
    if who:
        row["parties"] = [{"role": "proposer", "name": who, "phone": phone()}]
    else:
        row["details"] |= {"anonymous": True, "anonymous_reason": "怕影响邻里关系，不愿留名", "reply_wanted": "none"}
    return row


def event(
    sub: str,
    title: str,
    text: str,
    course: str,
    taken: str,
    *,
    state: str = "controlled",
    people: str = "",
    hurt: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """3.2: something happened; `people` separated by commas, empty when nobody was involved."""
    row = _item("event", sub, title, text, **more)
    row["details"] |= {
        "course": course,
        "measures_taken": taken,
        "present_state": state,
        "casualties": {"dead": 0, "injured": hurt, "missing": 0},
    }
    if people:
        row["parties"] = [{"role": "involved", "name": n, "phone": phone()} for n in people.split(",")]
    else:
        row["details"]["none_involved"] = True
    return row


def construction(
    sub: str, title: str, text: str, project: str, stage: str, problems: str, **more: Any
) -> dict[str, Any]:
    """3.3: something is being built, repaired or stands broken."""
    row = _item("construction", sub, title, text, **more)
    row["details"] |= {"project": project, "content": text, "stage": stage, "problems": problems}
    return row


def sanitation(
    sub: str, title: str, text: str, factor: str, why: str, *, severity: str = "middle", **more: Any
) -> dict[str, Any]:
    """3.4: where exactly, what causes it, how bad."""
    more.setdefault("analysis", why)
    row = _item("sanitation", sub, title, text, **more)
    row["details"] |= {"area": row["place"], "factor": factor, "factor_words": why, "severity": severity}
    return row

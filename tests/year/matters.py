"""What people report: bodies of the contract, each about another matter at another place."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

STREETS = ["桂花巷", "梧桐路", "荷塘里", "书院街", "望江台", "银杏道", "竹林坊", "锦绣苑", "石桥头", "柳荫街"]
ROUTINE = (
    ("opinion", "service"),
    ("opinion", "facility"),
    ("event", "neighbour"),
    ("event", "gas"),
    ("construction", "facility_damage"),
    ("construction", "drainage"),
    ("sanitation", "waste"),
    ("sanitation", "noise"),
)
STORM = (("event", "flood"), ("sanitation", "greening"), ("construction", "facility_damage"), ("event", "high_fall"))
URGENT = (("event", "fire"), ("event", "theft"), ("event", "gas"))
KINDS = {"fire": "fire", "theft": "theft", "gas": "hazard"}  # what is tapped first, of each subcategory
SOURCES = ("visit", "survey", "forum", "patrol", "hotline", "resident")


def new_id(rng: random.Random, at: datetime) -> str:
    """A UUIDv7 of that moment, from the seed."""
    value = (int(at.timestamp() * 1000) << 80) | rng.getrandbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    return str(UUID(int=value & ~(0x3 << 62) | (0x2 << 62)))


def body(rng: random.Random, n: int, seen_at: datetime, grid: str, kinds: Any = ROUTINE) -> dict[str, Any]:
    """A complete report, seen at `seen_at`."""
    category, sub = rng.choice(kinds)
    place = f"{STREETS[n % 10]}{n + 1}号"
    made = {
        "category": category,
        "subcategory": sub,
        "title": f"{place}第{n}件事",
        "narrative": f"{place}附近第{n}件事，{n % 9 + 2}户居民反映，现场情况已经看过，需要尽快处理。",
        "occurred_at": (seen_at - timedelta(minutes=10)).isoformat(),
        "seen_at": seen_at.isoformat(),
        "place": {"text": place},
        "grid": grid,
        "source": {"method": rng.choice(SOURCES)},
        "key_points": [f"{place}待处理"],
        "analysis": "频次不足，需要核查原因。",
        "suggestion": "尽快安排人员处理。",
        "details": _details(category, place),
        "parties": [],
    }
    if category == "opinion" or rng.random() < 0.4:
        role = "proposer" if category in ("opinion", "sanitation", "construction") else "involved"
        made["parties"] = [{"role": role, "name": f"王{'桂兰芳英'[n % 4]}{'平安春夏'[n % 3]}", "phone": f"139{n:08d}"}]
    elif category == "event":
        made["details"]["none_involved"] = True
    return made


def _details(category: str, place: str) -> dict[str, Any]:
    details: dict[str, dict[str, Any]] = {
        "opinion": {"kind": "suggestion", "wish": "希望尽快解决", "reply_wanted": "phone"},
        "event": {
            "course": "巡查时发现，已经上前查看并询问了周围的人。",
            "present_state": "in_progress",
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "measures_taken": "已设置警示并通知物业",
        },
        "construction": {"project": place, "content": "设施需要维修", "stage": "building", "problems": "进度缓慢"},
        "sanitation": {"area": place, "factor": "frequency", "factor_words": "清运次数不够", "severity": "middle"},
    }
    return details[category]


def as_form(given: dict[str, Any]) -> dict[str, str]:
    """The same as a browser posts the ordinary form."""
    form = {
        "version": "0",
        "action": "submit",
        "category": given["category"],
        "subcategory": f"{given['category']}.{given['subcategory']}",
        "title": given["title"],
        "narrative": given["narrative"],
        "occurred_at": given["occurred_at"],
        "seen_at": given["seen_at"],
        "place.text": given["place"]["text"],
        "place.lat": "",
        "place.lon": "",
        "grid": given["grid"],
        "source.method": given["source"]["method"],
        "key_points.asked": "1",
        "key_points": given["key_points"][0],
        "analysis": given["analysis"],
        "suggestion": given["suggestion"],
        "sensitivity": "internal",
        "urgent.asked": "1",
    }
    if given.get("urgent"):
        form["urgent"] = "on"
    for code, value in given["details"].items():
        path = f"details.{code}"
        if value is True:
            form |= {path: "on", f"{path}.asked": "1"}
        elif isinstance(value, dict):
            form |= {f"{path}.{part}": str(number) for part, number in value.items()}
        else:
            form[path] = str(value)
    for party in given["parties"]:
        form |= {"parties.asked": "1"} | {f"parties.{name}": value for name, value in party.items()}
    return form


def written(given: dict[str, Any], level: str) -> dict[str, Any]:
    """What a written urgent report says (4.2.1)."""
    people = {"parties": given["parties"]} if given["parties"] else {"none_involved": True}
    return {
        "occurred_at": given["occurred_at"],
        "place": given["place"],
        "course": "巡查时发现险情，已疏散周围居民。",
        "impact": "影响两户，秩序正常。",
        "measures": "已切断电源并设置警戒。",
        "present": "险情已排除，正在清理。",
        "present_state": "controlled",
        "help": "无",
        "level": level,
        "loss": 3000,
        "casualties": {"dead": 0, "injured": 0, "missing": 0},
        "scope": {"persons": 6, "households": 2},
        **people,
    }


def not_told_by_call(given: dict[str, Any]) -> dict[str, Any]:
    """What the written form must ask where the call did not say it (3.2)."""
    return {"subcategory": f"event.{given['subcategory']}", "source": given["source"]["method"]}

"""What a cell of a spreadsheet says: a text put in order, a moment however it is written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from linbao.core import exports, text

_FAULT = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")  # of a formula
_SPACES = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a]+")
_LINES = re.compile(r"\s*\n\s*")
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
        # Noon may be written as eleven; one o'clock at night is of that day's first hours.
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

"""An invented community of eight grids, drawn by hand on an empty piece of map."""

from __future__ import annotations

from typing import Any

WEST, SOUTH, WIDE, HIGH = 120.1600, 30.2360, 0.0036, 0.0030
# Corners of the lattice of grids, bent a little so that it looks like a place: [row][column] → (lon, lat)
_BEND = [
    [(0, 2), (1, -2), (0, 1), (-1, -1), (1, 2)],
    [(-2, 0), (2, 1), (-1, -2), (2, 0), (0, 1)],
    [(1, -1), (-1, 2), (2, -1), (0, 2), (-2, -1)],
]


def _corner(row: int, column: int) -> list[float]:
    dx, dy = _BEND[row][column]
    return [round(WEST + column * WIDE + dx * 0.0002, 6), round(SOUTH + row * HIGH + dy * 0.0002, 6)]


def outline(number: int) -> dict[str, Any]:
    """The outline of grid 1 to 8."""
    row, column = divmod(number - 1, 4)
    ring = [_corner(row, column), _corner(row, column + 1), _corner(row + 1, column + 1), _corner(row + 1, column)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def community_outline() -> dict[str, Any]:
    ring = (
        [_corner(0, c) for c in range(5)]
        + [_corner(1, 4)]
        + [_corner(2, c) for c in range(4, -1, -1)]
        + [_corner(1, 0)]
    )
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def point(number: int, seed: int) -> tuple[float, float]:
    """A point (lat, lon) well inside grid `number`."""
    row, column = divmod(number - 1, 4)
    u, v = 0.25 + (seed * 37 % 50) / 100, 0.25 + (seed * 53 % 50) / 100
    return round(SOUTH + (row + v) * HIGH, 6), round(WEST + (column + u) * WIDE, 6)


CITY, DISTRICT, SUBDISTRICT, COMMUNITY = "339900000000", "339906000000", "339906004000", "339906004017"
# key, parent key, kind, code, name, short name
UNITS = [
    ("city", None, "city", CITY, "云州市", "云州"),
    ("district", "city", "district", DISTRICT, "望江区", "望江"),
    ("subdistrict", "district", "subdistrict", SUBDISTRICT, "临江街道", "临江"),
    ("c", "subdistrict", "community", COMMUNITY, "桂花园社区", "桂花园"),
    *[
        (f"g{n}", "c", "grid", f"{COMMUNITY}{n:03d}", f"第{'一二三四五六七八'[n - 1]}网格", f"{n}网格")
        for n in range(1, 9)
    ],
    ("w1", "c", "work_group", f"{COMMUNITY}W01", "第一工作小组", "一组"),
    ("w2", "c", "work_group", f"{COMMUNITY}W02", "第二工作小组", "二组"),
    ("w3", "c", "work_group", f"{COMMUNITY}W03", "第三工作小组", "三组"),
    ("d1", "c", "department", f"{COMMUNITY}D01", "物业管理科", "物业"),
    ("d2", "c", "department", f"{COMMUNITY}D02", "市政维修队", "市政"),
    ("d3", "c", "department", f"{COMMUNITY}D03", "环卫所", "环卫"),
    ("d4", "c", "department", f"{COMMUNITY}D04", "平安办", "平安"),
]
SETTINGS = {"mailbox": "weekly@demo.invalid", "duty_phone": "0571-88860017", "call_back_share": 15}

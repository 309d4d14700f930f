"""The community's own outline and grids as a drawing (design §10: without any tiles), with a point on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from uuid import UUID

from linbao.items import place
from linbao.organisation.models import Unit, UnitKind
from linbao.organisation.tree import tree

WIDTH, HEIGHT, EDGE = 640.0, 400.0, 16.0


@dataclass(frozen=True)
class Shape:
    """`path` in SVG's terms; `x, y` where its name stands."""

    name: str
    path: str
    x: float
    y: float
    chosen: bool
    outer: bool
    id: str = ""


@dataclass(frozen=True)
class Drawing:
    """A map of one community. The corners let the browser turn a click into WGS-84 and back."""

    shapes: list[Shape]
    west: float
    north: float
    east: float
    south: float
    x: float | None
    y: float | None
    width: float = WIDTH
    height: float = HEIGHT


def drawing(
    community: UUID | None, grid: UUID | None = None, lat: float | None = None, lon: float | None = None
) -> Drawing | None:
    """The drawing of a community with the point on it; None where nobody has entered an outline and no point is
    known."""
    units = tree()
    home = units.get(community)
    drawn: list[Unit] = [u for u in ([home] if home else []) if u.outline]
    drawn += [u for u in (units.children(home, UnitKind.GRID) if home else []) if u.outline]
    rings = {u.id: [ring for polygon in place.polygons(u.outline) for ring in polygon] for u in drawn}
    points = [p for rows in rings.values() for ring in rows for p in ring]
    if lat is not None and lon is not None:
        points.append((lon, lat))
        if len(points) == 1:
            points += [(lon - 0.004, lat - 0.003), (lon + 0.004, lat + 0.003)]
    if not points:
        return None
    west, east, south, north = _frame(points)
    wide, high = east - west, north - south

    def at(p: tuple[float, float]) -> tuple[float, float]:
        return round((p[0] - west) / wide * WIDTH, 1), round((north - p[1]) / high * HEIGHT, 1)

    shapes = []
    for unit in drawn:
        rows = [[at(p) for p in ring] for ring in rings[unit.id]]
        if not rows:
            continue
        path = " ".join("M" + " L".join(f"{x} {y}" for x, y in ring) + " Z" for ring in rows)
        xs, ys = [x for x, _y in rows[0]], [y for _x, y in rows[0]]
        shapes.append(
            Shape(
                unit.name,
                path,
                round((min(xs) + max(xs)) / 2, 1),
                round((min(ys) + max(ys)) / 2, 1),
                unit.id == grid,
                unit.kind == UnitKind.COMMUNITY,
                str(unit.id),
            )
        )
    x, y = at((lon, lat)) if lat is not None and lon is not None else (None, None)
    return Drawing(shapes, west, north, east, south, x, y)


def _frame(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """The window around the points in the drawing's proportions, a metre as wide as high."""
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = max(0.1, math.cos(math.radians((south + north) / 2)))
    wide, high = max((east - west) * squeeze, 0.002), max(north - south, 0.002)
    wide, high = wide * (1 + 2 * EDGE / WIDTH), high * (1 + 2 * EDGE / HEIGHT)
    if wide / high < WIDTH / HEIGHT:
        wide = high * WIDTH / HEIGHT
    else:
        high = wide * HEIGHT / WIDTH
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / squeeze / 2, x + wide / squeeze / 2, y - high / 2, y + high / 2

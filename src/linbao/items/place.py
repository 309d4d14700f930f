"""Points on the map: inside a unit's outline or not, and how far apart (WGS-84, metres)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

EARTH = 6_371_000.0
Point = tuple[float, float]  # longitude, latitude, as GeoJSON writes them


class Outlined(Protocol):
    """A unit with its outline."""

    @property
    def outline(self) -> Any: ...


def metres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The distance in metres between two points, in degrees of WGS-84."""
    a, b = math.radians(lat1), math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


def outside(outline: Mapping[str, Any] | None, lat: float, lon: float) -> float | None:
    """How many metres the point lies outside `outline` (GeoJSON Polygon or MultiPolygon, or a Feature
    of one); 0 inside. None when there is no outline that can be read."""
    shapes = list(polygons(outline))
    if not shapes:
        return None
    if any(_inside(shape, lon, lat) for shape in shapes):
        return 0.0
    return min(_to_ring(ring, lon, lat) for shape in shapes for ring in shape)


def unit_at(units: Iterable[Outlined], lat: float, lon: float) -> Any:
    """The one of `units` whose outline holds the point (WGS-84); None where none or more than one does."""
    rows = [u for u in units if outside(u.outline, lat, lon) == 0.0]
    return rows[0] if len(rows) == 1 else None


def polygons(shape: Mapping[str, Any] | None) -> Iterator[list[list[Point]]]:
    """The polygons of a GeoJSON shape as rings of points; nothing for what cannot be read."""
    if not isinstance(shape, Mapping):
        return
    if shape.get("type") == "Feature":
        yield from polygons(shape.get("geometry"))
        return
    if shape.get("type") == "FeatureCollection":
        for feature in shape.get("features") or []:
            yield from polygons(feature)
        return
    if shape.get("type") not in ("Polygon", "MultiPolygon"):
        return
    row: Any = shape.get("coordinates")
    try:
        for polygon in [row] if shape.get("type") == "Polygon" else row or []:
            rings = [[(float(p[0]), float(p[1])) for p in ring] for ring in polygon]
            if rings and len(rings[0]) >= 3:
                yield rings
    except (TypeError, ValueError, LookupError):
        return


def _inside(polygon: Sequence[Sequence[Point]], x: float, y: float) -> bool:
    return _crosses(polygon[0], x, y) and not any(_crosses(hole, x, y) for hole in polygon[1:])


def _crosses(ring: Sequence[Point], x: float, y: float) -> bool:
    """Whether a ray from the point to the right crosses the ring an odd number of times."""
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def _to_ring(ring: Sequence[Point], x: float, y: float) -> float:
    """Metres from the point to the nearest edge, on a plane laid at the point."""
    wide, high = math.radians(1) * EARTH * math.cos(math.radians(y)), math.radians(1) * EARTH
    flat = [((px - x) * wide, (py - y) * high) for px, py in ring]
    return min(_to_edge(a, b) for a, b in zip(flat, [*flat[1:], flat[0]], strict=True))


def _to_edge(a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / length))
    return math.hypot(a[0] + along * dx, a[1] + along * dy)

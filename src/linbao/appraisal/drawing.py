"""Who rates whom: peers at random within the group, no two by turns; the superior by post (5.2.2)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

Pair = tuple[UUID, UUID]  # rater, rated
LEAST = 3  # in a smaller circle everybody would know who rated them
TRIES = 50


def peers(
    groups: Mapping[UUID, UUID | None],
    leaders: Collection[UUID],
    *,
    seed: int,
    each: int,
    before: Collection[Pair] = (),
) -> list[Pair]:
    """Raters for everybody in `groups` (person → work group), the same for the same `seed`.

    Drawn in circles of one's own group; group leaders, who rate their members as superiors, among each other; who
    is in no circle of three, among all such. `before` are the last half-year's pairs: of fifty draws the one that
    repeats or returns the fewest is kept. A circle under three draws nobody.
    """
    circles: dict[str, list[UUID]] = defaultdict(list)
    for person, group in groups.items():
        circles["leaders" if person in leaders else str(group or "")].append(person)
    small = [p for key in list(circles) if len(circles[key]) < LEAST for p in circles.pop(key)]
    if len(small) >= LEAST:
        circles["rest"] = small
    elif small and circles:  # too few for themselves: with the smallest circle
        circles[min(circles, key=lambda k: (len(circles[k]), k))] += small
    known = set(before) | {(b, a) for a, b in before}
    chance = random.Random(seed)
    rows: list[Pair] = []
    for key in sorted(circles):
        members = sorted(circles[key], key=str)
        if len(members) < LEAST:
            continue
        draws = [_circle(members, each, chance) for _n in range(TRIES)]
        rows += min(draws, key=lambda pairs: sum(p in known for p in pairs))
    return rows


def _circle(members: Sequence[UUID], each: int, chance: random.Random) -> list[Pair]:
    """Each is rated by the next `each` of a shuffled circle. Fewer than half of the circle: so never both ways."""
    order = list(members)
    chance.shuffle(order)
    n = len(order)
    return [(order[(i + k) % n], order[i]) for i in range(n) for k in range(1, min(each, (n - 1) // 2) + 1)]

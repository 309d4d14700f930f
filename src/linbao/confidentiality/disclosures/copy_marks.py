"""Marks that tell one copy from another (6.2.2): hidden characters, and the choice among words that mean the same.

A copy's mark is a random number of 40 bits. In text it stands as zero-width characters, which survive copying; the
labels of each record are chosen by a digest of mark and record, which survives retyping and photographs too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

BITS = 40
CHECK_BITS = 8
_ZERO, _ONE, _EDGE = "\u200b", "\u200c", "\u200d"

# Neither of two words may be part of another here: what stands in a text must say which was chosen.
PAIRS = (
    ("信息类别", "所属分类"),
    ("事发时间", "发生时刻"),
    ("具体地点", "所在位置"),
    ("详细情况", "情况说明"),
    ("办理进度", "当前状态"),
    ("相关人员", "涉及人士"),
    ("联系方式", "联络电话"),
    ("所在网格", "所属片区"),
    ("要点摘录", "关键要点"),
    ("上报日期", "报告日期"),
)


def new() -> int:
    """A random mark of 40 bits."""
    return secrets.randbits(BITS) | 1 << BITS - 1  # never short, so that its code always looks alike


def code(mark: int) -> str:
    """The mark as it is printed and written into files: ten hexadecimal digits."""
    return f"{mark:010X}"


def bits(mark: int) -> list[int]:
    """The mark and its check, for the dots in a page's margin and for hidden characters."""
    whole = mark << CHECK_BITS | _check(mark)
    return [whole >> n & 1 for n in range(BITS + CHECK_BITS - 1, -1, -1)]


def hide(mark: int) -> str:
    """Invisible characters that carry the mark."""
    return _EDGE + "".join(_ONE if b else _ZERO for b in bits(mark)) + _EDGE


def hidden(text: str) -> set[int]:
    """The marks that a text carries in invisible characters; damaged ones are left out by their check."""
    result: set[int] = set()
    for piece in "".join(c if c in (_ZERO, _ONE) else " " for c in text).split():
        for start in range(0, max(0, len(piece) - BITS - CHECK_BITS) + 1):
            some = piece[start : start + BITS + CHECK_BITS]
            if len(some) < BITS + CHECK_BITS:
                continue
            whole = int("".join("1" if c == _ONE else "0" for c in some), 2)
            if whole & (1 << CHECK_BITS) - 1 == _check(whole >> CHECK_BITS):
                result.add(whole >> CHECK_BITS)
    return result


def choices(mark: int, record: UUID | str) -> list[int]:
    """Which word of each pair this copy uses in this record; another copy has another row of choices."""
    made = hashlib.sha256(f"linbao words {mark}:{record}".encode()).digest()
    return [made[n // 8] >> n % 8 & 1 for n in range(len(PAIRS))]


def labels(mark: int, record: UUID | str) -> list[str]:
    """The labels of a record in this copy, in the order of `PAIRS`."""
    return [pair[bit] for pair, bit in zip(PAIRS, choices(mark, record), strict=True)]


def read(text: str) -> list[int | None]:
    """Which word of each pair stands in a piece of text; None where neither or both do."""
    rows: list[int | None] = []
    for first, second in PAIRS:
        a, b = first in text, second in text
        rows.append(None if a == b else int(b))
    return rows


def agreement(expected: Sequence[int], seen: Sequence[int | None]) -> tuple[int, int]:
    """How many of the choices that were seen are the expected ones, and how many were seen."""
    pairs = [(e, s) for e, s in zip(expected, seen, strict=True) if s is not None]
    return sum(e == s for e, s in pairs), len(pairs)


def _check(mark: int) -> int:
    return hashlib.sha256(f"linbao mark {mark}".encode()).digest()[0]

"""Whose copy is it? Leaked text or a leaked file against the register, with how sure one can be (6.2.2)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linbao.archive.filters import NUMBER
from linbao.audit import actions as audit
from linbao.audit.models import Record
from linbao.base import box
from linbao.base.problems import Invalid, TooLarge
from linbao.collection import masking
from linbao.collection.models import Item
from linbao.confidentiality import marks
from linbao.confidentiality.models import Disclosure
from linbao.units.models import Role, User
from linbao.units.rights import allow

LARGEST = 20 * 1024 * 1024
MOST_TEXT = 500_000
LIMITS = box.Limits(cpu=20, wall=25.0, memory=300, output=40_000_000)
MOST_COPIES = 2000
SURE, STRONG, WEAK, POSSIBLE = "sure", "strong", "weak", "possible"
_CODE = re.compile(r"(?<![0-9A-F])[89A-F][0-9A-F]{9}(?![0-9A-F])")
_DOTS = re.compile(f"[01]{{{marks.BITS + marks.CHECK_BITS}}}")
_OFFICIAL = re.compile(r"[\u4e00-\u9fff]{1,12}社外〔\d{4}〕\d+号")


@dataclass
class Match:
    """One copy that may be the source. `level`: sure, strong, weak, possible; `why` are whole sentences."""

    row: Disclosure
    level: str
    why: list[str] = field(default_factory=list)


@dataclass
class Answer:
    """What was found: copies, the surest first; and who else saw the same items unmasked."""

    matches: list[Match] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    told_apart: bool = True


def trace(user: User, *, words: str = "", upload: tuple[str, bytes] | None = None) -> Answer:
    """`words` as pasted (hidden characters and all), `upload` a PDF, XLSX or text file: name and content.

    Raises `Invalid` when there is nothing to go by, `TooLarge`.
    """
    allow(user, "trace.use")
    code, digest = "", ""
    if upload is not None:
        name, data = upload
        if len(data) > LARGEST:
            raise TooLarge(_("文件超过 20 MB。"))
        digest = hashlib.sha256(data).hexdigest()
        read, code = _read(name, data)
        words = f"{words}\n{read}"
    if len("".join(words.split())) < 6 and not code:
        raise Invalid(fields={"words": [_("请粘贴泄露的文字（至少一句），或上传文件。")]})
    words = words[:MOST_TEXT]
    copies = list(
        Disclosure.objects.filter(unit__in=user.rights.units(Role.SECURITY_OFFICER), mark__isnull=False)
        .select_related("asked_by", "unit")
        .order_by("-produced_at")[:MOST_COPIES]
    )
    found: dict[UUID, Match] = {}
    _by_mark(found, copies, words, code, digest)
    items = _items(words, copies)
    _by_choice(found, copies, items, words)
    ranked = sorted(found.values(), key=lambda m: (SURE, STRONG, WEAK, POSSIBLE).index(m.level))
    answer = Answer(matches=ranked, numbers=[i.number or "" for i in items], others=_others(user, items))
    best = [m for m in ranked if m.level == ranked[0].level] if ranked else []
    answer.told_apart = len(best) <= 1
    audit.record(
        user, "disclosure.trace", unit_id=user.rights.home, found=len(ranked), best=ranked[0].level if ranked else ""
    )
    return answer


def _by_mark(found: dict[UUID, Match], copies: Sequence[Disclosure], words: str, code: str, digest: str) -> None:
    """What names one copy outright: the file itself, hidden characters, the file's own mark, dots, visible numbers."""
    hidden = marks.hidden(words)
    plain = _plain(words)
    dotted = {int(d[: marks.BITS], 2) for d in _DOTS.findall(plain) if marks.bits(int(d[: marks.BITS], 2)) == [int(b) for b in d]}  # fmt: skip
    named = set(_CODE.findall(words.upper()))
    numbers = set(_OFFICIAL.findall(plain))
    for row in copies:
        assert row.mark is not None
        for hit, level, why in (
            (digest and digest == row.digest, SURE, _("上传的文件与当时生成的文件逐字节相同。")),
            (row.mark in hidden, SURE, _("文字中带有这份副本的隐形标记，校验无误。")),
            (row.mark in dotted, SURE, _("页边圆点的排列是这份副本的标记，校验无误。")),
            (marks.code(row.mark) == code, SURE, _("文件属性中写有这份副本的标记。")),
            (marks.code(row.mark) in named, SURE, _("文字中印有这份副本的副本码；副本码是随机的，猜不出来。")),
            (any(n.endswith(row.number) for n in numbers), STRONG, _("页面水印上是这份副本的编号（可见的编号可以被仿造，请结合其他线索）。")),
        ):  # fmt: skip
            if hit:
                match = found.setdefault(row.pk, Match(row, level))
                if (SURE, STRONG).index(level) < (SURE, STRONG, WEAK, POSSIBLE).index(match.level):
                    match.level = level
                match.why.append(why)


def _items(words: str, copies: Sequence[Disclosure]) -> list[Item]:
    """The items that the text speaks of: by their numbers, else by the titles of what was ever given out."""
    plain = _plain(words)
    numbers = set(NUMBER.findall(plain))
    if numbers:
        return list(Item.objects.filter(number__in=numbers)[:200])
    given = {pk for row in copies for pk in row.items}
    told = Item.objects.filter(pk__in=list(given)).only("id", "number", "title", "narrative", "typed", "community_id")
    # A copy that was approved with persons holds the words as typed.
    return [i for i in told if any(_speaks(plain, words) for words in (i, masking.as_typed(i)))]


def _speaks(plain: str, item: Item) -> bool:
    return (len(item.title) > 5 and _plain(item.title) in plain) or _shares(plain, _plain(item.narrative))


def _shares(plain: str, narrative: str) -> bool:
    """A stretch of twenty characters of the narrative stands in the text."""
    return any(narrative[n : n + 20] in plain for n in range(0, max(0, len(narrative) - 19), 10))


def _by_choice(found: dict[UUID, Match], copies: Sequence[Disclosure], items: Sequence[Item], words: str) -> None:
    """The words chosen for labels: each copy that holds these items against what stands in the text."""
    pieces = _pieces(_plain(words), items)
    holders = [(row, [i for i in items if i.pk in set(row.items)]) for row in copies]
    holders = [(row, inside) for row, inside in holders if inside]
    for row, inside in holders:
        assert row.mark is not None
        right = seen = 0
        for item in inside:
            piece = pieces.get(item.pk, "")
            a, b = marks.agreement(marks.choices(row.mark, item.pk), marks.read(piece))
            right, seen = right + a, seen + b
        match = found.get(row.pk)
        if seen >= 3 and right == seen:
            level = STRONG if 2**seen >= 1000 * len(holders) else WEAK
            why = _("文字中 %(n)d 处用词与这份副本完全一致；碰巧如此的可能约为 %(odds)s 分之一。") % {
                "n": seen,
                "odds": 2**seen if seen < 40 else _("一万亿以上"),
            }
        elif seen >= 3 and match is None:
            if right < 0.9 * seen:
                continue  # another copy's words
            level, why = WEAK, _("%(n)d 处用词中有 %(right)d 处与这份副本一致。") % {"n": seen, "right": right}
        elif match is None:
            level, why = POSSIBLE, _("这份副本含有文中提到的条目；文字太短或已改写，不足以判断。")
        else:
            continue
        if match is None:
            match = found.setdefault(row.pk, Match(row, level))
        elif level == STRONG and match.level in (WEAK, POSSIBLE):
            match.level = level
        match.why.append(why)


def _pieces(plain: str, items: Sequence[Item]) -> dict[UUID, str]:
    """The stretch of text that belongs to each item: from its number or title to the next one's."""
    starts = sorted((at, item.pk) for item in items if (at := _place(plain, item)) >= 0)
    found: dict[UUID, str] = {}
    for n, (at, pk) in enumerate(starts):
        end = starts[n + 1][0] if n + 1 < len(starts) else len(plain)
        found[pk] = plain[at:end]
    if len(items) == 1 and not found:
        found[items[0].pk] = plain
    return found


def _place(plain: str, item: Item) -> int:
    for sign in (_plain(item.number or ""), _plain(item.title), _plain(masking.as_typed(item).title)):
        if len(sign) > 5 and (at := plain.find(sign)) >= 0:
            return at
    return -1


def _others(user: User, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Who looked at these items' persons unmasked: they too had what leaked. By the index on the log's subject."""
    units = user.rights.units(Role.SECURITY_OFFICER)
    ids = [str(i.pk) for i in items if i.community_id in units][:50]
    rows = Record.objects.filter(subject_type="collection.item", subject_id__in=ids, action="party.reveal")
    counted: dict[str, int] = {}
    for name in rows.values_list("actor_name", flat=True)[:1000]:
        counted[name] = counted.get(name, 0) + 1
    return [{"name": n, "count": c} for n, c in sorted(counted.items(), key=lambda p: -p[1])]


def _plain(words: str) -> str:
    """Without blanks and invisible characters, full-width forms made plain."""
    kept = unicodedata.normalize("NFC", words)
    return "".join(c for c in kept if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


def _read(name: str, data: bytes) -> tuple[str, str]:
    """Text and mark of a file, opened in the box; raises `Invalid` for one that cannot be read."""
    low = name.lower()
    if data[:5] == b"%PDF-":
        task, args = "pdfs.text", {"pages": 60}
    elif data[:4] == b"PK\x03\x04" and low.endswith(".xlsx"):
        task, args = "sheets.text", {"most": 50_000}
    elif low.endswith((".txt", ".csv", ".md")):
        return data.decode("utf-8", errors="ignore").replace("\x00", ""), ""
    else:
        raise Invalid(fields={"file": [_("可以上传 PDF、XLSX 或文本文件；照片请把看到的文字录入上面的框里。")]})
    try:
        made = box.run(task, args, data, limits=LIMITS)
    except box.Refused as e:
        raise Invalid(fields={"file": [_("文件无法读取，请改为粘贴文字。")]}) from e
    told, found = b"".join(made.blobs).decode("utf-8", "ignore"), _CODE.search(made.data["keywords"])
    return told.replace("\x00", ""), found.group() if found else ""

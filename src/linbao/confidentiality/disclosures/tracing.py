"""Whose copy is it? Leaked text or a leaked file against the register, with how sure one can be (6.2.2)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.archive.filters import NUMBER
from linbao.audit import services as audit
from linbao.audit.models import Record
from linbao.confidentiality.disclosures import copy_marks
from linbao.confidentiality.disclosures.inputs import TraceLeak, too_short
from linbao.confidentiality.models import Disclosure, Trace, TraceState
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import CannotProcess, Invalid, NotFound, TooLarge, TooMany
from linbao.items import masking
from linbao.items.models import Item
from linbao.organisation.models import Role, User
from linbao.platform import files, queue
from linbao.platform.protection import box

LARGEST = 20 * 1024 * 1024
MOST_TEXT = 500_000
LIMITS = box.Limits(cpu=20, wall=25.0, memory=300, output=40_000_000)
MOST_COPIES = 2000
SURE, STRONG, WEAK, POSSIBLE = "sure", "strong", "weak", "possible"
_CODE = re.compile(r"(?<![0-9A-F])[89A-F][0-9A-F]{9}(?![0-9A-F])")
_DOTS = re.compile(f"[01]{{{copy_marks.BITS + copy_marks.CHECK_BITS}}}")
_OFFICIAL = re.compile(r"[\u4e00-\u9fff]{1,12}社外〔\d{4}〕\d+号")


REASONS = {
    "file": gettext_lazy("上传的文件与当时生成的文件逐字节相同。"),
    "hidden": gettext_lazy("文字中带有这份副本的隐形标记，校验无误。"),
    "dots": gettext_lazy("页边圆点的排列是这份副本的标记，校验无误。"),
    "property": gettext_lazy("文件属性中写有这份副本的标记。"),
    "code": gettext_lazy("文字中印有这份副本的副本码；副本码是随机的，猜不出来。"),
    "number": gettext_lazy("页面水印上是这份副本的编号（可见的编号可以被仿造，请结合其他线索）。"),
    "agrees": gettext_lazy("文字中 %(n)d 处用词与这份副本完全一致；碰巧如此的可能约为 %(odds)s 分之一。"),
    "agrees_long": gettext_lazy("文字中 %(n)d 处用词与这份副本完全一致；碰巧如此的可能不到一万亿分之一。"),
    "mostly": gettext_lazy("%(n)d 处用词中有 %(right)d 处与这份副本一致。"),
    "possible": gettext_lazy("这份副本含有文中提到的条目；文字太短或已改写，不足以判断。"),
}
PROBLEMS = {
    "unreadable": gettext_lazy("文件无法读取，请改为粘贴文字。"),
    "nothing": gettext_lazy("文件里没有可以比对的文字，请粘贴泄露的文字（至少一句）。"),
    "broken": gettext_lazy("系统出错，比对没有完成；系统会自动再试，仍不成请重新提交或联系管理员。"),
    "ended": gettext_lazy("比对一天之内没有完成，已经停止；请重新提交。"),
}
WORKING = (TraceState.WAITING, TraceState.READING, TraceState.COMPARING)
PATIENCE = 60.0  # seconds that the job waits for its turn in the box
GIVEN_UP = timedelta(days=1)  # after which the queue tries no longer
SALT = 16  # bytes


@dataclass
class Match:
    """One copy that may be the source. `level`: sure, strong, weak, possible; `reasons`: codes of `REASONS` with what
    they count."""

    row: Disclosure
    level: str
    reasons: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def why(self) -> list[str]:
        """The reasons as whole sentences in the reader's language."""
        return [str(REASONS[code]) % counts for code, counts in self.reasons]


@dataclass
class Answer:
    """The copies that match, the surest first; and who else saw the same items unmasked."""

    matches: list[Match] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)

    @property
    def unambiguous(self) -> bool:
        """Whether no two copies match equally well."""
        return len([m for m in self.matches if m.level == self.matches[0].level]) <= 1


def begin(user: User, data: TraceLeak) -> Trace:
    """Have a job compare what leaked with what was given out (6.2.2). The file is not opened here (6.1.3).

    Raises `Invalid` for a kind of file that is not read, `TooLarge` above 20 MB, `NotAllowed`.
    """
    allow(user, "trace.use")
    digest = ""
    if data.file is not None:
        if len(data.file) > LARGEST:
            raise TooLarge(_("文件超过 20 MB。"))
        _task(data.name, data.file)
        # Salted: the same file may be stored as the copy that was given out, and this one is deleted soon.
        digest = files.put(os.urandom(SALT) + data.file)
    with transaction.atomic():
        row = Trace.objects.create(
            asked_by=user, name=text.clean(data.name)[-120:] or None, sha256=digest, text=data.text[:MOST_TEXT] or None
        )
        queue.defer("confidentiality.trace", trace=row.pk)
    return row


def run(trace_id: UUID) -> None:
    """The job: read the file in the box, compare, store the result. Safe to repeat. Raises `TooMany` or `CannotProcess`
    when the machine has no room for the file just now, so that the queue tries again."""
    row = Trace.objects.select_related("asked_by").filter(pk=trace_id).first()
    if row is None or row.state == TraceState.DONE or (row.state == TraceState.FAILED and row.problem != "broken"):
        return
    try:
        leaked, code, digest = row.text or "", "", ""
        if row.sha256:
            _set_state(row, TraceState.READING)
            data = files.get(row.sha256)[SALT:]
            digest = hashlib.sha256(data).hexdigest()
            read, code = _read(row.name or "", data)
            leaked = f"{leaked}\n{read}"
        if too_short(leaked) and not code:
            return _end(row, TraceState.FAILED, problem="nothing")
        answer = _compare(row, leaked[:MOST_TEXT], code, digest)
    except box.Refused:
        return _end(row, TraceState.FAILED, problem="unreadable")
    except (TooMany, CannotProcess):
        _set_state(row, TraceState.WAITING)
        raise
    except Exception:
        _set_state(row, TraceState.FAILED, "broken")  # whoever waits on the page sees it; the queue tries again
        raise
    matches = [[str(m.row.pk), m.level, m.reasons] for m in answer.matches]
    row.result = json.dumps({"matches": matches, "numbers": answer.numbers, "others": answer.others})
    best = answer.matches[0].level if matches else ""
    with transaction.atomic():
        _end(row, TraceState.DONE)
        home = row.asked_by.rights.home
        audit.record(row.asked_by, "disclosure.trace", unit_id=home, matches=len(matches), best=best)


def _set_state(row: Trace, state: TraceState, problem: str = "") -> None:
    row.state, row.problem = state, problem
    row.save(update_fields=["state", "problem", "copies"])


@transaction.atomic
def _end(row: Trace, state: TraceState, *, problem: str = "") -> None:
    """End the comparison, and delete what was compared."""
    digest, row.sha256, row.text = row.sha256, "", None
    row.state, row.problem = state, problem
    row.save()
    if digest:
        transaction.on_commit(lambda: files.delete(digest))


def expire() -> int:
    """Daily: end traces that the queue has given up, and delete what was compared. Returns how many."""
    rows = Trace.objects.exclude(sha256="", text__isnull=True).filter(asked_at__lt=clock.now() - GIVEN_UP)

    def end(row: Trace) -> int:
        _end(row, TraceState.FAILED, problem="ended")
        return 1

    return queue.each(list(rows), end)


def get(user: User, trace_id: UUID) -> Trace:
    """A trace of one's own. Raises `NotAllowed`, `NotFound`."""
    allow(user, "trace.use")
    row = Trace.objects.filter(pk=trace_id, asked_by=user).first()
    if row is None:
        raise NotFound(_("没有这次溯源。"))
    return row


def recent(user: User, most: int = 10) -> list[Trace]:
    """One's own traces, the newest first."""
    return list(Trace.objects.filter(asked_by=user).order_by("-asked_at", "-id")[:most])


def result(user: User, row: Trace) -> Answer | None:
    """The copies that match, of the units that `user` keeps secure now; None before the end."""
    if row.state != TraceState.DONE or row.result is None:
        return None
    stored = json.loads(row.result)
    rows = {r.pk: r for r in _copies(user).filter(pk__in=[pk for pk, _level, _reasons in stored["matches"]])}
    matches = [
        Match(rows[UUID(pk)], level, [(code, counts) for code, counts in reasons])
        for pk, level, reasons in stored["matches"]
        if UUID(pk) in rows
    ]
    return Answer(matches, stored["numbers"], stored["others"])


def _copies(user: User) -> QuerySet[Disclosure]:
    units = user.rights.units(Role.SECURITY_OFFICER)
    return Disclosure.objects.filter(unit__in=units, mark__isnull=False).select_related("asked_by", "unit")


def _compare(row: Trace, leaked: str, code: str, digest: str) -> Answer:
    user = row.asked_by
    copies = list(_copies(user).order_by("-produced_at")[:MOST_COPIES])
    row.copies = len(copies)
    _set_state(row, TraceState.COMPARING)
    results: dict[UUID, Match] = {}
    _by_mark(results, copies, leaked, code, digest)
    items = _items(leaked, copies)
    _by_choice(results, copies, items, leaked)
    ranked = sorted(results.values(), key=lambda m: (SURE, STRONG, WEAK, POSSIBLE).index(m.level))
    return Answer(matches=ranked, numbers=[i.number or "" for i in items], others=_others(user, items))


def _by_mark(results: dict[UUID, Match], copies: Sequence[Disclosure], leaked: str, code: str, digest: str) -> None:
    """What names one copy outright: the file itself, hidden characters, the file's own mark, dots, visible numbers."""
    hidden = copy_marks.hidden(leaked)
    plain = _plain(leaked)
    dotted = {
        int(d[: copy_marks.BITS], 2)
        for d in _DOTS.findall(plain)
        if copy_marks.bits(int(d[: copy_marks.BITS], 2)) == [int(b) for b in d]
    }
    named = set(_CODE.findall(leaked.upper()))
    numbers = set(_OFFICIAL.findall(plain))
    for row in copies:
        assert row.mark is not None
        for hit, level, reason in (
            (digest and digest == row.digest, SURE, "file"),
            (row.mark in hidden, SURE, "hidden"),
            (row.mark in dotted, SURE, "dots"),
            (copy_marks.code(row.mark) == code, SURE, "property"),
            (copy_marks.code(row.mark) in named, SURE, "code"),
            (any(n.endswith(row.number) for n in numbers), STRONG, "number"),
        ):
            if hit:
                match = results.setdefault(row.pk, Match(row, level))
                if (SURE, STRONG).index(level) < (SURE, STRONG, WEAK, POSSIBLE).index(match.level):
                    match.level = level
                match.reasons.append((reason, {}))


def _items(leaked: str, copies: Sequence[Disclosure]) -> list[Item]:
    """The items that the text speaks of: by their numbers, else by the titles of what was ever given out."""
    plain = _plain(leaked)
    numbers = set(NUMBER.findall(plain))
    if numbers:
        return list(Item.objects.filter(number__in=numbers)[:200])
    values = {pk for row in copies for pk in row.items}
    details = Item.objects.filter(pk__in=list(values)).only(
        "id", "number", "title", "narrative", "typed", "community_id"
    )
    # A copy that was approved with persons holds the texts as typed.
    return [i for i in details if any(_mentions(plain, version) for version in (i, masking.as_typed(i)))]


def _mentions(plain: str, item: Item) -> bool:
    return (len(item.title) > 5 and _plain(item.title) in plain) or _shares(plain, _plain(item.narrative))


def _shares(plain: str, narrative: str) -> bool:
    """A stretch of twenty characters of the narrative stands in the text."""
    return any(narrative[n : n + 20] in plain for n in range(0, max(0, len(narrative) - 19), 10))


def _by_choice(results: dict[UUID, Match], copies: Sequence[Disclosure], items: Sequence[Item], leaked: str) -> None:
    """The words chosen for labels: each copy that holds these items against what stands in the text."""
    pieces = _pieces(_plain(leaked), items)
    holders = [(row, [i for i in items if i.pk in set(row.items)]) for row in copies]
    holders = [(row, inside) for row, inside in holders if inside]
    for row, inside in holders:
        assert row.mark is not None
        right = seen = 0
        for item in inside:
            piece = pieces.get(item.pk, "")
            a, b = copy_marks.agreement(copy_marks.choices(row.mark, item.pk), copy_marks.read(piece))
            right, seen = right + a, seen + b
        match = results.get(row.pk)
        if seen >= 3 and right == seen:
            level = STRONG if 2**seen >= 1000 * len(holders) else WEAK
            reason = ("agrees", {"n": seen, "odds": 2**seen}) if seen < 40 else ("agrees_long", {"n": seen})
        elif seen >= 3 and match is None:
            if right < 0.9 * seen:
                continue  # another copy's words
            level, reason = WEAK, ("mostly", {"n": seen, "right": right})
        elif match is None:
            level, reason = POSSIBLE, ("possible", {})
        else:
            continue
        if match is None:
            match = results.setdefault(row.pk, Match(row, level))
        elif level == STRONG and match.level in (WEAK, POSSIBLE):
            match.level = level
        match.reasons.append(reason)


def _pieces(plain: str, items: Sequence[Item]) -> dict[UUID, str]:
    """The stretch of text that belongs to each item: from its number or title to the next one's."""
    starts = sorted((at, item.pk) for item in items if (at := _place(plain, item)) >= 0)
    results: dict[UUID, str] = {}
    for n, (at, pk) in enumerate(starts):
        end = starts[n + 1][0] if n + 1 < len(starts) else len(plain)
        results[pk] = plain[at:end]
    if len(items) == 1 and not results:
        results[items[0].pk] = plain
    return results


def _place(plain: str, item: Item) -> int:
    for sign in (_plain(item.number or ""), _plain(item.title), _plain(masking.as_typed(item).title)):
        if len(sign) > 5 and (at := plain.find(sign)) >= 0:
            return at
    return -1


def _others(user: User, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Who looked at these items' persons unmasked: they too had what leaked. By the index on the log's subject."""
    units = user.rights.units(Role.SECURITY_OFFICER)
    ids = [str(i.pk) for i in items if i.community_id in units][:50]
    rows = Record.objects.filter(subject_type="items.item", subject_id__in=ids, action="party.reveal")
    counted: dict[str, int] = {}
    for name in rows.values_list("actor_name", flat=True)[:1000]:
        counted[name] = counted.get(name, 0) + 1
    return [{"name": n, "count": c} for n, c in sorted(counted.items(), key=lambda p: -p[1])]


def _plain(value: str) -> str:
    """Without blanks and invisible characters, full-width forms made plain."""
    stored = unicodedata.normalize("NFC", value)
    return "".join(c for c in stored if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))


def _task(name: str, data: bytes) -> tuple[str, dict[str, Any]] | None:
    """The task of the box that reads a file, and its arguments; None for plain text. Raises `Invalid` for a kind that
    is not taken."""
    low = name.lower()
    if data[:5] == b"%PDF-":
        return "pdfs.text", {"pages": 60}
    if data[:4] == b"PK\x03\x04" and low.endswith(".xlsx"):
        return "sheets.text", {"most": 50_000}
    if low.endswith((".txt", ".csv", ".md")):
        return None
    raise Invalid(fields={"file": [_("可以上传 PDF、XLSX 或文本文件；照片请把看到的文字录入上面的框里。")]})


def _read(name: str, data: bytes) -> tuple[str, str]:
    """Text and mark of a file, opened in the box; raises `box.Refused` for one that cannot be read."""
    task = _task(name, data)
    if task is None:
        return data.decode("utf-8", errors="ignore").replace("\x00", ""), ""
    made = box.run(*task, data, limits=LIMITS, patience=PATIENCE)
    message, results = b"".join(made.blobs).decode("utf-8", "ignore"), _CODE.search(made.data["keywords"])
    return message.replace("\x00", ""), results.group() if results else ""

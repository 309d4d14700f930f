"""Walking the chain of the audit log: every change, removal, insertion or reordering is found (6.1.1).

What is compared: each line and each fact with its leaf and its mark; each block's root, hash and signature, and its
link to the block before; the lines with the blocks both ways (none missing, none unlinked); the newest block with what
was kept outside the database (daily roots, those in the outbox too, this machine's own notes); the functions and
triggers of the database that guard the log (`audit.guards`); every line of the timeline with its line of the log, both
ways; every row with evidence with its newest fact (`audit.facts`).
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from linbao.audit import chain, facts, guards, keys, roots, sessions
from linbao.audit.models import Block, Detachment, Fact, Key, Record
from linbao.audit.roots import Root
from linbao.platform.encryption.crypto import CannotOpen

DRAWN = "item."  # lines that the database draws from the timeline of items
DIGEST_AT = sessions.MARK  # where in such a line's mark the digest of the timeline's line begins
MAY_LAG = timedelta(minutes=15)  # between a line's time and its commit; longer than any transaction may last


@dataclass(frozen=True)
class Break:
    """One thing that is wrong. `block` is 0 where it concerns none."""

    kind: str  # changed, removed, inserted, order, block, signature, truncated, rewritten, empty, guard
    message: str
    block: int = 0
    record: str = ""  # the id of the line, fact or row


@dataclass
class Result:
    """What was walked through."""

    blocks: int = 0
    records: int = 0
    facts: int = 0
    roots: int = 0
    detached: int = 0
    newest: int = 0


class Walk:
    """One verification; `breaks()` gives what is wrong in the order of the chain, `result` grows on the way."""

    def __init__(self, *, since: datetime | None = None, roots: Sequence[Root] = ()) -> None:
        self.since, self.roots, self.result = since, roots, Result()
        self._pairs: dict[UUID, keys.Pair] = {}
        self._marks = sessions.Marks([])
        self._facts_begun = False  # from the first fact on the chain, lines drawn from the timeline bear marks
        self._gone: dict[int, set[tuple[int, str]]] = {}
        self._detached_until: datetime | None = None  # the log has nothing from before

    def breaks(self) -> Iterator[Break]:
        """Seals what waits, then looks at everything. Reads all of the log: minutes for tens of millions of lines."""
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        try:
            yield from self._keys()
            yield from self.guard_breaks()
            if self._pairs:
                chain.seal()
            self._gone = self._detached()
            yield from self._blocks()
            yield from self._unlinked()
            yield from self._outside()
            yield from self._unnoted()
            yield from self._facts()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")

    # --- what guards the log

    def guard_breaks(self) -> Iterator[Break]:
        """What is wrong with the guards; a few queries of the catalogue."""
        for fault in guards.faults():
            message = {
                "missing": _("数据库的防改规则 %(name)s 已被删除"),
                "replaced": _("数据库的防改规则 %(name)s 已被替换"),
                "disabled": _("数据库的防改规则 %(name)s（表 %(table)s）已被停用"),
                "foreign": _("数据库里有不属于本版本的规则 %(name)s（表 %(table)s）"),
                "setting": _("数据库的设置 %(name)s 使防改规则失效"),
            }[fault.kind]
            yield Break("guard", message % {"name": fault.name, "table": fault.table})

    def _keys(self) -> Iterator[Break]:
        for row in Key.objects.all():
            try:
                self._pairs[row.pk] = keys.opened(row)
            except (CannotOpen, ValueError):
                yield Break("signature", _("签名密钥 %(id)s 不是本系统的") % {"id": row.pk})
        self._marks = sessions.Marks(self._pairs.values())

    # --- the blocks, one after the other

    def _blocks(self) -> Iterator[Break]:
        blocks = Block.objects.order_by("number")
        before: Block | None = None
        if self.since:
            before = blocks.filter(sealed_at__lt=self.since).last()
            blocks = blocks.filter(number__gt=before.number) if before else blocks
            first = Fact.objects.order_by("seq").first()
            if before is not None and first is not None:
                linked = Block.objects.filter(ids__contains=[first.pk], number__lte=before.number)
                self._facts_begun = linked.exists()
        # When a sealing last took everything that stood there. A full block may leave lines to the next, which another
        # process may seal in between.
        emptied = before.sealed_at if before and len(before.ids) < chain.MOST else None
        for block in blocks.iterator(chunk_size=20):
            expected = before.number + 1 if before else 1
            if block.number != expected:
                message = _("缺少区块 %(first)d 至 %(last)d") % {"first": expected, "last": block.number - 1}
                yield Break("block", message, expected)
            elif bytes(block.previous) != (bytes(before.hash) if before else chain.START):
                yield Break("block", _("区块 %(n)d 没有接在前一区块之后") % {"n": block.number}, block.number)
            yield from self._block(block, emptied)
            if len(block.ids) < chain.MOST:
                emptied = block.sealed_at
            before = block
            self.result.blocks += 1
            self.result.newest = block.number

    def _block(self, block: Block, sealed_before: datetime | None) -> Iterator[Break]:
        n, leaves = block.number, chain.split(block.leaves)
        if len(leaves) != len(block.ids) or not leaves or chain.merkle(leaves) != bytes(block.root):
            yield Break("block", _("区块 %(n)d 的根与其内容不符") % {"n": n}, n)
        if chain.digest(block) != bytes(block.hash):
            yield Break("block", _("区块 %(n)d 已被改动") % {"n": n}, n)
        pair = self._pairs.get(block.key_id)
        if pair is None or not keys.signed(pair.public, bytes(block.signature), bytes(block.hash)):
            yield Break("signature", _("区块 %(n)d 的签名不是本系统的") % {"n": n}, n)
        result = chain.linked(block.ids, block.first_at, block.last_at)
        if missing := [id for id in block.ids if id not in result]:
            # One whose time was changed lies elsewhere; asked for only then, since it is asked of every month.
            result |= chain.linked(missing)
            yield from self._missing(block, [id for id in missing if id not in result])
        order: tuple[Any, ...] = ()
        for id, wanted in zip(block.ids, leaves, strict=False):
            row = result.get(id)
            if row is None:
                continue
            if isinstance(row, Fact):
                self.result.facts += 1
                self._facts_begun = True
            else:
                self.result.records += 1
            if chain.leaf(row) != wanted:
                yield Break("changed", _("记录 %(id)s 已被改动（区块 %(n)d）") % {"id": id, "n": n}, n, str(id))
            elif isinstance(row, Fact):
                yield from self._fact(row, n)
            elif not self._ours(row, sealed_before):
                yield Break(
                    "inserted", _("记录 %(id)s 不是由本系统写入的（区块 %(n)d）") % {"id": id, "n": n}, n, str(id)
                )
            if (row.at, row.pk) < order:
                yield Break("order", _("区块 %(n)d 内记录的次序已被改动") % {"n": n}, n, str(id))
            order = (row.at, row.pk)
        yield from self._timeline([r for r in result.values() if isinstance(r, Record) and _drawn(r)], n)

    def _fact(self, fact: Fact, n: int) -> Iterator[Break]:
        """A fact without the product's mark: somebody changed the row by SQL, and the trigger noted it."""
        digest = bytes(fact.digest) if fact.digest else None
        covered = facts.payload(fact.pk, fact.seq, fact.source, fact.subject, digest)
        if not (fact.mac and self._marks.valid(bytes(fact.mac), covered)):
            message = _("%(label)s %(id)s 不是由本系统改动的（区块 %(n)d）")
            yield Break(
                "changed", message % {"label": _label(fact.source), "id": fact.subject, "n": n}, n, str(fact.subject)
            )

    def _missing(self, block: Block, missing: list[UUID]) -> Iterator[Break]:
        if not missing:
            return
        n = block.number
        if _gap(missing) in self._gone.get(n, ()):
            self.result.detached += len(missing)
            return
        for id in missing:
            yield Break("removed", _("记录 %(id)s 已被删除（区块 %(n)d）") % {"id": id, "n": n}, n, str(id))

    def _ours(self, row: Record, sealed_before: datetime | None) -> bool:
        """Whether a line's mark is right: the product's own, or that of a session of the product where the database
        drew the line. Those drawn before there were facts have none, and may not claim a time that the sealing before
        their own should have met."""
        mark = bytes(row.mac or b"")
        if _drawn(row):
            return self._marks.valid(mark[:DIGEST_AT], mark[DIGEST_AT:])
        if len(mark) == sessions.MARK:  # `item.reword`
            covered = "|".join(
                [str(row.pk), *(str(row.data.get(key, "")) for key in ("entry", "digest_before", "digest_after"))]
            )
            return self._marks.valid(mark, covered.encode())
        if mark:
            return self._marked(row)
        late = sealed_before and row.at < sealed_before - MAY_LAG
        return row.action.startswith(DRAWN) and not self._facts_begun and not late

    def _marked(self, row: Record) -> bool:
        details = chain.canonical(row)
        return any(hmac.compare_digest(pair.mark(details), bytes(row.mac or b"")) for pair in self._pairs.values())

    def _detached(self) -> dict[int, set[tuple[int, str]]]:
        """What retention says is gone, per block, as far as a marked line of the log vouches for it. Where several
        months had lines in one block, the later detachment tells all that are gone from it by then."""
        gone: dict[int, set[tuple[int, str]]] = {}
        self._detached_until = None
        for row in Detachment.objects.order_by("at"):
            message = hashlib.sha256(json.dumps(row.blocks, sort_keys=True).encode()).hexdigest()
            lines = Record.objects.filter(action="audit.detach", subject_id=str(row.pk))
            if any(line.data.get("digest") == message and self._marked(line) for line in lines):
                year, month = int(row.partition[-6:-2]), int(row.partition[-2:])
                end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
                self._detached_until = max(self._detached_until or end, end)
                for number, (count, digest) in row.blocks.items():
                    gone.setdefault(int(number), set()).add((int(count), str(digest)))
        return gone

    # --- the timeline

    def _timeline(self, lines: Sequence[Record], n: int) -> Iterator[Break]:
        """The timeline's lines from which these were drawn: there, of the same content, or reworded by the product."""
        present, reworded = facts.entries([(line.pk, line.at) for line in lines]), facts.reworded([r.pk for r in lines])
        for line in lines:
            entry = present.get(line.pk)
            names = {"id": line.pk, "item": line.subject_id, "n": n}
            if entry is None:
                message = _("条目 %(item)s 的时间线记录 %(id)s 已被删除（区块 %(n)d）")
                yield Break("removed", message % names, n, str(line.pk))
                continue
            wanted = reworded.get(line.pk, bytes(line.mac or b"")[DIGEST_AT:])
            if not self._marks.digest_fits(wanted, entry.document) or entry.drawn != (
                line.actor_id,
                line.actor_name,
                line.action,
                line.subject_id,
                line.data.get("before"),
                line.data.get("after"),
            ):
                message = _("条目 %(item)s 的时间线记录 %(id)s 已被改动（区块 %(n)d）")
                yield Break("changed", message % names, n, str(line.pk))

    def _unnoted(self) -> Iterator[Break]:
        """Lines of the timeline without a line of the log; not those of months that retention has taken off the log."""
        for id, item in facts.unnoted_entries(self.since, self._detached_until):
            message = _("条目 %(item)s 的时间线记录 %(id)s 不在审计日志上：它绕过本系统写入")
            yield Break("inserted", message % {"item": item, "id": id}, record=str(id))

    # --- the rows with evidence

    def _facts(self) -> Iterator[Break]:
        for result in facts.differences(self._marks, self.since):
            message = {
                "changed": _("%(label)s %(id)s 已被改动，与日志中的摘要不符"),
                "removed": _("%(label)s %(id)s 已被删除，日志中有它的摘要"),
                "inserted": _("%(label)s %(id)s 绕过本系统写入：日志中没有它的摘要"),
            }[result.kind]
            yield Break(
                result.kind,
                message % {"label": _label(result.source), "id": result.subject},
                record=str(result.subject),
            )

    # --- the lines that no block has

    def _unlinked(self) -> Iterator[Break]:
        since = self.since or datetime(1, 1, 2, tzinfo=UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                (
                    "SELECT r.id FROM (SELECT id, at FROM audit_record UNION ALL"
                    " SELECT id, at FROM audit_fact) r WHERE r.at >= %s"
                    " AND NOT EXISTS (SELECT 1 FROM (SELECT unnest(ids) AS id FROM"
                    " audit_block WHERE last_at >= %s) b WHERE b.id = r.id)"
                    " AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.id = r.id"
                    " AND p.at = r.at) ORDER BY r.at, r.id LIMIT 100"
                ),
                [since, since],
            )
            for (id,) in cursor.fetchall():
                yield Break("inserted", _("记录 %(id)s 不在链上：它绕过本系统写入") % {"id": id}, record=str(id))
            cursor.execute(
                "SELECT id FROM audit_record WHERE at >= %s GROUP BY id HAVING count(*) > 1 LIMIT 100", [since]
            )
            for (id,) in cursor.fetchall():
                yield Break("inserted", _("记录编号 %(id)s 出现不止一次") % {"id": id}, record=str(id))
            cursor.execute(
                "SELECT id FROM (SELECT unnest(ids) AS id FROM audit_block WHERE last_at >= %s) b"
                " GROUP BY id HAVING count(*) > 1 LIMIT 100",
                [since],
            )
            for (id,) in cursor.fetchall():
                yield Break("order", _("记录 %(id)s 被链接了不止一次") % {"id": id}, record=str(id))

    # --- what is known outside the database

    def _outside(self) -> Iterator[Break]:
        if not Block.objects.exists() and _used():
            yield Break("empty", _("审计链是空的，而系统已在使用：日志被整个清除"))
        for number, wanted in chain.remembered():
            yield from self._at(number, wanted, _("本机留存的最新区块"))
        publics = {str(p.id): p.public for p in self._pairs.values()}
        for root in itertools.chain(self.roots, roots.sent_roots()):
            self.result.roots += 1
            if not keys.signed(root.public, root.signature, root.payload()):
                yield Break(
                    "signature", _("送出的根（区块 %(n)d）签名不对，文件可能被改动") % {"n": root.block}, root.block
                )
            elif publics.get(root.key) != root.public:
                yield Break(
                    "rewritten",
                    _("送出的根（区块 %(n)d）由另一把密钥签名：整条链已被替换") % {"n": root.block},
                    root.block,
                )
            else:
                yield from self._at(root.block, root.hash, _("送出的根"))
            if root.stamp and not roots.stamp_fits(root):
                yield Break("signature", _("送出的根（区块 %(n)d）的时间戳与它不符") % {"n": root.block}, root.block)

    def _at(self, number: int, wanted: str, named: str) -> Iterator[Break]:
        block = Block.objects.filter(number=number).only("number", "hash").first()
        if block is None:
            newest = Block.objects.order_by("-number").values_list("number", flat=True).first() or 0
            message = _("链的末尾被截断：%(named)s有区块 %(n)d，现在只到 %(newest)d")
            yield Break("truncated", message % {"named": named, "n": number, "newest": newest}, number)
        elif bytes(block.hash).hex() != wanted:
            message = _("区块 %(n)d 与%(named)s不符：链已被重写") % {"n": number, "named": named}
            yield Break("rewritten", message, number)


def _drawn(row: Record) -> bool:
    """Whether the line was drawn from the timeline, with its digest."""
    return row.action.startswith(DRAWN) and len(row.mac or b"") > sessions.MARK


def _label(source: str) -> str:
    spec = facts.SOURCES.get(source)
    return str(spec.label) if spec else _("时间线记录")


def _used() -> bool:
    """Whether anything was ever done here that the log must know of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM items_entry) OR EXISTS (SELECT 1 FROM audit_fact)"
            " OR EXISTS (SELECT 1 FROM organisation_user WHERE last_login IS NOT NULL)"
            " OR EXISTS (SELECT 1 FROM outbox_delivery WHERE key LIKE 'audit-root:%%')"
        )
        return bool(cursor.fetchone()[0])


def _gap(missing: list[UUID]) -> tuple[int, str]:
    return len(missing), hashlib.sha256(b"".join(i.bytes for i in missing)).hexdigest()

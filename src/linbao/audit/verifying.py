"""Walking the chain of the audit log: every change, removal, insertion or reordering is found (6.1.1).

What is compared: each line with its leaf and its mark; each block's root, hash and signature, and its link to the
block before; the lines with the blocks both ways (none missing, none unlinked); the newest block with what was kept
outside the database (daily roots, this machine's own note); the rules of the database that guard the log.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from linbao.audit import chain, keys
from linbao.audit.models import Block, Detachment, Key, Record
from linbao.audit.roots import Root
from linbao.base.crypto import CannotOpen

UNMARKED = "item."  # lines that the database draws from the timeline of items
MAY_LAG = timedelta(minutes=15)  # between a line's time and its commit; longer than any transaction may last
GUARDS = (
    "audit_record_append_only", "audit_record_whole", "audit_record_pending", "audit_block_append_only",
    "audit_block_whole", "collection_entry_append_only", "collection_entry_audited",
)  # fmt: skip


@dataclass(frozen=True)
class Break:
    """One thing that is wrong. `block` is 0 where it concerns none."""

    kind: str  # changed, removed, inserted, order, block, signature, truncated, rewritten, guard
    words: str
    block: int = 0
    record: str = ""


@dataclass
class Result:
    """What was walked through."""

    blocks: int = 0
    records: int = 0
    detached: int = 0
    newest: int = 0


class Walk:
    """One verification; `breaks()` gives what is wrong in the order of the chain, `result` grows on the way."""

    def __init__(self, *, since: datetime | None = None, roots: Sequence[Root] = ()) -> None:
        self.since, self.roots, self.result = since, roots, Result()
        self._pairs: dict[UUID, keys.Pair] = {}
        self._gone: dict[int, set[tuple[int, str]]] = {}

    def breaks(self) -> Iterator[Break]:
        """Seals what waits, then looks at everything. Reads all of the log: minutes for tens of millions of lines."""
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        try:
            yield from self._guards()
            yield from self._keys()
            if self._pairs:
                chain.seal()
            self._gone = self._detached()
            yield from self._blocks()
            yield from self._unlinked()
            yield from self._outside()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")

    # --- what guards the log

    def _guards(self) -> Iterator[Break]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.tgname, t.tgenabled::text, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND (c.relname IN ('audit_record', 'audit_block', 'collection_entry') OR c.oid IN"
                " (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit_record'::regclass))"
            )
            found = cursor.fetchall()
        there = {name for name, _on, _table in found}
        for name in GUARDS:
            if name not in there:
                yield Break("guard", _("数据库的防改规则 %(name)s 已被删除") % {"name": name})
        for name, on, table in found:
            if on not in ("O", "A"):
                words = _("数据库的防改规则 %(name)s（表 %(table)s）已被停用") % {"name": name, "table": table}
                yield Break("guard", words)

    def _keys(self) -> Iterator[Break]:
        for row in Key.objects.all():
            try:
                self._pairs[row.pk] = keys.opened(row)
            except (CannotOpen, ValueError):
                yield Break("signature", _("签名密钥 %(id)s 不是本系统的") % {"id": row.pk})

    # --- the blocks, one after the other

    def _blocks(self) -> Iterator[Break]:
        blocks = Block.objects.order_by("number")
        before: Block | None = None
        if self.since:
            before = blocks.filter(sealed_at__lt=self.since).last()
            blocks = blocks.filter(number__gt=before.number) if before else blocks
        # When a sealing last took everything that stood there. A full block may leave lines to the next, which another
        # process may seal in between.
        emptied = before.sealed_at if before and len(before.ids) < chain.MOST else None
        for block in blocks.iterator(chunk_size=20):
            expected = before.number + 1 if before else 1
            if block.number != expected:
                words = _("缺少区块 %(first)d 至 %(last)d") % {"first": expected, "last": block.number - 1}
                yield Break("block", words, expected)
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
        rows = Record.objects.filter(pk__in=block.ids, at__gte=block.first_at, at__lte=block.last_at)
        found = {row.pk: row for row in rows.iterator()}
        if missing := [id for id in block.ids if id not in found]:
            # One whose time was changed lies elsewhere; asked for only then, since it is asked of every month.
            found |= {row.pk: row for row in Record.objects.filter(pk__in=missing)}
            yield from self._missing(block, [id for id in missing if id not in found])
        order: tuple[Any, ...] = ()
        for id, wanted in zip(block.ids, leaves, strict=False):
            row = found.get(id)
            if row is None:
                continue
            self.result.records += 1
            if chain.leaf(row) != wanted:
                yield Break("changed", _("记录 %(id)s 已被改动（区块 %(n)d）") % {"id": id, "n": n}, n, str(id))
            elif not self._ours(row, sealed_before):
                yield Break("inserted", _("记录 %(id)s 不是由本系统写入的（区块 %(n)d）") % {"id": id, "n": n}, n, str(id))  # fmt: skip
            if (row.at, row.pk) < order:
                yield Break("order", _("区块 %(n)d 内记录的次序已被改动") % {"n": n}, n, str(id))
            order = (row.at, row.pk)

    def _missing(self, block: Block, missing: list[UUID]) -> Iterator[Break]:
        if not missing:
            return
        n = block.number
        if _told(missing) in self._gone.get(n, ()):
            self.result.detached += len(missing)
            return
        for id in missing:
            yield Break("removed", _("记录 %(id)s 已被删除（区块 %(n)d）") % {"id": id, "n": n}, n, str(id))

    def _ours(self, row: Record, sealed_before: datetime | None) -> bool:
        """A line's mark is right; one drawn from the timeline has none, and may not claim a time that the sealing
        before its own should have met."""
        if row.mac:
            return self._marked(row)
        return row.action.startswith(UNMARKED) and not (sealed_before and row.at < sealed_before - MAY_LAG)

    def _marked(self, row: Record) -> bool:
        told = chain.canonical(row)
        return any(hmac.compare_digest(pair.mark(told), bytes(row.mac or b"")) for pair in self._pairs.values())

    def _detached(self) -> dict[int, set[tuple[int, str]]]:
        """What retention says is gone, per block, as far as a marked line of the log vouches for it. Where several
        months had lines in one block, the later detachment tells all that are gone from it by then."""
        gone: dict[int, set[tuple[int, str]]] = {}
        for row in Detachment.objects.order_by("at"):
            said = hashlib.sha256(json.dumps(row.blocks, sort_keys=True).encode()).hexdigest()
            lines = Record.objects.filter(action="audit.detach", subject_id=str(row.pk))
            if any(line.data.get("digest") == said and self._marked(line) for line in lines):
                for number, (count, digest) in row.blocks.items():
                    gone.setdefault(int(number), set()).add((int(count), str(digest)))
        return gone

    # --- the lines that no block has

    def _unlinked(self) -> Iterator[Break]:
        since = self.since or datetime(1, 1, 2, tzinfo=UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.id FROM audit_record r WHERE r.at >= %s"
                " AND NOT EXISTS (SELECT 1 FROM (SELECT unnest(ids) AS id FROM audit_block WHERE last_at >= %s) b WHERE b.id = r.id)"
                " AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.id = r.id AND p.at = r.at) ORDER BY r.at, r.id LIMIT 100",
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
        for id in self._pairs:
            try:
                kept = json.loads(chain.memory(id).read_text())
                number, wanted = int(kept["block"]), str(kept["hash"])
            except (OSError, ValueError, KeyError):
                continue
            yield from self._at(number, wanted, _("本机留存的最新区块"))
        publics = {str(p.id): p.public for p in self._pairs.values()}
        for root in self.roots:
            if not keys.signed(root.public, root.signature, root.told()):
                yield Break("signature", _("送出的根（区块 %(n)d）签名不对，文件可能被改动") % {"n": root.block}, root.block)  # fmt: skip
            elif publics.get(root.key) != root.public:
                yield Break("rewritten", _("送出的根（区块 %(n)d）由另一把密钥签名：整条链已被替换") % {"n": root.block}, root.block)  # fmt: skip
            else:
                yield from self._at(root.block, root.hash, _("送出的根"))

    def _at(self, number: int, wanted: str, named: str) -> Iterator[Break]:
        block = Block.objects.filter(number=number).only("number", "hash").first()
        if block is None:
            newest = Block.objects.order_by("-number").values_list("number", flat=True).first() or 0
            words = _("链的末尾被截断：%(named)s有区块 %(n)d，现在只到 %(newest)d")
            yield Break("truncated", words % {"named": named, "n": number, "newest": newest}, number)
        elif bytes(block.hash).hex() != wanted:
            words = _("区块 %(n)d 与%(named)s不符：链已被重写") % {"n": number, "named": named}
            yield Break("rewritten", words, number)


def _told(missing: list[UUID]) -> tuple[int, str]:
    return len(missing), hashlib.sha256(b"".join(i.bytes for i in missing)).hexdigest()

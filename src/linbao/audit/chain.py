"""The chain of the audit log: lines are linked in blocks, so that writing one stays as fast as an insert (6.1.1).

A trigger notes every line that is written in `audit_pending`, in the line's own transaction. Sealing takes the
notes that stand there and writes one block for them, in one transaction: a line whose transaction commits late
is simply in a later block; none is left out, none is linked twice, and nobody waits. The order of the chain is
the order of blocks, within a block that of `ids`.

Facts (`audit.facts`) are linked in the same blocks, beside the lines.

What a block proves: RFC 6962's Merkle root over its lines (leaf 0x00, node 0x01), a hash over root, number, times
and the block before, and an Ed25519 signature by a key that the database does not hold. The newest hash goes out
daily (`audit.roots`); what was cut off or written anew after that shows by it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linbao.audit import keys
from linbao.audit.models import Block, Fact, Record
from linbao.core import clock

MOST = 1000  # lines of a block
START = bytes(32)  # what stands before the first block
_LOCK = 0xA0D2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC; exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def canonical(row: Record) -> bytes:
    """The line as bytes that do not depend on who asks: a JSON array without spaces, objects sorted by key."""
    lines = [
        "linbao audit 1",
        str(row.pk),
        microseconds(row.at),
        _id(row.actor_id),
        row.actor_name,
        row.action,
        row.subject_type,
        row.subject_id,
        _id(row.unit_id),
        row.reason,
        _packed(row.address),
        _exact(row.data),
    ]
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _id(value: Any) -> str:
    return str(value) if value else ""


def _packed(address: str | None) -> str:
    return ipaddress.ip_address(address).packed.hex() if address else ""


def _exact(value: Any) -> Any:
    """As it comes back from jsonb: 2.0 is 2 there."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(k): _exact(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(v) for v in value]
    return value


def leaf(row: Record | Fact) -> bytes:
    body = fact_canonical(row) if isinstance(row, Fact) else canonical(row)
    return hashlib.sha256(b"\x00" + body + bytes(row.mac or b"")).digest()


def fact_canonical(fact: Fact) -> bytes:
    """As `canonical`, for a fact."""
    covered = [
        "linbao fact 1",
        str(fact.pk),
        microseconds(fact.at),
        fact.seq,
        fact.source,
        str(fact.subject),
        bytes(fact.digest).hex() if fact.digest else "",
    ]
    return json.dumps(covered, separators=(",", ":")).encode()


def linked(
    ids: Sequence[UUID], first: datetime | None = None, last: datetime | None = None
) -> dict[UUID, Record | Fact]:
    """The lines and facts of these ids; between two times (UTC) where they are given, which spares the other months."""
    within = {"at__gte": first, "at__lte": last} if first and last else {}
    result: dict[UUID, Record | Fact] = {row.pk: row for row in Record.objects.filter(pk__in=ids, **within)}
    if rest := [id for id in ids if id not in result]:
        result |= {fact.pk: fact for fact in Fact.objects.filter(pk__in=rest, **within)}
    return result


def absent(id: UUID) -> bytes:
    """Stands for a line that had been taken away before it was linked; verification names it."""
    return hashlib.sha256(b"\x02" + id.bytes).digest()


def merkle(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves; an odd one out rises as it is."""
    level = list(leaves)
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\x01" + level[n] + level[n + 1]).digest() if n + 1 < len(level) else level[n]
            for n in range(0, len(level), 2)
        ]
    return level[0]


def path(leaves: Sequence[bytes], place: int) -> list[str]:
    """What leads from the leaf at `place` to the root: `L<hex>` or `R<hex>` for a neighbour on that side."""
    level, steps = list(leaves), []
    while len(level) > 1:
        other = place ^ 1
        if other < len(level):
            steps.append(("L" if other < place else "R") + level[other].hex())
        level = [
            hashlib.sha256(b"\x01" + level[n] + level[n + 1]).digest() if n + 1 < len(level) else level[n]
            for n in range(0, len(level), 2)
        ]
        place //= 2
    return steps


def climb(bottom: bytes, steps: Iterable[str]) -> bytes:
    """The root to which `path` leads from a leaf."""
    for step in steps:
        other = bytes.fromhex(step[1:])
        bottom = hashlib.sha256(b"\x01" + (other + bottom if step[0] == "L" else bottom + other)).digest()
    return bottom


def split(leaves: bytes | memoryview) -> list[bytes]:
    sealed = bytes(leaves)
    return [sealed[n : n + 32] for n in range(0, len(sealed), 32)]


def fields(block: Block) -> list[Any]:
    """What `hash` covers."""
    return [
        "linbao audit block 1",
        block.number,
        bytes(block.previous).hex(),
        bytes(block.root).hex(),
        len(block.ids),
        hashlib.sha256(b"".join(i.bytes for i in block.ids)).hexdigest(),
        microseconds(block.first_at),
        microseconds(block.last_at),
        microseconds(block.sealed_at),
        str(block.key_id),
    ]


def digest(block: Block) -> bytes:
    """What `hash` must be."""
    return hashlib.sha256(json.dumps(fields(block), separators=(",", ":")).encode()).digest()


@dataclass(frozen=True)
class Proof:
    """What shows that a line stands in the chain: `path` leads from `leaf` to the `root` of block `number`."""

    number: int
    place: int
    leaf: str
    path: tuple[str, ...]
    root: str


def proofs(ids: Sequence[UUID]) -> dict[UUID, Proof]:
    """For those of the lines that are linked; one statement."""
    wanted, made = set(ids), {}
    for block in Block.objects.filter(ids__overlap=list(ids)) if ids else ():
        leaves = split(block.leaves)
        for place, id in enumerate(block.ids):
            if id in wanted:
                steps = tuple(path(leaves, place))
                made[id] = Proof(block.number, place + 1, leaves[place].hex(), steps, bytes(block.root).hex())
    return made


def seal() -> int:
    """Link every line that has been committed until now; returns how many. Safe to repeat, and by several at once."""
    now, total = clock.now(), 0
    while taken := _seal_block(now):
        total += taken
    return total


@transaction.atomic
def _seal_block(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            (
                "DELETE FROM audit_pending WHERE ctid = ANY (ARRAY(SELECT ctid"
                " FROM audit_pending LIMIT %s)) RETURNING at, id"
            ),
            [MOST],
        )
        taken: list[tuple[datetime, UUID]] = sorted(cursor.fetchall())
    if not taken:
        return 0
    ids = [id for _at, id in taken]
    lines = {(r.at, r.pk): leaf(r) for r in linked(ids, taken[0][0], taken[-1][0]).values()}
    leaves = [lines.get(place) or absent(place[1]) for place in taken]
    tip = Block.objects.order_by("-number").only("number", "hash").first()
    pair = keys.current()
    block = Block(
        number=tip.number + 1 if tip else 1,
        previous=bytes(tip.hash) if tip else START,
        ids=ids,
        leaves=b"".join(leaves),
        root=merkle(leaves),
        first_at=taken[0][0],
        last_at=taken[-1][0],
        sealed_at=now,
        key_id=pair.id,
    )
    block.hash = digest(block)
    block.signature = pair.signer.sign(block.hash)
    block.save(force_insert=True)
    transaction.on_commit(lambda: _remember(pair.id, block))
    return len(taken)


# --- the newest block, kept outside the database too ------------------------------------------------


def _remember(key: UUID, block: Block) -> None:
    """Best effort: a folder that cannot be written must not hold up the log; the daily roots stand beside it."""
    try:
        place = memory(key)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = place.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"block": block.number, "hash": bytes(block.hash).hex()}))
        fresh.replace(place)
    except OSError:
        pass


def memory(key: UUID) -> Path:
    """Where this machine keeps the number and hash of the newest block that it sealed."""
    return Path(settings.DATA_DIR) / "audit" / f"tip-{key}.json"


def remembered() -> Iterator[tuple[int, str]]:
    """Number and hash of the newest block by each key that this machine ever sealed with, whatever became of the
    key."""
    for place in sorted((Path(settings.DATA_DIR) / "audit").glob("tip-*.json")):
        try:
            stored = json.loads(place.read_text())
            yield int(stored["block"]), str(stored["hash"])
        except (OSError, ValueError, KeyError, TypeError):
            continue

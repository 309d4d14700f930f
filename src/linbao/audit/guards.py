"""The functions and triggers of the database that guard the log and write what it carries (6.1.1): whether they are
those that this version's migrations install.

`guards.json` holds the SHA-256 of each definition as PostgreSQL keeps it, written from a freshly migrated database by
`linbao audit guards`; a test compares it with one. What is compared comes from the catalogue's own columns, which do
not differ between versions of PostgreSQL as the printed definitions may.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

PLACE = Path(__file__).parent / "guards.json"
_FUNCTIONS = r"^(linbao|audit|collection|conduct)_"
# The triggers of any table of the product: each runs in its sessions. The queue's belong to its library.
_OURS = "NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND c.relname !~ '^procrastinate_'"
# Settings with which the guards do not work; nobody but a session for its own transaction may set them.
_SETTINGS = ("session_replication_role", "linbao.anonymising", "linbao.resealing")


@dataclass(frozen=True)
class Fault:
    """A guard that is not as it should be. `kind`: missing, replaced, disabled, foreign (not this version's),
    setting."""

    kind: str
    name: str
    table: str = ""


def installed() -> dict[str, str]:
    """The digest of every guard in this database, by its name: `function()` or `table.trigger`."""
    result: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE n.nspname WHEN 'public' THEN p.proname ELSE n.nspname || '.' || p.proname END,"
            " pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), l.lanname, p.prosrc,"
            " p.proconfig, p.prosecdef, p.provolatile::text, p.proisstrict, p.prokind::text"
            " FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace"
            # In any schema: one in `pg_catalog`, or with other arguments, would be called in the place of ours.
            " WHERE p.proname ~ %s"
            f" OR p.oid IN (SELECT t.tgfoid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE {_OURS})",
            [_FUNCTIONS],
        )
        for name, arguments, *definition in cursor.fetchall():
            label = f"{name}()" if f"{name}()" not in result else f"{name}({arguments})"
            result[label] = _digest([arguments, *definition])
        cursor.execute(
            "SELECT c.relname, t.tgname, n.nspname, p.proname, t.tgtype,"
            " t.tgargs, t.tgoldtable, t.tgnewtable, t.tgattr::text,"
            " t.tgqual IS NULL, t.tgdeferrable, t.tginitdeferred"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            f" JOIN pg_namespace n ON n.oid = p.pronamespace WHERE t.tgparentid = 0 AND {_OURS}"
        )
        for table, name, *definition in cursor.fetchall():
            result[f"{table}.{name}"] = _digest(definition)
        # A trigger on the database itself runs in every session too, and could read its key.
        cursor.execute("SELECT evtname::text FROM pg_event_trigger")
        result |= {f"event trigger {name}": "" for (name,) in cursor.fetchall()}
    return result


def _digest(definition: list[object]) -> str:
    readable = [bytes(part).hex() if isinstance(part, memoryview | bytes) else part for part in definition]
    return hashlib.sha256(json.dumps(readable, sort_keys=True).encode()).hexdigest()


def expected() -> dict[str, str]:
    """The digests of this version."""
    result: dict[str, str] = json.loads(PLACE.read_text())
    return result


def write() -> int:
    """Keep the guards of this (freshly migrated) database as those of this version; returns how many."""
    result = installed()
    PLACE.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return len(result)


def _tables() -> list[str]:
    """The guarded tables of this version."""
    if not PLACE.exists():
        return []
    return sorted({name.partition(".")[0] for name in expected() if "." in name})


def faults() -> Iterator[Fault]:
    """What is missing, replaced, switched off or does not belong there."""
    wanted, result = expected(), installed()
    for name, digest in wanted.items():
        table, _dot, trigger = name.partition(".")
        shown, where = (trigger, table) if trigger else (name, "")
        if name not in result:
            yield Fault("missing", shown, where)
        elif result[name] != digest:
            yield Fault("replaced", shown, where)
    for name in result.keys() - wanted.keys():
        table, _dot, trigger = name.partition(".")
        yield Fault("foreign", trigger or name, table if trigger else "")
    yield from _switched_off()


def _switched_off() -> Iterator[Fault]:
    tables = _tables()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE guarded AS (SELECT c.oid FROM pg_class c WHERE c.oid::regclass::text = ANY (%s)"
            " UNION SELECT i.inhrelid FROM pg_inherits i JOIN guarded g ON g.oid = i.inhparent)"
            " SELECT 'disabled', t.tgname::text, c.relname::text FROM guarded g JOIN pg_trigger t ON t.tgrelid = g.oid"
            " JOIN pg_class c ON c.oid = g.oid WHERE NOT t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')"
            # A rule may turn a statement into nothing, a policy may hide rows from it.
            " UNION ALL SELECT 'foreign', r.rulename::text, c.relname::text FROM"
            " guarded g JOIN pg_rewrite r ON r.ev_class = g.oid"
            " JOIN pg_class c ON c.oid = g.oid"
            " UNION ALL SELECT 'foreign', 'row level security', c.relname::text"
            " FROM guarded g JOIN pg_class c ON c.oid = g.oid"
            " WHERE c.relrowsecurity OR c.relforcerowsecurity ORDER BY 3, 2",
            [tables],
        )
        for kind, name, table in cursor.fetchall():
            yield Fault(kind, name, table)
        for name in _SETTINGS:
            cursor.execute("SELECT current_setting(%s, true)", [name])
            if cursor.fetchone()[0] not in (None, "", "origin"):
                yield Fault("setting", name)

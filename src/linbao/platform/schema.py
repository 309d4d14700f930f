"""The tables of a new database at once (docs/decisions/0016-stored-schema.md).

Django renders all models anew for every step of a migration: 25 s of CPU for an empty database. What the migrations
make is therefore kept as SQL (`schema.sql`, written by `make schema`), for the version of PostgreSQL that comes along;
a test holds that both are the same. Any other database is migrated step by step.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

STORED = Path(__file__).parent / "schema.sql"
PARTITIONS = "*_20????"  # of months: made when a database begins, not stored
_SKIPPED = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict|$")


class FirstRows(RunPython):
    """A migration's step that fills tables or makes the month's partitions; done also where the schema is loaded."""


def migrate() -> None:
    """Bring the database up to date: an empty one of the stored version at once, any other by its migrations."""
    _load()
    call_command("migrate", interactive=False, verbosity=0)


def dump(program: Path, url: str) -> str:
    """The schema of the database at `url` as `schema.sql` holds it. `program`: the server version's pg_dump."""
    options = ["--schema-only", "--no-owner", "--no-privileges", "--no-comments", "--exclude-table", PARTITIONS]
    result = subprocess.run([program, *options, url], check=True, capture_output=True, text=True)
    lines = [line for line in result.stdout.splitlines() if not _SKIPPED.match(line)]
    version = re.search(r"Dumped from database version (\d+)", result.stdout)
    assert version is not None
    return f"-- PostgreSQL {version[1]}; written by make schema\n" + "\n".join(lines) + "\n"


def _load() -> None:
    """Load the stored schema where the database is empty and of its version."""
    sql = STORED.read_text(encoding="utf-8")
    version = re.match(r"-- PostgreSQL (\d+)", sql)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10000
    if version is None or server != int(version[1]) or connection.introspection.table_names():
        return
    executor = MigrationExecutor(connection)
    plan = [m for m, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    models: Any = apps  # as they are now: these are the newest migrations
    # All or nothing: tables that count as migrated but lack their first rows would never get them.
    with connection.schema_editor(atomic=True) as editor, connection.cursor() as cursor:
        cursor.execute("SET LOCAL check_function_bodies = off")
        cursor.execute(sql)
        recorder = MigrationRecorder(connection)
        for migration in plan:
            recorder.record_applied(migration.app_label, migration.name)
        for migration in plan:
            for step in migration.operations:
                if isinstance(step, FirstRows):
                    step.code(models, editor)

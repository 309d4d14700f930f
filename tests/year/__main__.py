"""The long edition, on demand: `python -m tests.year --seeds 20 [--weeks 26] [--first 1] [--keep NAME]`.

One database, emptied between the seeds; prints what differed for each seed, and exits 1 when anything did.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.year.simulation import Plan


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.year")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--begin", type=date.fromisoformat, default=date(2026, 1, 5), help="the first Monday")
    parser.add_argument("--storm", type=int, default=9, help="the week of the storm, counted from 0")
    parser.add_argument("--keep", default="", metavar="NAME", help="use this database again, and leave it there")
    args = parser.parse_args()
    import tests.conftest  # noqa: F401  (settings, data folder and server as the tests have them)
    from tests.year.simulation import Plan

    make_database(args.keep)
    differing = 0
    try:
        for seed in range(args.first, args.first + args.seeds):
            differing += _live(Plan(seed, args.begin, args.weeks, args.storm))
    finally:
        if not args.keep:
            _remove_database()
    print(f"{args.seeds - differing} of {args.seeds} seeds agree")
    return 1 if differing else 0


def make_database(keep: str) -> None:
    """The tests' own database, migrated."""
    import os

    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    database: dict[str, Any] = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = keep or f"linbao_test_year_{os.getpid()}"
    database["OPTIONS"].pop("pool", None)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=bool(keep), serialize=False)


def _remove_database() -> None:
    from django.db import connection

    connection.creation.destroy_test_db("", verbosity=0)


def _live(plan: Plan) -> bool:
    """One life in an empty database; whether anything differed."""
    import time_machine
    from django.conf import settings
    from django.core.cache import cache
    from django.test import override_settings

    from tests.year.ledger.working_time import ZONE
    from tests.year.simulation import Life
    from tests.year.sink import QUICK, Post, Sink

    empty()
    cache.clear()
    began, sink = time.monotonic(), Sink()
    start = datetime.combine(plan.first, datetime.min.time(), ZONE)
    quick = override_settings(PASSWORD_HASHERS=QUICK)
    with quick, Post(sink) as post, time_machine.travel(start, tick=False) as clock:
        settings.SMTP_URL = post.url
        life = Life(plan, clock, sink)
        differences = life.live()
    print(f"--- {plan}: {life.lived()}, {time.monotonic() - began:.0f} s\n{differences}", flush=True)
    return bool(differences.rows)


def empty() -> None:
    """Nothing in the database but what the migrations put there."""
    from django.core.management.sql import emit_post_migrate_signal
    from django.db import connection

    from linbao.items.catalogue import catalogue
    from linbao.platform.reference import Reference
    from linbao.review import reasons

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT"
            " relispartition AND relname <> 'django_migrations'"
        )
        tables = cursor.fetchone()[0]
        cursor.execute("SET session_replication_role = replica")  # append-only tables too
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    catalogue.seed()
    reasons.seed()
    for reference in Reference.all.values():
        reference.drop()


if __name__ == "__main__":
    sys.exit(main())

"""`linbao bench appraisal`: every figure of everybody in the generated city, counted and written (issue bar: 5,000
reporters over 1,000,000 items in under 60 s and 500 MB)."""

from __future__ import annotations

import json
import resource
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from linbao.appraisal import cycles, metrics
from linbao.appraisal.models import Appraisal, Cycle
from linbao.core import clock
from linbao.organisation.models import RoleGrant, User
from linbao.platform import bulk

HALF = date(2000, 1, 1)  # stands for the generated city's whole time: all its items lie in one cycle
# What the generated city lacks: decisions with marks, and the duties of reporters.
_FACTS = (
    "INSERT INTO review_review (id, item_id, reviewer_id, at, round, approved,"
    " answers, remark, completeness_mark, analysis_mark, snapshot)"
    " SELECT gen_random_uuid(), i.id, i.reporter_id, i.reported_at + interval"
    " '5 hours', 1, true, '{}', '', 3 + i.returns, 4, '{}'"
    " FROM items_item i WHERE i.channel = 'scale' AND i.status = 'closed'"
    " AND NOT EXISTS (SELECT 1 FROM review_review r WHERE r.item_id = i.id)",
    "INSERT INTO duties_obligation (id, kind, clause, owner_id, unit_id,"
    " community_id, subject_type, subject_id, key, title, opened_at,"
    " due_at, met_at, waived_reason, next_step) SELECT gen_random_uuid(),"
    " 'inform_resident', '2.4.1', i.reporter_id, i.community_id,"
    " i.community_id, 'items.item', i.id, 'inform_resident:' ||"
    " i.reporter_id || ':' || i.id || '::1', i.title, i.closed_at,"
    " i.closed_at + interval '2 days', i.closed_at + interval '1 hour' * (1 + abs(hashtext(i.id::text)) % 60), '', 9"
    " FROM items_item i WHERE i.channel = 'scale' AND i.closed_at IS NOT NULL ON CONFLICT DO NOTHING",
    "INSERT INTO duties_obligation (id, kind, clause, owner_id, unit_id,"
    " community_id, subject_type, key, title, period, opened_at, due_at,"
    " met_at, waived_reason, next_step) SELECT gen_random_uuid(),"
    " 'weekly_report', '4.1.1', g.user_id, g.unit_id, g.unit_id, '',"
    " 'weekly_report:' || g.user_id || ':' || w::date || ':scale', '', w::date, w, w,"
    " w - interval '1 hour' * ((w::date - g.starts) % 3), '', 9"
    " FROM organisation_rolegrant g CROSS JOIN generate_series(now() - interval '26"
    " weeks', now() - interval '1 week', interval '1 week') w"
    " WHERE g.role = 'reporter' ON CONFLICT DO NOTHING",
)


def appraisal(bench: Any) -> None:
    """Count everybody once; prints seconds, memory of this process and of its database process, statements."""
    _facts()
    now = clock.now()
    owner = User.objects.order_by("pk").first()
    homes = {}
    for user, unit, above in RoleGrant.objects.filter(role="reporter").values_list(
        "user_id", "unit_id", "unit__parent_id"
    ):
        homes[user] = above or unit
    Appraisal.objects.filter(cycle__half=HALF).delete()
    Cycle.objects.filter(half=HALF).delete()
    made = {
        home: Cycle(
            unit_id=home,
            half=HALF,
            rules=metrics.DEFAULTS,
            zone="Asia/Shanghai",
            since=now - timedelta(days=400),
            until=now,
            seed=1,
            opened_by=owner,
            self_due=now,
            peer_due=now,
            superior_due=now,
            publish_due=now,
        )
        for home in set(homes.values())
    }
    people = [Appraisal(cycle=made[home], person_id=user, name=str(user)[:8], months=6) for user, home in homes.items()]
    with transaction.atomic():
        bulk.insert(list(made.values()))
        bulk.insert(people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE appraisal_appraisal")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    app, database, began = time.process_time(), bench._database_cpu(), time.perf_counter()
    statements = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted), transaction.atomic():
        done = cycles.recount([c.pk for c in made.values()])
    wall = time.perf_counter() - began
    counted_items = sum(Appraisal.objects.filter(cycle__half=HALF).values_list("items", flat=True))
    print(
        json.dumps(
            {
                "bench": "appraisal",
                "items": counted_items,
                "people": done,
                "units": len(made),
                "seconds": round(wall, 2),
                "cpu_seconds": round(time.process_time() - app + bench._database_cpu() - database, 2),
                "statements": statements,
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "database_memory_mb": _peak(backend),
                "floor_cpu_ms": bench.floor_cpu_ms,
                "bar_seconds": 60,
                "bar_mb": 500,
            }
        ),
        flush=True,
    )


def _facts() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for sql in _FACTS:
            cursor.execute(sql)
        cursor.execute("ANALYZE review_review, duties_obligation, items_item")
        cursor.execute("RESET statement_timeout")


def _peak(pid: int) -> int | None:
    """The most memory that a process of this machine has held, without what it shares; MB."""
    try:
        details = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return (int(details["VmHWM"].split()[0]) - int(details["RssShmem"].split()[0])) // 1024
    except (OSError, KeyError):
        return None

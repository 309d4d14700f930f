"""Counting the facts of a half-year for any number of people: set-based, a constant number of statements.

`ITEMS` and `DUTIES` say once what counts and how much; the sums of an appraisal and the lists behind each figure
(`evidence`) read the same two texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from linbao.appraisal.metrics import ORDINARY, TELLING, URGENT, Facts
from linbao.archive.statistics import counted

# Who is counted, with the cycle's own bounds and frozen rules.
WHO = """who AS MATERIALIZED (
  SELECT a.id AS appraisal, a.person_id, c.since, c.until, c.zone,
         (c.rules->>'complex_days')::int AS complex_days, (c.rules->>'alike_free')::int AS alike_free,
         (c.rules->>'urgent_weight')::float AS urgent_weight,
         (c.rules->'worth'->>'easy')::float AS easy, (c.rules->'worth'->>'onsite')::float AS onsite,
         (c.rules->'worth'->>'complex')::float AS complex, (c.rules->'worth'->>'alike')::float AS alike,
         (c.rules->'worth'->>'returned_twice')::float AS returned_twice
  FROM appraisal_appraisal a JOIN appraisal_cycle c ON c.id = a.cycle_id WHERE {where}
)"""
# Items reported in the half-year. `alike_as`: one number for alike items of one person from one place in one week, to
# sort by (texts would cost four times as much); `nth`: the how-manyeth of those; `worth`: by difficulty; `counts`:
# what it adds to the effective items (merged, waiting and returned ones nothing). `judged` and `first_pass` are the
# conditions of the statistics (`archive.counted`). What was returned for truth or accuracy stays a fault (`decided`),
# even if the item was withdrawn or merged afterwards; withdrawn ones count nothing else (`standing`). The inner
# SELECT is kept apart (OFFSET 0), so that what is sorted is narrow: a million rows in memory.
ITEMS = """fault AS (
  SELECT DISTINCT r.item_id FROM review_review r JOIN review_finding f ON f.review_id = r.id
  WHERE NOT r.approved AND f.check_kind IN ('truth', 'accuracy') AND r.at >= %(since)s {fault_of}
), seen AS (
  SELECT w.appraisal, w.alike_free, w.alike, w.returned_twice, i.id, i.reported_at, i.returns, i.adopted,
         f.item_id IS NOT NULL AS faulted,
         i.status <> 'withdrawn' AS standing,
         i.status IN ('approved', 'handling', 'resolved', 'informed', 'evaluated', 'closed') AS passed,
         ({judged}) AS judged, ({first_pass}) AS first_pass,
         i.status IN ('resolved', 'informed', 'evaluated', 'closed') AS resolved,
         i.status IN ('evaluated', 'closed') AS looped,
         CASE WHEN i.urgent OR i.round > 1 OR cardinality(i.assistants) > 0 OR s.handle_days >= w.complex_days
                   THEN w.complex
              WHEN i.source IN ('visit', 'patrol', 'forum') THEN w.onsite ELSE w.easy END AS worth,
         hashtextextended(
           concat_ws('|', i.reporter_id, i.subcategory, date_trunc('week', i.reported_at AT TIME ZONE w.zone),
                     i.grid_id, i.status IN ('approved', 'handling', 'resolved', 'informed', 'evaluated', 'closed'),
                     translate(i.place, E' \\t\\u3000', '')), 0) AS alike_as {more}
  FROM who w JOIN items_item i ON i.reporter_id = w.person_id AND i.reported_at >= w.since AND i.reported_at < w.until
  LEFT JOIN items_subcategory s ON s.code = i.subcategory
  LEFT JOIN fault f ON f.item_id = i.id
  WHERE i.reported_at >= %(since)s AND i.reported_at < %(until)s AND i.status <> 'draft'
    AND (i.status <> 'withdrawn' OR i.returns > 0)
  OFFSET 0
), told AS (
  SELECT seen.*, row_number() OVER (PARTITION BY alike_as ORDER BY reported_at, id) AS nth FROM seen
), item AS (
  SELECT told.*, passed OR returns > 0 AS decided,
         CASE WHEN NOT passed THEN 0 WHEN nth > alike_free THEN alike WHEN returns >= 2
           THEN returned_twice ELSE worth END AS counts
  FROM told
)"""
# Duties with a time that fell due in the half-year: in time 1, late a half, missed or still open nothing. A work
# group's weekly report is owed by one and done by all: it counts for each who was a member on the day it was due
# (4.1.1), unless they had leave then; for its owner it counts once.
DUTIES = """duty AS (
  SELECT w.appraisal, o.id, o.kind, o.due_at, o.met_at, o.subject_type, o.subject_id, o.title, o.period,
         CASE WHEN o.kind = ANY(%(urgent)s) THEN w.urgent_weight ELSE 1 END AS weight,
         CASE WHEN o.met_at <= o.due_at THEN 1 WHEN o.met_at IS NOT NULL THEN 0.5 ELSE 0 END::float AS credit
  FROM who w JOIN duties_obligation o ON o.owner_id = w.person_id AND o.due_at >= w.since AND o.due_at < w.until
  WHERE o.kind = ANY(%(kinds)s) AND o.waived_at IS NULL AND o.due_at >= %(since)s AND o.due_at < %(until)s
    AND (o.met_at IS NOT NULL OR o.due_at < %(now)s)
  UNION ALL
  SELECT DISTINCT w.appraisal, o.id, o.kind, o.due_at, o.met_at, o.subject_type, o.subject_id, o.title, o.period,
    1::float,
         CASE WHEN o.met_at <= o.due_at THEN 1 WHEN o.met_at IS NOT NULL THEN 0.5 ELSE 0 END::float
  FROM who w JOIN organisation_rolegrant g ON g.user_id = w.person_id AND g.role IN ('reporter', 'group_leader')
  JOIN duties_obligation o ON o.subject_id = g.unit_id AND o.kind = 'weekly_report'
    AND o.subject_type = 'organisation.unit'
   AND o.due_at >= w.since AND o.due_at < w.until AND o.owner_id <> w.person_id
   AND (o.due_at AT TIME ZONE w.zone)::date BETWEEN g.starts AND coalesce(g.ends, 'infinity')
  WHERE o.waived_at IS NULL AND o.due_at >= %(since)s AND o.due_at < %(until)s
    AND (o.met_at IS NOT NULL OR o.due_at < %(now)s)
    AND NOT EXISTS (SELECT 1 FROM duties_leave l WHERE l.person_id = w.person_id AND l.state = 'approved'
                     AND (o.due_at AT TIME ZONE w.zone)::date BETWEEN l.starts AND l.ends)
)"""
# Evaluations given in the half-year on whatever the person reported, each of them, whatever became of the item (2.4.2).
ANSWERS = """answer AS (
  SELECT w.appraisal, v.id, v.item_id, v.at, v.verdict, v.verdict <> 'unsatisfied' AS content,
         NOT EXISTS (SELECT 1 FROM handling_evaluation p WHERE p.item_id = v.item_id AND p.round < v.round
           AND p.verdict <> 'none') AS first,
         NOT EXISTS (SELECT 1 FROM handling_evaluation p WHERE p.item_id = v.item_id AND p.round > v.round
           AND p.verdict <> 'none') AS last
  FROM who w JOIN items_item i ON i.reporter_id = w.person_id
  JOIN handling_evaluation v ON v.item_id = i.id AND v.at >= w.since AND v.at < w.until
  WHERE v.verdict <> 'none' AND v.at >= %(since)s AND v.at < %(until)s
)"""


def items_sql(*, fault_of: str = "", more: str = "") -> str:
    """`ITEMS` with the conditions of the statistics; `fault_of` narrows the faults, `more` adds columns."""
    conditions = {code: counted.sql(code, "i") for code in ("judged", "first_pass")}
    return ITEMS.format(fault_of=fault_of, more=more, **conditions)


OF_CYCLES = "a.cycle_id = ANY(%(cycles)s)"


def params(since: Any, until: Any, now: Any, **more: Any) -> dict[str, Any]:
    return {
        "since": since,
        "until": until,
        "now": now,
        "urgent": list(URGENT),
        "kinds": [*ORDINARY, *URGENT, *TELLING],
        "telling": list(TELLING),
        **more,
    }


def count(cycle_ids: Sequence[UUID], *, since: Any, until: Any, now: Any) -> dict[UUID, Facts]:
    """The facts of everybody in these cycles by appraisal, in four statements whatever their number; `since` and
    `until` bound the cycles' own bounds. False reports are not asked here (`Cap`)."""
    data = params(since, until, now, cycles=list(cycle_ids))
    result: dict[UUID, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        # One sort of a half-year's items; kept in memory as far as that goes, for this transaction alone.
        cursor.execute("SET LOCAL work_mem = '160MB'")
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute(
            f"""WITH {WHO.format(where=OF_CYCLES)}, {items_sql()}
            SELECT appraisal, count(*) FILTER (WHERE standing), sum(counts), count(*) FILTER (WHERE decided),
                   count(*) FILTER (WHERE judged), count(*) FILTER (WHERE first_pass),
                     count(*) FILTER (WHERE standing AND adopted),
                   coalesce(sum(worth) FILTER (WHERE decided), 0), coalesce(sum(worth) FILTER (WHERE decided
                     AND faulted), 0),
                   count(*) FILTER (WHERE resolved), count(*) FILTER (WHERE looped)
            FROM item GROUP BY appraisal""",
            data,
        )
        names: tuple[str, ...] = (
            "items",
            "effective",
            "decided",
            "judged",
            "first_pass",
            "adopted",
            "worth",
            "worth_faulted",
            "resolved",
            "closed",
        )
        for appraisal, *values in cursor.fetchall():
            result[appraisal] = dict(zip(names, values, strict=True))
        cursor.execute(
            f"""WITH {WHO.format(where=OF_CYCLES)}
            SELECT w.appraisal, count(r.completeness_mark) + count(r.analysis_mark),
                   (coalesce(sum(r.completeness_mark), 0) + coalesce(sum(r.analysis_mark), 0))::float
            FROM review_review r JOIN items_item i ON i.id = r.item_id
            JOIN who w ON w.person_id = i.reporter_id AND i.reported_at >= w.since AND i.reported_at < w.until
            WHERE r.approved AND (r.completeness_mark IS NOT NULL OR r.analysis_mark IS NOT NULL)
              AND r.at >= %(since)s AND i.reported_at >= %(since)s AND i.reported_at < %(until)s
                GROUP BY w.appraisal""",
            data,
        )
        for appraisal, marks, total in cursor.fetchall():
            result.setdefault(appraisal, {}).update(marks=marks, marks_mean=total / marks)
        cursor.execute(
            f"""WITH {WHO.format(where=OF_CYCLES)}, {DUTIES}
            SELECT appraisal, count(*) FILTER (WHERE kind != ALL(%(telling)s)),
                   coalesce(sum(weight) FILTER (WHERE kind != ALL(%(telling)s)), 0),
                   coalesce(sum(weight * credit) FILTER (WHERE kind != ALL(%(telling)s)), 0),
                   count(*) FILTER (WHERE kind = ANY(%(telling)s)),
                   coalesce(sum(credit) FILTER (WHERE kind = ANY(%(telling)s)), 0)
            FROM duty GROUP BY appraisal""",
            data,
        )
        for appraisal, *values in cursor.fetchall():
            names = ("duties", "duties_weight", "duties_credit", "telling", "telling_credit")
            result.setdefault(appraisal, {}).update(zip(names, values, strict=True))
        cursor.execute(
            f"""WITH {WHO.format(where=OF_CYCLES)}, {ANSWERS}
            SELECT appraisal, count(*), count(*) FILTER (WHERE content), count(*) FILTER (WHERE first),
                   count(*) FILTER (WHERE first AND content), count(*) FILTER (WHERE last),
                     count(*) FILTER (WHERE last AND content)
            FROM answer GROUP BY appraisal""",
            data,
        )
        for appraisal, *values in cursor.fetchall():
            names = ("answers", "content", "first_answers", "first_content", "last_answers", "last_content")
            result.setdefault(appraisal, {}).update(zip(names, values, strict=True))
    return {appraisal: Facts(**values) for appraisal, values in result.items()}

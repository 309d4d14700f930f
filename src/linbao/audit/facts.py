"""Facts: what the evidential columns of a row amounted to, each time that they changed (6.1.1).

A trigger on each table in `SOURCES` writes one line of `audit_fact` per changed row, in the transaction of the
change: a keyed digest over the columns, none where the row was deleted, and the session's mark (`audit.sessions`).
The facts are linked into the chain like the lines of the log. Verification reads the rows, computes the digests
itself and compares them with the newest fact of each row, so that a row changed, added or deleted past the triggers
is found; one changed by SQL under their eyes has a fact without a mark.

Encrypted columns are not covered (they are bound to their row by their cipher, and sealed anew with other keys); that
there is something in them is. When the columns of a table here change, a migration installs its trigger anew
(`trigger_sql`) and writes `baseline_sql`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, migrations
from django.utils.translation import gettext_lazy as _

from linbao.audit.sessions import Marks
from linbao.core import ids

ENTRIES = "items_entry"  # the timeline: its digests stand on the log's own lines, facts only where it was reworded
SLICE = 500  # rows that are compared at a time


@dataclass(frozen=True)
class Source:
    """A table with evidence: its name in the reader's language, and the columns (SQL) that count."""

    label: Any
    columns: tuple[str, ...]


SOURCES: dict[str, Source] = {
    "duties_obligation": Source(
        _("义务"),
        (
            "id",
            "kind",
            "clause",
            "owner_id",
            "unit_id",
            "community_id",
            "subject_type",
            "subject_id",
            "period",
            "key",
            "opened_at",
            "due_at",
            "met_at",
            "missed_at",
            "waived_at",
            "waived_by_id",
            "waived_reason",
            "moved_from_id",
            "leave_id",
        ),
    ),
    "items_item": Source(
        _("信息条目"),
        (
            "id",
            "number",
            "category",
            "subcategory",
            "title",
            "narrative",
            "details",
            "key_points",
            "analysis",
            "suggestion",
            "status",
            "urgent",
            "sensitivity",
            "named",
            "community_id",
            "grid_id",
            "work_group_id",
            "reporter_id",
            "channel",
            "occurred_at",
            "seen_at",
            "reported_at",
            "arrived_at",
            "created_at",
            "closed_at",
            "place",
            "source",
            "activity_id",
            "handling_unit_id",
            "handler_id",
            "assistants",
            "due_at",
            "result",
            "verdict",
            "adopted",
            "round",
            "returns",
            "merged_into_id",
            "weekly_report",
        ),
    ),
    "handling_evaluation": Source(
        _("居民评价"),
        ("id", "item_id", "round", "verdict", "remark IS NOT NULL", "reason", "by_link", "recorded_by_id", "at"),
    ),
    "handling_informing": Source(
        _("向居民反馈"), ("id", "item_id", "round", "final", "method", "outcome", "message", "reason", "by_id", "at")
    ),
    "handling_callback": Source(
        _("回访"),
        (
            "id",
            "item_id",
            "community_id",
            "drawn_at",
            "caller_id",
            "done_at",
            "outcome",
            "verdict",
            "matches",
            "remark IS NOT NULL",
        ),
    ),
    "review_review": Source(
        _("审核结论"),
        (
            "id",
            "item_id",
            "reviewer_id",
            "at",
            "round",
            "approved",
            "answers",
            "remark",
            "completeness_mark",
            "analysis_mark",
            "snapshot",
        ),
    ),
    "weekly_reports_weeklyreport": Source(
        _("每周信息报告"),
        (
            "id",
            "week",
            "reporter_id",
            "work_group_id",
            "by_group",
            "community_id",
            "status",
            "nil_reason",
            "timing_reason",
            "facts",
            "texts",
            "number",
            "version",
            "covers_from",
            "covers_until",
            "confirmed_at",
            "sent_at",
            "reviewed_at",
            "reviewed_by_id",
            "findings",
        ),
    ),
    "emergencies_urgentreport": Source(
        _("紧急报告"),
        (
            "id",
            "item_id",
            "reporter_id",
            "community_id",
            "number",
            "seen_at",
            "opened_at",
            "called_at",
            "call_entered_at",
            "written_at",
            "finished_at",
            "joined_to_id",
            "ended_at",
        ),
    ),
    "emergencies_urgentversion": Source(
        _("紧急报告的书面版次"),
        ("id", "report_id", "version", "stage", "content", "changed", "written_at", "entered_at", "by_id", "seal_id"),
    ),
    "documents_document": Source(
        _("文书"),
        (
            "id",
            "kind",
            "unit_id",
            "number",
            "title",
            "subject_type",
            "subject_id",
            "version",
            "supersedes_id",
            "code",
            "issued_at",
            "issued_by_id",
            "pdf",
            "docx",
            "deidentified_at",
            "original_pdf",
            "original_docx",
            "seal_id",
            "sealed_at",
            "sealed_by_id",
        ),
    ),
    "documents_seal": Source(
        _("印章"),
        (
            "id",
            "kind",
            "name",
            "unit_id",
            "person_id",
            "custodian_id",
            "picture",
            "certificate",
            "serial",
            "chain",
            "valid_from",
            "valid_to",
            "state",
            "state_at",
            "state_reason",
            "made_by_id",
            "made_at",
        ),
    ),
    "documents_sealuse": Source(_("用印记录"), ("id", "seal_id", "action", "document_id", "by_id", "at", "note")),
    "confidentiality_disclosure": Source(
        _("对外提供"),
        (
            "id",
            "number",
            "unit_id",
            "asked_by_id",
            "asked_at",
            "recipient",
            "purpose",
            "legal_basis",
            "form",
            "identified",
            "why_identified",
            "until",
            "items",
            "confidential",
            "state",
            "decided_at",
            "produced_at",
            "mark",
            "digest",
        ),
    ),
    "confidentiality_approval": Source(
        _("对外提供的审批"), ("id", "disclosure_id", "by_id", "approved", "comment", "at")
    ),
    "conduct_case": Source(
        _("责任追究案件"),
        (
            "id",
            "number",
            "kind",
            "suspected",
            "person_id",
            "community_id",
            "since",
            "until",
            "opened_by_id",
            "opened_at",
            "state",
            "barred",
            "deciders",
            "appeal_deciders",
            "statement_due",
            "stated_at",
            "severity",
            "decided_measure",
            "decided_by_id",
            "decided_at",
            "appeal_until",
            "appealed_at",
            "appeal_decided_by_id",
            "appeal_decided_at",
            "measure",
            "expires_at",
            "expired_at",
            "reasons IS NOT NULL",
            "answer IS NOT NULL",
        ),
    ),
    "conduct_evidence": Source(_("固定的证据"), ("id", "case_id", "digest", "taken_by_id", "taken_at")),
    "conduct_award": Source(
        _("奖励"),
        (
            "id",
            "nomination_id",
            "community_id",
            "person_id",
            "kind",
            "title",
            "citation",
            "goods",
            "amount",
            "points",
            "half",
            "year",
            "decided_by_id",
            "decided_at",
            "handed_over_at",
            "handed_over_by_id",
        ),
    ),
    "organisation_rolegrant": Source(
        _("角色授予"), ("id", "user_id", "role", "unit_id", "starts", "ends", "granted_by_id", "granted_at")
    ),
    "accounts_roleproposal": Source(
        _("角色授予申请"),
        (
            "id",
            "user_id",
            "role",
            "unit_id",
            "starts",
            "ends",
            "proposed_by_id",
            "proposed_at",
            "state",
            "decided_by_id",
            "decided_at",
            "reason",
        ),
    ),
    "confidentiality_signature": Source(
        _("保密协议的签订"),
        ("id", "agreement_id", "user_id", "unit_id", "number", "signed_at", "valid_until", "digest", "document_id"),
    ),
    "confidentiality_papersignature": Source(
        _("纸质保密协议的登记"),
        (
            "id",
            "agreement_id",
            "user_id",
            "unit_id",
            "signed_on",
            "scan",
            "recorded_by_id",
            "recorded_at",
            "state",
            "decided_by_id",
            "decided_at",
            "reason",
            "signature_id",
        ),
    ),
    "confidentiality_privacyrequest": Source(
        _("个人信息请求"),
        (
            "id",
            "receipt",
            "unit_id",
            "kind",
            "received_at",
            "due_at",
            "entered_by_id",
            "state",
            "identified_by_id",
            "identified_at",
            "granted",
            "reason",
            "decided_by_id",
            "decided_at",
            "agreed_by_id",
            "answered_at",
        ),
    ),
    "handling_assignment": Source(
        _("交办"),
        (
            "id",
            "item_id",
            "unit_id",
            "handler_id",
            "instruction",
            "assigned_by_id",
            "assigned_at",
            "due_at",
            "round",
            "ended_at",
            "outcome",
        ),
    ),
    "handling_extension": Source(
        _("延期"),
        (
            "id",
            "assignment_id",
            "asked_by_id",
            "asked_at",
            "reason",
            "until",
            "granted",
            "decided_by_id",
            "decided_at",
            "remark",
        ),
    ),
    "handling_supervision": Source(
        _("督办"),
        ("id", "assignment_id", "by_id", "at", "requirements", "due_at", "answer", "answered_by_id", "answered_at"),
    ),
    "handling_adoption": Source(
        _("采用"), ("id", "item_id", "kind", "note", "recorded_by_id", "at", "confirmed_by_id", "confirmed_at")
    ),
    "review_finding": Source(_("退回时指出的问题"), ("id", "review_id", "field", "check_kind", "reason_id", "note")),
    "emergencies_alarm": Source(
        _("紧急警报"),
        ("id", "report_id", "community_id", "reason", "round", "raised_at", "acknowledged_at", "acknowledged_by_id"),
    ),
    "appraisal_cycle": Source(
        _("考核周期"),
        (
            "id",
            "unit_id",
            "half",
            "version",
            "state",
            "rules",
            "rules_version",
            "zone",
            "since",
            "until",
            "seed",
            "opened_at",
            "opened_by_id",
            "self_due",
            "peer_due",
            "superior_due",
            "publish_due",
            "objection_due",
            "published_at",
            "published_by_id",
            "closed_at",
            "reopened_reason",
            "previous_id",
        ),
    ),
    "appraisal_appraisal": Source(
        _("考核结果"),
        (
            "id",
            "cycle_id",
            "person_id",
            "group_id",
            "figures",
            "items",
            "facts_score",
            "self_score",
            "peer_score",
            "superior_score",
            "total",
            "capped",
            "suggested",
            "grade",
        ),
    ),
    "appraisal_rating": Source(
        _("评价"), ("id", "appraisal_id", "rater_id", "kind", "marks", "score", "submitted_at", "left_out_at")
    ),
    "appraisal_change": Source(
        _("考核等次的调整"), ("id", "appraisal_id", "before", "after", "reason", "objection", "by_id", "at")
    ),
    "appraisal_objection": Source(
        _("考核申诉"), ("id", "appraisal_id", "at", "due_at", "decider_id", "decided_by_id", "decided_at", "upheld")
    ),
    "appraisal_proposal": Source(
        _("考核后的建议"),
        ("id", "appraisal_id", "kind", "metric", "state", "reason", "decided_by_id", "decided_at", "at"),
    ),
    "training_session": Source(
        _("培训"),
        (
            "id",
            "community_id",
            "quarter",
            "title",
            "subjects",
            "course_id",
            "topic_id",
            "place",
            "starts_at",
            "minutes",
            "status",
            "cancel_reason",
            "summary",
            "ended_at",
            "number",
            "record_version",
            "record_by_id",
            "created_by_id",
            "created_at",
        ),
    ),
    "training_seat": Source(
        _("培训签到"),
        (
            "id",
            "session_id",
            "person_id",
            "status",
            "leave_reason",
            "decided_by_id",
            "signed_in_at",
            "signed_out_at",
            "by_hand_id",
            "hand_reason",
            "minutes",
        ),
    ),
    "conduct_nomination": Source(
        _("表彰提名"),
        (
            "id",
            "community_id",
            "nominee_id",
            "reasons",
            "half",
            "nominated_by_id",
            "at",
            "state",
            "decided_by_id",
            "decided_at",
            "remark",
        ),
    ),
    "conduct_revocation": Source(_("取消资格"), ("id", "case_id", "person_id", "at", "roles", "undone_at")),
    "management_minutes": Source(
        _("会议纪要"), ("id", "meeting_id", "version", "content", "digest", "by_id", "at", "document_id")
    ),
    "security_inspection": Source(_("检查"), ("id", "unit_id", "device_id", "place_id", "answers", "by_id", "at")),
    "security_confirmation": Source(_("安全制度的确认"), ("id", "version_id", "person_id", "at")),
    "security_rightsreview": Source(
        _("权限复核"), ("id", "unit_id", "quarter", "by_id", "at", "lines", "retained", "ended")
    ),
    "security_substitute": Source(
        _("主机防护的替代措施"),
        ("id", "unit_id", "guard", "measure", "proof", "file", "expires_on", "by_id", "at", "ended_at", "ended_by_id"),
    ),
    "outbox_delivery": Source(
        _("发送记录"),
        (
            "id",
            "key",
            "channel",
            "recipient",
            "unit_id",
            "caused_by_id",
            "subject_type",
            "subject_id",
            "created_at",
            "sent_at",
        ),
    ),
    "items_attachment": Source(
        _("附件"),
        ("id", "item_id", "activity_id", "stage", "owner_id", "kind", "size", "sha256", "taken_at", "created_at"),
    ),
    "items_party": Source(_("人员"), ("id", "item_id", "role", "name IS NOT NULL", "phone IS NOT NULL")),
    "items_activity": Source(
        _("收集活动"),
        (
            "id",
            "kind",
            "reporter_id",
            "community_id",
            "grid_id",
            "work_group_id",
            "starts_at",
            "minutes",
            "place",
            "people",
            "notes",
            "created_at",
            "weekly_report",
        ),
    ),
    "conduct_contribution": Source(
        _("贡献"),
        (
            "id",
            "community_id",
            "item_id",
            "adoption_id",
            "worth",
            "points",
            "note",
            "half",
            "recorded_by_id",
            "recorded_at",
            "confirmed_by_id",
            "confirmed_at",
        ),
    ),
    "duties_leave": Source(
        _("请假"),
        (
            "id",
            "person_id",
            "unit_id",
            "starts",
            "ends",
            "kind",
            "stand_in_id",
            "state",
            "asked_at",
            "decided_by_id",
            "decided_at",
            "remark",
        ),
    ),
    "confidentiality_agreement": Source(
        _("保密协议"),
        (
            "id",
            "unit_id",
            "number",
            "title",
            "body",
            "required_from",
            "written_by_id",
            "written_at",
            "published_by_id",
            "published_at",
        ),
    ),
    "management_meetingperson": Source(
        _("会议签到"), ("id", "meeting_id", "person_id", "presence", "signed_at", "signed_by_id")
    ),
    "security_finding": Source(
        _("检查发现的问题"),
        (
            "id",
            "unit_id",
            "inspection_id",
            "problem",
            "owner_id",
            "due_at",
            "found_at",
            "correction",
            "fixed_at",
            "closed_by_id",
            "closed_at",
        ),
    ),
    "security_incident": Source(
        _("安全事件"),
        (
            "id",
            "unit_id",
            "number",
            "kind",
            "state",
            "severity",
            "seen_at",
            "noticed_by_id",
            "noticed_at",
            "personal",
            "people",
            "classified_at",
            "authority_at",
            "people_at",
            "contained_at",
            "closed_at",
        ),
    ),
}
ENTRY_COLUMNS = ("id", "at", "item_id", "actor_id", "actor_name", "verb", "before", "after", "note", "data")


def document_sql(columns: Sequence[str]) -> str:
    """The columns of a row as one text; under `timezone = 'UTC'` the same text in every session."""
    return f"jsonb_build_array({', '.join(columns)})::text"


def digest_sql(columns: Sequence[str]) -> str:
    """The keyed digest over `document_sql`. Verification computes it itself (`sessions.Marks.digest_fits`) and leaves
    nothing to functions that the database's owner could replace."""
    return f"audit_digest({document_sql(columns)})"


def write_sql(source: str, rows: str) -> str:
    """The statement that writes facts for `rows` (SQL with `subject` and `digest`)."""
    payload = (
        f"convert_to(concat_ws('|', f.id, f.seq, '{source}', f.subject, coalesce(encode(f.digest, 'hex'), '')), 'UTF8')"
    )
    return (
        "INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac)\n"
        f"    SELECT f.id, clock_timestamp(), f.seq, '{source}', f.subject, f.digest, audit_mark({payload})\n"
        "      FROM (SELECT gen_random_uuid() AS id, nextval('audit_fact_seq') AS seq, c.subject, c.digest\n"
        f"              FROM ({rows}) c) f"
    )


def payload(id: UUID, seq: int, source: str, subject: UUID, digest: bytes | None) -> bytes:
    """What the mark of a fact covers; as in `write_sql`."""
    return "|".join([str(id), str(seq), source, str(subject), digest.hex() if digest else ""]).encode()


def trigger_sql(source: str, columns: Sequence[str]) -> str:
    """The function and the three triggers that write the facts of a table; replaces those that are there."""
    name, made = f"audit_fact_{source}", digest_sql(columns)
    inserted = write_sql(source, f"SELECT id AS subject, {made} AS digest FROM written")
    changed = write_sql(
        source,
        "SELECT coalesce(n.id, o.id) AS subject, n.digest"
        f" FROM (SELECT id, {made} AS digest FROM written) n"
        f" FULL JOIN (SELECT id, {made} AS digest FROM replaced) o ON o.id = n.id"
        " WHERE n.digest IS DISTINCT FROM o.digest",
    )
    deleted = write_sql(source, "SELECT id AS subject, NULL::bytea AS digest FROM replaced")
    triggers = "\n".join(
        f"DROP TRIGGER IF EXISTS {name}_{event.lower()} ON {source};\n"
        f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {source} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        for event, tables in (
            ("INSERT", "NEW TABLE AS written"),
            ("UPDATE", "OLD TABLE AS replaced NEW TABLE AS written"),
            ("DELETE", "OLD TABLE AS replaced"),
        )
    )
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
    SET timezone = 'UTC' SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
    {inserted};
    ELSIF TG_OP = 'UPDATE' THEN
    {changed};
    ELSE
    {deleted};
    END IF;
    RETURN NULL;
END $$;
{triggers}
"""


def baseline_sql(source: str, columns: Sequence[str]) -> str:
    """Facts for all rows of a table as they stand: before them there were none, or over other columns."""
    return write_sql(source, f"SELECT id AS subject, {digest_sql(columns)} AS digest FROM {source}")


# --- rows and facts compared ------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A row that is not as its newest fact says. `kind`: changed, removed (no row) or inserted (no fact)."""

    kind: str
    source: str
    subject: UUID


def differences(marks: Marks, since: datetime | None = None) -> Iterator[Difference]:
    """Compare the rows of every source with their newest facts, those created since `since` alone where it is given.

    Each slice is one statement, so that row and fact are of one moment, however busy the product is; memory holds one
    slice. Reads every row once.
    """
    for source, spec in SOURCES.items():
        low: UUID | None = ids.first_at(since) if since else UUID(int=0)
        while low is not None:
            high = _slice_end(source, low)
            if high is not None:
                yield from _differences(marks, source, spec.columns, low, high)
            low = high


def _slice_end(source: str, low: UUID) -> UUID | None:
    """The last id of the slice after `low`: of at most `SLICE` rows and a few times as many facts; None at the end."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {source} WHERE id > %s ORDER BY id LIMIT %s", [low, SLICE])
        rows = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "SELECT subject FROM audit_fact WHERE source = %s AND subject > %s ORDER BY subject LIMIT %s",
            [source, low, SLICE * 4],
        )
        subjects = [id for (id,) in cursor.fetchall()]
    # A list that is full ends the slice; one that is not has nothing beyond its end.
    full = [result[-1] for result, most in ((rows, SLICE), (subjects, SLICE * 4)) if len(result) == most]
    ends = full or [result[-1] for result in (rows, subjects) if result]
    return (min if full else max)(ends, default=None)


def _differences(marks: Marks, source: str, columns: Sequence[str], low: UUID, high: UUID) -> Iterator[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(r.id, f.subject), r.document, f.digest"
            f" FROM (SELECT id, {document_sql(columns)} AS document FROM {source} WHERE id > %s AND id <= %s) r"
            " FULL JOIN (SELECT DISTINCT ON (subject) subject, digest FROM audit_fact"
            " WHERE source = %s AND subject > %s AND subject <= %s ORDER BY subject, seq DESC) f ON f.subject = r.id"
            " ORDER BY 1",
            [low, high, source, low, high],
        )
        result = cursor.fetchall()
    for id, document, wanted in result:
        if document is None and wanted is None:
            continue
        if document is not None and wanted is not None and marks.digest_fits(bytes(wanted), document):
            continue
        kind = "inserted" if wanted is None else "removed" if document is None else "changed"
        yield Difference(kind, source, id)


def reworded(entries: Sequence[UUID]) -> dict[UUID, bytes]:
    """The newest digests of those lines of the timeline that have been reworded (anonymised)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (subject) subject, digest FROM audit_fact WHERE source = %s AND subject = ANY (%s)"
            " ORDER BY subject, seq DESC",
            [ENTRIES, list(entries)],
        )
        return {subject: bytes(result) for subject, result in cursor.fetchall() if result}


@dataclass(frozen=True)
class EntryNow:
    """A line of the timeline as it stands: what its digest is over, and what the log's line says of it."""

    document: str
    drawn: tuple[Any, ...]


def entries(places: Sequence[tuple[UUID, datetime]]) -> dict[UUID, EntryNow]:
    """Those lines of the timeline that there are at these ids and times; one statement."""
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.id, {document_sql([f'e.{name}' for name in ENTRY_COLUMNS])}, e.actor_id, e.actor_name, e.verb,"
            " e.item_id, e.before, e.after FROM items_entry e"
            " JOIN unnest(%s::uuid[], %s::timestamptz[]) AS w (id, at) ON e.id = w.id AND e.at = w.at",
            [[id for id, _at in places], [at for _id, at in places]],
        )
        return {
            id: EntryNow(document, (actor, name, f"item.{verb}", str(item), before if after else None, after or None))
            for id, document, actor, name, verb, item, before, after in cursor.fetchall()
        }


def unnoted_entries(since: datetime | None, detached_until: datetime | None) -> Iterator[tuple[UUID, UUID]]:
    """(line, item) of the timeline's lines that the log does not have; month by month, so that one month's ids are
    joined at a time. Not those from before `detached_until` (UTC): the log no longer has these."""
    floor = max((at for at in (since, detached_until) if at), default=datetime(1, 1, 2, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'items_entry'::regclass ORDER BY 1"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT min(at), max(at) FROM {name} WHERE at >= %s", [floor])
            first, last = cursor.fetchone()
            if first is None:
                continue
            cursor.execute(
                f"SELECT e.id, e.item_id FROM {name} e WHERE e.at >= %s AND NOT EXISTS (SELECT 1 FROM audit_record l"
                " WHERE l.id = e.id AND l.at = e.at AND l.at BETWEEN %s AND %s AND l.subject_type = 'items.item')"
                " ORDER BY e.at, e.id LIMIT 100",
                [floor, first, last],
            )
            yield from cursor.fetchall()


def install(label: str) -> migrations.RunPython:
    """The operation with which a migration begins to note the facts of the tables of the app `label`."""

    def begin(apps: Any, editor: Any) -> None:
        for table, source in SOURCES.items():
            if table.startswith(f"{label}_"):
                editor.execute(trigger_sql(table, source.columns))

    return migrations.RunPython(begin)

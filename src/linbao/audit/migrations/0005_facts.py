"""Digests that the log carries (6.1.1): of the timeline's lines on the lines drawn from them, of every row with evidence
in `audit_fact`; each with the mark of the session that wrote (`audit.sessions`)."""

from importlib import import_module

from django.db import migrations, models

from linbao.audit import facts
from linbao.base import partitions

FACTS = partitions.create_sql(
    "audit_fact",
    "id uuid NOT NULL, at timestamptz NOT NULL, seq bigint NOT NULL, source varchar(40) NOT NULL, subject uuid NOT NULL,"
    " digest bytea, mac bytea",
    ("(source, subject, seq)", "(seq)"),
)
ENTRY = facts.digest_sql("id at item_id actor_id actor_name verb before after words data".split())
# The columns at this version; `facts.SOURCES` names those of the newest.
SOURCES = {
    "duties_obligation": (
        "id, kind, clause, owner_id, unit_id, community_id, subject_type, subject_id, period, key, opened_at, "
        "due_at, met_at, missed_at, waived_at, waived_by_id, waived_reason, moved_from_id, leave_id"
    ),
    "collection_item": (
        "id, number, category, subcategory, title, narrative, details, key_points, analysis, suggestion, status, "
        "urgent, sensitivity, named, community_id, grid_id, work_group_id, reporter_id, channel, occurred_at, "
        "seen_at, reported_at, arrived_at, created_at, closed_at, place, source, activity_id, handling_unit_id, "
        "handler_id, assistants, due_at, result, verdict, adopted, round, returns, merged_into_id, weekly_report"
    ),
    "handling_evaluation": "id, item_id, round, verdict, remark IS NOT NULL, reason, by_link, recorded_by_id, at",
    "handling_informing": "id, item_id, round, final, method, outcome, words, reason, by_id, at",
    "handling_callback": "id, item_id, community_id, drawn_at, caller_id, done_at, outcome, verdict, matches, remark IS NOT NULL",
    "review_review": (
        "id, item_id, reviewer_id, at, round, approved, answers, remark, completeness_mark, analysis_mark, snapshot"
    ),
    "reporting_weeklyreport": (
        "id, week, reporter_id, work_group_id, by_group, community_id, status, nil_reason, timing_reason, facts, "
        "words, number, version, covers_from, covers_until, confirmed_at, sent_at, reviewed_at, reviewed_by_id, "
        "findings"
    ),
    "reporting_urgentreport": (
        "id, item_id, reporter_id, community_id, number, seen_at, opened_at, called_at, call_entered_at, "
        "written_at, finished_at, joined_to_id, ended_at"
    ),
    "reporting_urgentversion": "id, report_id, version, stage, content, changed, written_at, entered_at, by_id, seal_id",
    "documents_document": (
        "id, kind, unit_id, number, title, subject_type, subject_id, version, supersedes_id, code, issued_at, "
        "issued_by_id, pdf, docx, deidentified_at, original_pdf, original_docx, seal_id, sealed_at, sealed_by_id"
    ),
    "documents_seal": (
        "id, kind, name, unit_id, person_id, custodian_id, picture, certificate, serial, chain, valid_from, "
        "valid_to, state, state_at, state_reason, made_by_id, made_at"
    ),
    "documents_sealuse": "id, seal_id, action, document_id, by_id, at, note",
    "confidentiality_disclosure": (
        "id, number, unit_id, asked_by_id, asked_at, recipient, purpose, legal_basis, form, identified, "
        "why_identified, until, items, confidential, state, decided_at, produced_at, mark, digest"
    ),
    "confidentiality_approval": "id, disclosure_id, by_id, approved, words, at",
    "conduct_case": (
        "id, number, kind, suspected, person_id, community_id, since, until, opened_by_id, opened_at, state, "
        "barred, deciders, appeal_deciders, statement_due, stated_at, severity, decided_measure, decided_by_id, "
        "decided_at, appeal_until, appealed_at, appeal_decided_by_id, appeal_decided_at, measure, expires_at, "
        "expired_at, reasons IS NOT NULL, answer IS NOT NULL"
    ),
    "conduct_evidence": "id, case_id, digest, taken_by_id, taken_at",
    "conduct_award": (
        "id, nomination_id, community_id, person_id, kind, title, citation, goods, amount, points, half, year, "
        "decided_by_id, decided_at, handed_over_at, handed_over_by_id"
    ),
}
MARKS = f"""
CREATE SEQUENCE audit_fact_seq;
CREATE TRIGGER audit_fact_whole BEFORE TRUNCATE ON audit_fact FOR EACH STATEMENT EXECUTE FUNCTION linbao_append_only();
CREATE TRIGGER audit_fact_pending AFTER INSERT ON audit_fact REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION audit_note();

-- The session's id and a tag over the payload; nothing where the session has no key (audit/sessions.py).
CREATE FUNCTION audit_mark(payload bytea) RETURNS bytea LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_key', true), ''), 'hex');
BEGIN
    IF length(key) = 0 THEN
        RETURN NULL;
    END IF;
    RETURN decode(current_setting('linbao.audit_session'), 'hex') || substr(sha256(key || sha256(key || payload)), 1, 16);
END $$;

-- A keyed digest: what was reworded since cannot be guessed from it by trying. Without a key, a plain one.
CREATE FUNCTION audit_digest(document text) RETURNS bytea LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
DECLARE
    key bytea := decode(coalesce(current_setting('linbao.audit_digest_key', true), ''), 'hex');
BEGIN
    RETURN sha256(key || sha256(key || convert_to(document, 'UTF8')));
END $$;

-- A line of the log for each line of the timeline, as before, now with its digest; one with both digests for each that
-- is reworded (anonymised), and the new digest as a fact.
CREATE OR REPLACE FUNCTION collection_entry_audit() RETURNS trigger LANGUAGE plpgsql
    SET timezone = 'UTC' SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_record (id, at, actor_id, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
        SELECT e.id, e.at, e.actor_id, e.actor_name, 'item.' || e.verb, 'collection.item', e.item_id::text, i.community_id, '',
               CASE WHEN e.after = '' THEN '{{}}' ELSE jsonb_build_object('before', e.before, 'after', e.after) END,
               coalesce(audit_mark(e.digest), decode(repeat('00', 32), 'hex')) || e.digest
          FROM (SELECT w.*, {ENTRY} AS digest FROM written w) e LEFT JOIN collection_item i ON i.id = e.item_id;
        RETURN NULL;
    END IF;
    INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, unit_id, reason, data, mac)
    SELECT c.line, clock_timestamp(), '', 'item.reword', 'collection.item', c.item_id::text, i.community_id, '',
           jsonb_build_object('entry', c.id, 'digest_before', encode(c.old, 'hex'), 'digest_after', encode(c.new, 'hex')),
           audit_mark(convert_to(concat_ws('|', c.line, c.id, encode(c.old, 'hex'), encode(c.new, 'hex')), 'UTF8'))
      FROM (SELECT gen_random_uuid() AS line, n.id, n.item_id, o.digest AS old, n.digest AS new
              FROM (SELECT id, item_id, {ENTRY} AS digest FROM written) n
              JOIN (SELECT id, {ENTRY} AS digest FROM replaced) o ON o.id = n.id WHERE o.digest <> n.digest) c
      LEFT JOIN collection_item i ON i.id = c.item_id;
    {facts.write_sql("collection_entry", f"SELECT id AS subject, {ENTRY} AS digest FROM written")};
    RETURN NULL;
END $$;
CREATE TRIGGER collection_entry_reworded AFTER UPDATE ON collection_entry
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION collection_entry_audit();
"""


def begin(apps, editor):
    """The rows that are there already, as they stand now, however many they are."""
    editor.execute("SET LOCAL statement_timeout = 0")
    partitions.ensure("audit_fact")
    for source, columns in SOURCES.items():
        editor.execute(facts.trigger_sql(source, columns.split(", ")))
        editor.execute(facts.baseline_sql(source, columns.split(", ")))


# The function as `collection/0011_audited` made it, and nothing of what came here.
MARKS_BACK = (
    "DROP TRIGGER collection_entry_reworded ON collection_entry;"
    + import_module("linbao.collection.migrations.0011_audited")
    .SQL.partition("CREATE TRIGGER")[0]
    .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    + "ALTER FUNCTION collection_entry_audit() RESET ALL;"
    "DROP FUNCTION audit_digest(text); DROP FUNCTION audit_mark(bytea);"
    "DROP TRIGGER audit_fact_pending ON audit_fact; DROP TRIGGER audit_fact_whole ON audit_fact;"
    "DROP SEQUENCE audit_fact_seq;"
)


def end(apps, editor):
    """Back to a version without facts: their triggers go."""
    for source in SOURCES:
        editor.execute(f"DROP FUNCTION audit_fact_{source}() CASCADE")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_chain"),
        ("base", "0002_keys"),
        ("collection", "0012_attachment_caption"),
        ("conduct", "0003_evidence_resealed"),
        ("confidentiality", "0003_paper_signatures"),
        ("documents", "0005_privacy_deidentified"),
        ("duties", "0004_weekly_membership"),
        ("handling", "0003_figures_events"),
        ("reporting", "0004_urgent_one_state"),
        ("reporting", "0004_weekly_membership"),
        ("review", "0002_standard_reasons"),
    ]
    operations = [
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("seq", models.BigIntegerField()),
                ("source", models.CharField(max_length=40)),
                ("subject", models.UUIDField()),
                ("digest", models.BinaryField(null=True)),
                ("mac", models.BinaryField(null=True)),
            ],
            options={"managed": False, "db_table": "audit_fact"},
        ),
        migrations.RunSQL(FACTS, "DROP TABLE audit_fact"),
        migrations.RunSQL(MARKS, MARKS_BACK),
        migrations.RunPython(begin, end),
    ]

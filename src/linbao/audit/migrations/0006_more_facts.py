"""Facts of more rows with evidence (6.1.1): who was given which role and who confirmed it, agreements that were signed,
what was decided on the way of an item, appraisals, training, and what left the house when."""

from django.db import migrations

from linbao.audit import facts
from linbao.base import partitions

# The columns at this version; `facts.SOURCES` names those of the newest.
SOURCES = {
    "units_rolegrant": "id, user_id, role, unit_id, starts, ends, granted_by_id, granted_at",
    "units_roleproposal": (
        "id, user_id, role, unit_id, starts, ends, proposed_by_id, proposed_at, state, decided_by_id, "
        "decided_at, reason"
    ),
    "confidentiality_signature": "id, agreement_id, user_id, unit_id, number, signed_at, valid_until, digest, document_id",
    "confidentiality_papersignature": (
        "id, agreement_id, user_id, unit_id, signed_on, scan, recorded_by_id, recorded_at, state, "
        "decided_by_id, decided_at, words, signature_id"
    ),
    "confidentiality_privacyrequest": (
        "id, receipt, unit_id, kind, received_at, due_at, entered_by_id, state, identified_by_id, "
        "identified_at, granted, reason, decided_by_id, decided_at, agreed_by_id, answered_at"
    ),
    "handling_assignment": (
        "id, item_id, unit_id, handler_id, instruction, assigned_by_id, assigned_at, due_at, round, ended_at, outcome"
    ),
    "handling_extension": "id, assignment_id, asked_by_id, asked_at, reason, until, granted, decided_by_id, decided_at, remark",
    "handling_supervision": "id, assignment_id, by_id, at, words, due_at, answer, answered_by_id, answered_at",
    "handling_adoption": "id, item_id, kind, words, recorded_by_id, at, confirmed_by_id, confirmed_at",
    "review_finding": "id, review_id, field, check_kind, reason_id, words",
    "reporting_alarm": "id, report_id, community_id, reason, round, raised_at, acknowledged_at, acknowledged_by_id",
    "appraisal_cycle": (
        "id, unit_id, half, version, state, rules, rules_version, zone, since, until, seed, opened_at, "
        "opened_by_id, self_due, peer_due, superior_due, publish_due, objection_due, published_at, "
        "published_by_id, closed_at, reopened_reason, previous_id"
    ),
    "appraisal_appraisal": (
        "id, cycle_id, person_id, group_id, figures, items, facts_score, self_score, peer_score, "
        "superior_score, total, capped, suggested, grade"
    ),
    "appraisal_rating": "id, appraisal_id, rater_id, kind, marks, score, submitted_at, left_out_at",
    "appraisal_change": "id, appraisal_id, before, after, reason, objection, by_id, at",
    "appraisal_objection": "id, appraisal_id, at, due_at, decider_id, decided_by_id, decided_at, upheld",
    "appraisal_proposal": "id, appraisal_id, kind, metric, state, reason, decided_by_id, decided_at, at",
    "training_session": (
        "id, community_id, quarter, title, subjects, course_id, topic_id, place, starts_at, minutes, status, "
        "cancel_reason, summary, ended_at, number, record_version, record_by_id, created_by_id, created_at"
    ),
    "training_seat": (
        "id, session_id, person_id, status, leave_reason, decided_by_id, signed_in_at, signed_out_at, "
        "by_hand_id, hand_reason, minutes"
    ),
    "conduct_nomination": (
        "id, community_id, nominee_id, reasons, half, nominated_by_id, at, state, decided_by_id, decided_at, remark"
    ),
    "conduct_revocation": "id, case_id, person_id, at, roles, undone_at",
    "management_minutes": "id, meeting_id, version, content, digest, by_id, at, document_id",
    "security_inspection": "id, unit_id, device_id, place_id, answers, by_id, at",
    "security_confirmation": "id, version_id, person_id, at",
    "security_rightsreview": "id, unit_id, quarter, by_id, at, lines, kept, ended",
    "security_substitute": "id, unit_id, guard, measure, proof, file, expires_on, by_id, at, ended_at, ended_by_id",
    "outbox_delivery": "id, key, channel, recipient, unit_id, caused_by_id, subject_type, subject_id, created_at, sent_at",
    "collection_attachment": "id, item_id, activity_id, stage, owner_id, kind, size, sha256, taken_at, created_at",
    "collection_party": "id, item_id, role, name IS NOT NULL, phone IS NOT NULL",
    "collection_activity": (
        "id, kind, reporter_id, community_id, grid_id, work_group_id, starts_at, minutes, place, people, "
        "notes, created_at, weekly_report"
    ),
    "conduct_contribution": (
        "id, community_id, item_id, adoption_id, worth, points, words, half, recorded_by_id, recorded_at, "
        "confirmed_by_id, confirmed_at"
    ),
    "duties_leave": (
        "id, person_id, unit_id, starts, ends, kind, stand_in_id, state, asked_at, decided_by_id, decided_at, remark"
    ),
    "confidentiality_agreement": (
        "id, unit_id, number, title, body, required_from, written_by_id, written_at, published_by_id, published_at"
    ),
    "management_meetingperson": "id, meeting_id, person_id, presence, signed_at, signed_by_id",
    "security_finding": (
        "id, unit_id, inspection_id, words, owner_id, due_at, found_at, fixed_words, fixed_at, closed_by_id, closed_at"
    ),
    "security_incident": (
        "id, unit_id, number, kind, state, severity, seen_at, noticed_by_id, noticed_at, personal, people, "
        "classified_at, authority_at, people_at, contained_at, closed_at"
    ),
}


def begin(apps, editor):
    """The rows that are there already, as they stand now, however many they are."""
    editor.execute("SET LOCAL statement_timeout = 0")
    partitions.ensure("audit_fact")
    for source, columns in SOURCES.items():
        editor.execute(facts.trigger_sql(source, columns.split(", ")))
        editor.execute(facts.baseline_sql(source, columns.split(", ")))


def end(apps, editor):
    """Back to a version without them."""
    for source in SOURCES:
        editor.execute(f"DROP FUNCTION audit_fact_{source}() CASCADE")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_facts"),
        ("appraisal", "0001_initial"),
        ("collection", "0013_names_encrypted"),
        ("conduct", "0003_evidence_resealed"),
        ("confidentiality", "0003_paper_signatures"),
        ("duties", "0004_weekly_membership"),
        ("handling", "0003_figures_events"),
        ("management", "0001_initial"),
        ("outbox", "0005_notices_by_mail"),
        ("reporting", "0006_call_encrypted"),
        ("review", "0002_standard_reasons"),
        ("security", "0003_host_guards"),
        ("training", "0001_initial"),
        ("units", "0004_password_resets"),
    ]
    operations = [migrations.RunPython(begin, end)]

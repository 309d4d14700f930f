"""Each row of the table of tamperings in `docs/security.md`: what the database's owner changes is named (6.1.1).

The owner takes guards off and puts them on again (`by_hand`), or leaves them on and writes as `psql` does (`psql`).
"""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from linbao.archive.filters import Filters
from linbao.audit import chain, facts, guards, monitoring, roots
from linbao.audit.models import Block, Event, Fact, Key, Record
from linbao.audit.services import record
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import DecideCase, OpenCase, StateDefence
from linbao.conduct.models import Breach, Measure, Severity
from linbao.confidentiality import retention
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure
from linbao.confidentiality.models import Form
from linbao.confidentiality.privacy_requests import removal
from linbao.core import clock, ids
from linbao.documents import services as documents
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Obligation
from linbao.handling import loop, oversight
from linbao.handling.inputs import AdoptItem, ReopenItem, SuperviseItem
from linbao.items import services as item_services
from linbao.items.inputs import WithdrawItem
from linbao.items.models import Entry, Item
from linbao.outbox import services as outbox
from linbao.outbox.models import Delivery
from linbao.review import services as review
from linbao.review.inputs import Merge, ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
from linbao.weekly_reports.models import WeeklyReport
from tests.audit.owner import breaks, by_hand, emptied, kinds, psql, sql, verify
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.1")


@pytest.fixture
def clean(town: Town) -> Town:
    """The town, with a log of its own."""
    emptied()
    return town


def named(*wanted: UUID | str, kind: str = "changed") -> None:
    """Verification names these rows, and nothing but them."""
    result = breaks()
    assert {b.record for b in result} == {str(w) for w in wanted}, [b.message for b in result]
    assert {b.kind for b in result} == {kind}


# --- an honest life verifies clean ----------------------------------------------------------------------


def test_an_honest_life_verifies_clean(clean: Town, time: Any) -> None:
    town = clean
    closed, stored, twin = town.closed(), town.submitted(), town.submitted(by="reporter2")
    review.merge(town.reviewer, twin.pk, Merge(into=stored.pk, reason="同一处垃圾桶"))
    item_services.withdraw(town.reporter, town.submitted().pk, WithdrawItem(reason="报错了地方，另行上报"))
    item_services.create(town.reporter, town.body(), submit=False)
    loop.reopen(town.manager, town.evaluated(verdict="unsatisfied").pk, ReopenItem(reason="居民不满意，须再清运一次"))
    assert kinds() == [] and kinds(since=clock.now() - timedelta(days=1)) == []
    time.shift(timedelta(days=3, hours=4))  # Friday afternoon
    report = weekly_reports.assemble_week(town.reporter, clock.today() - timedelta(days=clock.today().weekday()))
    weekly_reports.confirm(town.reporter, report.pk, ConfirmReport(texts={"analysis": "主要是周末清运不足。"}))
    assert kinds() == []
    with transaction.atomic():
        removal.contacts(closed)
        removal.everything(Item.objects.select_for_update().get(pk=closed.pk))
    assert kinds() == []
    time.shift(timedelta(days=4 * 366))
    done = retention.run()
    assert done["items"] > 1 and not done.get("failed") and kinds() == []
    assert Fact.objects.filter(source="items_item").exists() and verify() == 0


# --- the timeline -----------------------------------------------------------------------------------------


@pytest.fixture
def item(clean: Town) -> Item:
    made = clean.evaluated()
    assert kinds() == []
    return made


def entry(item: Item, verb: str = "resolve") -> Entry:
    return Entry.objects.get(item_id=item.pk, verb=verb)


@pytest.mark.parametrize(
    "change", ["note = '未清运'", "data = data || '{\"x\": 1}'", "actor_name = '李四'", "verb = 'close'"]
)
def test_a_line_of_the_timeline_that_was_changed(item: Item, change: str) -> None:
    line = entry(item)
    by_hand(f"UPDATE items_entry SET {change} WHERE id = %s", line.pk, table="items_entry")
    named(line.pk)


def test_a_line_of_the_timeline_that_was_deleted(item: Item) -> None:
    line = entry(item)
    by_hand("DELETE FROM items_entry WHERE id = %s", line.pk, table="items_entry")
    named(line.pk, kind="removed")


def test_a_line_of_the_timeline_that_was_written_past_the_log(item: Item) -> None:
    forged = ids.new()
    statement = (
        "INSERT INTO items_entry (id, at, item_id, actor_name, verb, before, after,"
        " note, data) VALUES (%s, %s, %s, '', 'remind', '', '', '', '{}')"
    )
    by_hand(statement, forged, clock.now(), item.pk, table="items_entry")
    named(forged, kind="inserted")


def test_a_line_of_the_timeline_that_was_written_by_sql(item: Item) -> None:
    forged = ids.new()
    with psql():
        sql(
            (
                "INSERT INTO items_entry (id, at, item_id, actor_name, verb, before, after,"
                " note, data) VALUES (%s, %s, %s, '', 'remind', '', '', '', '{}')"
            ),
            forged,
            clock.now(),
            item.pk,
        )
    assert str(forged) in {b.record for b in breaks() if b.kind == "inserted"}


def test_a_rewording_under_a_hand_set_flag(item: Item) -> None:
    line = entry(item)
    with psql():
        sql("SELECT set_config('linbao.anonymising', 'on', true)")
        sql("UPDATE items_entry SET note = '未清运' WHERE id = %s", line.pk)
        sql("SELECT set_config('linbao.anonymising', '', true)")
    result = breaks()
    assert {b.record for b in result if b.kind == "changed"} == {str(line.pk)}
    assert Record.objects.get(action="item.reword").pk in {UUID(b.record) for b in result if b.kind == "inserted"}


def test_anonymising_leaves_a_line_with_both_digests_and_going_back_is_found(item: Item) -> None:
    line = entry(item)
    with transaction.atomic():
        removal._timeline(item, lambda words: words.replace("垃圾桶", "**"))
    details = Record.objects.get(action="item.reword")
    before, after = details.data["digest_before"], details.data["digest_after"]
    assert (details.data["entry"], details.subject_id) == (str(line.pk), str(item.pk)) and before != after
    drawn = Record.objects.get(pk=line.pk)
    assert bytes(drawn.mac or b"").hex().endswith(before) and kinds() == []
    by_hand("UPDATE items_entry SET note = %s WHERE id = %s", line.note, line.pk, table="items_entry")
    named(line.pk)


# --- rows with evidence -----------------------------------------------------------------------------------

ROWS = {
    "a duty was met": ("duties_obligation", "met_at = due_at - interval '1 hour'", "kind = 'handle'"),
    "a duty's limit": ("duties_obligation", "due_at = due_at + interval '9 days'", "kind = 'review'"),
    "an item's state": ("items_item", "status = 'closed'", "true"),
    "an item's words": ("items_item", "narrative = '一切正常'", "true"),
    "a resident's judgement": ("handling_evaluation", "verdict = 'satisfied'", "true"),
    "what a resident was told": ("handling_informing", "outcome = 'refused'", "true"),
    "a review's decision": ("review_review", "approved = false", "true"),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_row_with_evidence_that_was_changed(clean: Town, what: str) -> None:
    clean.evaluated(verdict="unsatisfied")
    table, change, where = ROWS[what]
    (row,) = sql(f"SELECT id FROM {table} WHERE {where}")[0]
    for past_the_triggers in (True, False):
        with transaction.atomic():
            if past_the_triggers:
                by_hand(f"UPDATE {table} SET {change} WHERE id = %s", row, table=table)
            else:
                with psql():
                    sql(f"UPDATE {table} SET {change} WHERE id = %s", row)
            named(row)
            transaction.set_rollback(True)
    assert kinds() == []


@pytest.mark.parametrize("table", ["duties_obligation", "handling_evaluation"])
def test_a_row_with_evidence_that_was_deleted_or_added(clean: Town, table: str) -> None:
    clean.evaluated()
    row = dict(zip((c[0] for c in columns(table)), sql(f"SELECT * FROM {table} LIMIT 1")[0], strict=True))
    with transaction.atomic():
        by_hand(f"DELETE FROM {table} WHERE id = %s", row["id"], table=table)
        named(row["id"], kind="removed")
        transaction.set_rollback(True)
    with transaction.atomic():
        rows = [id for (id,) in sql(f"SELECT id FROM {table}")]
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE {table} CASCADE")
        named(*rows, kind="removed")
        transaction.set_rollback(True)
    forged, changes = ids.new(), {"key": "'x'", "round": "9"}
    names = [c for (c,) in columns(table)]
    values = ", ".join("%s" if c == "id" else changes.get(c, c) for c in names)
    by_hand(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = %s",
        forged,
        row["id"],
        table=table,
    )
    named(forged, kind="inserted")


def columns(table: str) -> list[Any]:
    return sql(
        (
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
        table,
    )


def test_a_confirmation_of_a_weekly_report(clean: Town, time: Any) -> None:
    clean.submitted()
    time.shift(timedelta(days=3, hours=4))  # Friday afternoon
    report = weekly_reports.assemble_week(clean.reporter, clock.today() - timedelta(days=clock.today().weekday()))
    weekly_reports.confirm(clean.reporter, report.pk, ConfirmReport(texts={"analysis": "主要是周末清运不足。"}))
    by_hand(
        "UPDATE weekly_reports_weeklyreport SET confirmed_at = confirmed_at - interval '1 day' WHERE id = %s",
        report.pk,
        table="weekly_reports_weeklyreport",
    )
    named(report.pk)
    assert WeeklyReport.objects.filter(pk=report.pk).exists()


def test_a_decision_of_a_case(clean: Town) -> None:
    case = cases.open_(
        clean.manager,
        OpenCase(
            kind=Breach.FALSE,
            suspected=Severity.MIDDLE,
            person=clean.reporter.pk,
            allegation="所报围墙坍塌并不存在，照片为旧照。",
        ),
    )
    cases.state_defence(clean.reporter, case.pk, StateDefence(statement="当时误传了相册里的旧照片。"))
    cases.decide(
        clean.manager2,
        case.pk,
        DecideCase(
            founded=True, severity=Severity.MIDDLE, measure=Measure.NOTICE, reasons="现场核查记录证明所报情况不实。"
        ),
    )
    assert kinds() == []
    by_hand("UPDATE conduct_case SET measure = 'talk' WHERE id = %s", case.pk, table="conduct_case")
    named(case.pk)


def test_a_seal_and_a_document(clean: Town) -> None:
    seal = seals.make(
        None,
        MakeSeal(
            kind="work_group", name="桂花园社区第一工作小组", unit=clean.community.pk, custodian=clean.reporter.pk
        ),
    )
    content = {
        "title": "紧急信息报告",
        "unit": "桂花园社区",
        "issuer": "桂花园社区信息报告",
        "number": "桂花园社急〔2026〕1号",
        "to": "桂花园社区管理部门",
        "sections": [{"heading": "一、时间地点", "blocks": [{"kind": "text", "text": "3号楼。"}]}],
        "attachments": [],
        "signature": "第一工作小组",
        "date": "2026年11月24日",
    }
    document = documents.issue(
        "urgent_report",
        content,
        unit_id=clean.community.pk,
        subject=clean.community,
        version=1,
        by=clean.reporter,
        seal_id=seal.pk,
    )
    (use,) = sql("SELECT id FROM documents_sealuse WHERE action = 'affix'")[0]
    assert kinds() == []
    for table, change, row in (
        ("documents_document", "pdf = repeat('0', 64)", document.pk),
        ("documents_document", "sealed_at = NULL, seal_id = NULL", document.pk),
        ("documents_seal", "valid_to = valid_to + interval '10 years'", seal.pk),
        ("documents_sealuse", "by_id = NULL", use),
    ):
        with transaction.atomic():
            by_hand(f"UPDATE {table} SET {change} WHERE id = %s", row, table=table)
            named(row)
            transaction.set_rollback(True)


def test_an_approval_to_give_information_out(clean: Town) -> None:
    clean.approved()
    row = disclosures.ask(
        clean.reviewer,
        AskDisclosure(
            recipient="区城市管理局",
            purpose="安排秋季集中整治",
            legal_basis="云城管函〔2026〕18号",
            form=Form.XLSX,
            until=clock.today() + timedelta(days=30),
        ),
        Filters.read({"category": "sanitation"}),
    )
    disclosures.decide(clean.manager, row.pk, DecideDisclosure(approve=True))
    (approval,) = sql("SELECT id FROM confidentiality_approval")[0]
    assert kinds() == []
    by_hand(
        "UPDATE confidentiality_approval SET comment = '同意' WHERE id = %s", approval, table="confidentiality_approval"
    )
    named(approval)


def test_a_role_that_nobody_confirmed(clean: Town) -> None:
    """Given by SQL, or stretched beyond its end."""
    with psql():
        sql(
            "INSERT INTO organisation_rolegrant (id, user_id, role, unit_id, starts, granted_at) SELECT"
            " gen_random_uuid(), user_id, 'auditor', unit_id, starts, now() FROM organisation_rolegrant LIMIT 1"
        )
    assert set(kinds()) == {"changed"}
    grant = clean.people["handler"].grants.get()
    by_hand(
        "UPDATE organisation_rolegrant SET role = 'manager' WHERE id = %s", grant.pk, table="organisation_rolegrant"
    )
    assert str(grant.pk) in {b.record for b in breaks()}


def test_what_was_decided_on_the_way_of_an_item(clean: Town) -> None:
    item = clean.assigned()
    oversight.supervise(clean.manager, item.pk, SuperviseItem(requirements="请尽快答复"))
    oversight.adopt(clean.manager, item.pk, AdoptItem(kind="measure", note="促成每日清运"))
    returned = clean.submitted()
    review.return_(
        clean.reviewer, returned.pk, ReturnItem(findings=[{"field": "title", "check": "format", "words": "请写明地点"}])
    )
    assert kinds() == []
    for table, change in (
        ("handling_assignment", "assigned_at = assigned_at - interval '1 day'"),
        ("handling_supervision", "answered_at = now()"),
        ("handling_adoption", "kind = 'notice'"),
        ("review_finding", "note = '没有问题'"),
    ):
        (row,) = sql(f"SELECT id FROM {table}")[0]
        with transaction.atomic():
            by_hand(f"UPDATE {table} SET {change} WHERE id = %s", row, table=table)
            named(row)
            transaction.set_rollback(True)


def test_when_a_mail_left(clean: Town) -> None:
    row = outbox.post(
        key="weekly:1:1", channel="mail", recipient="a@example.cn", subject="周报", unit_id=clean.community.pk
    )
    assert kinds() == []
    by_hand(
        "UPDATE outbox_delivery SET sent_at = now() - interval '1 day' WHERE id = %s", row.pk, table="outbox_delivery"
    )
    named(row.pk)


def test_no_table_with_a_decision_is_left_out() -> None:
    """Whatever says who decided, confirmed or signed what and when is compared with the log."""
    telling = {"decided_at", "decided_by", "confirmed_at", "signed_at", "acknowledged_at", "published_at", "granted_by"}
    tables = {
        m._meta.label_lower: m._meta.db_table
        for m in apps.get_models()
        if telling & {f.name for f in m._meta.concrete_fields}
    }
    assert {label for label, table in tables.items() if table not in facts.SOURCES} == set()


def test_a_fact_made_to_fit_is_found_on_the_chain(item: Item) -> None:
    chain.seal()
    duty = Obligation.objects.get(kind="handle")
    fact = Fact.objects.filter(subject=duty.pk).order_by("seq").last()
    assert fact is not None
    by_hand("DELETE FROM audit_fact WHERE id = %s", fact.pk, table="audit_fact")
    assert str(fact.pk) in {b.record for b in breaks() if b.kind == "removed"}
    by_hand("UPDATE audit_fact SET digest = '\\x00' WHERE subject = %s", duty.pk, table="audit_fact")
    assert "changed" in kinds()


def test_a_fact_copied_with_its_mark_is_found(item: Item) -> None:
    duty = Obligation.objects.get(kind="handle")
    with psql():
        sql(
            (
                "INSERT INTO audit_fact (id, at, seq, source, subject, digest, mac) SELECT gen_random_uuid(), at,"
                " seq, source, subject, digest, mac FROM audit_fact WHERE subject = %s ORDER BY seq DESC LIMIT 1"
            ),
            duty.pk,
        )
    named(duty.pk)


def test_many_rows_are_compared_slice_by_slice(clean: Town, monkeypatch: Any) -> None:
    for _n in range(3):
        clean.submitted()
    monkeypatch.setattr(facts, "SLICE", 2)
    assert kinds() == []
    rows = [id for (id,) in sql("SELECT id FROM items_item ORDER BY id")]
    by_hand("DELETE FROM duties_obligation WHERE subject_id = %s", rows[1], table="duties_obligation")
    by_hand("UPDATE items_item SET title = '改' WHERE id = %s", rows[2], table="items_item")
    result = breaks()
    assert [b.record for b in result if b.kind == "changed"] == [str(rows[2])]
    assert [b.kind for b in result].count("removed") == 1


# --- the guards -------------------------------------------------------------------------------------------


def test_the_guards_of_a_migrated_database_are_those_of_this_version(db: Any) -> None:
    assert guards.installed() == guards.expected()  # after a migration: `linbao audit guards` on a fresh database
    for source, spec in facts.SOURCES.items():
        (body,) = sql("SELECT prosrc FROM pg_proc WHERE proname = %s", f"audit_fact_{source}")[0]
        assert facts.digest_sql(spec.columns) in body, f"{source}: its columns changed, its trigger did not"


EMPTY = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN {}; END $$"
GUARDS = {
    "linbao_append_only": EMPTY.format("linbao_append_only", "NEW"),
    "linbao_entry_append_only": EMPTY.format("linbao_entry_append_only", "NEW"),
    "conduct_evidence_frozen": EMPTY.format("conduct_evidence_frozen", "NEW"),
    "items_entry_audit": EMPTY.format("items_entry_audit", "NULL"),
    "audit_note": EMPTY.format("audit_note", "NULL"),
    "audit_fact_duties_obligation": EMPTY.format("audit_fact_duties_obligation", "NULL"),
    "audit_mark": (
        "CREATE OR REPLACE FUNCTION audit_mark(payload bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT payload $$"
    ),
    "audit_fact_conduct_case_update": "ALTER TABLE conduct_case DISABLE TRIGGER audit_fact_conduct_case_update",
    "audit_fact_documents_seal_delete": "DROP TRIGGER audit_fact_documents_seal_delete ON documents_seal",
    "audit_mark()": (
        "CREATE FUNCTION pg_catalog.audit_mark(payload bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT payload $$"
    ),
    "audit_digest(": (
        "CREATE FUNCTION audit_digest(document varchar) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$"
    ),
    "quiet": "CREATE RULE quiet AS ON UPDATE TO handling_evaluation DO INSTEAD NOTHING",
    "first": (
        "CREATE TRIGGER first BEFORE INSERT ON audit_record FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    # In sessions of the product, where the key is: on a table without evidence, on the database, behind a known name.
    "listens": "CREATE TRIGGER listens BEFORE UPDATE ON organisation_user FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "overhears": "CREATE FUNCTION overhears() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;"
    " CREATE EVENT TRIGGER overhears ON ddl_command_end EXECUTE FUNCTION overhears()",
    "audit_record_append_only": "CREATE SCHEMA evil; CREATE FUNCTION"
    " evil.linbao_append_only() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$; DROP TRIGGER audit_record_append_only ON audit_record; CREATE TRIGGER"
    " audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record FOR"
    " EACH ROW EXECUTE FUNCTION evil.linbao_append_only()",
    "row level security": "ALTER TABLE duties_obligation ENABLE ROW LEVEL SECURITY",
    "linbao.anonymising": "SELECT set_config('linbao.anonymising', 'on', true)",
    "session_replication_role": "SELECT set_config('session_replication_role', 'replica', true)",
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_was_replaced_or_switched_off(clean: Town, name: str) -> None:
    sql(GUARDS[name])
    result = breaks()
    assert {b.kind for b in result} == {"guard"} and any(name in b.message for b in result)
    if name == "session_replication_role":
        sql("SELECT set_config('session_replication_role', 'origin', true)")


def test_a_guard_that_is_off_for_a_minute_is_an_alert(clean: Town, django_capture_on_commit_callbacks: Any) -> None:
    assert monitoring.check_guards() == []
    sql("ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only")
    for _minute in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert {b.kind for b in monitoring.check_guards()} == {"guard"}
    assert Event.objects.get().data["kind"] == "guard"


# --- the whole log ----------------------------------------------------------------------------------------


def test_everything_wiped_with_the_rows_of_the_keys(
    item: Item, django_capture_on_commit_callbacks: Any, capsys: Any
) -> None:
    record(None, "export", rows=1)
    with django_capture_on_commit_callbacks(execute=True):
        chain.seal()
    tip = Block.objects.count()
    for table in ("audit_record", "audit_fact", "audit_block"):
        by_hand(f"DELETE FROM {table}", table=table)
    sql("DELETE FROM audit_pending")
    sql("DELETE FROM audit_key")
    result = breaks()
    assert [b.kind for b in result[:2]] == ["empty", "truncated"] and result[1].block == tip
    for note in (Path(settings.DATA_DIR) / "audit").glob("tip-*"):
        note.unlink()
    assert verify() == 1 and "审计链是空的" in capsys.readouterr().out


def test_fewer_blocks_than_a_root_that_the_outbox_sent(item: Item, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "AUDIT_MAIL", ["keep@example.cn"])
    chain.seal()
    newest = Block.objects.order_by("-number").first()
    assert newest is not None
    assert roots.send() and kinds() == []
    by_hand("DELETE FROM audit_block WHERE number >= %s", newest.number, table="audit_block")
    assert "truncated" in kinds()
    Delivery.objects.update(body=Delivery.objects.get().body.replace('"block": ', '"block": 1'))
    assert "signature" in kinds()


# --- the time-stamp service -------------------------------------------------------------------------------


@pytest.fixture
def stamping(clean: Town, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A time-stamp service (RFC 3161) as openssl runs one; gives its address. One that was asked for is there."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl stamps for this test"
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        f"[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=Stamps\n[ext]\nextendedKeyUsage=critical,timeStamping\n"
        f"[tsa]\ndefault_tsa=one\n[one]\nserial={tmp_path}/serial\nsigner_cert={tmp_path}/tsa.pem\nsigner_key={tmp_path}/tsa.key\n"
        "signer_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\n"
    )
    run = lambda *words: subprocess.run([openssl, *words], check=True, capture_output=True, cwd=tmp_path)  # noqa: E731
    run(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.pem",
        "-days",
        "2",
        "-config",
        "tsa.cnf",
    )

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (tmp_path / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((tmp_path / "reply").read_bytes())

        def log_message(self, *given: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield lambda: f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_the_daily_root_bears_the_time_stamp_of_the_service(
    clean: Town, stamping: Callable[[], str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(settings, "AUDIT_MAIL", ["keep@example.cn"])
    monkeypatch.setattr(settings, "TIMESTAMP_URL", stamping())
    record(None, "export", rows=1)
    chain.seal()
    assert roots.send()
    (root,) = roots.read(Delivery.objects.get().body.encode())
    assert root.stamp and roots.stamp_fits(root) and kinds() == []
    other = json.loads(root.line()) | {"at": "2020-01-01T00:00:00+00:00"}
    assert not seals.stamp_covers(root.stamp, json.dumps(other).encode())
    Delivery.objects.update(body=root.line().replace('"stamp": "MII', '"stamp": "MIJ'))
    assert kinds() == ["signature"]


def test_a_root_goes_out_without_a_stamp_where_the_service_does_not_answer(clean: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "AUDIT_MAIL", ["keep@example.cn"])
    monkeypatch.setattr(settings, "TIMESTAMP_URL", "http://127.0.0.1:9/")
    record(None, "export", rows=1)
    chain.seal()
    assert roots.send()
    assert roots.read(Delivery.objects.get().body.encode())[0].stamp == b""


def test_a_new_installation_has_nothing_to_alarm(db: Any) -> None:
    emptied()
    assert Key.objects.count() == 1 and kinds() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_block")
        assert cursor.fetchone()[0] == 0

"""The chain of the audit log: whatever is done to it by hand in the database is found (6.1.1)."""

from __future__ import annotations

import argparse
import base64
import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from linbao import cli
from linbao.audit import chain, facts, keys, monitoring, retention, roots
from linbao.audit.models import Block, Detachment, Event, Key, Record
from linbao.audit.services import record
from linbao.audit.verification import Walk
from linbao.core import clock
from linbao.core.problems import Conflict
from linbao.platform import partitions
from tests.audit.owner import by_hand, emptied, kinds, sql, verify
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.1")


@pytest.fixture(autouse=True)
def _lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows with evidence are `test_tampering`'s: the roles of the town's people stand in no block here."""
    monkeypatch.delitem(facts.SOURCES, "organisation_rolegrant")


@pytest.fixture
def log(town: Town, time: Any) -> list[Record]:
    """Three sealings, of five lines each, in the month's table of the test's own time."""
    emptied()
    partitions.ensure("audit_record")
    for n in range(15):
        record(
            town.reviewer,
            "role.grant",
            town.people["handler"],
            unit_id=town.community.pk,
            reason=f"第{n}次",
            n=n,
            share=0.5,
            ids=[1, 2],
        )
        time.shift(timedelta(minutes=2))
        if n % 5 == 4:
            assert chain.seal() == 5
    assert kinds() == []
    return list(Record.objects.order_by("at", "id"))


def test_a_log_that_nobody_touched_is_whole(log: list[Record], capsys: Any) -> None:
    assert verify() == 0
    assert "3 个区块、15 条记录" in capsys.readouterr().out
    assert Block.objects.count() == 3 and not sql("SELECT 1 FROM audit_pending")
    assert kinds(since=log[12].at) == []


CHANGES = {
    "a word is changed": ("UPDATE audit_record SET reason = '没有' WHERE id = %s", "changed"),
    "a number in the data is changed": (
        "UPDATE audit_record SET data = data || '{\"n\": 99}' WHERE id = %s",
        "changed",
    ),
    "somebody else did it": ("UPDATE audit_record SET actor_name = '李四', actor_id = NULL WHERE id = %s", "changed"),
    "it came from elsewhere": ("UPDATE audit_record SET address = '10.9.9.9' WHERE id = %s", "changed"),
    "it bears another mark": ("UPDATE audit_record SET mac = '\\x00' WHERE id = %s", "changed"),
    "it was at another time": ("UPDATE audit_record SET at = at + interval '1 second' WHERE id = %s", "changed"),
    "it is gone": ("DELETE FROM audit_record WHERE id = %s", "removed"),
    "it is another line": ("UPDATE audit_record SET id = gen_random_uuid() WHERE id = %s", "removed"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("which", [0, 6, 14])
def test_a_line_changed_with_the_guard_off_and_on_again_is_found(
    log: list[Record], capsys: Any, what: str, which: int
) -> None:
    statement, kind = CHANGES[what]
    by_hand(statement, log[which].pk)
    assert kinds()[0] == kind
    assert verify() == 1
    details = capsys.readouterr().out
    assert str(log[which].pk) in details and details.count("断点") == 1


def test_two_lines_that_changed_places_are_found(log: list[Record]) -> None:
    one, other = log[2], log[3]
    by_hand(
        "UPDATE audit_record SET at = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN (%s, %s)",
        one.pk,
        other.at,
        one.at,
        one.pk,
        other.pk,
    )
    assert kinds()[0] == "changed"


def test_the_order_within_a_block_cannot_be_changed_either(log: list[Record]) -> None:
    block = Block.objects.get(number=2)
    turned = [block.ids[1], block.ids[0], *block.ids[2:]]
    by_hand("UPDATE audit_block SET ids = %s WHERE number = 2", turned, table="audit_block")
    assert "block" in kinds()


@pytest.mark.parametrize("at", ["now()", "'2026-11-24 02:07:00+00'", "'2025-01-01 00:00:00+00'"])
def test_a_forged_line_is_found_whatever_time_it_claims(log: list[Record], at: str) -> None:
    """It is linked like any other, but nobody without the keys can make its mark."""
    sql(
        "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data)"
        f" VALUES (gen_random_uuid(), {at}, '张三', 'role.grant', '', '', '', '{{}}')"
    )
    assert kinds() == ["inserted"]


def test_a_line_copied_with_its_mark_is_found(log: list[Record]) -> None:
    sql(
        "INSERT INTO audit_record (id, at, actor_id, actor_name, action,"
        " subject_type, subject_id, unit_id, reason, data, mac)"
        " SELECT gen_random_uuid(), at, actor_id, actor_name, action,"
        " subject_type, subject_id, unit_id, reason, data, mac"
        " FROM audit_record WHERE id = %s",
        log[4].pk,
    )
    assert kinds() == ["inserted"]


def test_a_line_written_past_the_notes_is_found(log: list[Record]) -> None:
    """Straight into the month's table, where the trigger of the whole does not see it."""
    month = f"audit_record_{log[0].at:%Y%m}"
    sql(
        (
            f"INSERT INTO {month} (id, at, actor_name, action, subject_type, subject_id, reason,"
            f" data) VALUES (gen_random_uuid(), %s, '', 'x', '', '', '', '{{}}')"
        ),
        log[3].at,
    )
    assert kinds() == ["inserted"]


def test_a_line_of_an_item_that_claims_the_past_is_found(log: list[Record]) -> None:
    """Lines drawn from the timeline bear no mark; they cannot be older than the sealing that would have met them."""
    statement = (
        "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data)"
        " VALUES (gen_random_uuid(), %s, '', 'item.close', '', '', '', '{}')"
    )
    sql(statement, clock.now())
    assert kinds() == []
    sql(statement, log[0].at - timedelta(days=1))
    assert kinds() == ["inserted"]


def test_two_who_seal_a_long_backlog_by_turns_raise_no_alarm(log: list[Record], monkeypatch: Any, time: Any) -> None:
    """A full block leaves lines to the next, whoever seals it: they are late, not false."""
    monkeypatch.setattr(chain, "MOST", 3)
    statement = (
        "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data)"
        " VALUES (gen_random_uuid(), %s, '', 'item.close', '', '', '', '{}')"
    )
    for n in range(8):
        sql(statement, clock.now() + timedelta(seconds=n))
    time.shift(timedelta(hours=1))  # nobody sealed for an hour
    one, two = clock.now(), clock.now() + timedelta(milliseconds=80)
    assert [chain._seal_block(at) for at in (one, two, one)] == [3, 3, 2]
    assert kinds() == []
    sql(statement, clock.now() - timedelta(minutes=30))  # the last sealing took all that stood there
    chain.seal()
    assert kinds() == ["inserted"]


def test_a_line_taken_away_before_it_was_linked_is_missed(log: list[Record], town: Town) -> None:
    record(town.reviewer, "export", rows=3)
    by_hand("DELETE FROM audit_record WHERE action = 'export'")
    assert chain.seal() == 1
    assert kinds() == ["removed"]


def test_the_guards_themselves_are_looked_at(log: list[Record]) -> None:
    sql("ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only")
    assert "guard" in kinds()
    sql("ALTER TABLE audit_record ENABLE TRIGGER audit_record_append_only")
    assert kinds() == []
    sql("DROP TRIGGER audit_record_pending ON audit_record")
    assert kinds() == ["guard"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET reason = 'x'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "UPDATE audit_block SET root = ''",
        "DELETE FROM audit_block",
        "TRUNCATE audit_block",
    ],
)
def test_with_the_guards_on_the_database_refuses(log: list[Record], statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)


def test_a_block_out_of_the_middle_is_missed(log: list[Record]) -> None:
    by_hand("DELETE FROM audit_block WHERE number = 2", table="audit_block")
    assert kinds()[0] == "block"


def test_a_partition_that_was_dropped_is_missed(log: list[Record]) -> None:
    sql(f"DROP TABLE audit_record_{log[0].at:%Y%m}")
    assert set(kinds()) == {"removed"}


def cut_the_tail(log: list[Record]) -> None:
    by_hand("DELETE FROM audit_record WHERE id IN (SELECT unnest(ids) FROM audit_block WHERE number = 3)")
    by_hand("DELETE FROM audit_block WHERE number = 3", table="audit_block")


def test_a_tail_cut_off_shows_by_the_roots_that_were_sent_out(log: list[Record], tmp_path: Path, capsys: Any) -> None:
    stored = roots.newest()
    assert stored is not None
    (tmp_path / "roots.txt").write_text(f"您好，请保存。\n{stored.line()}\n")
    assert verify("--roots", str(tmp_path / "roots.txt")) == 0
    cut_the_tail(log)
    assert kinds() == []  # by itself it is whole
    assert verify("--roots", str(tmp_path / "roots.txt")) == 1
    assert "截断" in capsys.readouterr().out


def test_a_tail_cut_off_shows_by_what_this_machine_noted(
    log: list[Record], django_capture_on_commit_callbacks: Any, town: Town
) -> None:
    record(town.reviewer, "export")
    with django_capture_on_commit_callbacks(execute=True):
        chain.seal()
    assert kinds() == []
    by_hand("DELETE FROM audit_record WHERE action = 'export'")
    by_hand("DELETE FROM audit_block WHERE number = 4", table="audit_block")
    assert kinds() == ["truncated"]


def rewrite(*, signer: Any) -> None:
    """All blocks made anew over what stands there now."""
    before = chain.START
    for block in Block.objects.order_by("number"):
        result = {r.pk: r for r in Record.objects.filter(pk__in=block.ids)}
        block.ids = [i for i in block.ids if i in result]
        leaves = [chain.leaf(result[i]) for i in block.ids]
        block.leaves, block.root, block.previous = b"".join(leaves), chain.merkle(leaves), before
        block.hash = before = chain.digest(block)
        block.signature = signer.sign(block.hash)
        block.save()


@pytest.mark.parametrize("has_the_keys", [False, True])
def test_a_chain_written_anew_is_found(log: list[Record], has_the_keys: bool) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    stored = roots.newest()
    assert stored is not None
    by_hand("DELETE FROM audit_record WHERE id = %s", log[1].pk)
    sql("ALTER TABLE audit_block DISABLE TRIGGER USER")
    rewrite(signer=keys.current().signer if has_the_keys else Ed25519PrivateKey.generate())
    sql("ALTER TABLE audit_block ENABLE TRIGGER USER")
    if has_the_keys:  # whoever has the whole server: only the roots outside tell
        assert kinds() == [] and kinds(roots=[stored]) == ["rewritten"]
    else:
        assert set(kinds()) == {"signature"} and "rewritten" in kinds(roots=[stored])


def test_the_key_exchanged_with_the_whole_chain_shows_by_the_roots(log: list[Record]) -> None:
    stored = roots.newest()
    assert stored is not None
    sql("ALTER TABLE audit_block DISABLE TRIGGER USER")
    fake = Key.objects.create(**keys.fresh())
    Block.objects.update(key=fake)
    rewrite(signer=keys.opened(fake).signer)
    sql("ALTER TABLE audit_block ENABLE TRIGGER USER")
    Key.objects.exclude(pk=fake.pk).delete()
    assert "rewritten" in kinds(roots=[stored])


def test_a_root_that_was_itself_changed_is_not_believed(log: list[Record]) -> None:
    stored = roots.newest()
    assert stored is not None
    assert kinds(roots=[roots.Root(**{**stored.__dict__, "block": 2})]) == ["signature"]


@pytest.mark.parametrize("leaves", [1, 2, 3, 5, 8, 13])
def test_every_line_can_be_proved_by_itself(leaves: int) -> None:
    made = [bytes([n]) * 32 for n in range(leaves)]
    for place in range(leaves):
        steps = chain.path(made, place)
        assert chain.climb(made[place], steps) == chain.merkle(made)
        if steps:
            assert chain.climb(b"\xff" * 32, steps) != chain.merkle(made)


def test_a_change_of_an_item_is_on_the_log_and_in_the_chain(town: Town) -> None:
    emptied()
    item = town.assigned()
    lines = Record.objects.filter(subject_type="items.item", subject_id=str(item.pk)).order_by("at", "id")
    assert [
        (r.action, r.actor_name, r.unit_id) for r in lines if r.action in ("item.submit", "item.approve", "item.assign")
    ] == [
        ("item.submit", "reporter", town.community.pk),
        ("item.approve", "reviewer", town.community.pk),
        ("item.assign", "manager", town.community.pk),
    ]
    assert lines[0].data == {"before": "draft", "after": "submitted"}
    chain.seal()
    assert kinds() == []
    assert not sql("SELECT 1 FROM audit_record WHERE data::text LIKE '%%桂%%'")


# --- sent out -----------------------------------------------------------------------------------------


def test_the_root_goes_out_once_a_day_as_one_mail_to_all_who_keep_it(
    log: list[Record], town: Town, monkeypatch: Any
) -> None:
    from linbao.outbox import mail
    from linbao.outbox.models import Delivery

    monkeypatch.setattr(settings, "AUDIT_MAIL", ["keep@example.cn"])
    town.person("great", "auditor", town.parent_unit)
    town.people["great"].email = "auditor@example.cn"
    town.people["great"].save()
    assert roots.send() and roots.send()
    row = Delivery.objects.get(key__startswith="audit-root:")
    assert row.recipient == "keep@example.cn, auditor@example.cn" and "区块 3" in row.subject
    for received in (row.body.encode(), mail.message(row).data):
        read = roots.read(received)
        assert len(read) == 1 and read[0].block == 3 and kinds(roots=read) == []
    with pytest.raises(ValueError):
        roots.read(b"nothing here")


def test_the_root_goes_to_the_channels_of_the_topmost_unit_too(log: list[Record], town: Town, monkeypatch: Any) -> None:
    from linbao.outbox.models import Channel, Delivery

    monkeypatch.setattr(settings, "AUDIT_MAIL", ["keep@example.cn"])
    monkeypatch.setattr(settings, "NOTIFY_URLS", ["wecombot://" + "b" * 36])
    top = town.parent_unit
    Channel.objects.create(unit=top, name="安全群", kind="wecom", address="wecombot://" + "a" * 36)
    assert roots.send() and roots.send()
    rows = Delivery.objects.filter(key__startswith="audit-root:")
    assert sorted(rows.values_list("channel", flat=True)) == ["channel", "channel", "mail"]
    assert all(len(roots.read(row.body.encode())) == 1 for row in rows)


def test_the_check_of_the_hour_tells_the_officer_once(
    log: list[Record], caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert monitoring.check(days=2) == [] and not Event.objects.exists()
    by_hand("UPDATE audit_record SET reason = '' WHERE id = %s", log[7].pk)
    for _n in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert len(monitoring.check(days=2)) == 1
    event = Event.objects.get()
    assert event.action == "audit.tampered" and event.severity == "high" and event.data["record"] == str(log[7].pk)
    assert Record.objects.filter(action="audit.tampered").exists()


# --- kept three years, and then verifiable still -------------------------------------------------------


def test_a_month_taken_off_by_retention_is_told_from_one_dropped_by_hand(town: Town, time: Any) -> None:
    emptied()
    partitions.ensure("audit_record", start=datetime(2022, 11, 1).date())
    time.move_to(datetime(2022, 11, 30, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    for n in range(4):
        record(town.reviewer, "export", rows=n)
    time.move_to(datetime(2022, 12, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    record(town.reviewer, "export", rows=9)  # of the next month, in the same block
    assert chain.seal() == 5
    time.move_to(datetime(2025, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert retention.due() == []
    time.move_to(datetime(2025, 12, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert retention.detach_due() == 1 and retention.detach_due() == 0
    assert Record.objects.filter(action="export").count() == 1
    walk = Walk()
    assert list(walk.breaks()) == [] and walk.result.detached == 4
    time.move_to(datetime(2026, 1, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert retention.detach_due() == 1  # the other line of the same block
    assert kinds() == []
    sql("DROP TABLE audit_kept_202211")
    assert kinds() == []
    sql("DELETE FROM audit_detachment WHERE partition = 'audit_kept_202212'")
    assert set(kinds()) == {"removed"}


def test_a_forged_leave_is_not_believed(log: list[Record]) -> None:
    import hashlib

    gone = log[0]
    by_hand("DELETE FROM audit_record WHERE id = %s", gone.pk)
    blocks = {"1": [1, hashlib.sha256(gone.pk.bytes).hexdigest()]}
    row = Detachment.objects.create(partition="audit_kept_202001", rows=1, blocks=blocks)
    details = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
    sql(
        "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data, mac)"
        " VALUES (gen_random_uuid(), now(), '', 'audit.detach', '', %s, '', %s, '\\x00')",
        str(row.pk),
        json.dumps({"digest": details}),
    )
    assert set(kinds()) == {"removed", "inserted"}


def test_nothing_is_taken_off_a_broken_log(log: list[Record], time: Any) -> None:
    by_hand("UPDATE audit_record SET reason = '' WHERE id = %s", log[0].pk)
    time.shift(timedelta(days=4 * 366))
    with pytest.raises(Conflict):
        retention.detach_due()


# --- many at once -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_with_writers_that_commit_late_no_line_is_left_out_and_none_linked_twice() -> None:
    """Eight writers hold their transactions open over several sealings, some give up; two seal all the while."""
    from random import Random

    stop, errors = threading.Event(), []

    def write(seed: int) -> None:
        chance = Random(seed)
        try:
            for n in range(25):
                try:
                    with transaction.atomic():
                        for _k in range(chance.randrange(1, 4)):
                            record(None, "export", rows=n, writer=seed)
                        stop.wait(chance.random() * 0.05)
                        if chance.random() < 0.2:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    pass
        except Exception as e:
            errors.append(e)
        finally:
            connection.close()

    def seal() -> None:
        try:
            while not stop.is_set():
                chain.seal()
        except Exception as e:
            errors.append(e)
        finally:
            connection.close()

    emptied()
    keys.current()
    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    sealers = [threading.Thread(target=seal) for _n in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers:
        thread.join(60)
    stop.set()
    for thread in sealers:
        thread.join(60)
    assert errors == []
    chain.seal()
    linked = [i for block in Block.objects.all() for i in block.ids]
    assert len(linked) == len(set(linked)) > 200
    assert set(linked) == set(Record.objects.values_list("pk", flat=True))
    assert Block.objects.count() > 3
    assert list(Walk().breaks()) == []
    emptied()


def test_the_command_is_there() -> None:
    assert "audit" in cli.ROOMS


def test_a_line_taken_out_proves_by_itself_that_it_stands_in_the_chain(
    log: list[Record], town: Town, capsys: Any
) -> None:
    """With the export and the head of its block, without the database: canonical line → leaf → root → hash →
    signature."""
    import csv
    import hashlib
    import io

    from linbao.commands import audit as commands

    town.person("great", "auditor", town.parent_unit)
    answer = town.browser("great").get("/audit/export?format=csv&what=role.grant")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0][9:] == ["区块", "区块内序号", "记录哈希", "证明路径", "区块根"] and len(rows) == 16
    for row in rows[1:]:
        assert chain.climb(bytes.fromhex(row[11]), row[12].split()).hex() == row[13]
    assert commands._block(argparse.Namespace(number=int(rows[1][9]))) == 0
    head = json.loads(capsys.readouterr().out)
    assert head["covered"][3] == rows[1][13]
    covered = json.dumps(head["covered"], separators=(",", ":")).encode()
    assert hashlib.sha256(covered).hexdigest() == head["hash"]
    assert keys.signed(head["public"], base64.b64decode(head["signature"]), bytes.fromhex(head["hash"]))
    assert commands._block(argparse.Namespace(number=999)) == 1

"""Emergencies: the call, the hour, the sealed written report, follow-ups, and alarms until somebody signs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.documents import verification
from linbao.documents.inputs import MakeSeal
from linbao.documents.models import Document
from linbao.documents.seals import services as seals
from linbao.duties import roster
from linbao.duties import services as duties
from linbao.duties.inputs import AddShift
from linbao.duties.models import Obligation, State
from linbao.emergencies import alarms, document, ending
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, RecordCall, StartEmergency
from linbao.emergencies.models import Alarm, UrgentReport, UrgentVersion
from linbao.organisation.models import Unit, User
from linbao.outbox import sending
from linbao.outbox.channels import services as channels
from linbao.outbox.inputs import SaveChannel
from linbao.outbox.models import Delivery, Notice
from tests.documents import samples
from tests.loop import TUESDAY, Town, build
from tests.mailbox import Mailbox

CONTENT: dict[str, Any] = {
    "place": "7栋地下车库",
    "course": "9时50分电动自行车充电时起火，烟气进入1单元，保安用灭火器扑救。",
    "impact": "1单元楼道有烟，住户疏散至小广场。",
    "dead": 0,
    "injured": 1,
    "missing": 0,
    "households": 24,
    "loss": 3000,
    "measures": "已拨打119和120，断电，疏散住户。",
    "present": "明火已扑灭，正在排烟。",
    "present_state": "in_progress",
    "help": "请派人排查其他充电桩。",
    "level": "larger",
    "grid": "510104017003001",
    "source": "patrol",
    "parties": [{"role": "victim", "name": "王建国", "phone": "13812341234"}],
    "reported_to": ["fire", "medical"],
}


@pytest.fixture(autouse=True)
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def town(db: Any) -> Town:
    return build()


def content(**more: Any) -> dict[str, Any]:
    return CONTENT | {"occurred_at": (TUESDAY - timedelta(minutes=10)).isoformat()} | more


def called(town: Town, by: str = "reporter", **more: Any) -> UrgentReport:
    report = emergencies.start(getattr(town, by), StartEmergency(kind="fire", place="7栋地下车库", **more))
    return emergencies.record_call(
        getattr(town, by), report.pk, RecordCall(answered_by="值班员小周", called_number="02812345678")
    )


@pytest.fixture
def mailbox_set(town: Town) -> str:
    Unit.objects.filter(pk=town.community.pk).update(mailbox="dept@example.cn")
    from linbao.organisation.tree import reference

    reference.drop()
    return "dept@example.cn"


@pytest.mark.clause("2.3.2", "4.2.1")
def test_the_call_starts_the_hour_and_the_alarm(town: Town) -> None:
    report = called(town)
    assert report.item.urgent
    assert report.item.status == "draft"
    hour = Obligation.objects.get(kind="urgent_written", subject_id=report.pk)
    assert report.called_at is not None
    assert hour.due_at - report.called_at == timedelta(hours=1)
    assert Obligation.objects.get(kind="urgent_call").state == State.MET
    alarm = Alarm.objects.get(report=report, reason="opened")
    assert alarm.calls.count() == 1
    assert Notice.objects.filter(kind="alarm").count() == 1


@pytest.mark.clause("4.2.1")
def test_a_second_tap_changes_nothing_and_completes_the_record(town: Town) -> None:
    report = called(town)
    again = emergencies.start(town.reporter, StartEmergency(kind="fire", place="别处", id=report.pk))
    assert again.pk == report.pk
    later = emergencies.record_call(town.reporter, report.pk, RecordCall(message="已通知消防"))
    assert (later.called_at, later.answered_by, later.call_words) == (report.called_at, "值班员小周", "已通知消防")
    assert Alarm.objects.count() == 1
    with pytest.raises(Conflict):
        emergencies.start(town.reporter2, StartEmergency(kind="fire", place="别处", id=report.pk))


@pytest.mark.clause("4.2.1")
def test_a_phone_whose_clock_is_wrong_and_a_call_before_it_was_seen(town: Town) -> None:
    ahead = clock.now() + timedelta(hours=5)
    report = emergencies.start(
        town.reporter, StartEmergency(kind="theft", place="3栋", seen_at=ahead - timedelta(minutes=20), phone_now=ahead)
    )
    assert abs(clock.now() - timedelta(minutes=20) - report.seen_at) < timedelta(seconds=30)
    assert report.clock_off == pytest.approx(5 * 3600, abs=5)
    with pytest.raises(Invalid) as raised:
        emergencies.record_call(
            town.reporter, report.pk, checked(RecordCall, {"called_at": clock.now() - timedelta(hours=3)})
        )
    assert "called_at" in (raised.value.fields or {})
    with pytest.raises(Invalid):
        emergencies.record_call(
            town.reporter, report.pk, checked(RecordCall, {"called_at": clock.now() + timedelta(hours=3)})
        )
    done = emergencies.record_call(
        town.reporter, report.pk, RecordCall(called_at=ahead - timedelta(minutes=15), phone_now=ahead)
    )
    assert done.called_at is not None
    assert done.call_entered_at is not None
    assert done.call_entered_at - done.called_at > timedelta(minutes=14)


@pytest.mark.clause("4.2.1", "1.3.2")
def test_reminders_then_the_leader_and_the_manager_at_the_due_moment(town: Town, time: time_machine.Traveller) -> None:
    report = called(town)
    assert report.called_at is not None
    Notice.objects.all().delete()
    for minutes, expected in ((31, 1), (46, 2), (56, 3)):
        time.move_to(report.called_at + timedelta(minutes=minutes))
        duties.tick()
        duties.tick()  # a second worker, or one that starts again, tells nobody twice
        assert Notice.objects.filter(user=town.people["reporter"]).count() == expected
    time.move_to(report.called_at + timedelta(minutes=62))
    duties.tick()
    alarms.tick()
    alarms.tick()
    assert Notice.objects.filter(user=town.people["manager"], kind="urgent_written.escalate_manager").count() == 1
    assert Alarm.objects.filter(report=report, reason="overdue").count() == 1
    made = emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    assert made.version == 1
    assert Obligation.objects.get(kind="urgent_written").state == State.LATE
    assert Alarm.objects.get(report=report, reason="overdue").acknowledged_at


@pytest.mark.clause("4.2.1", "4.2.2")
def test_the_written_report_is_sealed_mailed_once_and_verified(
    town: Town, mailbox: Mailbox, mailbox_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = seals.make(
        None, MakeSeal(kind="work_group", name="桂花园第一小组", unit=town.community.pk, custodian=town.reporter.pk)
    )
    report = called(town)
    with pytest.raises(Invalid) as raised:
        emergencies.write(town.reporter, report.pk, checked(FileVersion, {"content": {}}))
    assert {"place", "course", "impact", "measures", "present", "help", "occurred_at"} <= set(raised.value.fields or {})
    made = emergencies.write(town.reporter, report.pk, FileVersion(content=content(), seal=seal.pk, version=1))
    again = content(occurred_at=made.content["occurred_at"])
    assert emergencies.write(town.reporter, report.pk, FileVersion(content=again, seal=seal.pk, version=1)) == made
    seen, outside = samples.watch_transactions(monkeypatch), len(connection.savepoint_ids)
    document.make_document(made.pk)
    document.make_document(made.pk)
    assert {name for name, _depth in seen} >= {"pdf", "sign"} and {depth for _name, depth in seen} == {outside}
    sending.sweep()
    assert len(mailbox.mails) == 1
    import email
    from email import policy

    letter = email.message_from_bytes(mailbox.mails[0], policy=policy.default)
    (pdf,) = [p.get_payload(decode=True) for p in letter.walk() if p.get_content_type() == "application/pdf"]
    assert isinstance(pdf, bytes)
    assert verification.by_file(pdf).answer == "genuine"
    assert verification.by_file(pdf[:-30] + b"x" + pdf[-29:]).answer == "altered"
    from io import BytesIO

    from pypdf import PdfReader

    message = "".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).replace("\n", "")
    for label in (
        "一、时间地点",
        "二、经过",
        "三、影响范围",
        "24户",
        "四、已采取的措施",
        "六、需要支持",
        "社急〔2026〕1号",
    ):
        assert label in message.replace(" ", ""), label
    item = report.item
    item.refresh_from_db()
    assert item.status == "submitted"
    assert item.details["casualties"]["injured"] == 1
    assert Obligation.objects.get(kind="urgent_written").state == State.MET


@pytest.mark.clause("4.2.2")
def test_without_a_seal_it_goes_unsealed_and_only_the_custodian_seals(town: Town, mailbox_set: str) -> None:
    seal = seals.make(None, MakeSeal(kind="unit", name="桂花园社区", unit=town.community.pk, custodian=town.manager.pk))
    report = called(town)
    with pytest.raises(NotAllowed):
        emergencies.write(town.reporter, report.pk, FileVersion(content=content(), seal=seal.pk))
    made = emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    document.make_document(made.pk)
    details = verification.by_code(Document.objects.get(kind="urgent_report").code)
    assert details.answer == "genuine"
    assert any("未加盖" in n for n in details.notes)


@pytest.mark.clause("2.3.2")
def test_follow_ups_keep_the_levels_rhythm_until_the_final_report(town: Town) -> None:
    report = called(town)
    first = emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    owed = Obligation.objects.get(kind="urgent_follow_up", met_at=None)
    assert owed.due_at - first.written_at == timedelta(hours=6)
    with pytest.raises(Conflict):
        emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    with pytest.raises(Invalid):
        emergencies.write(town.reporter, report.pk, checked(FileVersion, {"content": content(), "stage": "follow_up"}))
    emergencies.write(
        town.reporter, report.pk, FileVersion(content=content(level="major"), stage="follow_up", changed="伤者已送医")
    )
    assert Obligation.objects.filter(kind="urgent_follow_up", met_at=None).count() == 1
    last = emergencies.write(
        town.reporter,
        report.pk,
        FileVersion(content=content(present_state="subsided"), stage="final", changed="处置完毕"),
    )
    assert last.version == 3
    assert document.document(last)["number"].endswith("-终")
    assert not Obligation.objects.filter(kind="urgent_follow_up", met_at=None).exists()
    with pytest.raises(Conflict):
        emergencies.write(town.reporter, report.pk, FileVersion(content=content(), stage="follow_up", changed="又"))
    emergencies.write(town.reporter, report.pk, FileVersion(content=content(), stage="correction", changed="户数更正"))
    assert UrgentVersion.objects.filter(report=report).count() == 4


@pytest.mark.clause("2.3.2")
def test_the_alarm_goes_down_the_chain_until_somebody_signs(town: Town, time: time_machine.Traveller) -> None:
    now = clock.now()
    roster.add_shift(
        town.manager,
        town.community.pk,
        AddShift(
            person=town.handler.pk,
            stand_in=town.handler2.pk,
            starts=now - timedelta(hours=1),
            ends=now + timedelta(hours=7),
        ),
    )
    report = called(town)
    assert report.called_at is not None
    alarm = Alarm.objects.get(report=report)
    assert [c.person_id for c in alarm.calls.all()] == [town.handler.pk]
    for minutes, raised in ((3, 1), (6, 2), (12, 3)):
        time.move_to(report.called_at + timedelta(minutes=minutes))
        alarms.tick()
        alarms.tick()
        assert alarm.calls.count() == raised
    assert alarm.calls.all()[1].person_id == town.handler2.pk
    with pytest.raises(NotAllowed):
        alarms.acknowledge(town.stranger, alarm.pk)
    signed = alarms.acknowledge(town.handler, alarm.pk)
    assert signed.acknowledged_by == town.handler
    assert alarms.acknowledge(town.manager, alarm.pk).acknowledged_by == town.handler
    time.shift(timedelta(hours=1))
    duties.tick()
    before = alarm.calls.count()
    Alarm.objects.filter(reason="overdue").delete()
    alarms.tick()
    assert alarm.calls.count() == before


class Robot(BaseHTTPRequestHandler):
    taken: list[bytes] = []
    answer = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.answer == 200:
            Robot.taken.append(body)
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return None


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Robot)
    Robot.taken, Robot.answer = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(settings, "NOTIFY_HOSTS", frozenset({"127.0.0.1"}))
    yield server.server_port
    server.shutdown()


@pytest.mark.clause("2.3.2")
def test_the_alarm_reaches_a_real_server_by_mail_and_by_robot_and_a_stand_in_takes_over(
    town: Town, mailbox: Mailbox, robot: int
) -> None:
    User.objects.filter(pk=town.manager.pk).update(email="manager@example.cn")
    spare = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="备用", kind="webhook", address=f"json://127.0.0.1:{robot}/spare", stands_in_only=True),
    )
    channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind="webhook", address="json://127.0.0.1:9/none", stand_in=spare.pk),
    )
    monkey = settings.NOTIFY_HOSTS
    assert monkey
    report = called(town)
    sending.sweep()
    assert len(Robot.taken) == 1
    assert "7栋地下车库" in Robot.taken[0].decode() or b"\\u" in Robot.taken[0]
    alarm = Alarm.objects.get(report=report)
    managers = [c.person.username for c in alarm.calls.all()]
    assert len(mailbox.mails) == (1 if managers == ["manager"] else 0)
    assert alarms.unheard([alarm]) == []
    assert Delivery.objects.filter(channel="channel", state="sent").count() == 1


@pytest.mark.clause("2.3.2")
def test_every_channel_down_is_said_loudly(town: Town, robot: int) -> None:
    channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind="webhook", address=f"json://127.0.0.1:{robot}/x"),
    )
    Robot.answer = 500
    report = called(town)
    sending.sweep()
    alarm = Alarm.objects.get(report=report)
    assert alarms.unheard([alarm]) == [alarm]
    alarms.acknowledge(town.manager, alarm.pk)
    alarm.refresh_from_db()
    assert alarms.unheard([alarm]) == []


def test_an_address_inside_our_network_is_refused(town: Town) -> None:
    for address in (
        "json://127.0.0.1/x",
        "json://localhost:8000/",
        "json://10.0.0.5/",
        "json://[::1]/",
        "file:///etc/passwd",
        "nonsense",
        "",
        "mailto://a:b@c.d",
    ):
        with pytest.raises(Invalid):
            channels.save(
                town.manager,
                town.community.pk,
                checked(SaveChannel, {"name": "群", "kind": "webhook", "address": address}),
            )
    with pytest.raises(NotAllowed):
        channels.save(
            town.reporter, town.community.pk, SaveChannel(name="群", kind="webhook", address="json://example.com/")
        )


@pytest.mark.clause("2.3.2")
def test_two_reporters_for_one_fire_are_joined_and_both_accounts_kept(town: Town) -> None:
    first, second = called(town), called(town, by="reporter2")
    assert ending.alike(town.manager, second) == [first]
    assert ending.alike(town.reporter2, second) == []  # what they may not open is not named to them
    with pytest.raises(NotFound):
        ending.join(town.stranger, second.pk, first.pk)
    ending.join(town.manager, second.pk, first.pk)
    assert ending.join(town.manager, second.pk, first.pk).joined_to_id == first.pk
    assert not Obligation.objects.filter(kind="urgent_written", subject_id=second.pk).exists()
    with pytest.raises(Conflict):
        emergencies.write(town.reporter2, second.pk, FileVersion(content=content()))
    assert UrgentReport.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"dead": "-1"},
        {"loss": "很多"},
        {"households": "9" * 30},
        {"present_state": "x"},
        {"level": "x"},
        {"occurred_at": "昨天"},
        {"occurred_at": "2099-01-01T00:00"},
        {"course": "长" * 6000},
        {"help": " "},
    ],
)
def test_each_wrong_field_is_named(town: Town, wrong: dict[str, Any]) -> None:
    report = called(town)
    with pytest.raises(Invalid) as raised:
        emergencies.write(town.reporter, report.pk, checked(FileVersion, {"content": content(**wrong)}))
    assert set(raised.value.fields or {}) == set(wrong)


def test_who_writes_and_who_sees(town: Town) -> None:
    report = called(town)
    with pytest.raises(NotAllowed):
        emergencies.write(town.manager, report.pk, FileVersion(content=content()))
    with pytest.raises(NotFound):
        emergencies.get(town.stranger, report.pk)
    with pytest.raises(NotFound):
        emergencies.get(town.reporter2, report.pk)
    fresh = emergencies.start(town.reporter, StartEmergency(kind="other", place="某处"))
    with pytest.raises(Conflict):
        emergencies.write(town.reporter, fresh.pk, FileVersion(content=content()))

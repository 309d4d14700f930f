"""Channels on screen, tried out against a real server; and notices by mail as each person likes it (2.3.2)."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from linbao.core import clock
from linbao.core.wording import worded
from linbao.organisation.models import User
from linbao.outbox import notices_by_mail, preferences, sending, services
from linbao.outbox.channels import services as channels
from linbao.outbox.inputs import SaveChannel
from linbao.outbox.models import ByMail, Channel, Delivery, DeliveryState, Notice
from tests.loop import Town, _tuesday, time, town  # noqa: F401

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Robot(http.server.BaseHTTPRequestHandler):
    """Stands where a group's robot would: keeps what it is told, refuses on `/no`, leads away on `/away`."""

    heard: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/away":
            self.send_response(307)
            self.send_header("Location", "/inside")
        elif self.path == "/no":
            self.send_response(500)
        else:
            self.heard.append({"path": self.path} | json.loads(body))
            self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def robot(settings: Any) -> Iterator[int]:
    settings.NOTIFY_HOSTS = frozenset({"127.0.0.1"})
    Robot.heard = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.mark.clause("2.3.2")
def test_a_channel_is_made_tried_out_and_its_stand_in_takes_over(town: Town, robot: int) -> None:  # noqa: F811
    manager = town.browser("manager")
    data = {"unit": str(town.community.pk), "kind": "webhook", "active": "1"}
    errors = manager.post("/admin/channels/new", data | {"name": "值班群", "address": "ftp://x"})
    assert errors.status_code == 422 and "值班群" in errors.content.decode()
    for name, path in (("备用群", "ok"), ("值班群", "no")):
        made = manager.post("/admin/channels/new", data | {"name": name, "address": f"json://127.0.0.1:{robot}/{path}"})
        assert made.status_code == 302
    main, spare = Channel.objects.get(name="值班群"), Channel.objects.get(name="备用群")
    page = manager.post(f"/admin/channels/{main.pk}/test", follow=True).content.decode()
    assert "没有发出" in page and not Robot.heard
    # An empty address keeps the one on record, which is shown nowhere.
    stored = manager.post(
        f"/admin/channels/{main.pk}/", data | {"name": "值班群", "address": "", "stand_in": str(spare.pk)}
    )
    assert stored.status_code == 302
    page = manager.post(f"/admin/channels/{main.pk}/test", follow=True).content.decode()
    assert "已发出" in page and Robot.heard[0]["path"] == "/ok" and f":{robot}" not in page
    assert "备用群" in manager.get("/admin/channels/").content.decode()
    assert manager.post(f"/admin/channels/{spare.pk}/remove").status_code == 302
    main.refresh_from_db()
    assert main.stand_in_id is None
    assert town.browser("reporter").get("/admin/channels/").status_code == 403


@pytest.mark.clause("6.1.3")
def test_what_leads_outside_is_not_led_back_inside(town: Town, robot: int) -> None:  # noqa: F811
    row = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="群", kind="webhook", address=f"json://127.0.0.1:{robot}/away"),
    )
    tested, took = channels.test(town.manager, row.pk)
    assert tested.fault and not took
    assert Robot.heard == []


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize(
    "address",
    ["discord://123456789012/{}/?template={}", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a?template={1}"],
)
def test_an_address_cannot_name_a_file_of_this_machine_to_be_sent(address: str, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"content": "秘密", "blocks": [{}]}')
    with pytest.raises(ValueError, match="模板或附件"):
        channels.check(address.format("a" * 68, tmp_path / "secret.json"))
    assert channels.check(address.format("a" * 68, "").partition("?")[0]) is not None


@pytest.mark.clause("2.3.2")
def test_addresses_of_the_whole_installation_are_told_too(town: Town, robot: int, settings: Any) -> None:  # noqa: F811
    settings.NOTIFY_HOSTS = frozenset()
    settings.NOTIFY_URLS = [f"json://127.0.0.1:{robot}/all"]
    (way,) = channels.of_unit(town.community.pk)
    row = channels.post(way, key="alarm:x", subject="火情", body="请签收", unit_id=None)
    assert str(robot) not in row.recipient
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == DeliveryState.SENT and Robot.heard[0]["path"] == "/all"


@pytest.mark.parametrize(
    ("at", "by_mail", "quiet", "expected"),
    [
        ("10:00", ByMail.AT_ONCE, None, "24 10:00"),
        ("10:00", ByMail.DIGEST, None, "25 08:30"),
        ("08:00", ByMail.DIGEST, None, "24 08:30"),
        ("10:00", ByMail.NEVER, None, ""),
        ("22:00", ByMail.AT_ONCE, ("21:00", "07:30"), "25 07:30"),
        ("06:00", ByMail.AT_ONCE, ("21:00", "07:30"), "24 07:30"),
        ("07:30", ByMail.AT_ONCE, ("21:00", "07:30"), "24 07:30"),
        ("12:30", ByMail.AT_ONCE, ("12:00", "14:00"), "24 14:00"),
        ("10:00", ByMail.DIGEST, ("08:00", "09:00"), "25 09:00"),
    ],
)
def test_at_once_as_a_digest_or_after_quiet_hours(
    at: str, by_mail: str, quiet: tuple[str, str] | None, expected: str
) -> None:
    now = datetime.fromisoformat(f"2026-11-24T{at}+08:00")
    since, until = map(dt.time.fromisoformat, quiet) if quiet else (None, None)
    result = preferences.due(now, SHANGHAI, by_mail, dt.time(8, 30), since, until)
    assert (f"{result.astimezone(SHANGHAI):%d %H:%M}" if result else "") == expected


def test_notices_go_as_one_mail_once_and_not_when_they_were_read(
    town: Town,  # noqa: F811
    time: time_machine.Traveller,  # noqa: F811
) -> None:
    User.objects.filter(pk=town.reporter.pk).update(email="reporter@demo.invalid")
    browser = town.browser("reporter")
    errors = browser.post("/notices/settings", {"by_mail": "at_once", "quiet_from": "21:00", "quiet_to": ""})
    assert errors.status_code == 422 and "21:00" in errors.content.decode()
    choice = {"by_mail": "at_once", "digest_at": "08:30", "quiet_from": "21:00", "quiet_to": "07:30"}
    assert browser.post("/notices/settings", choice).status_code == 302
    for n in range(3):
        services.notify(town.reporter.pk, worded("%(n)s 号事项已办结。") % {"n": n}, kind="item.resolved")
    services.notify(town.reporter.pk, "请立即签收", kind="alarm")  # goes its own way, at once
    services.notify(town.handler.pk, "没有邮箱的人", kind="item.assigned")
    Notice.objects.filter(text__startswith="2").update(read_at=clock.now())
    assert notices_by_mail.send_due() == 1
    assert notices_by_mail.send_due() == 0
    mail = Delivery.objects.get(recipient="reporter@demo.invalid")
    assert (
        "0 号事项已办结。" in mail.body and "1 号" in mail.body and "2 号" not in mail.body and "签收" not in mail.body
    )
    time.shift(timedelta(hours=12))  # 22:00: quiet
    services.notify(town.reporter.pk, "夜里的消息", kind="item.resolved")
    assert notices_by_mail.send_due() == 0
    time.shift(timedelta(hours=10))
    assert notices_by_mail.send_due() == 1

"""Where a channel's address really leads, and what a robot really answers (6.1.3, 2.3.2)."""

from __future__ import annotations

import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linbao.core.inputs import checked
from linbao.core.problems import Invalid
from linbao.outbox.channels import services as channels
from linbao.outbox.inputs import SaveChannel
from linbao.outbox.models import Channel, Delivery, DeliveryState
from linbao.platform.protection import outgoing
from linbao.platform.server import tls
from tests.loop import Town, _tuesday, town  # noqa: F401

pytestmark = pytest.mark.django_db
HOSTS = {
    "wecom": "qyapi.weixin.qq.com",
    "dingtalk": "oapi.dingtalk.com",
    "feishu": "open.feishu.cn",
    "schan": "sctapi.ftqq.com",
    "qq": "qmsg.zendee.cn",
    "vonage": "rest.nexmo.com",
}
ADDRESSES = {
    "wecom": "wecombot://abcdefgh",
    "dingtalk": "dingtalk://" + "a1" * 32,
    "feishu": "feishu://abc123",
    "schan": "schan://abc123",
    "qq": "qq://" + "a1" * 16,
    "vonage": "vonage://12345678:" + "a1" * 8 + "@15551234567/15557654321",
}


class Robot(http.server.BaseHTTPRequestHandler):
    """Answers HTTP 200 with whatever body it was told to."""

    answer: dict[str, Any] | bytes = {}
    heard: list[str] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(self.path)
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def plain() -> Iterator[int]:
    Robot.heard, Robot.answer = [], {}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture
def robot(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[type[Robot]]:
    """A robot's own host, led to a server here that speaks HTTPS; WeCom's unless the test names another."""
    Robot.heard = []
    host = HOSTS[getattr(request, "param", "wecom")]
    made = tls.self_made(host, data=tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    port, find = server.server_address[1], socket.getaddrinfo
    server.socket = context.wrap_socket(server.socket, server_side=True)

    def led(name: Any, service: Any, *a: Any, **k: Any) -> Any:
        return find("127.0.0.1", port, *a, **k) if name == host else find(name, service, *a, **k)

    monkeypatch.setattr(socket, "getaddrinfo", led)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.certificate))
    settings.NOTIFY_HOSTS = frozenset({host})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Robot
    server.shutdown()


@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize(
    ("robot", "answer", "taken"),
    [
        ("wecom", {"errcode": 0, "errmsg": "ok"}, True),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, False),
        ("wecom", {}, False),
        ("wecom", b"<html>", False),
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}, True),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, False),
        ("feishu", {"code": 0, "msg": "success"}, True),
        ("feishu", {"StatusCode": 0}, True),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, False),
        ("feishu", {"code": 19024, "msg": "Key\x00Words"}, False),
        ("schan", {"code": 0, "message": "", "data": {"pushid": "1"}}, True),
        ("schan", {"code": 40001, "message": "[AUTH]错误的Key"}, False),
        ("schan", {}, False),
        ("qq", {"success": True, "reason": "操作成功", "code": 0}, True),
        ("qq", {"success": False, "reason": "KEY不存在", "code": 500}, False),
        ("vonage", {"message-count": "1", "messages": [{"status": "0", "to": "15557654321"}]}, True),
        ("vonage", {"messages": [{"status": "9", "error-text": "Partner quota exceeded"}]}, False),
        ("vonage", {"messages": [{"status": "0"}, {"status": "1", "error-text": "Throttled"}]}, False),
        ("vonage", b"[]", False),
    ],
    indirect=["robot"],
)
def test_a_robot_took_a_message_when_its_body_says_so(
    town: Town,  # noqa: F811
    robot: type[Robot],
    answer: dict[str, Any] | bytes,
    taken: bool,
    settings: Any,
) -> None:
    robot.answer = answer
    (kind,) = [k for k, host in HOSTS.items() if host in settings.NOTIFY_HOSTS]
    row = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind=kind if kind in channels.SCHEMES else "other", address=ADDRESSES[kind]),
    )
    tested, took = channels.test(town.manager, row.pk)
    assert robot.heard and bool(took) is taken and bool(tested.fault) is not taken
    if isinstance(answer, dict) and answer.get("errcode"):
        assert str(answer["errcode"]) in tested.fault


@pytest.mark.clause("2.3.2")
def test_the_stand_in_is_asked_when_a_robot_refuses(town: Town, robot: type[Robot], plain: int, settings: Any) -> None:  # noqa: F811
    from linbao.outbox import sending

    settings.NOTIFY_HOSTS = settings.NOTIFY_HOSTS | {"127.0.0.1"}
    robot.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
    spare = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="备用", kind="webhook", address=f"json://127.0.0.1:{plain}/spare"),
    )
    main = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind="wecom", address=ADDRESSES["wecom"], stand_in=spare.pk),
    )
    (way,) = [w for w in channels.of_unit(town.community.pk) if w.key == str(main.pk)]
    delivery = channels.post(way, key="alarm:x", subject="火情", body="请签收", unit_id=town.community.pk)
    sending.send(delivery.pk)
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.SENT
    assert "/spare" in Robot.heard
    assert "93000" in Channel.objects.get(pk=main.pk).fault


@pytest.mark.clause("2.3.2")
def test_a_stand_in_that_was_switched_off_hears_nothing(
    town: Town,  # noqa: F811
    robot: type[Robot],
    plain: int,
    settings: Any,
) -> None:
    settings.NOTIFY_HOSTS = settings.NOTIFY_HOSTS | {"127.0.0.1"}
    robot.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
    spare = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="备用", kind="webhook", address=f"json://127.0.0.1:{plain}/spare"),
    )
    main = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind="wecom", address=ADDRESSES["wecom"], stand_in=spare.pk),
    )
    Channel.objects.filter(pk=spare.pk).update(active=False)
    _tested, took = channels.test(town.manager, main.pk)
    assert not took and "/spare" not in Robot.heard


@pytest.mark.clause("2.3.2")
def test_the_stand_in_is_asked_when_a_library_stumbles(
    town: Town,  # noqa: F811
    plain: int,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.NOTIFY_HOSTS = frozenset({"127.0.0.1"})

    def stumble(plugin: Any, words: str, allowed: Any) -> str:
        return "" if type(plugin).__name__ == "NotifyJSON" else str(dict[str, str]()["status"])

    monkeypatch.setattr(channels, "_send", stumble)
    spare = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="备用", kind="webhook", address=f"json://127.0.0.1:{plain}/spare"),
    )
    main = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="值班群", kind="wecom", address=ADDRESSES["wecom"], stand_in=spare.pk),
    )
    tested, took = channels.test(town.manager, main.pk)
    assert took == "备用" and tested.fault


SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "[::1]",
    "0",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "[::]",
    "127.0.0.1.",
    "LOCALHOST",
    "017700000001",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("scheme", ["json", "form", "xml"])
def test_no_spelling_of_an_inside_address_is_reached(town: Town, plain: int, scheme: str, host: str) -> None:  # noqa: F811
    address = f"{scheme}://{host}:{plain}/"
    try:
        row = channels.save(town.manager, town.community.pk, SaveChannel(name="群", kind="webhook", address=address))
    except Invalid as e:
        assert "address" in e.fields
        row = Channel.objects.create(unit=town.community, name="旧", kind="webhook", address=address)  # from before
    tested, took = channels.test(town.manager, row.pk)
    assert not took and tested.fault and Robot.heard == []


@pytest.mark.clause("6.1.3")
def test_a_name_that_moves_inside_after_the_check_is_refused_at_the_connection(
    town: Town,  # noqa: F811
    plain: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find, answers = socket.getaddrinfo, iter(["93.184.216.34"])

    def moving(host: str, *a: Any, **k: Any) -> Any:
        return find(next(answers, "127.0.0.1"), *a, **k) if host == "moving.example" else find(host, *a, **k)

    monkeypatch.setattr(socket, "getaddrinfo", moving)
    row = channels.save(
        town.manager,
        town.community.pk,
        SaveChannel(name="群", kind="webhook", address=f"json://moving.example:{plain}/"),
    )
    tested, took = channels.test(town.manager, row.pk)
    assert not took and tested.fault and Robot.heard == []


@pytest.mark.clause("6.1.3")
def test_open_and_closed_ports_inside_cannot_be_told_apart(town: Town, plain: int) -> None:  # noqa: F811
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        closed = s.getsockname()[1]
    faults = set()
    for port in (plain, closed):
        row = Channel.objects.create(
            unit=town.community, name=f"{port}", kind="webhook", address=f"json://127.0.0.1:{port}/"
        )
        faults.add(channels.test(town.manager, row.pk)[0].fault)
    assert len(faults) == 1


@pytest.mark.clause("6.1.3")
def test_a_service_whose_host_is_named_is_reached_and_no_other(plain: int) -> None:
    with pytest.raises(outgoing.Refused):
        outgoing.post_json(f"http://127.0.0.1:{plain}/", {})
    assert outgoing.post_json(f"http://127.0.0.1:{plain}/", {}, allowed={"localhost"}).status == 200
    with pytest.raises(outgoing.Refused):
        outgoing.post_json("file:///etc/passwd", {})


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "mailto://a@b.cn", "syslog://localhost", "exec://x", "dbus://", "ssh://a@b"]
)
def test_only_known_kinds_of_service_are_taken(town: Town, address: str) -> None:  # noqa: F811
    with pytest.raises(Invalid):
        channels.save(
            town.manager, town.community.pk, checked(SaveChannel, {"name": "群", "kind": "other", "address": address})
        )


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize(
    "address",
    [
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "fec0::1",
        "::127.0.0.1",
        "5f00::1",
        "3fff::1",
        "192.88.99.1",
        "4000::1",
    ],
)
def test_what_was_never_given_out_is_no_place_of_the_internet(address: str) -> None:
    assert not outgoing.is_global(ipaddress.ip_address(address))
    assert outgoing.is_global(ipaddress.ip_address("2606:4700::1111"))
    assert outgoing.is_global(ipaddress.ip_address("64:ff9b::8.8.8.8"))

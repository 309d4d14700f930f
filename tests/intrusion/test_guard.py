"""Rate limits and security events: what floods or guesses is held off, what is refused stands in the log (6.1.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.audit import events
from linbao.audit.models import Event, Record
from linbao.platform.protection import guard
from tests.intrusion.conftest import Lines
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.3")
PASSWORD = "chun-jiang-hua-yue"


@pytest.fixture
def limits(monkeypatch: Any) -> Any:
    """Ceilings low enough to reach; `Client` builds the middleware anew for each browser."""

    def low(**given: int) -> None:
        monkeypatch.setattr(settings, "RATE_LIMITS", ",".join(f"{k}={v}" for k, v in given.items()))

    return low


def test_ceilings_are_read_from_the_setting() -> None:
    assert guard.read_limits("") == guard.LIMITS
    assert guard.read_limits("address=10, refused=5")["refused"] == 5
    for errors in ("addres=10", "address", "address=x", "address=0"):
        with pytest.raises(ValueError):
            guard.read_limits(errors)


def test_a_burst_of_a_minutes_worth_then_evenly() -> None:
    meter = guard.Meter(60)
    assert [meter.take("a", 0.0) for _n in range(60)] == [0.0] * 60
    assert 0 < meter.take("a", 0.0) <= 1.0
    assert meter.take("b", 0.0) == 0.0
    assert meter.take("a", 1.01) == 0.0 and meter.take("a", 1.01) > 0
    for n in range(guard.MOST + 5):
        meter.take(f"k{n}", 2.0)
    assert len(meter._due) == guard.MOST


def test_a_flood_from_one_address_is_answered_429_and_others_are_not(
    town: Town, limits: Any, security_log: Lines
) -> None:
    limits(address=5)
    flood, other = Client(REMOTE_ADDR="10.0.0.66"), Client(REMOTE_ADDR="10.0.0.67")
    other.handler = flood.handler  # one process
    codes = [flood.get("/accounts/login/").status_code for _n in range(8)]
    assert codes == [200] * 5 + [429] * 3
    answer = flood.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert 1 <= int(answer["Retry-After"]) <= 13 and "请求过于频繁" in answer.content.decode()
    assert "Content-Security-Policy" in answer
    assert flood.get("/healthz").status_code == 200
    assert other.get("/accounts/login/").status_code == 200
    details = security_log.of("rate.limited")
    assert [(t["source.ip"], t["linbao.kind"]) for t in details] == [("10.0.0.66", "address")]


def test_a_token_has_its_own_ceiling_and_is_answered_with_a_problem(town: Town, limits: Any) -> None:
    limits(token=3)
    browser, one, other = Client(), town.token("reporter"), town.token("reviewer")
    codes = [browser.get("/api/v1/me", **one).status_code for _n in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    answer = browser.get("/api/v1/me", **one)
    assert answer["Content-Type"] == "application/problem+json" and answer.json()["type"] == "/problems/too_many"
    assert int(answer["Retry-After"]) >= 1
    assert browser.get("/api/v1/me", **other).status_code == 200


def test_who_sends_files_that_must_be_stopped_may_send_none_for_a_while(
    town: Town, limits: Any, monkeypatch: Any
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from linbao.core.problems import TooLarge
    from linbao.items.attachments import images
    from linbao.platform.observability import security_log as watch

    def dear(*_: Any) -> Any:
        watch.costly()
        raise TooLarge

    limits(costly=2)
    monkeypatch.setattr(images, "prepare", dear)
    browser, one, other = Client(), town.token("reporter"), town.token("reporter2")
    draft = {"category": "sanitation", "title": "照片试验"}
    item = browser.post("/api/v1/items", draft, content_type="application/json", **one).json()["id"]

    def send(token: dict[str, Any]) -> int:
        file = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + bytes(100))
        return browser.post("/api/v1/attachments", {"item": item, "file": file}, **token).status_code

    assert [send(one) for _n in range(4)] == [413, 413, 429, 429]
    assert browser.get("/api/v1/me", **one).status_code == 200  # everything else goes on
    assert send(other) != 429


def test_a_browser_has_its_own_ceiling(town: Town, limits: Any) -> None:
    limits(account=2)
    browser = town.browser("reporter")
    assert [browser.get("/items/").status_code for _n in range(3)][-1] == 429


def test_guessing_tokens_is_held_off_while_the_office_works_on(town: Town, limits: Any, security_log: Lines) -> None:
    limits(refused=4)
    office, good = Client(REMOTE_ADDR="10.0.0.8"), town.token("reporter")
    assert office.get("/api/v1/me", **good).status_code == 200
    guesses = [office.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer guess-{n}").status_code for n in range(7)]
    assert guesses == [401] * 4 + [429] * 3
    assert office.get("/api/v1/me", **good).status_code == 200  # the same address, a token that was good just now
    assert len(security_log.of("token.refused")) == 4
    assert "guess-" not in json.dumps(security_log.told)


def test_guessing_residents_links_is_held_off(town: Town, limits: Any, security_log: Lines) -> None:
    limits(refused=3)
    stranger = Client(REMOTE_ADDR="10.0.0.9")
    assert [stranger.get(f"/r/guess{n}").status_code for n in range(5)] == [404] * 3 + [429] * 2
    details = security_log.of("access.guess")
    assert {t["url.path"] for t in details} == {"/r/…"} and len(details) == 3


def test_a_limited_request_costs_no_query_and_an_ordinary_one_no_more_than_before(town: Town, limits: Any) -> None:
    limits(token=2)
    browser, token = Client(), town.token("reporter")
    for _n in range(2):
        browser.get("/api/v1/me", **token)
    browser.get("/api/v1/me", **token)  # the first over the ceiling is kept for the officer
    with CaptureQueriesContext(connection) as asked:
        assert browser.get("/api/v1/me", **token).status_code == 429
    assert len(asked) == 0


# --- events ---------------------------------------------------------------------------------------------


def test_the_door_is_in_the_log_without_names(town: Town, security_log: Lines) -> None:
    person = town.people["reporter"]
    person.set_password(PASSWORD)
    person.save()
    browser = Client(REMOTE_ADDR="10.0.0.7")
    browser.post("/accounts/login/", {"login": "reporter", "password": PASSWORD})
    for _n in range(5):
        Client(REMOTE_ADDR="10.0.0.7").post("/accounts/login/", {"login": "reporter", "password": "wrong"})
    Client(REMOTE_ADDR="10.0.0.7").post("/accounts/login/", {"login": "a-password-typed-here", "password": "x"})
    assert [t["event.outcome"] for t in security_log.of("sign_in")] == ["success"]
    assert len(security_log.of("sign_in.fail")) == 6 and len(security_log.of("sign_in.lock")) == 1
    for line in security_log.told:
        assert line["source.ip"] == "10.0.0.7" and line["event.dataset"] == "linbao.security" and line["@timestamp"]
        assert line["event.category"] == ["authentication"]
    message = json.dumps(security_log.told)
    assert "reporter" not in message and "typed-here" not in message and str(person.pk) in message


def test_what_is_refused_is_in_the_log_with_who_and_where(town: Town, security_log: Lines) -> None:
    browser = town.browser("reporter")
    assert browser.get("/audit/").status_code == 403
    entry = security_log.of("access.refused")[0]
    assert (
        entry["user.id"] == str(town.reporter.pk)
        and entry["url.path"] == "/audit/"
        and entry["source.ip"] == "127.0.0.1"
    )
    assert browser.get("/items/?q=%00").status_code == 400
    assert security_log.of("access.unreadable")


def test_an_address_that_nobody_can_have_and_a_path_with_quotes_leave_a_line_that_can_be_read(
    security_log: Lines, town: Town
) -> None:
    """What a sender writes cannot pass for another field: fail2ban would ban whom they name."""
    from linbao.platform.observability import security_log as watch

    watch.event("access.guess", address='10.0.0.1"}', path='/x","source.ip":"10.1.1.1\n')
    line = security_log.told[-1]
    assert line["source.ip"] == "" and line["url.path"].startswith("/x") and "\n" not in json.dumps(line)


@pytest.mark.parametrize(
    "body",
    [
        {
            "csp-report": {
                "document-uri": "https://x.cn/items/?q=张三",
                "effective-directive": "script-src-elem",
                "blocked-uri": "https://evil.example/a.js?13812345678",
            }
        },
        [
            {
                "type": "csp-violation",
                "body": {
                    "documentURL": "https://x.cn/items/",
                    "effectiveDirective": "script-src-elem",
                    "blockedURL": "https://evil.example/a.js",
                },
            }
        ],
    ],
)
def test_a_browser_reports_what_the_policy_stopped(town: Town, security_log: Lines, body: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    policy = browser.get("/accounts/login/")["Content-Security-Policy"]
    assert "report-uri /csp-report" in policy
    answer = browser.post("/csp-report", json.dumps(body), content_type="application/csp-report")
    assert answer.status_code == 204
    entry = security_log.of("csp.violation")[0]
    assert (
        entry["linbao.blocked"] == "evil.example"
        and entry["linbao.directive"] == "script-src-elem"
        and entry["url.path"] == "/items/"
    )
    assert "张三" not in str(entry) and "138" not in str(entry)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[[1]]",
        b'{"csp-report": 1}',
        b'{"csp-report": {"blocked-uri": "http://[", "document-uri": "http://["}}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_no_report_breaks_it(town: Town, body: bytes) -> None:
    assert Client().post("/csp-report", body, content_type="application/csp-report").status_code in (204, 400)
    assert Client().get("/csp-report").status_code == 405
    assert Client().post("/csp-report", b"x" * 9000, content_type="application/json").status_code == 413


def test_reports_are_few_from_one_address(town: Town) -> None:
    browser = Client(REMOTE_ADDR="10.0.0.3")
    codes = [
        browser.post("/csp-report", b"{}", content_type="application/json").status_code
        for _n in range(guard.LIMITS["report"] + 2)
    ]
    assert codes[-1] == 429 and codes[0] == 204


# --- told to the officer -----------------------------------------------------------------------------------


def test_what_the_officer_should_hear_of_is_kept_once_and_handed_over_once(
    town: Town, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(events, "HANDLERS", [])
    with django_capture_on_commit_callbacks(execute=True):
        for _n in range(12):
            Client(REMOTE_ADDR="10.0.0.7").post("/accounts/login/", {"login": "reporter", "password": "wrong"})
    row = Event.objects.get()
    assert (row.action, row.severity, row.address, row.user_id) == (
        "sign_in.lock",
        "middle",
        "10.0.0.7",
        town.reporter.pk,
    )
    assert events.tell() == 0  # nobody listens yet: it waits
    heard: list[Any] = []

    def broken(event: Event) -> None:
        raise RuntimeError

    events.on_event(broken)
    assert events.tell() == 0 and Event.objects.get().told_at is None
    events.HANDLERS[:] = []
    events.on_event(heard.append)
    assert events.tell() == 1 and events.tell() == 0
    assert [e.action for e in heard] == ["sign_in.lock"]


@pytest.mark.clause("6.1.1")
def test_every_line_of_the_audit_log_says_where_it_came_from(town: Town) -> None:
    town.browser("reporter").post("/me/devices/end-others/", REMOTE_ADDR="10.0.0.5")
    auditor = Client(REMOTE_ADDR="10.0.0.5")
    town.person("great", "auditor", town.parent_unit)
    auditor.force_login(town.people["great"], backend="allauth.account.auth_backends.AuthenticationBackend")
    auditor.get("/audit/export?format=csv").getvalue()
    assert Record.objects.get(action="audit.export").address == "10.0.0.5"


def test_a_program_that_sends_a_nul_byte_gets_a_problem_not_a_page(town: Town) -> None:
    answer = Client().get("/api/v1/people?q=%00", **town.token("manager"))
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "fields"}

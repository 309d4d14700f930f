"""The audit log as an auditor reads it: by who, what, when and subject; nobody else; nothing to change (1.3.4,
6.1.1)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from linbao.audit import wording
from linbao.audit.models import Record
from linbao.audit.services import record
from linbao.organisation import services as actions_units
from tests.loop import Town


@pytest.fixture
def auditor(town: Town) -> Any:
    town.person("auditor", "auditor", town.parent_unit)
    return town.browser("auditor")


def actions_on(page: Any) -> list[str]:
    return [r["row"].action for r in page.context["page"].rows]


@pytest.mark.clause("1.3.4")
def test_what_was_done_stands_there_in_words(town: Town, auditor: Any) -> None:
    actions_units.set_active(town.administrator, town.grid.pk, True)  # nothing changes, nothing is noted
    record(
        town.reviewer,
        "party.reveal",
        town.community,
        unit_id=town.community.pk,
        reason="回访 13812345678",
        address="10.0.0.9",
        party="p1",
    )
    text = auditor.get("/audit/").content.decode()
    assert "查看未脱敏的个人信息" in text and "reviewer" in text and "桂花园社区" in text and "10.0.0.9" in text
    assert "138****5678" in text and "13812345678" not in text
    assert len(auditor.get("/audit/").context["page"].rows) == 1


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("who", ["reporter", "reviewer", "manager", "handler", "trainer", "administrator"])
def test_nobody_but_auditors_reads_the_log(town: Town, who: str) -> None:
    browser = town.browser(who)
    assert browser.get("/audit/").status_code == 403
    assert browser.get("/audit/export?format=csv").status_code == 403
    assert not Record.objects.exists()


@pytest.mark.clause("1.3.4")
def test_an_auditor_sees_their_own_units_and_what_their_people_did(town: Town) -> None:
    town.person("small", "auditor", town.community)
    record(town.reviewer, "party.reveal", unit_id=town.community.pk)
    record(town.stranger, "party.reveal", unit_id=town.elsewhere.pk)
    record(town.reviewer, "password.change")  # of no unit: by one of theirs
    record(town.stranger, "password.change")
    record(None, "unit.create")  # the command line: the whole installation's matter
    seen = town.browser("small").get("/audit/").context["page"].rows
    assert {(r["actor"], r["row"].action) for r in seen} == {
        ("reviewer", "party.reveal"),
        ("reviewer", "password.change"),
    }
    town.person("great", "auditor", town.parent_unit)
    assert len(town.browser("great").get("/audit/").context["page"].rows) == 5


def test_the_log_answers_who_what_when_and_to_what(town: Town, auditor: Any, time: Any) -> None:
    record(town.reviewer, "party.reveal", town.community, unit_id=town.community.pk)
    time.shift(timedelta(days=2))
    record(town.manager, "role.grant", town.people["handler"], unit_id=town.department.pk, role="handler")
    record(town.manager2, "role.end", town.people["handler"], unit_id=town.elsewhere.pk, role="handler")
    record(None, "person.create", town.people["trainer"])
    for data, wanted in (
        ({"who": "reviewer"}, ["party.reveal"]),
        ({"who": "manager"}, ["role.end", "role.grant"]),
        ({"who": "nobody"}, []),
        ({"who": "-"}, ["person.create"]),
        ({"person": str(town.manager.pk)}, ["role.grant"]),
        ({"what": "role.grant"}, ["role.grant"]),
        ({"what": "role."}, ["role.end", "role.grant"]),
        ({"subject": str(town.people["handler"].pk)}, ["role.end", "role.grant"]),
        ({"subject": f"organisation.user:{town.people['trainer'].pk}"}, ["person.create"]),
        ({"unit": str(town.community.pk)}, ["role.grant", "party.reveal"]),
        ({"since": "2026-11-26"}, ["person.create", "role.end", "role.grant"]),
        ({"until": "2026-11-25"}, ["party.reveal"]),
        ({"since": "2026-11-24", "until": "2026-11-24"}, ["party.reveal"]),
        ({"sort": "at"}, ["party.reveal", "role.grant", "role.end", "person.create"]),
    ):
        page = auditor.get("/audit/", data)
        assert page.status_code == 200 and actions_on(page) == wanted, data
    assert "没有符合条件的记录" in auditor.get("/audit/", {"who": "nobody"}).content.decode()


@pytest.mark.parametrize(
    "given",
    [
        {"since": "x"},
        {"until": "2026-02-30"},
        {"unit": "x"},
        {"unit": "01a20b53-6fa0-7a86-b849-5beebc3ad856"},
        {"person": "x"},
        {"sort": "salary"},
        {"cursor": "nonsense"},
        {"since": "2026-11-02", "until": "2026-11-01"},
        {"since": "0001-01-01"},
    ],
)
def test_a_filter_that_is_none_is_named_and_what_was_typed_stays(auditor: Any, given: dict[str, str]) -> None:
    page = auditor.get("/audit/", {"who": "张", **given})
    assert page.status_code == 422 and page.context["page"].errors and 'value="张"' in page.content.decode()


def test_the_log_costs_the_same_for_one_line_and_for_fifty_and_pages_by_place(town: Town, auditor: Any) -> None:
    auditor.get("/audit/")
    counts = []
    for rows in (1, 49):
        for n in range(rows):
            record(town.reviewer, "role.grant", town.people["handler"], unit_id=town.community.pk, n=n)
        with CaptureQueriesContext(connection) as asked:
            page = auditor.get("/audit/")
        counts.append(len(asked))
    assert len(page.context["page"].rows) == 50 and page.context["page"].next is None
    assert counts[0] == counts[1] <= 6
    for _n in range(3):
        record(town.reviewer, "role.end", unit_id=town.community.pk)
    first = auditor.get("/audit/")
    second = auditor.get("/audit/", {"cursor": first.context["page"].next})
    ids = [r["row"].pk for page in (first, second) for r in page.context["page"].rows]
    assert len(ids) == len(set(ids)) == 53 and second.context["page"].next is None


@pytest.mark.clause("1.3.4")
def test_the_export_holds_the_same_lines_and_stands_on_the_log_itself(town: Town, auditor: Any) -> None:
    record(town.reviewer, "party.reveal", town.community, unit_id=town.community.pk, reason="=HYPERLINK(1)")
    record(town.manager, "role.grant", town.people["handler"], unit_id=town.community.pk, role="handler")
    answer = auditor.get("/audit/export", {"format": "csv", "what": "party.reveal"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2 and rows[1][1:3] == ["reviewer", "查看未脱敏的个人信息"] and rows[1][6] == "'=HYPERLINK(1)"
    assert Record.objects.get(action="audit.export").data["filters"]["what"] == "party.reveal"
    answer = auditor.get("/audit/export", {"format": "xlsx"})
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert len(sheet) == 5 and answer["Cache-Control"] == "private, no-store"
    assert auditor.get("/audit/export", {"format": "exe"}).status_code == 422


@pytest.mark.clause("6.1.1")
def test_nothing_on_the_log_can_be_changed_or_taken_away(town: Town, auditor: Any) -> None:
    record(town.reviewer, "party.reveal", unit_id=town.community.pk)
    for verb in ("post", "put", "patch", "delete"):
        assert getattr(auditor, verb)("/audit/").status_code == 405
    for change in (lambda: Record.objects.update(action="x"), lambda: Record.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Record.objects.get().action == "party.reveal"


@pytest.mark.clause("6.1.1")
def test_the_door_keeps_a_record_of_who_came_in_and_who_was_refused(town: Town) -> None:
    person = town.people["reporter"]
    person.set_password("chun-jiang-hua-yue")
    person.save()

    def knock(name: str, password: str) -> Client:
        browser = Client(REMOTE_ADDR="10.0.0.7")
        browser.post("/accounts/login/", {"login": name, "password": password})
        return browser

    knock("reporter", "chun-jiang-hua-yue").post("/accounts/logout/")
    knock("chun-jiang-hua-yue", "")
    knock("a-password-typed-as-a-name", "x")
    for _n in range(5):
        knock("reporter", "wrong-password")
    lines = list(Record.objects.order_by("at", "id").values_list("action", "actor_name", "subject_id", "address"))
    one, place = str(person.pk), "10.0.0.7"
    assert lines[:3] == [
        ("sign_in", "reporter", one, place),
        ("sign_out", "reporter", one, place),
        ("sign_in.fail", "", "", place),
    ]
    assert sorted(lines[3:]) == [("sign_in.fail", "", one, place)] * 5 + [("sign_in.lock", "", one, place)]
    assert "password" not in str(list(Record.objects.values())) and "chun-jiang" not in str(
        list(Record.objects.values())
    )


def test_every_code_has_one_name() -> None:
    assert len(wording.NAMES) == sum(len(group) for group in wording.ACTIONS.values())
    assert wording.action("some.new_deed") == "some.new_deed"
    assert wording.details(
        {"fields": ["name", "code"], "active": False, "empty": "", "filters": {"what": "x", "unit": ""}}
    ) == [("改动的栏目", "name、code"), ("启用", "否"), ("筛选条件", "内容=x")]

"""Items by the interface (design §6): filed once, whatever comes twice; refused with words; counted statements."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linbao.core import clock, ids
from linbao.duties.models import Obligation
from linbao.emergencies.models import UrgentReport
from linbao.items.models import Entry, Item, Party
from linbao.organisation.tree import tree
from tests.loop import Town, _tuesday, build  # noqa: F401

Post = Callable[..., Any]


@pytest.fixture
def town(db: Any) -> Town:
    return build()


@pytest.fixture
def client(town: Town) -> Client:
    return Client(**town.token("reporter"))


@pytest.fixture
def post(client: Client) -> Post:
    def send(path: str, body: Any, **headers: Any) -> Any:
        data = body if isinstance(body, (bytes, str)) else json.dumps(body, default=str)
        return client.post(f"/api/v1/items{path}", data=data, content_type="application/json", **headers)

    return send


def fire(town: Town, **changes: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "category": "event",
        "subcategory": "fire",
        "title": "楼道电动车冒烟已扑灭",
        "narrative": "二楼拐角一辆充电的电动车冒烟起火，保安扑灭，无人受伤。",
        "occurred_at": now,
        "seen_at": now,
        "place": {"text": "6幢2单元", "lat": 30.24, "lon": 120.17},
        "grid": town.grid.code,
        "source": {"method": "patrol"},
        "key_points": ["飞线充电"],
        "urgent": True,
        "parties": [{"role": "involved", "name": "郎师傅", "phone": "13800138000"}],
        "details": {
            "course": "0 点 40 分冒烟，1 点扑灭。",
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "present_state": "controlled",
            "measures_taken": "疏散断电",
        },
        **changes,
    }


@pytest.mark.clause("2.1.2")
def test_a_body_that_begins_with_the_mark_of_utf_8_is_taken_and_0_0_is_no_place(town: Town, post: Post) -> None:
    body = fire(town, place={"text": "6幢2单元", "lat": 0, "lon": 0})
    answer = post("", b"\xef\xbb\xbf" + json.dumps(body, default=str).encode())
    assert answer.status_code == 201
    item = Item.objects.get(pk=answer.json()["id"])
    assert (item.place, item.lat, item.lon) == ("6幢2单元", None, None)


@pytest.mark.clause("2.1.2", "2.3.1", "3.2")
def test_an_event_is_drafted_submitted_and_owed_a_review_within_the_hour(
    town: Town, post: Post, client: Client
) -> None:
    made = post("", fire(town))
    assert made.status_code == 201
    body = made.json()
    assert (body["status"], body["number"], body["subcategory"]) == ("draft", None, "fire")
    answer = post(f"/{body['id']}/submit", {})
    assert answer.status_code == 200
    filed = answer.json()
    assert filed["status"] == "submitted"
    assert filed["number"].endswith("-0001")
    assert [e["verb"] for e in filed["timeline"]] == ["submit"]
    duty = Obligation.objects.get(subject_id=body["id"], kind="review")
    assert 3590 <= (duty.due_at - clock.now()).total_seconds() <= 3600
    assert post(f"/{body['id']}/submit", {}).json()["number"] == filed["number"]
    assert Entry.objects.filter(item_id=body["id"]).count() == 1


@pytest.mark.clause("2.3.1")
def test_what_is_missing_is_named_at_submit_and_nothing_typed_is_lost(town: Town, post: Post) -> None:
    made = post("", {"category": "event", "title": "只有标题"}).json()
    answer = post(f"/{made['id']}/submit", {})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert {"subcategory", "narrative", "place.text", "grid", "details.course", "details.present_state"} <= set(
        answer.json()["fields"]
    )
    assert Item.objects.get(pk=made["id"]).title == "只有标题"


def test_the_same_id_and_body_is_one_item_and_another_body_a_conflict(town: Town, post: Post) -> None:
    body = fire(town, id=str(ids.new()), status="submitted")
    first, second = post("", body), post("", body)
    assert first.status_code == second.status_code == 201
    assert first.json()["number"] == second.json()["number"]
    assert post("", {**body, "title": "别的标题"}).status_code == 409
    other = Client(**town.token("reporter2"))
    assert (
        other.post("/api/v1/items", data=json.dumps(body, default=str), content_type="application/json").status_code
        == 409
    )
    assert Item.objects.count() == 1


def test_names_and_phones_are_encrypted_in_the_database_and_masked_in_answers(town: Town, post: Post) -> None:
    answer = post("", fire(town, status="submitted")).json()
    assert answer["parties"][0]["name"] == "郎*"
    assert answer["parties"][0]["phone"] == "138****8000"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, phone_index FROM items_party")
        stored = b"".join(bytes(v) if not isinstance(v, str) else v.encode() for v in cursor.fetchone())
    assert "郎".encode() not in stored
    assert b"13800138000" not in stored
    assert Party.objects.get().phone == "13800138000"


def test_filing_costs_eight_statements_and_one_commit(town: Town, post: Post) -> None:
    post("", fire(town, status="submitted", urgent=False))
    tree()
    with CaptureQueriesContext(connection) as log:
        assert post("", fire(town, status="submitted", urgent=False, place={"text": "别处"})).status_code == 201
    lines = [q["sql"] for q in log if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(lines) <= 8, lines


def test_a_batch_answers_row_by_row_and_costs_the_same_for_fifty(town: Town, post: Post) -> None:
    rows = [fire(town, id=str(ids.new()), status="submitted", urgent=False) for _ in range(50)]
    rows[3] = {**rows[3], "grid": "nowhere"}
    rows[5] = {**rows[4]}
    rows[7] = {**rows[7], "nonsense": 1}
    post("", fire(town))  # reference data is loaded
    with CaptureQueriesContext(connection) as log:
        answer = post("/batch", {"items": rows})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [r["status"] for r in results[3:8]] == [422, 201, 201, 201, 422]
    assert results[4]["id"] == results[5]["id"]
    assert Item.objects.count() == 48
    assert len([q for q in log if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 12
    again = post("/batch", {"items": rows}).json()
    assert [r["status"] for r in again["results"]] == [r["status"] for r in results]
    assert Item.objects.count() == 48


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        ({"category": "nonsense"}, 422),
        ({"category": "event", "title": "x" * 61}, 422),
        ({"category": "event", "narrative": "长" * 30_000}, 422),
        ({"category": "event", "occurred_at": "gestern"}, 422),
        ({"category": "event", "place": {"lat": 1e999}}, 422),
        ({"category": "event", "place": {"lat": 95, "lon": 1}}, 422),
        ({"category": "event", "parties": [{"phone": "12"}]}, 422),
        ({"category": "event", "details": {"loss": "viel"}}, 422),
        ({"category": "event", "number": "1"}, 422),
        ({"category": "event", "id": "no"}, 422),
        ({}, 422),
    ],
)
def test_bad_input_is_refused_with_words(post: Post, body: Any, status: int) -> None:
    answer = post("", body if isinstance(body, bytes) else json.dumps(body).replace("Infinity", "1e999"))
    assert answer.status_code in (status, 400 if status == 422 else status)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_ten_megabytes_of_text_are_too_many(post: Post) -> None:
    assert post("", {"category": "event", "narrative": "长" * 3_500_000}).status_code == 413


@pytest.mark.clause("1.3.4")
def test_without_a_token_or_with_a_narrow_one_nothing_is_told(town: Town, post: Post) -> None:
    from linbao.accounts.models import ApiToken

    made = post("", fire(town)).json()
    assert Client().get(f"/api/v1/items/{made['id']}").status_code == 401
    narrow = Client(
        HTTP_AUTHORIZATION="Bearer " + ApiToken.make(town.people["reporter"], "narrow", ["weekly-reports:read"])[1]
    )
    assert narrow.get(f"/api/v1/items/{made['id']}").status_code == 403
    assert Client(**town.token("stranger")).get(f"/api/v1/items/{made['id']}").status_code == 404
    assert Client(**town.token("reporter")).get(f"/api/v1/items/{made['id']}").status_code == 200


def test_the_description_names_every_verb_of_the_contract(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path in (
        "items",
        "items/batch",
        "items/{item_id}",
        "items/{item_id}/submit",
        "items/{item_id}/review",
        "items/{item_id}/assign",
        "items/{item_id}/progress",
        "items/{item_id}/resolve",
        "items/{item_id}/inform",
        "items/{item_id}/evaluate",
        "items/{item_id}/close",
        "attachments",
        "obligations",
        "deliveries",
    ):
        assert f"/api/v1/{path}" in paths, path


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["category", "title", "details", "parties", "place", "source", "key_points", "grid", "x"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_body_whatever_becomes_a_fault_of_ours(post: Post, body: Any) -> None:
    for sent in (
        body,
        {"category": "event", "details": body},
        {"category": "opinion", "parties": [body], "place": body},
    ):
        assert post("", json.dumps(sent)).status_code < 500


def test_ids_are_kept_as_chosen(post: Post, town: Town) -> None:
    chosen = ids.new()
    assert UUID(post("", fire(town, id=str(chosen))).json()["id"]) == chosen


@pytest.mark.clause("2.3.2", "4.2.1")
def test_an_urgent_item_opens_its_emergency_in_the_same_commit(town: Town, post: Post) -> None:
    post("", fire(town, status="submitted"))
    with CaptureQueriesContext(connection) as log:
        assert post("", fire(town, status="submitted", place={"text": "别处"})).status_code == 201
    statements = [q["sql"] for q in log if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(statements) <= 25, statements
    assert UrgentReport.objects.open().count() == 2


@pytest.mark.clause("2.1.1")
@pytest.mark.parametrize("depth", [64, 200, 255, 900, 100_000])
@pytest.mark.parametrize("inner", [b'{"details":%s}', b'{"id":"x","details":{"area":%s}}'])
def test_a_body_nested_deep_is_the_senders_mistake(client: Client, depth: int, inner: bytes) -> None:
    nested = b'{"a":' * depth + b"1" + b"}" * depth
    answer = client.post("/api/v1/items", inner % nested, content_type="application/json")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


@pytest.mark.clause("2.1.1")
def test_nul_characters_are_left_out_of_a_body_wherever_they_stand(town: Town, client: Client) -> None:
    id_ = str(ids.new())
    parties = [{"role": "proposer", "name": "王\x00芳"}]
    body = json.dumps({"id": f"{id_}\x00", "category": "sanitation", "title": "路\x00灯\\u0000", "parties": parties})
    made = client.post("/api/v1/items", body, content_type="application/json", **town.token("reporter"))
    assert made.status_code == 201 and made.json()["id"] == id_ and made.json()["title"] == "路灯\\u0000"
    item = town.approved()
    body = '{"handler":"hand\\u0000ler","unit":"\\u0000"}'
    for who in ("manager", "reporter"):
        answer = client.post(
            f"/api/v1/items/{item.pk}/assign", body, content_type="application/json", **town.token(who)
        )
        assert answer.status_code < 500, answer.content


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 300}"]
)
def test_a_body_without_a_usable_boundary_is_told_as_a_problem(client: Client, kind: str) -> None:
    for address in ("/api/v1/attachments", "/api/v1/items"):
        answer = client.generic("POST", address, b"--x\r\n\r\n", content_type=kind)
        assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


def test_a_row_of_a_batch_is_refused_in_the_readers_language(client: Client, town: Town) -> None:
    rows = {"items": [{**town.body(), "nonsense": 1}, {**town.body(), "title": 5}]}
    answer = client.post("/api/v1/items/batch", json.dumps(rows, default=str), content_type="application/json").json()
    assert answer["results"][0]["fields"] == {"nonsense": ["没有这个字段。"]}
    assert answer["results"][1]["fields"]["title"] == ["请填写文字。"]

"""The description of the interface (`/api/v1/openapi.json`): whole, with clause, scope, example, and every refusal
(design §6)."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from linbao import openapi

CONTRACT = [
    "POST /items",
    "GET /items",
    "POST /items/batch",
    "GET /items/{item_id}",
    "POST /attachments",
    *(
        f"POST /items/{{item_id}}/{v}"
        for v in ("submit", "review", "assign", "progress", "resolve", "inform", "evaluate", "close")
    ),
    "GET /weekly-reports",
    "POST /weekly-reports",
    "POST /weekly-reports/{report_id}/confirm",
    "GET /obligations",
    "GET /deliveries",
]


def described() -> dict[str, dict[str, Any]]:
    schema = Client().get("/api/v1/openapi.json").json()
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }


def test_the_contract_is_there_and_nothing_is_undescribed() -> None:
    operations = described()
    assert not set(CONTRACT) - set(operations)
    assert set(operations) == set(openapi.TOLD), set(operations) ^ set(openapi.TOLD)


def test_each_operation_says_what_it_does_for_which_clause_with_which_scope() -> None:
    ids = set()
    for key, raised in described().items():
        summary, message = str(raised["summary"]), str(raised["description"])
        assert summary and summary == openapi.TOLD[key][0], key
        assert len(message.splitlines()[0]) > 20 and re.search(r"Clause \d\.\d", message), key
        scope = f"{key.split('/')[1]}:{'read' if key.startswith('GET') else 'write'}"
        assert raised["x-scopes"] == [scope] and f"`{scope}`" in message, key
        assert {"Token": [scope]} in raised["security"], key
        ids.add(raised["operationId"])
    assert len(ids) == len(described())


def test_each_body_has_an_example_and_each_refusal_its_shape() -> None:
    for key, raised in described().items():
        body = raised.get("requestBody")
        if body is not None:
            assert all("example" in content for content in body["content"].values()), key
        answers = raised["responses"]
        assert {"401", "403", "404", "422"} <= set(answers), key
        good = next(a for s, a in answers.items() if s.startswith("2"))
        assert good["content"]["application/json"]["schema"], key

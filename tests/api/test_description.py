"""The description of the interface (`/api/v1/openapi.json`): whole, with clause, scope, example, and every refusal
(design §6)."""

from __future__ import annotations

import re
from typing import Any, get_args

import jsonschema_rs
from django.test import Client

from linbao.handling.models import Verdict
from linbao.items import schemas

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


def description() -> dict[str, Any]:
    result: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return result


def described() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, operations in description()["paths"].items()
        for method, operation in operations.items()
    }


def test_the_contract_is_there() -> None:
    assert not set(CONTRACT) - set(described())


def test_each_operation_says_what_it_does_for_which_clause_with_which_scope() -> None:
    ids, summaries = set(), set()
    for key, operation in described().items():
        summary, text = str(operation["summary"]), str(operation["description"])
        assert " " in summary or key in ("GET /me",), key
        assert len(text.splitlines()[0]) > 20 and re.search(r"Clause \d\.\d", text), key
        scope = f"{key.split('/')[1]}:{'read' if key.startswith('GET') else 'write'}"
        assert operation["x-scopes"] == [scope] and f"`{scope}`" in text, key
        assert {"Token": [scope]} in operation["security"], key
        ids.add(operation["operationId"])
        summaries.add(summary)
    assert len(ids) == len(summaries) == len(described())


def test_each_body_has_an_example_that_is_valid() -> None:
    components = description()["components"]
    for key, operation in described().items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            options = [content["schema"], *content["schema"].get("anyOf", ())]
            names = [o["$ref"].rpartition("/")[2] for o in options if "$ref" in o]
            body = components["schemas"][names[0]] if names else content["schema"]
            check = jsonschema_rs.Draft202012Validator(body | {"components": components}, validate_formats=True)
            assert body["examples"], key
            for example in body["examples"]:
                errors = [f"{e.instance_path}: {e.message}" for e in check.iter_errors(example)]
                assert not [e for e in errors if "file" not in e], (key, errors)  # a file is no JSON


def test_each_answer_is_described_to_its_last_field() -> None:
    components = description()["components"]
    for key, operation in described().items():
        answers = operation["responses"]
        assert {"401", "403", "404", "422"} <= set(answers), key
        good = [a for s, a in answers.items() if s.startswith("2")]
        assert len(good) == 1, key
        name = good[0]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert components["schemas"][name]["additionalProperties"] is False, key
    for status, answer in components["responses"].items():
        (content,) = answer["content"].items()
        assert content == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}}), status
    assert not [name for name in components["schemas"] if "__" in name], "two models of one name"


def test_the_judgements_of_residents_are_those_of_handling() -> None:
    assert set(get_args(schemas.Verdict)) == set(Verdict.values)

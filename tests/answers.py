"""Every answer of the API that any test receives is one that the description promises.

A middleware of the tests alone, around all others: whatever asks within the test's process (Django's client, a live
server, schemathesis) gets its answer compared with `/api/v1/openapi.json`: the status, the content type, and the body
with every field, its type, format and values. Production answers without this (`core.api.Router`).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema_rs
from django.http import HttpRequest, HttpResponse

PREFIX = "/api/v1"
UNDESCRIBED = (405, 500)  # a method that the address does not have; a fault of ours


class AnswersAsDescribed:
    """Raises `AssertionError` for an answer that the description does not promise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.route.startswith("api/v1/") and response.status_code not in UNDESCRIBED:
            path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route)
            compare(str(request.method), path, response)
        return response


def compare(method: str, path: str, response: HttpResponse) -> None:
    """Raises `AssertionError` where `response` of the operation at `path` (`/api/v1/items/{item_id}`) is not one that
    the description promises. Addresses without an operation (the description itself) are left out."""
    operation = _description()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return
    key = f"{method} {path} {response.status_code}"
    assert str(response.status_code) in operation["responses"], f"{key} is not in the description"
    content = _resolved(operation["responses"][str(response.status_code)])["content"]
    content_type = response["Content-Type"].partition(";")[0]
    assert content_type in content, f"{key} is {content_type}"
    errors = [
        f"{'.'.join(map(str, e.instance_path))}: {e.message}"
        for e in _validator(json.dumps(content[content_type]["schema"])).iter_errors(json.loads(_plain(response)))
    ]
    assert not errors, f"{key} is not as described: " + "; ".join(errors)


def _plain(response: HttpResponse) -> bytes:
    compressed = response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(response.content) if compressed else response.content


@cache
def _description() -> dict[str, Any]:
    """The description as clients read it."""
    from linbao.api import api

    result: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return result


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    return _description()["components"]["responses"][reference.rpartition("/")[2]] if reference else node


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        json.loads(schema) | {"components": _description()["components"]}, validate_formats=True
    )

"""The router of every endpoint under `/api/v1/`: what is declared is described; what is answered is not built twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import ninja
import orjson
from django.http import HttpRequest, HttpResponse
from ninja.constants import NOT_SET
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback


class Router(ninja.Router):
    """A router whose endpoints declare one answer each, `response={201: schemas.Item}` (200: `response=schemas.Item`),
    and return a dict of that shape.

    The declaration is for the description (`/api/v1/openapi.json`) alone. By default ninja would also validate each
    answer against it, build the model and dump that again: a cost for every row of every list, to find nothing in an
    answer that is right. Here the dict goes to orjson as it is, with the declared status, and the test suite compares
    every answer that any test receives with the description (`tests/answers.py`). A field that is renamed, added or
    of another type fails there.
    """

    def add_api_operation(self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any) -> None:
        """As ninja's; raises `TypeError` for an endpoint without a declared answer, or with several."""
        response = options.get("response", NOT_SET)
        if response in (NOT_SET, None) or (isinstance(response, dict) and len(response) != 1):
            raise TypeError(f"{view_func.__module__}.{view_func.__name__} has to declare its answer: response=…")
        contribute_operation_callback(view_func, _render_unchanged)
        super().add_api_operation(path, methods, view_func, **{**options, "by_alias": True})


def _render_unchanged(operation: Operation) -> None:
    (status,) = operation.response_models
    view = operation.view_func

    @wraps(view)
    def rendered(request: HttpRequest, **values: Any) -> HttpResponse:
        return json_response(view(request, **values), status)

    operation.view_func = rendered


def json_response(content: Any, status: int = 200) -> HttpResponse:
    """`content` as JSON by orjson: moments in UTC (`Z`), what JSON has no type for as text."""
    body = orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)
    return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")

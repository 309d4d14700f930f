"""The description of the interface, `/api/v1/openapi.json` (design §6): what endpoints and models cannot say.

Operations, summaries and clauses come from the endpoints, bodies and answers with their examples from pydantic models
(`core.schemas`). Added here: scopes, and the answers that any operation may give.
"""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from linbao.core.schemas import Problem

PREFIX = "/api/v1"
REFUSALS = {
    400: "The request cannot be read: no JSON, a broken encoding.",
    401: "No token, an unknown, revoked or expired one.",
    403: "Not the caller's to do, or outside the token's scopes.",
    404: "No such thing, or not for the caller to see; the two are not told apart.",
    409: "Somebody else was first: another version, another body under this id, a state that has moved on.",
    413: "Larger than is taken.",
    415: "A file of a type that is not taken.",
    422: "A field is missing or not valid: `fields` names each.",
    429: "Too many requests; wait and try again.",
    503: "Something that the request needs is missing for the moment; `Retry-After` tells when to try again.",
    507: "The server has no room left for what is to be kept.",
}
READING = (400, 401, 403, 404, 422, 429, 503)  # what a GET can answer with of these
GENERAL = (
    "Bearer tokens with scopes, or a signed-in browser with its CSRF token. Ids are UUIDv7 and may be chosen by the "
    "caller; the same id and body give the same answer, another body 409. Times are ISO 8601 in UTC. Lists page by "
    "`cursor`. Refusals are `application/problem+json` with a field map."
)


def scope_of(method: str, path: str) -> str:
    """The scope that a token needs: `items:read`, `items:write`."""
    return f"{path.split('/')[1]}:{'read' if method in ('GET', 'HEAD') else 'write'}"


class Description(OpenAPISchema):
    """The description of `api`. Raises `ValueError` where two models of one name differ: one would hide the other."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        self["info"]["description"] = GENERAL
        self["components"]["responses"] = {
            f"Problem{status}": {
                "description": reason,
                "content": {"application/problem+json": {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}},
            }
            for status, reason in REFUSALS.items()
        }
        self.add_schema_definitions({"Problem": Problem.model_json_schema(ref_template=REF_TEMPLATE)})
        for path, operations in self["paths"].items():
            for method, operation in operations.items():
                _complete(method.upper(), path.removeprefix(PREFIX), operation)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, definition in definitions.items():
            if self.schemas.setdefault(name, definition) != definition:
                raise ValueError(f"two models of the API are called {name}")


def _complete(method: str, path: str, operation: dict[str, Any]) -> None:
    scope = scope_of(method, path)
    operation["description"] += f"\n\nScope `{scope}`."
    operation["x-scopes"] = [scope]
    operation["security"] = [{"Token": [scope]}, {"Session": []}]
    for status in READING if method == "GET" else REFUSALS:
        operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}

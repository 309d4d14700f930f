"""Bases of what the API answers, as pydantic models: the description is generated from them.

What it takes are the inputs of verbs (`core.inputs`).
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Cursor = Annotated[
    str | None, Field(description="Pass it as `cursor` to read the next page of the same list; null on the last page.")
]
MaskedPhone = Annotated[
    str | None, Field(description="Masked: three digits before and four behind (`138****5678`); null without one.")
]


class Answer(BaseModel):
    """A body of an answer. Only described, never built: endpoints return dicts (`core.api.Router`).

    No field may be in the answer that is not in the model, and none may be missing that has no default here. Moments
    are ISO 8601 in UTC, days `YYYY-MM-DD`, both as JSON strings; ids are UUIDs.
    """

    model_config = ConfigDict(extra="forbid")


class Problem(Answer):
    """Why a request was refused (RFC 9457), with a map from a field's path to whole sentences."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid",
                    "title": "有内容需要补充或修改",
                    "status": 422,
                    "detail": "有 1 处内容需要修改。",
                    "fields": {"place.text": ["请填写地点。"]},
                }
            ]
        }
    )

    type: str = Field(description="`/problems/` and the code of the problem, e.g. `invalid`, `conflict`, `not_found`.")
    title: str
    status: int = Field(ge=400, le=599, description="The HTTP status of the answer.")
    detail: str = Field(description="One sentence in the language of `Accept-Language`.")
    fields: dict[str, list[str]] = Field(description="A field's path in the body (`parties.0.phone`) → messages.")


class Named(Answer):
    """A person by id and name."""

    id: UUID
    name: str


def example(value: Any) -> ConfigDict:
    """The configuration of an input that the description shows with `value` as its example; the rest is inherited."""
    return ConfigDict(json_schema_extra={"examples": [value]})

"""`POST /items/{id}/review` and what a reviewer's own tools need (design §6, 4.3.1, 4.3.2)."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from linbao.core.api import Router
from linbao.core.inputs import Input
from linbao.core.schemas import example
from linbao.items import representation
from linbao.items import schemas as item_schemas
from linbao.items import services as item_services
from linbao.organisation.requests import AuthenticatedRequest
from linbao.review import schemas, services
from linbao.review.models import Check

router = Router(tags=["review"])


class CheckIn(Input):
    """The answer to one of the four questions; `overruled` is why a computed hint is set aside."""

    model_config = ConfigDict(populate_by_name=True)
    passed: bool | None = Field(None, alias="pass")
    remark: str = Field("", max_length=300)
    overruled: str = Field("", max_length=300)


class FindingIn(Input):
    field: str = Field(max_length=60)
    check: Literal["truth", "completeness", "accuracy", "format"] | None = None
    reason: str | None = Field(None, max_length=40)
    words: str = Field("", max_length=300)


class ReviewIn(Input):
    """An approval affirms the four checks: one that `checks` leaves out counts as passed."""

    model_config = example(
        {
            "decision": "return",
            "checks": {"accuracy": {"pass": False, "remark": "地点不清"}},
            "findings": [{"field": "place", "check": "accuracy", "words": "请写明楼栋号"}],
        }
    )
    decision: Literal["approve", "return"]
    checks: dict[Literal["truth", "completeness", "accuracy", "format"], CheckIn] = Field(default_factory=dict)
    findings: list[FindingIn] = Field(default_factory=list, max_length=60)
    completeness_mark: int | None = None
    analysis_mark: int | None = None
    remark: str = Field("", max_length=500)
    version: int | None = None


class MergeIn(Input):
    """The item that carries the matter on, and why."""

    model_config = example({"into": "0193a0f3-1b7c-7a90-9d44-52b1c8e07f36", "reason": "与该条反映同一处垃圾桶"})
    into: UUID
    reason: str = Field(max_length=300)


@router.post("/{uuid:item_id}/review", response=item_schemas.Item, summary="Approve or return an item")
def review(request: AuthenticatedRequest, item_id: UUID, body: ReviewIn) -> dict[str, Any]:
    """Approve, or return with findings by field. Safe to repeat; 409 when somebody else decided or has it.

    Clause 4.3.1, 4.3.2.
    """
    answers: dict[str, dict[str, Any]] = {
        str(k): {"pass": a.passed, "remark": a.remark, "overruled": a.overruled} for k, a in body.checks.items()
    }
    if body.decision == "approve":
        answers = {c.value: {"pass": True} for c in Check} | answers
        item = services.approve(
            request.user,
            item_id,
            answers=answers,
            completeness_mark=body.completeness_mark,
            analysis_mark=body.analysis_mark,
            remark=body.remark,
            version=body.version,
        )
    else:
        findings = [f.model_dump() for f in body.findings]
        item = services.return_(
            request.user, item_id, findings=findings, answers=answers, remark=body.remark, version=body.version
        )
    return representation.whole(item, request.user)


@router.post("/{uuid:item_id}/claim", response=schemas.Claim, summary="Claim an item for review")
def claim(request: AuthenticatedRequest, item_id: UUID) -> dict[str, Any]:
    """Take an item on one's table for 15 minutes; 409 names who has it. Clause 4.3.1."""
    row = services.claim(request.user, item_id)
    return {"item": item_id, "until": row.until}


@router.post("/{uuid:item_id}/merge", response=item_schemas.Item, summary="Merge a duplicate")
def merge(request: AuthenticatedRequest, item_id: UUID, body: MergeIn) -> dict[str, Any]:
    """Merge a duplicate into the item that carries the matter on (2.2.1). Safe to repeat. Clause 2.2.1."""
    services.merge(request.user, item_id, body.into, body.reason)
    return representation.whole(item_services.get(request.user, item_id), request.user)

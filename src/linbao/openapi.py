"""What the description of the interface says beyond types: clause, scope, an example, every refusal (design §6).

One line per operation. An operation without a line here fails tests/api/test_description.py.
"""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import OpenAPISchema

PREFIX = "/api/v1"
ITEM_ID, OTHER_ID = "0193a0f2-6d3e-7c11-8a51-3f2a9c04d1e7", "0193a0f3-1b7c-7a90-9d44-52b1c8e07f36"
ITEM: dict[str, Any] = {
    "id": ITEM_ID,
    "category": "sanitation",
    "subcategory": "waste",
    "title": "荷塘里3号垃圾桶满溢",
    "status": "submitted",
    "narrative": "荷塘里3号旁垃圾桶满溢，已有三天，附近六户居民反映气味明显。",
    "occurred_at": "2026-11-22T01:30:00Z",
    "seen_at": "2026-11-22T02:00:00Z",
    "place": {"text": "荷塘里3号", "lat": 30.654, "lon": 104.066},
    "grid": "510104017003001",
    "source": {"method": "visit"},
    "key_points": ["垃圾桶满溢三天"],
    "analysis": "清运频次不足。",
    "suggestion": "增加清运班次。",
    "details": {"area": "荷塘里3号", "factor": "frequency", "factor_words": "每周只清运两次", "severity": "middle"},
    "parties": [{"role": "proposer", "name": "张桂兰", "phone": "13812341234"}],
}
DRAFT = {k: ITEM[k] for k in ("category", "title", "narrative")}

WRITTEN: dict[str, Any] = {
    "occurred_at": "2026-11-24T01:50:00Z",
    "place": "7栋地下车库",
    "grid": "510104017003001",
    "source": "patrol",
    "level": "larger",
    "course": "电动自行车充电时起火，烟气进入1单元，保安用灭火器扑救。",
    "parties": [{"role": "victim", "name": "王建国", "phone": "13812341234"}],
    "casualties": {"dead": 0, "injured": 1, "missing": 0},
    "scope": {"persons": 60, "households": 24},
    "loss": 3000,
    "impact": "1单元楼道有烟，住户疏散至小广场。",
    "measures": "已拨打119和120，断电，疏散住户。",
    "reported_to": ["fire", "medical"],
    "present_state": "in_progress",
    "present": "明火已扑灭，正在排烟。",
    "help": "请派人排查其他充电桩。",
    "version": 1,
}

# Operation → (summary, clauses, example of the body).
TOLD: dict[str, tuple[str, str, Any]] = {
    "POST /items": ("File an item", "2.1.1, 2.1.2, 2.3.1, 3.1–3.4", ITEM),
    "GET /items": ("Find items", "2.2.1", None),
    "POST /items/batch": ("File up to 500 items", "2.3.1", {"items": [ITEM, DRAFT]}),
    "GET /items/{item_id}": ("Read an item", "1.3.4, 2.2.1", None),
    "PATCH /items/{item_id}": (
        "Change a draft or a returned item",
        "4.3.2",
        {"title": "荷塘里3号、5号垃圾桶满溢", "version": 1},
    ),
    "POST /items/{item_id}/submit": ("Submit an item", "2.3.1, 4.3.2", {"version": 1}),
    "POST /items/{item_id}/withdraw": ("Withdraw an item", "2.3.1", {"reason": "与昨日所报为同一件事"}),
    "POST /items/{item_id}/review": (
        "Approve or return an item",
        "4.3.1, 4.3.2",
        {
            "decision": "return",
            "checks": {"accuracy": {"pass": False, "remark": "地点不清"}},
            "findings": [{"field": "place", "check": "accuracy", "words": "请写明楼栋号"}],
        },
    ),
    "POST /items/{item_id}/claim": ("Claim an item for review", "4.3.1", None),
    "POST /items/{item_id}/merge": (
        "Merge a duplicate",
        "2.2.1",
        {"into": OTHER_ID, "reason": "与该条反映同一处垃圾桶"},
    ),
    "POST /items/{item_id}/assign": (
        "Assign an item",
        "4.3.2",
        {"unit": "D1", "handler": "handler1", "instruction": "请两日内清运", "due_at": "2026-11-26T10:00:00Z"},
    ),
    "POST /items/{item_id}/transfer": (
        "Hand an item over",
        "4.3.2",
        {"unit": "D2", "reason": "该路段由市政办公室负责"},
    ),
    "POST /items/{item_id}/remind": ("Remind the handler", "2.4.1", {"words": "居民再次来电，请尽快"}),
    "POST /items/{item_id}/progress": ("Record progress", "2.4.1", {"text": "已联系清运公司，今日下午到场。"}),
    "POST /items/{item_id}/resolve": ("Record the result", "4.3.2", {"result": "已清运干净，并加装一只垃圾桶。"}),
    "POST /items/{item_id}/inform": (
        "Record that the resident was told",
        "2.4.1",
        {"outcome": "reached", "method": "phone", "words": "已电话告知"},
    ),
    "POST /items/{item_id}/evaluate": (
        "Record the resident's judgement",
        "2.4.2",
        {"verdict": "satisfied", "remark": "处理得很快"},
    ),
    "POST /items/{item_id}/close": ("Close an item", "2.4.2", {"reason": ""}),
    "POST /items/{item_id}/reopen": (
        "Handle a matter again",
        "2.4.2",
        {"reason": "居民反映又已满溢", "handler": "handler1"},
    ),
    "POST /attachments": (
        "Add a file",
        "3.3, 3.4",
        {"item": ITEM_ID, "stage": "report", "caption": "7幢东侧，垃圾桶满溢"},
    ),
    "PATCH /attachments/{attachment_id}": ("Set a photo's caption", "3.3, 3.4", {"caption": "7幢东侧，垃圾桶满溢"}),
    "GET /activities": ("List activities", "2.1.1, 4.1.1", None),
    "POST /activities": (
        "Record an activity",
        "2.1.1, 4.1.1",
        {
            "kind": "visit",
            "starts_at": "2026-11-24T01:00:00Z",
            "minutes": 40,
            "place": "荷塘里3幢",
            "people": 6,
            "notes": "走访六户",
        },
    ),
    "GET /activities/{activity_id}": ("Read an activity", "2.1.1", None),
    "GET /catalogue": ("Read the catalogue", "3.1–3.4", None),
    "GET /weekly-reports": ("List weekly reports", "2.3.1, 4.1.1", None),
    "POST /weekly-reports": (
        "Assemble a week's report",
        "2.3.1, 4.1.1",
        {"reporter": "reporter1", "week": "2026-11-23"},
    ),
    "GET /weekly-reports/{report_id}": ("Read a weekly report", "4.1.1", None),
    "POST /weekly-reports/{report_id}/confirm": (
        "Confirm and send a weekly report",
        "4.1.1, 4.1.2",
        {"words": {"analysis": "本周以垃圾清运问题为主。"}},
    ),
    "POST /weekly-reports/{report_id}/take-back": ("Take a confirmation back before it is sent", "4.1.1", None),
    "POST /weekly-reports/{report_id}/review": (
        "Accept or return a weekly report",
        "4.3.1",
        {"accept": False, "findings": [{"section": "format", "words": "缺少建议措施"}]},
    ),
    "POST /items/{item_id}/urgent": (
        "Mark an item as urgent, or take the mark",
        "2.3.2, 4.3.1",
        {"urgent": True, "reason": "燃气味越来越浓"},
    ),
    "GET /emergencies": ("List emergencies", "2.3.2", None),
    "POST /emergencies": (
        "Open an emergency, with its call",
        "2.3.2, 4.2.1",
        {
            "id": ITEM_ID,
            "kind": "fire",
            "place": {"text": "7栋地下车库", "lat": 30.654, "lon": 104.066},
            "seen_at": "2026-11-24T01:52:00Z",
            "called_at": "2026-11-24T01:54:00Z",
            "answered_by": "值班员小周",
            "called_number": "02812345678",
        },
    ),
    "GET /emergencies/{emergency_id}": ("Read an emergency", "2.3.2, 4.2.1", None),
    "PATCH /emergencies/{emergency_id}": (
        "Complete what the call did not say",
        "2.3.2",
        {"kind": "fire", "place": "7栋地下车库"},
    ),
    "POST /emergencies/{emergency_id}/call": (
        "Record the call",
        "4.2.1",
        {"called_at": "2026-11-24T01:54:00Z", "answered_by": "值班员小周"},
    ),
    "POST /emergencies/{emergency_id}/written": ("File the first written report", "4.2.1, 4.2.2", WRITTEN),
    "POST /emergencies/{emergency_id}/follow-up": (
        "File a follow-up or a correction",
        "2.3.2",
        {"changed": "伤者已送医", "casualties": {"injured": 1}, "version": 2},
    ),
    "POST /emergencies/{emergency_id}/final": (
        "File the final report",
        "2.3.2",
        {"changed": "处置完毕", "present_state": "subsided", "present": "住户已全部返回。"},
    ),
    "POST /emergencies/{emergency_id}/acknowledge": ("Sign for the alarms", "2.3.2", {"alarm": OTHER_ID}),
    "GET /obligations": ("List obligations", "1.3.2, 4.1.1, 4.3.1", None),
    "GET /stats": ("Read the figures of a unit", "2.2.2", None),
    "GET /compliance": ("Read how a unit keeps each clause", "1.3.2", None),
    "GET /deliveries": ("List deliveries", "4.1.1", None),
    "POST /deliveries/{delivery_id}/resend": ("Send a delivery again", "4.1.1", None),
    "GET /training/sessions": ("List training sessions", "5.1.3", None),
    "GET /training/sessions/{session_id}": ("Read a training session", "5.1.3", None),
    "POST /training/sessions/{session_id}/enrol": ("Enrol in a session", "5.1.3", None),
    "POST /training/sessions/{session_id}/leave": (
        "Ask for leave from a session",
        "5.1.3",
        {"reason": "当天要陪同街道入户检查"},
    ),
    "GET /training/record": ("Read one's own training record", "5.1.3", None),
    "GET /me": ("Who the caller is", "1.3.4", None),
    "GET /units": ("List units", "1.2", None),
    "GET /units/{unit_id}": ("Read a unit", "1.2", None),
    "GET /people": ("List people", "1.3.4", None),
    "GET /people/{person_id}": ("Read a person", "1.3.4", None),
}

REFUSALS = {
    400: "The request cannot be read: no JSON, a broken encoding.",
    401: "No token, an unknown, revoked or expired one.",
    403: "Not the caller's to do, or outside the token's scopes.",
    404: "No such thing, or not for the caller's eyes; the two are not told apart.",
    409: "Somebody else was first: another version, another body under this id, a state that has moved on.",
    413: "Larger than is taken.",
    415: "A file of a type that is not taken.",
    422: "A field is missing or wrong: `fields` names each.",
    429: "Too many requests; wait and try again.",
    503: "Something that the request needs is missing for the moment; `Retry-After` tells when to try again.",
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a map from a field's path to whole sentences.",
    "required": ["type", "title", "status", "detail", "fields"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "examples": ["/problems/invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "examples": [
        {
            "type": "/problems/invalid",
            "title": "有内容需要补充或修改",
            "status": 422,
            "detail": "有 1 处内容需要修改。",
            "fields": {"place.text": ["请填写地点。"]},
        }
    ],
}
_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_ID = {"type": "string", "format": "uuid"}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


# Only what callers rely on; more fields may come.
SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": PROBLEM,
    "Item": _object(
        "id",
        "number",
        "status",
        "version",
        "category",
        "subcategory",
        "title",
        "narrative",
        "occurred_at",
        "place",
        "grid",
        "source",
        "parties",
        "details",
        "key_points",
        "analysis",
        "suggestion",
        "sensitivity",
        "urgent",
        "attachments",
        "timeline",
        id=_ID,
        number=_MAYBE,
        version={"type": "integer"},
        category={"enum": ["opinion", "event", "construction", "sanitation"]},
        status={
            "enum": [
                "draft",
                "submitted",
                "returned",
                "approved",
                "handling",
                "resolved",
                "informed",
                "evaluated",
                "closed",
                "merged",
                "withdrawn",
            ]
        },
        subcategory=_TEXT,
        title=_TEXT,
        narrative=_TEXT,
        occurred_at=_MAYBE,
        grid=_MAYBE,
        analysis=_TEXT,
        suggestion=_TEXT,
        sensitivity=_TEXT,
        place=_object("text", "lat", "lon", text=_TEXT),
        source=_object("method", "activity"),
        details={"type": "object"},
        urgent={"type": "boolean"},
        parties={
            "type": "array",
            "items": _object("id", "role", "name", "phone", id=_ID, role=_TEXT, name=_TEXT, phone=_TEXT),
        },
        key_points={"type": "array", "items": _TEXT},
        attachments={"type": "array", "items": _object("id", "kind", "sha256", "url", id=_ID)},
        timeline={"type": "array", "items": _object("at", "verb", "by", "from", "to", at=_TEXT, verb=_TEXT)},
    ),
    "ItemLine": _object(
        "id", "status", "category", "title", "urgent", "place", "grid", id=_ID, title=_TEXT, status=_TEXT
    ),
    "BatchAnswer": _object(
        "results",
        "created",
        results={"type": "array", "items": _object("status", status={"type": "integer"})},
        created={"type": "integer"},
    ),
    "Claim": _object("item", "until", item=_ID, until=_TEXT),
    "Attachment": _object(
        "id",
        "kind",
        "name",
        "caption",
        "size",
        "sha256",
        "item",
        "activity",
        id=_ID,
        kind={"enum": ["photo", "audio", "document"]},
    ),
    "Activity": _object("id", "kind", id=_ID, kind=_TEXT),
    "Catalogue": _object(
        "categories", categories={"type": "array", "items": _object("code", "fields", "subcategories", code=_TEXT)}
    ),
    "WeeklyReport": _object(
        "id", "week", "reporter", "status", "version", id=_ID, week={"type": "string", "format": "date"}, status=_TEXT
    ),
    "Emergency": _object(
        "id",
        "item",
        "kind",
        "level",
        "state",
        "seen_at",
        "called_at",
        "written_at",
        "finished_at",
        id=_ID,
        item=_ID,
        kind=_MAYBE,
        level=_MAYBE,
        seen_at=_TEXT,
        called_at=_MAYBE,
        written_at=_MAYBE,
        finished_at=_MAYBE,
        state={"enum": ["opened", "called", "written", "finished", "joined", "withdrawn", "unmarked", "merged"]},
    ),
    "Signed": _object(
        "id",
        "alarms",
        id=_ID,
        alarms={"type": "array", "items": _object("id", "acknowledged_at", "acknowledged_by", id=_ID)},
    ),
    "Obligation": _object("id", "kind", "clause", "state", "due_at", id=_ID, clause=_TEXT, state=_TEXT, due_at=_TEXT),
    "Delivery": _object(
        "id",
        "channel",
        "state",
        "attempts",
        id=_ID,
        state={"enum": ["waiting", "sending", "sent", "failed", "uncertain", "cancelled"]},
    ),
    "Session": _object(
        "id", "title", "starts_at", "minutes", "quarter", "status", id=_ID, title=_TEXT, starts_at=_TEXT, status=_TEXT
    ),
    "TrainingRecord": _object(
        "hours",
        "sessions",
        hours={"type": "number"},
        sessions={"type": "array", "items": _object("id", "title", "minutes", id=_ID, title=_TEXT)},
    ),
    "Statistics": _object(
        "unit", "since", "until", "figures", unit=_TEXT, since=_TEXT, until=_TEXT, figures={"type": "object"}
    ),
    "Compliance": _object(
        "unit",
        "since",
        "until",
        "clauses",
        unit=_TEXT,
        clauses={
            "type": "array",
            "items": _object(
                "number", "state", "duties", number=_TEXT, state={"enum": ["met", "late", "owed", "overdue", "none"]}
            ),
        },
    ),
    "Me": _object("id", "username", "name", "roles", id=_ID, username=_TEXT),
    "Unit": _object("id", "code", "name", "kind", id=_ID, code=_TEXT, name=_TEXT),
    "Person": _object("id", "username", "name", "roles", id=_ID, name=_TEXT),
}
LISTS = {  # operation → the list's name and what is in it; `next` is the cursor of the next page
    "GET /items": ("items", "ItemLine"),
    "GET /activities": ("items", "Activity"),
    "GET /weekly-reports": ("weekly_reports", "WeeklyReport"),
    "GET /emergencies": ("emergencies", "Emergency"),
    "GET /obligations": ("items", "Obligation"),
    "GET /deliveries": ("deliveries", "Delivery"),
    "GET /training/sessions": ("items", "Session"),
    "GET /units": ("units", "Unit"),
    "GET /people": ("people", "Person"),
}
ONE = {
    "POST /items/batch": "BatchAnswer",
    "POST /items/{item_id}/claim": "Claim",
    "POST /attachments": "Attachment",
    "PATCH /attachments/{attachment_id}": "Attachment",
    "GET /catalogue": "Catalogue",
    "POST /emergencies/{emergency_id}/acknowledge": "Signed",
    "GET /me": "Me",
    "GET /stats": "Statistics",
    "GET /compliance": "Compliance",
    "GET /training/record": "TrainingRecord",
}
AREAS = {
    "items": "Item",
    "activities": "Activity",
    "weekly-reports": "WeeklyReport",
    "emergencies": "Emergency",
    "deliveries": "Delivery",
    "training": "Session",
    "units": "Unit",
    "people": "Person",
}
FILE: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "id": _ID,
        "item": _ID,
        "activity": _ID,
        "sha256": {"type": "string", "description": "of the file; 422 when it is another"},
        "stage": {"enum": ["report", "progress", "result"]},
        "caption": {"type": "string", "maxLength": 80, "description": "printed below a photo"},
    },
}


def scope_of(method: str, path: str) -> str:
    """The scope that a token needs: `items:read`, `items:write`."""
    return f"{path.split('/')[1]}:{'read' if method in ('GET', 'HEAD') else 'write'}"


def complete(schema: OpenAPISchema) -> OpenAPISchema:
    """The library's description with all this put in."""
    schema["info"]["description"] = (
        "Bearer tokens with scopes, or a signed-in browser with its CSRF"
        " token. Ids are UUIDv7 and may be chosen by the "
        "caller; the same id and body give the same answer, another body 409. Times are ISO 8601 in UTC. Lists page by "
        "`cursor`. Refusals are `application/problem+json` with a field map."
    )
    schema["components"].setdefault("schemas", {}).update(SCHEMAS)
    schema["components"]["responses"] = {
        f"Problem{status}": {
            "description": message,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, message in REFUSALS.items()
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _tell(method.upper(), path.removeprefix(PREFIX), operation)
    return schema


def _tell(method: str, path: str, operation: dict[str, Any]) -> None:
    key, scope = f"{method} {path}", scope_of(method, path)
    summary, clauses, example = TOLD.get(key, ("", "", None))
    if summary:
        operation["summary"] = summary
        operation["description"] = f"{operation.get('description', '').strip()}\n\nClause {clauses}. Scope `{scope}`."
    operation["x-scopes"] = [scope]
    operation["security"] = [{"Token": [scope]}, {"Session": []}]
    if key == "POST /attachments":
        operation["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": FILE, "example": example}},
        }
    elif example is not None and "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = example
    for status, answer in operation["responses"].items():
        if int(status) < 300 and (details := _answer(key, path)):
            answer["content"] = {"application/json": {"schema": details}}
    few = (400, 401, 403, 404, 422, 429)
    for status in few if method == "GET" else REFUSALS:
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})


def _answer(key: str, path: str) -> dict[str, Any] | None:
    if key in LISTS:
        name, one = LISTS[key]
        rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{one}"}}
        return _object(name, "next", **{name: rows, "next": _MAYBE})
    name = ONE.get(key) or AREAS.get(path.split("/")[1], "")
    return {"$ref": f"#/components/schemas/{name}"} if name else None

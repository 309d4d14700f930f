"""All addresses of the product, and the objects that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linbao.api import api
from linbao.handling.forms import VERBS
from tests.access.rooms import ROOMS
from tests.access.world import Side

# One page, many verbs: each has a line of its own; a room names its own (`VARIANTS`).
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {"handling:act": ("verb", tuple(VERBS))}
for _room in ROOMS:
    VARIANTS |= getattr(_room, "VARIANTS", {})


@dataclass(frozen=True)
class Place:
    """An address: `key` names it in the table, `route` is its pattern, `kwargs` the names of its parts."""

    key: str
    name: str
    route: str
    parts: tuple[str, ...]


def pages() -> Iterator[Place]:
    """Every page that the resolver knows; the interface has a test of its own."""
    for place in _walk(get_resolver(), "", "", ()):
        if place.route.lstrip("^").startswith("api/v1/"):
            continue
        part, values = VARIANTS.get(place.name, ("", ()))
        if not part:
            yield place
        for value in values:
            yield Place(f"{place.key}/{value}", place.name, place.route, place.parts)


def _walk(resolver: URLResolver, prefix: str, space: str, above: tuple[str, ...]) -> Iterator[Place]:
    for result in resolver.url_patterns:
        route = prefix + str(result.pattern)
        parts = (*above, *(result.pattern.converters or result.pattern.regex.groupindex))
        if isinstance(result, URLResolver):
            yield from _walk(result, route, f"{space}{result.namespace}:" if result.namespace else space, parts)
        elif isinstance(result, URLPattern):
            name = f"{space}{result.name}" if result.name else ""
            yield Place(name or route, name, route, parts)


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation of the interface, as `POST /items/{item_id}/submit`, with its description."""
    for path, result in api.get_openapi_schema()["paths"].items():
        for method, operation in result.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1')}", operation


def endpoint(key: str, side: Side, state: str, persona: str) -> str:
    """The address of an operation with this side's objects."""
    _method, _space, path = key.partition("#")[0].partition(" ")
    place = Place(key, "", path, tuple(re.findall(r"{(\w+)}", path)))
    return "/api/v1" + re.sub(r"{(\w+)}", lambda m: str(_object(place, m[1], side, state, persona)), path)


def address(place: Place, side: Side, state: str, persona: str) -> str:
    """The address with this side's objects; `state` chooses the item."""
    if not place.name:
        return "/" + place.route.replace("^", "").partition("(?:")[0] + ("signup/" if "signup" in place.route else "")
    return reverse(place.name, kwargs={part: _object(place, part, side, state, persona) for part in place.parts})


def _object(place: Place, part: str, side: Side, state: str, persona: str) -> Any:
    if part == "verb" and "/" in place.key:
        return place.key.rpartition("/")[2]
    result = {
        "item_id": lambda: side.items[state].pk,
        "activity_id": lambda: side.activity.pk,
        "attachment_id": lambda: (
            (
                side.activity_photo
                if "activity_id" in place.parts
                else side.photos.get(state, side.photos["submitted"])
            ).pk
        ),
        "version": lambda: 1 if "urgent" in place.route else "shown",
        "run_id": lambda: side.run.pk,
        "report_id": lambda: (side.emergency if "urgent" in place.route else side.report).pk,
        "emergency_id": lambda: side.emergency.pk,
        "seal_id": lambda: side.seal.pk,
        "template_id": lambda: side.template.pk,
        "alarm_id": lambda: side.alarm.pk,
        "shift_id": lambda: side.shift.pk,
        "note_id": lambda: side.note.pk,
        "supervision_id": lambda: side.supervision.pk,
        "call_back_id": lambda: side.call_back.pk,
        "duty_id": lambda: side.duty.pk,
        "channel_id": lambda: side.channel.pk,
        "delivery_id": lambda: side.delivery.pk,
        "view_id": lambda: side.views.get(persona, side.views["reporter"]).pk,
        "token": lambda: side.link,
        "category": lambda: "event",
        "code": lambda: "truth-01",
        "kind": lambda: "csv",
        "form": lambda: "template" if "templates" in place.route else "pdf",
        "person_id": lambda: side.people["colleague"].pk,
        "grant_id": lambda: side.people["colleague"].grants.get().pk,
        "proposal_id": lambda: side.proposal.pk,
        "reset_id": lambda: side.reset.pk,
        "fault_id": lambda: side.community.pk,
        "device": lambda: "00000000-0000-4000-8000-000000000001",
        "unit_id": lambda: side.community.pk,
        "token_id": lambda: side.tokens[persona].pk,
        "session_id": lambda: 1,
        "pk": lambda: 1,
        "key": lambda: "abc",
        "uidb36": lambda: "1",
    }
    for room in ROOMS:
        if (part, place.name.partition(":")[0]) in room.OBJECTS:
            return room.OBJECTS[part, place.name.partition(":")[0]](side, persona)
    return result[part]()

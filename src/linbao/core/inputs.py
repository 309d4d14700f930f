"""What a verb is asked with: one model per verb, built alike by page, API, import and demo.

A room declares the inputs of its verbs in `inputs.py`, and the verbs take them:

    class CancelMeeting(Input):
        reason: Annotated[str, Text(200, least=2)]

    def cancel(user: User, meeting_id: UUID, data: CancelMeeting) -> Meeting: ...

The API takes the model as its body; a page reads it from a posted form (`posted`), a form's cleaned data, an import's
row or the demo from a mapping (`checked`). Whatever is wrong becomes a sentence beside its field, in the reader's
language (`problems.Invalid`). What needs the database (is there such a unit, may the caller) the verb itself checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from linbao.core import dates, text
from linbao.core.problems import Invalid, field_message

Model = TypeVar("Model", bound=BaseModel)
OFF = frozenset({"", "0", "off", "no", "false"})  # what a checkbox or a pair of radio buttons posts for no


class Input(BaseModel):
    """Base of all inputs: unknown fields are refused, and nobody changes an input after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Text:
    """Annotation of a `str` that a person wrote: cleaned (`core.text.clean`), then of `least` to `most` characters.

    `message`: the sentence for a text that is too short, in the place of the general one (lazily translated)."""

    most: int
    least: int = 0
    message: str | Promise = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        lengths = {"maxLength": self.most} | ({"minLength": self.least} if self.least else {})
        return handler(schema) | lengths

    def check(self, value: str) -> str:
        """The cleaned text. Raises `ValueError` with the sentence for the field."""
        cleaned = text.clean(value)
        if len(cleaned) < self.least:
            raise ValueError(str(self.message) or _("请填写内容（至少 %(n)d 个字）。") % {"n": self.least})
        if len(cleaned) > self.most:
            raise ValueError(_("不能超过 %(n)d 个字。") % {"n": self.most})
        return cleaned


def _lines(value: Any) -> Any:
    rows = value.replace("\r", "\n").split("\n") if isinstance(value, str) else value
    if isinstance(rows, list) and all(isinstance(r, str) for r in rows):
        return [row for row in map(text.clean, rows) if row]
    return rows


def _zoned(value: datetime, info: ValidationInfo) -> datetime:
    zone = (info.context or {}).get("zone")
    return dates.meant(value if value.tzinfo or zone is None else value.replace(tzinfo=zone))


LINES = BeforeValidator(_lines)
# One entry a line: the lines of a text area, or a list of texts. Empty ones are left out.
Lines = Annotated[list[str], LINES]
# A moment as `datetime-local` posts it (in the zone that `posted` or `checked` is given) or with a zone of its own.
LocalMoment = Annotated[datetime, AfterValidator(_zoned)]


def checked(model: type[Model], data: Mapping[str, Any], *, zone: tzinfo | None = None) -> Model:
    """`data` as `model`. `zone`: that of moments without one. Raises `Invalid` with a sentence beside each field."""
    try:
        return model.model_validate(dict(data), context={"zone": zone})
    except ValidationError as e:
        raise Invalid(fields=field_messages(e)) from e


def posted(model: type[Model], post: QueryDict, *, zone: tzinfo | None = None, **known: Any) -> Model:
    """What a page's form posted, as `model`; `known` are the fields that the page itself knows.

    Fields of the form that the model does not have are left aside (the token, the verb). What is empty and no text
    counts as not filled in; lists come from repeated fields, booleans from checkboxes or radio buttons. Raises
    `Invalid`."""
    data: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind, split = _kind(field.annotation), LINES in field.metadata
        if name in known:
            data[name] = known[name]
        elif kind is bool:
            if field.is_required() or name in post:
                data[name] = post.get(name, "") not in OFF
        elif kind in (list, tuple, set, frozenset) and not split:
            data[name] = [v for v in post.getlist(name) if v]
        elif (value := post.get(name)) is not None and (value or kind is str or split):
            data[name] = value
    return checked(model, data, zone=zone)


def field_messages(e: ValidationError) -> dict[str, list[str]]:
    """The errors of pydantic as sentences by the path of their field (`parties.0.phone`)."""
    result: dict[str, list[str]] = {}
    for error in e.errors(include_url=False, include_input=False):
        result.setdefault(".".join(str(p) for p in error["loc"]) or "body", []).append(field_message(error))
    return result


def _kind(annotation: Any) -> Any:
    """The plain type behind an annotation: `UUID` for `Annotated[UUID | None, …]`, `list` for `list[UUID]`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return next((_kind(a) for a in get_args(annotation) if a is not type(None)), None)
    return origin or annotation

"""What the inputs of this room's verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from django.http import QueryDict
from django.utils.functional import Promise
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from linbao.core.inputs import Text

# A person as a form names them: by username, or by name where only one is called so (`staff.named`).
Person = Annotated[str, Text(80)]


@dataclass(frozen=True)
class Chosen:
    """Annotation of a `bool | None` with the default None that somebody must choose: None is refused by `message`."""

    message: str | Promise

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def check(self, value: bool | None) -> bool:
        """The choice. Raises `ValueError` with the sentence for the field."""
        if value is None:
            raise ValueError(str(self.message))
        return value


def groups(post: QueryDict, *names: str) -> dict[str, dict[str, str]]:
    """Fields that a form posts once a row, called `name-key`, by row: `{key: {name: value}}` for the `names`."""
    result: dict[str, dict[str, str]] = {}
    for field in post:
        name, _dash, key = field.partition("-")
        if name in names:
            result.setdefault(key, {})[name] = str(post[field])
    return result

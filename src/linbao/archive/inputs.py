"""What saving a view of the archive asks for (2.2.1)."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AfterValidator

from linbao.core import text
from linbao.core.inputs import Input

LONGEST_NAME = 40  # characters


def _name(value: str) -> str:
    name = text.clean(value)
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(_("请给这个视图起一个名字，不超过 40 个字。"))
    return name


class SaveView(Input):
    """The name of a view; the same name again replaces it."""

    name: Annotated[str, AfterValidator(_name)]

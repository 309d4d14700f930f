"""What adding a file to an item or activity asks for, and its caption (3.3, 3.4)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.core import text
from linbao.core.inputs import Input
from linbao.core.schemas import example

MOST_CHARACTERS = 80  # of a caption


def _one_line(value: str) -> str:
    caption = " ".join(text.clean(value).split())
    if len(caption) > MOST_CHARACTERS:
        raise ValueError(_("照片说明不超过 %(most)d 字。") % {"most": MOST_CHARACTERS})
    return caption


Line = Annotated[str, AfterValidator(_one_line)]


class AttachFile(Input):
    """A file of an item or of an activity, one of both.

    `id`: chosen by the sender, so that sending it again adds nothing; `sha256`: of the file, in hexadecimal, where the
    sender knows it; `stage`: what it belongs to; `caption`: printed below a photo.
    """

    id: UUID | None = None
    activity: UUID | None = None
    item: UUID | None = Field(None, validate_default=True)
    sha256: str = ""
    stage: Literal["report", "progress", "result"] = "report"
    caption: Line = ""

    @field_validator("item")
    @classmethod
    def _one_owner(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        if "activity" in info.data and (value is None) == (info.data["activity"] is None):
            raise ValueError(_("附件须属于一个信息条目或一次收集活动。"))
        return value


class DescribePhoto(Input):
    """The caption of a photo."""

    model_config = example({"caption": "7幢东侧，垃圾桶满溢"})
    caption: Line

"""What making and keeping seals, a department's templates, and verifying a document ask for (4.1.2, 4.2.2)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from linbao.core import text
from linbao.core.inputs import Input
from linbao.documents.models import SealKind


class MakeSeal(Input):
    """`name`: what the seal reads; `person`: whose it is, for one of a person; `passphrase`: of the certificate that is
    brought."""

    kind: SealKind
    name: str
    unit: UUID
    custodian: UUID
    person: UUID | None = None
    passphrase: Annotated[str, AfterValidator(lambda value: value[:200])] = ""

    @field_validator("name")
    @classmethod
    def _name(cls, value: str, info: ValidationInfo) -> str:
        cleaned = text.clean(value)
        if not cleaned or len(cleaned) > (6 if info.data.get("kind") == SealKind.PERSON else 24):
            raise ValueError(_("请填写印文：单位和小组不超过 24 字，个人名章不超过 6 字。"))
        return cleaned


class ChangeSeal(Input):
    """Why it is suspended, resumed or revoked."""

    reason: str = Field(default="", validate_default=True)

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        cleaned = text.clean(value)[:200]
        if not cleaned:
            raise ValueError(_("请写明原因。"))
        return cleaned


class HandOver(Input):
    """Into whose keeping."""

    custodian: UUID


class UploadTemplate(Input):
    """A unit's own layout of the weekly report."""

    unit: UUID
    name: str

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        cleaned = text.clean(value)
        if not cleaned or len(cleaned) > 80:
            raise ValueError(_("请填写名称，不超过 80 字。"))
        return cleaned


class SwitchTemplate(Input):
    """Whether the template is used, or the built-in layout."""

    on: bool


class Verify(Input):
    """The code of a document, as printed or as its address has it."""

    code: Annotated[str, AfterValidator(lambda value: value.strip()[:40])] = ""

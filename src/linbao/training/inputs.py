"""What planning, holding and judging training asks for (5.1)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from linbao.core import text
from linbao.core.inputs import Input, LocalMoment, Text
from linbao.core.schemas import example
from linbao.review.models import Check
from linbao.training.models import QuestionKind, Subject

MOST_OPTIONS = 8
MOST_FEE = Decimal(100_000)


def _fee(value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        fee = Decimal(str(value).strip())
    except InvalidOperation:
        fee = Decimal("NaN")
    if not fee.is_finite() or not 0 <= fee <= MOST_FEE or fee != round(fee, 2):
        raise ValueError(_("课酬请填 0 至 %(most)s 的金额，最多两位小数。") % {"most": MOST_FEE})
    return fee


def _mark(value: int) -> int:
    if not 1 <= value <= 5:
        raise ValueError(_("请选择 1 至 5 分。"))
    return value


# --- planning ----------------------------------------------------------------------------------------


class ForCommunity(Input):
    """The community that a page's form is for; the user's first where it is left out."""

    unit: UUID | None = None


class ForQuarter(ForCommunity):
    """`quarter` as `2026Q4`; the running one where it is left out."""

    quarter: str = ""


class AddTopic(Input):
    """`group`: the work group that it is meant for; `check_kind`: what review returned most, where suggested so."""

    title: Annotated[str, Text(80, least=2)]
    subject: Subject
    why: Annotated[str, Text(300)] = ""
    group: UUID | None = None
    check_kind: Check | None = None


class SaveCourse(Input):
    """A course of the community's catalogue; one out of use is not `active`."""

    title: Annotated[str, Text(80, least=2)]
    subject: Subject
    outline: Annotated[str, Text(2000)] = ""
    active: bool = True


class SaveLecturer(Input):
    """A person of the community, or an expert from outside with organization and profile (5.1.2). An empty `phone`
    leaves the one that is stored."""

    external: bool = False
    person: UUID | None = None
    name: Annotated[str, Text(40)] = ""
    organization: Annotated[str, Text(80)] = Field(default="", validate_default=True)
    title: Annotated[str, Text(60)] = ""
    profile: Annotated[str, Text(1000)] = Field(default="", validate_default=True)
    phone: str = ""
    active: bool = True

    @field_validator("person")
    @classmethod
    def _of_the_community(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        if value is not None and info.data.get("external"):
            raise ValueError(_("外请专家不能同时选择本社区人员。"))
        return value

    @field_validator("organization", "profile")
    @classmethod
    def _of_an_expert(cls, value: str, info: ValidationInfo) -> str:
        least = 4 if info.field_name == "profile" else 1
        if info.data.get("external") and len(value) < least:
            raise ValueError(_("请填写此项。") if least == 1 else _("请至少填写 %(n)d 个字。") % {"n": least})
        return value

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str) -> str:
        cleaned = text.clean(value)
        try:
            return text.phone(cleaned) if cleaned else ""
        except ValueError as e:
            raise ValueError(_("电话号码不正确：请填 11 位手机号，或带区号的座机。")) from e


# --- sessions ----------------------------------------------------------------------------------------


class ArrangeSession(Input):
    """`minutes`: the length. `makes_up`: held in the first month of a quarter, it counts for the one before (5.1.3)."""

    title: Annotated[str, Text(80, least=2)]
    subjects: list[Subject]
    place: Annotated[str, Text(100, least=2)]
    starts_at: LocalMoment
    minutes: int
    cases: Annotated[str, Text(3000)] = ""
    makes_up: bool = False
    course: UUID | None = None
    topic: UUID | None = None

    @field_validator("subjects")
    @classmethod
    def _in_order(cls, value: list[Subject]) -> list[Subject]:
        if not value:
            raise ValueError(_("请至少选择一类内容。"))
        return [s for s in Subject if s in value]

    @field_validator("minutes")
    @classmethod
    def _length(cls, value: int) -> int:
        if not 15 <= value <= 720:
            raise ValueError(_("时长请填 15 至 720 分钟。"))
        return value


class ChangeSession(ArrangeSession):
    """`version`: the one that the form showed."""

    version: int = -1


class CancelSession(Input):
    """Why the session is called off; the people concerned read it."""

    reason: Annotated[str, Text(200, least=2)]


class Invite(Input):
    """`owing`: who has not met the quarter's duty yet; `group` and `people` belong to the choice of that name."""

    whom: Literal["reporters", "owing", "group", "chosen"]
    group: UUID | None = None
    people: list[UUID] = Field(default=[], validate_default=True)

    @field_validator("people")
    @classmethod
    def _chosen(cls, value: list[UUID], info: ValidationInfo) -> list[UUID]:
        if info.data.get("whom") == "chosen" and not value:
            raise ValueError(_("请勾选要邀请的人。"))
        return value


class AskSessionLeave(Input):
    """Why one cannot come."""

    model_config = example({"reason": "当天要陪同街道入户检查"})
    reason: Annotated[str, Text(200, least=2)]


class DecideSessionLeave(Input):
    """Whether the leave is granted."""

    granted: bool


class RegisterAttendance(Input):
    """Presence entered by hand, with the reason."""

    person: UUID
    signed_in_at: LocalMoment
    signed_out_at: LocalMoment
    reason: Annotated[str, Text(200)]

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        if len(value) < 2:
            raise ValueError(_("请写明补登的原因（2 至 200 字），如“手机没电，现场签名”。"))
        return value


class EndSession(Input):
    """`ended_at`: when the last signed out, or now, where it is left out."""

    ended_at: LocalMoment | None = None
    summary: Annotated[str, Text(3000)] = ""


class AddTeaching(Input):
    """`about`: what was taught; `fee` in yuan, with `fee_note` on how it was paid (5.1.2)."""

    lecturer: UUID
    about: Annotated[str, Text(120)] = ""
    fee: Annotated[Decimal | None, BeforeValidator(_fee)] = None
    fee_note: Annotated[str, Text(120)] = ""


class DescribeMaterial(Input):
    """`case`: the file is a case that the session discusses."""

    case: bool = False


class ChooseSeal(Input):
    """The seal that the session's document bears; none where it is left out."""

    seal: UUID | None = None


# --- questions, quizzes, feedback ---------------------------------------------------------------------


class SaveQuestion(Input):
    """`right`: places in `options`, counted from 0; a true or false question has two options of its own."""

    subject: Subject
    kind: QuestionKind
    text: Annotated[str, Text(300, least=4)]
    options: list[Annotated[str, Text(200)]] = []
    right: list[int] = []
    why: Annotated[str, Text(500, least=2)]
    active: bool = True


class SetQuiz(Input):
    """Questions of the community's bank."""

    questions: list[UUID] = []


class HandInQuiz(Input):
    """For each question of the sheet the chosen places."""

    answers: list[list[int]]


class GiveFeedback(Input):
    """Marks from 1 to 5."""

    content: int
    lecturer: int
    useful: int
    comment: Annotated[str, Text(500)] = ""

    _marks = field_validator("content", "lecturer", "useful")(_mark)

"""The standard reasons for a return: what is delivered, how they are read, how an administrator edits them (4.3.2)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.permissions import allow
from linbao.core.problems import NotFound
from linbao.organisation.models import User
from linbao.platform.reference import Reference
from linbao.review.inputs import SaveReason
from linbao.review.models import StandardReason

# code, check, field it usually concerns, Chinese, English: whole sentences on what the reporter is to do.
DELIVERED: list[tuple[str, str, str, str, str]] = [
    (
        "truth_unverified",
        "truth",
        "narrative",
        "所述情况未能核实，请到现场核对后补充说明。",
        "The facts could not be confirmed; please check on site and explain.",
    ),
    (
        "truth_photo_elsewhere",
        "truth",
        "attachments",
        "照片的拍摄时间或地点与所报不符，请换用现场照片。",
        "The photo was taken at another time or place; please use one from the scene.",
    ),
    (
        "truth_photo_reused",
        "truth",
        "attachments",
        "照片曾用于其他条目，请补拍现状。",
        "The photo was used before; please photograph the present state.",
    ),
    (
        "truth_hearsay",
        "truth",
        "narrative",
        "内容为转述，请写明消息来源并向当事人核实。",
        "This is hearsay; please name the source and confirm with those concerned.",
    ),
    (
        "complete_time",
        "completeness",
        "occurred_at",
        "缺少准确的发生时间，请补充到时、分。",
        "The exact time is missing; please give hour and minute.",
    ),
    (
        "complete_place",
        "completeness",
        "place",
        "地点不够具体，请写到楼栋、单元或路段。",
        "The place is not exact; please name the building, entrance or stretch of road.",
    ),
    (
        "complete_parties",
        "completeness",
        "parties",
        "缺少提出人或涉及人员的姓名、联系方式，请补充；要求匿名的请注明原因。",
        "Name or contact of the people concerned is missing; if they wish to stay anonymous, say why.",
    ),
    (
        "complete_course",
        "completeness",
        "narrative",
        "经过不完整，请按起因、经过、现状依次补充。",
        "The account is incomplete; please add cause, course and present state.",
    ),
    (
        "complete_measures",
        "completeness",
        "narrative",
        "未说明目前状况和已采取的措施，请补充（没有采取措施的也请写明）。",
        "Present state and measures taken are missing; say so if none were taken.",
    ),
    (
        "complete_stage",
        "completeness",
        "narrative",
        "未说明进展阶段和存在的问题，请补充。",
        "Stage of progress and existing problems are missing.",
    ),
    (
        "complete_photo",
        "completeness",
        "attachments",
        "请补充现场照片或有关数据，便于判断和办理。",
        "Please add photos of the scene or figures, so that it can be judged and handled.",
    ),
    (
        "accurate_figures",
        "accuracy",
        "narrative",
        "数字前后不一致（人数、金额或伤亡），请核对后改正。",
        "Figures disagree with each other (people, amounts or casualties); please correct them.",
    ),
    (
        "accurate_contact",
        "accuracy",
        "parties",
        "联系方式有误，无法接通，请核对。",
        "The contact number is wrong; please check it.",
    ),
    (
        "accurate_time_order",
        "accuracy",
        "occurred_at",
        "发生、发现、上报时间的先后有矛盾，请核对。",
        "The times of happening, seeing and reporting contradict each other.",
    ),
    (
        "accurate_duplicate",
        "accuracy",
        "narrative",
        "与已上报的条目是同一件事，请说明新情况，或撤回本条。",
        "This matter was reported before; please tell what is new, or withdraw it.",
    ),
    (
        "format_category",
        "format",
        "subcategory",
        "类别或子类选错，请改选后重新上报。",
        "The category is wrong; please choose another.",
    ),
    (
        "format_title",
        "format",
        "title",
        "标题过于笼统，请写成“地点＋事情”。",
        "The title is too general; please write place and matter.",
    ),
    (
        "format_key_points",
        "format",
        "key_points",
        "关键要点未提炼，请用一至五条短句概括。",
        "Key points are missing; please sum up in one to five short sentences.",
    ),
    (
        "format_analysis",
        "format",
        "analysis",
        "缺少分析结论或建议措施，请补充自己的判断。",
        "Analysis or suggested measures are missing; please add your judgement.",
    ),
    (
        "format_several_matters",
        "format",
        "narrative",
        "一条里写了几件事，请分开上报。",
        "Several matters in one item; please report them separately.",
    ),
    (
        "format_privacy",
        "format",
        "narrative",
        "正文中有居民的姓名、电话或证件号码，请移到“人员”栏，正文不写。",
        "Names, phone or ID numbers stand in the text; please move them to the people field.",
    ),
]


def _load() -> dict[str, StandardReason]:
    return {r.code: r for r in StandardReason.objects.all()}


reference: Reference[dict[str, StandardReason]] = Reference("standard_reasons", _load)


def active() -> dict[str, StandardReason]:
    """The reasons in force by code, in the order of the list; no query unless they have changed."""
    return {code: r for code, r in reference.get().items() if r.active}


def seed(model: Any = StandardReason) -> None:
    """Fill an empty list (called by the migration with its historical model)."""
    for n, (code, check, field, zh, en) in enumerate(DELIVERED):
        model.objects.get_or_create(
            code=code, defaults={"check_kind": check, "field": field, "text": zh, "text_en": en, "order": n * 10}
        )


@transaction.atomic
def save(user: User, data: SaveReason, *, code: str | None = None) -> StandardReason:
    """Add a reason (`code` None: one is made) or change one. Codes stay, since old findings point to them.

    Raises `NotFound`, `NotAllowed`.
    """
    allow(user, "review.reasons")
    row = (
        StandardReason.objects.select_for_update().filter(code=code).first()
        if code
        else StandardReason(code=_free_code(data.check_kind))
    )
    if row is None:
        raise NotFound(_("没有这条标准理由。"))
    for name, value in data:
        setattr(row, name, value)
    row.save()
    reference.changed()
    audit.record(user, "review.reason.change" if code else "review.reason.add", row, active=row.active)
    return row


def _free_code(check: str) -> str:
    taken = set(StandardReason.objects.values_list("code", flat=True))
    return next(c for n in range(1, 10_000) if (c := f"{check}_own_{n}") not in taken)

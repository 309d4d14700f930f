"""The department's own DOCX templates: Word files with placeholders that docxtpl fills (4.1.2).

A template is somebody's upload: it is opened and rendered in the box (`linbao.documents.boxed`) with nothing but the
content, and must render a sample before it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.documents import layout
from linbao.documents.inputs import UploadTemplate
from linbao.documents.layout import Photo
from linbao.documents.models import DocumentKind, Template
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.protection import box
from linbao.platform.protection.boxed import precheck

LARGEST, LARGEST_UNPACKED = 5 * 1024 * 1024, 50 * 1024 * 1024  # bytes
MOST_ENTRIES = 2000  # of the archive that a DOCX is
KNOWN = (
    "title",
    "subtitle",
    "unit",
    "issuer",
    "number",
    "to",
    "sections",
    "attachments",
    "signature",
    "date",
    "code",
    "verify",
)
SAMPLE: dict[str, Any] = {
    "title": "桂花园社区信息周报（2026年第47周，11月16日—11月22日）",
    "subtitle": "",
    "unit": "桂花园社区",
    "issuer": "桂花园社区信息报告",
    "number": "桂花园社信〔2026〕12号",
    "to": "桂花园社区管理部门",
    "sections": [
        {"heading": "一、信息来源", "blocks": [{"kind": "text", "text": "本周走访 2 次，上报信息 3 条。"}]},
        {
            "heading": "二、具体情况",
            "blocks": [
                {"kind": "sub", "text": "（一）环境卫生"},
                {"kind": "text", "text": "1. 7幢东侧垃圾桶满溢：已交办。"},
                {"kind": "table", "rows": [["类别", "上报"], ["环境卫生", "3"]]},
            ],
        },
    ],
    "attachments": ["现场照片"],
    "signature": "第一工作小组",
    "date": "2026年11月20日",
    "code": "ABCD2345EFGH",
    "verify": "https://linbao.example/verify",
}


LIMITS = box.Limits(cpu=8, wall=15.0, memory=300, output=30_000_000)
PATIENCE = 60.0  # seconds that a job waits for its turn in the box


def document(data: bytes, content: dict[str, Any], *, code: str, verify: str, photos: Sequence[Photo] = ()) -> bytes:
    """The DOCX that a unit's template makes of `content` (see `documents.services.issue`), with true metadata and the
    photos' pages after it. A template without `subtitle` gets title and subtitle in one line. Raises `Invalid`.

    Call it outside any transaction that holds a row: the template is a stranger's, and takes the time it takes.
    """
    args = {
        "ready": layout.arrange(content) | {"code": code, "verify": verify},
        "content": content,
        "moment": clock.now().isoformat(),
        "photos": [[p.caption, p.width, p.height] for p in photos],
    }
    return _boxed("docx.document", args, data, *(p.data for p in photos), patience=PATIENCE)


def fill(data: bytes, content: dict[str, Any]) -> bytes:
    """The DOCX that a template makes of `content`. Raises `Invalid` when it cannot."""
    return _boxed("docx.fill", {"content": content}, data)


def check(data: bytes) -> None:
    """Raise `Invalid` unless `data` is a Word file whose placeholders are known, which asks for nothing but them, and
    which renders the sample."""
    if not data or len(data) > LARGEST:
        raise Invalid(fields={"file": [_("请选择不超过 5 MB 的 .docx 文件。")]})
    entries, size = precheck.archive(data)
    if not entries or entries > MOST_ENTRIES or size > LARGEST:
        raise Invalid(fields={"file": [_("这不是 Word 文件（.docx）。")]})
    _boxed("docx.check", {"known": KNOWN, "sample": SAMPLE, "unpacked": LARGEST_UNPACKED}, data)


def _boxed(task: str, args: dict[str, Any], *blobs: bytes, patience: float = box.PATIENCE) -> bytes:
    try:
        return b"".join(box.run(task, args, *blobs, limits=LIMITS, patience=patience).blobs)
    except box.Refused as e:
        raise Invalid(fields={"file": [_message(e)]}) from e


def _message(e: box.Refused) -> str:
    why = str(e.data.get("why", ""))
    return {
        "not_word": _("这不是 Word 文件（.docx）。"),
        "macros": _("模板不能带宏。"),
        "outside": _(
            "模板里有会让 Word 读取其他文件或运行程序的内容（%(what)s），"
            "请删去链接的图片、嵌入的对象和引用其他文件的域。"
        )
        % {"what": e.data.get("what", "")},
        "placeholder": _("模板里的占位符写法有误：%(why)s") % {"why": why},
        "not_allowed": _(
            "模板里有不允许的写法：%(what)s。可以用占位符、循环、条件和几个简单的过滤器，不能调用函数或计算。"
        )
        % {"what": e.data.get("what", "")},
        "unknown": _("不认识的占位符：%(names)s") % {"names": _("、").join(e.data.get("names", ()))[:200]},
        "none": _("模板里没有任何占位符，例如 {{ title }}。"),
        "memory": _("模板展开后过大，不能使用。"),
        "time": _("模板展开后过大，不能使用。"),
    }.get(e.code, _("模板不能生成文件：%(why)s") % {"why": why or e.code})


def upload(actor: User, data: UploadTemplate, *, file: bytes) -> Template:
    """Take a template for the weekly report of a unit and use it from now on. Raises `Invalid`, `NotAllowed`."""
    allow(actor, "documents.templates", tree().get(data.unit))
    check(file)
    with transaction.atomic():
        Template.objects.filter(unit_id=data.unit, kind=DocumentKind.WEEKLY_REPORT).update(active=False)
        row = Template.objects.create(
            unit_id=data.unit, kind=DocumentKind.WEEKLY_REPORT, name=data.name, file=files.put(file), uploaded_by=actor
        )
        audit.record(actor, "template.upload", row, unit_id=data.unit)
    return row


def get(actor: User, template_id: UUID) -> Template:
    """The template, if `actor` may manage it; `NotFound` else."""
    row = Template.objects.select_related("unit", "uploaded_by").filter(pk=template_id).first()
    if row is None or not actor.has_perm("documents.templates", row.unit):
        raise NotFound(_("没有这个模板。"))
    return row


@transaction.atomic
def switch(actor: User, template_id: UUID, *, on: bool) -> Template:
    """Use this template, or (`on` false) go back to the built-in layout."""
    row = get(actor, template_id)
    if on:
        Template.objects.filter(unit_id=row.unit_id, kind=row.kind).exclude(pk=row.pk).update(active=False)
    row.active = on
    row.save(update_fields=["active"])
    audit.record(actor, "template.on" if on else "template.off", row, unit_id=row.unit_id)
    return row


def active(unit_id: UUID, kind: str) -> Template | None:
    """The active template of the unit, or of the nearest one above it; None: the built-in layout."""
    line = tree().line(unit_id)
    matches = Template.objects.filter(unit_id__in=[u.id for u in line], kind=kind, active=True).order_by("uploaded_at")
    rows = {row.unit_id: row for row in matches}
    return next((rows[unit.id] for unit in line if unit.id in rows), None)


@transaction.atomic
def give_up(row: Template) -> None:
    """Switch off a template that cannot be filled any more; on the audit log, by nobody."""
    Template.objects.filter(pk=row.pk).update(active=False)
    audit.record(None, "template.off", row, unit_id=row.unit_id)

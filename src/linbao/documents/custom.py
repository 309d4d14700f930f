"""The department's own DOCX templates: Word files with placeholders that docxtpl fills (4.1.2).

A template is somebody's upload: it is rendered in a sandbox with nothing but the content, and must render a
sample before it is taken.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from docx import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import LxmlError

from linbao.audit import actions as audit
from linbao.base import files, text
from linbao.base.problems import Invalid, NotFound
from linbao.documents import layout, word_package
from linbao.documents import word as common_form
from linbao.documents.models import DocumentKind, Template
from linbao.documents.photos import Photo
from linbao.units.models import User
from linbao.units.rights import allow
from linbao.units.tree import tree

LARGEST, LARGEST_UNPACKED = 5 * 1024 * 1024, 50 * 1024 * 1024  # bytes
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


class _Sandbox(SandboxedEnvironment):
    """Names, loops and conditions over the content; no arithmetic that could fill the memory, no functions."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        self.globals.clear()

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(operator)


def document(data: bytes, content: dict[str, Any], *, code: str, verify: str, photos: Sequence[Photo] = ()) -> bytes:
    """The DOCX that a unit's template makes of `content` (see `documents.actions.issue`), with true metadata and the
    photos' pages after it. A template without `subtitle` gets title and subtitle in one line. Raises `Invalid`."""
    ready = layout.arrange(content) | {"code": code, "verify": verify}
    if "subtitle" not in DocxTemplate(io.BytesIO(data)).get_undeclared_template_variables(_Sandbox()):
        ready["title"] = layout.full_title(content)
    word = Word(io.BytesIO(fill(data, ready)))
    word_package.describe(word, content)
    if photos:
        common_form.append_annex(word, ready["annex"], photos)
    return common_form.save(word)


def fill(data: bytes, content: dict[str, Any]) -> bytes:
    """The DOCX that a template makes of `content`. Raises `Invalid` when it cannot."""
    try:
        template = DocxTemplate(io.BytesIO(data))
        template.render(content, jinja_env=_Sandbox())
        out = io.BytesIO()
        template.save(out)
    except (TemplateError, PackageNotFoundError, LxmlError, KeyError, ValueError, TypeError, AttributeError, IndexError, zipfile.BadZipFile, RecursionError) as e:  # fmt: skip
        raise Invalid(
            fields={"file": [_("模板不能生成文件：%(why)s") % {"why": str(e)[:120] or type(e).__name__}]}
        ) from e
    return out.getvalue()


def check(data: bytes) -> None:
    """Raise `Invalid` unless `data` is a Word file whose placeholders are known and which renders the sample."""
    wrong = Invalid(fields={"file": [_("这不是 Word 文件（.docx）。")]})
    if not data or len(data) > LARGEST:
        raise Invalid(fields={"file": [_("请选择不超过 5 MB 的 .docx 文件。")]})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(i.file_size for i in packed.infolist()) > LARGEST_UNPACKED or len(packed.infolist()) > 2000:
                raise wrong
            if "word/document.xml" not in packed.namelist():
                raise wrong
            if any("vbaProject" in n for n in packed.namelist()):
                raise Invalid(fields={"file": [_("模板不能带宏。")]})
    except (zipfile.BadZipFile, OSError, ValueError) as e:
        raise wrong from e
    try:
        asked = DocxTemplate(io.BytesIO(data)).get_undeclared_template_variables(_Sandbox())
    except (TemplateError, PackageNotFoundError, LxmlError, KeyError, ValueError, TypeError, AttributeError) as e:
        raise Invalid(fields={"file": [_("模板里的占位符写法有误：%(why)s") % {"why": str(e)[:120]}]}) from e
    if unknown := sorted(asked - set(KNOWN)):
        raise Invalid(fields={"file": [_("不认识的占位符：%(names)s") % {"names": _("、").join(unknown)[:200]}]})
    if not asked:
        raise Invalid(fields={"file": [_("模板里没有任何占位符，例如 {{ title }}。")]})
    fill(data, SAMPLE)


def upload(actor: User, unit_id: UUID, *, name: str, data: bytes) -> Template:
    """Take a template for the weekly report of a unit and use it from now on. Raises `Invalid`, `NotAllowed`."""
    unit = tree().get(unit_id)
    allow(actor, "documents.templates", unit)
    name = text.clean(name)
    if not name or len(name) > 80:
        raise Invalid(fields={"name": [_("请填写名称，不超过 80 字。")]})
    check(data)
    with transaction.atomic():
        Template.objects.filter(unit_id=unit_id, kind=DocumentKind.WEEKLY_REPORT).update(active=False)
        row = Template.objects.create(
            unit_id=unit_id, kind=DocumentKind.WEEKLY_REPORT, name=name, file=files.put(data), uploaded_by=actor
        )
        audit.record(actor, "template.upload", row, unit_id=unit_id)
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


def of_unit(unit_id: UUID, kind: str) -> bytes | None:
    """The file of the active template of the unit, or of the nearest one above it; None: the built-in layout."""
    rows = dict(
        Template.objects.filter(unit_id__in=[u.id for u in tree().line(unit_id)], kind=kind, active=True)
        .order_by("uploaded_at")
        .values_list("unit_id", "file")
    )
    for unit in tree().line(unit_id):
        if unit.id in rows:
            return files.get(rows[unit.id])
    return None

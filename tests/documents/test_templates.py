"""The department's own layout of the weekly report: checked, sandboxed, used, and given up again (4.1.2)."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document as Word
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from linbao.core.problems import Conflict, Invalid
from linbao.documents import services
from linbao.documents.inputs import MakeSeal, UploadTemplate
from linbao.documents.models import Seal, Template
from linbao.documents.seals import services as seals
from linbao.documents.word_templates import services as custom
from linbao.platform import files
from tests.documents.test_seals import CONTENT
from tests.hostile.makers import template
from tests.loop import Town, build


@pytest.fixture
def town(db: Any) -> Town:
    cache.clear()
    return build()


GOOD = template(
    "{{ unit }}街道办样式",
    "{{ title }}（{{ number }}）",
    "{%p for s in sections %}",
    "{{ s.heading }}",
    "{%p for b in s.blocks %}",
    "{{ b.text }}",
    "{%p endfor %}",
    "{%p endfor %}",
    "验证码 {{ code }}",
)


def words(data: bytes) -> str:
    return "\n".join(p.text for p in Word(io.BytesIO(data)).paragraphs)


def made(town: Town, version: int, **more: Any) -> str:
    content = CONTENT | {"number": f"桂花园社信〔2026〕{version}号"} | more
    row = services.issue(
        "weekly_report",
        content,
        unit_id=town.community.pk,
        subject=town.community,
        version=version,
        by=town.reporter,
        prepared=services.prepare("weekly_report", content, unit_id=town.community.pk, by=town.reporter),
    )
    return words(files.get(row.docx))


@pytest.mark.clause("4.1.2")
def test_a_template_is_used_from_the_next_report_and_given_up_again(town: Town) -> None:
    browser = town.browser("manager")
    page = browser.post(
        "/admin/templates/",
        {"name": "街道样式", "unit": str(town.community.pk), "file": SimpleUploadedFile("a.docx", GOOD)},
        follow=True,
    ).content.decode()
    assert "使用中" in page
    row = Template.objects.get()
    assert "桂花园社区街道办样式" in made(town, 1)
    # What people typed is text, whatever it looks like.
    hostile = made(town, 2, title="{{ 7 * 7 }} <w:p/> & {% raw %}")
    assert "{{ 7 * 7 }} <w:p/> & {% raw %}" in hostile
    sample = b"".join(browser.get(f"/admin/templates/{row.pk}/sample.docx"))
    assert "2026年第47周" in words(sample)
    browser.post(f"/admin/templates/{row.pk}/switch", {"on": "no"})
    assert "街道办样式" not in made(town, 3)
    assert town.browser("reporter").get("/admin/templates/").status_code == 403
    assert town.browser("stranger").get(f"/admin/templates/{row.pk}/sample.docx").status_code in (403, 404)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 broken",
        b"%PDF-1.7",
        template("没有占位符"),
        template("{{ password }}"),
        template("{{ title "),
        template("{% for s in sections %}"),
        template("{{ title.__class__.__mro__ }}"),
        template("{{ title * 999999999 }}"),
        template("{{ title }}{% for x in range(999999999) %}{% endfor %}"),
        template("{{ ''.__class__.__base__.__subclasses__() }}{{ title }}"),
        template("{{ title }}{% include '/etc/passwd' %}"),
        template("{{ title.ljust(1500000000) }}"),
        template("{{ title|center(100000000) }}"),
        template("{{ title ~ title }}"),
        template("{% set a = title %}{{ a }}"),
        template("{{ title }}{% for a in (1, 2, 3) %}{% for b in (1, 2, 3) %}x{% endfor %}{% endfor %}"),
        template(
            "{{ title }}{% for a in '0123456789' %}{% for b in title|join('0123456789') %}x{% endfor %}{% endfor %}"
        ),
        template("{% for a in title|join(title) %}x{% endfor %}"),
        template("{{ title }}{{ sections.append(sections) }}"),
        template(
            "{{ title }}{% for a in title %}{% for b in title %}{% for c in title %}{% for d in title %}{% for"
            " e in title %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
        ),
    ],
)
def test_a_file_that_is_none_or_means_harm_is_refused_with_words(town: Town, data: bytes) -> None:
    began = time.monotonic()
    answer = town.browser("manager").post(
        "/admin/templates/",
        {"name": "我起的名字", "unit": str(town.community.pk), "file": SimpleUploadedFile("a.docx", data)},
    )
    assert answer.status_code == 422
    assert "我起的名字" in answer.content.decode()
    assert not Template.objects.exists()
    assert time.monotonic() - began < 5


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def linked(kind: str, target: str, external: bool = True) -> bytes:
    """A template with one more relation of its text."""
    word = Word(io.BytesIO(template("{{ title }}")))
    if external:
        word.part.rels.get_or_add_ext_rel(f"{OFFICE}/{kind}", target)
    else:
        word.part.relate_to(
            Part(PackURI(target), "application/octet-stream", b"x", word.part.package), f"{OFFICE}/{kind}"
        )
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def with_field(*pieces: str) -> bytes:
    """A template with a field whose instruction stands in these pieces."""
    word = Word(io.BytesIO(template("{{ title }}")))
    paragraph = word.add_paragraph()
    for kind, text in [("begin", ""), *[("", p) for p in pieces], ("end", "")]:
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        paragraph.add_run()._r.append(element)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


@pytest.mark.clause("6.2.2")
@pytest.mark.parametrize(
    "data",
    [
        linked("image", "http://192.0.2.1/seen.png"),
        linked("oleObject", "file://192.0.2.1/share/a.doc"),
        linked("subDocument", "http://192.0.2.1/a.docx"),
        linked("oleObject", "/word/embeddings/a.bin", external=False),
        linked("aFChunk", "/word/a.html", external=False),
        linked("vbaProject", "/word/harmless.bin", external=False),
        with_field(' INCLUDEPICTURE "http://192.0.2.1/seen.png" \\d '),
        with_field(" incl", 'udetext "C:/x.doc"'),
        with_field(" DDEAUTO c:/windows/system32/cmd.exe /k "),
    ],
    ids=["picture", "object", "document", "embedded", "web page", "macros", "field", "field in pieces", "program"],
)
def test_a_template_whose_documents_would_fetch_or_run_something_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        custom.check(data)
    assert "读取其他文件" in refused.value.fields["file"][0]
    with pytest.raises(Invalid):
        custom.fill(data, custom.SAMPLE)  # one taken in earlier


@pytest.mark.clause("6.2.2")
def test_links_page_numbers_and_the_file_that_a_template_was_made_from_are_no_hindrance() -> None:
    custom.check(linked("hyperlink", "https://example.com/"))
    custom.check(with_field(' HYPERLINK "https://example.com/" '))
    custom.check(with_field(" PAGE ", " \\* MERGEFORMAT "))
    word = Word(io.BytesIO(template("{{ title }}")))
    settings = word.part._settings_part
    attached = OxmlElement("w:attachedTemplate")
    attached.set(qn("r:id"), settings.rels.get_or_add_ext_rel(f"{OFFICE}/attachedTemplate", "file://192.0.2.1/a.dotx"))
    settings.element.insert(0, attached)
    out = io.BytesIO()
    word.save(out)
    custom.check(out.getvalue())
    made = zipfile.ZipFile(io.BytesIO(custom.fill(out.getvalue(), custom.SAMPLE)))
    assert not any(b"192.0.2.1" in made.read(n) or b"attachedTemplate" in made.read(n) for n in made.namelist())


def test_what_a_template_asks_for_in_its_properties_is_not_run_either() -> None:
    word = Word()
    word.add_paragraph("{{ title }}")
    word.core_properties.comments = "{{ title.ljust(1500000000) }}"
    out = io.BytesIO()
    word.save(out)
    with pytest.raises(Invalid) as raised:
        custom.check(out.getvalue())
    assert "ljust" in raised.value.fields["file"][0]


@pytest.mark.clause("4.1.1")
def test_a_template_taken_in_earlier_that_means_harm_is_given_up_and_the_report_goes_out(town: Town) -> None:
    row = Template.objects.create(
        unit_id=town.community.pk,
        kind="weekly_report",
        name="旧模板",
        uploaded_by=town.manager,
        file=files.put(template("我的样式", "{{ title|center(100000000) }}")),
    )
    assert "我的样式" not in made(town, 1) and "桂花园" in made(town, 2)
    row.refresh_from_db()
    assert not row.active


def test_a_packed_bomb_is_not_unpacked() -> None:
    with pytest.raises(Invalid):
        custom.check(_bomb())


def test_whoever_issues_without_preparing_gets_the_common_form(town: Town) -> None:
    """A stranger's template is opened before the transaction that issues, or not at all."""
    custom.upload(town.manager, UploadTemplate(unit=town.community.pk, name="街道样式"), file=GOOD)
    row = services.issue(
        "weekly_report",
        CONTENT | {"number": "桂花园社信〔2026〕1号"},
        unit_id=town.community.pk,
        subject=town.community,
        version=1,
        by=town.reporter,
    )
    assert "街道办样式" not in words(files.get(row.docx))


@pytest.mark.clause("4.2.2")
def test_a_seal_that_was_taken_away_between_setting_and_issuing_is_not_affixed(town: Town) -> None:
    seal = seals.make(
        None, MakeSeal(kind="work_group", name="第一小组", unit=town.community.pk, custodian=town.reporter.pk)
    )
    content = CONTENT | {"number": "桂花园社急〔2026〕1号"}
    prepared = services.prepare("urgent_report", content, unit_id=town.community.pk, by=town.reporter, seal_id=seal.pk)
    Seal.objects.filter(pk=seal.pk).update(state="suspended")
    with pytest.raises(Conflict):
        services.issue(
            "urgent_report",
            content,
            unit_id=town.community.pk,
            subject=town.community,
            version=1,
            by=town.reporter,
            seal_id=seal.pk,
            prepared=prepared,
        )

"""Inside the box: a department's Word template checked, and filled with a report's content (4.1.2, 6.1.3).

What a template may do is a list of what is allowed, asked of its syntax tree before anything runs: the content's
names, loops and conditions over them, a few filters. There are no calls, no arithmetic, and nothing to assign to, so
that no template makes more than its loops over the content make. Knows no Django settings, database or words.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree
from lxml.etree import LxmlError

from linbao.core import clock
from linbao.documents import layout, word, word_package
from linbao.platform.protection.boxed import Refusal, Send

ATTACHED = "attachedTemplate"
ATTRIBUTES = frozenset({"heading", "blocks", "kind", "text", "rows"})  # of sections and blocks
LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})
FILTERS = frozenset(
    {"count", "d", "default", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper"}
)
TESTS = frozenset({"defined", "undefined", "none", "eq", "equalto", "==", "ne", "!=", "in", "odd", "even"})
DEEPEST = 4  # loops inside loops: sections, blocks, rows, cells
ENTRIES = 2000
_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.For,
    nodes.If,
    nodes.Filter,
    nodes.Test,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Scope,
    nodes.Tuple,
)
_BY_RELATION = frozenset({"aFChunk", "control", "oleObject", "vbaProject"})  # parts that run, or that Word reads in
_BY_FIELD = re.compile(r"(?<![A-Z])(DATABASE|DDE(?:AUTO)?|IMPORT|INCLUDE(?:PICTURE|TEXT)?|LINK|RD)(?![A-Z])")
_XML = {"resolve_entities": False, "no_network": True, "huge_tree": False}
_FAULTS = (
    TemplateError,
    PackageNotFoundError,
    LxmlError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    zipfile.BadZipFile,
    RecursionError,
)


class _Sandbox(SandboxedEnvironment):
    """Checks every template that is compiled with it: body, headers, footers, footnotes and properties alike."""

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        self.globals.clear()
        self.filters = {name: f for name, f in self.filters.items() if name in FILTERS}
        self.tests = {name: f for name, f in self.tests.items() if name in TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _allowed(tree, 0)
        return tree


def _allowed(node: nodes.Node, depth: int) -> None:
    """Raise `SecurityError`, naming it, for whatever is not on the lists above."""
    if not isinstance(node, _NODES):
        raise SecurityError(_called(node))
    if isinstance(node, nodes.Getattr):
        loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
        if node.attr not in (LOOP if loop else ATTRIBUTES):
            raise SecurityError(node.attr)
    elif isinstance(node, nodes.Getitem):
        if not (
            isinstance(node.arg, nodes.Const) and (isinstance(node.arg.value, int) or node.arg.value in ATTRIBUTES)
        ):
            raise SecurityError("[…]")
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise SecurityError(f"|{node.name}")
    elif isinstance(node, nodes.Test) and node.name not in TESTS:
        raise SecurityError(f"is {node.name}")
    elif isinstance(node, nodes.For):
        depth += 1
        if depth > DEEPEST or node.recursive or not _of_content(node.iter):
            raise SecurityError("for")
    for child in node.iter_child_nodes():
        _allowed(child, depth)


def _of_content(node: nodes.Node) -> bool:
    """Whether a loop runs over the content, or over a part of it, and not over what the template itself lists."""
    while isinstance(node, nodes.Getattr | nodes.Getitem) or (
        isinstance(node, nodes.Filter) and node.name in ("first", "last") and node.node is not None
    ):
        assert node.node is not None
        node = node.node
    return isinstance(node, nodes.Name)


def _called(node: nodes.Node) -> str:
    if isinstance(node, nodes.Call):
        inner = node.node
        return f"{getattr(inner, 'attr', getattr(inner, 'name', ''))}()"
    return {
        "Mul": "*",
        "Pow": "**",
        "Mod": "%",
        "Add": "+",
        "Sub": "-",
        "Div": "/",
        "Concat": "~",
        "Assign": "set",
    }.get(type(node).__name__, type(node).__name__.lower())


def check(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Refuses what is no Word file (`not_word`), has macros, writes its placeholders wrongly (`placeholder`), uses
    what is not allowed (`not_allowed`), makes Word fetch or run what is elsewhere (`outside`), names what is not
    `known` (`unknown`), has none (`none`), or does not render `sample` (`fails`). `unpacked`: bytes that it may
    unpack to."""
    data = blobs[0]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as e:
        raise Refusal("not_word") from e
    names = [e.filename for e in entries]
    if (
        len(entries) > ENTRIES
        or sum(e.file_size for e in entries) > args["unpacked"]
        or "word/document.xml" not in names
    ):
        raise Refusal("not_word")
    if any("vbaProject" in n for n in names):
        raise Refusal("macros")
    try:
        asked = _asked(data)
    except SecurityError as e:
        raise Refusal("not_allowed", what=str(e)[:120]) from e
    except _FAULTS as e:
        raise Refusal("placeholder", why=str(e)[:120]) from e
    if unknown := sorted(asked - set(args["known"])):
        raise Refusal("unknown", names=unknown[:20])
    if not asked:
        raise Refusal("none")
    _filled(data, args["sample"])
    return {}


def fill(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends the DOCX that the template makes of `content`."""
    send(_filled(blobs[0], args["content"]))
    return {}


def document(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """Sends the DOCX of a document: the template filled with `ready`, the metadata of `content` as of `moment` (ISO),
    and the annex with the photos whose bytes follow the template's, `[caption, width, height]` in `photos`."""
    ready, content = args["ready"], args["content"]
    if "subtitle" not in _asked(blobs[0]):
        ready["title"] = layout.full_title(content)
    with clock.at(datetime.fromisoformat(args["moment"])):
        made = Word(io.BytesIO(_filled(blobs[0], ready)))
        word_package.describe(made, content)
        photos = [layout.Photo(p[0], data, p[1], p[2]) for p, data in zip(args["photos"], blobs[1:], strict=True)]
        if photos:
            word.append_annex(made, ready["annex"], photos)
        send(word.save(made))
    return {}


def paragraphs(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """The paragraphs and table rows of a DOCX, in order."""
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    opened = Word(io.BytesIO(blobs[0]))
    rows: list[str] = []
    for child in opened.element.body.iterchildren():
        if child.tag.endswith("}p"):
            rows.append(Paragraph(child, opened).text.strip())
        elif child.tag.endswith("}tbl"):
            rows += ["；".join(cell.text.strip() for cell in row.cells) for row in Table(child, opened).rows]
    send("\x00".join(rows).encode("utf-8", "replace"))
    return {}


def _asked(data: bytes) -> set[str]:
    return set(DocxTemplate(io.BytesIO(data)).get_undeclared_template_variables(_Sandbox()))


def _leads_outside(data: bytes) -> str:
    """What Word would fetch or run when somebody opens the file: linked pictures and files, embedded objects, fields
    that read other files. Empty when there is nothing of the kind; links to click on are none, nor is the template
    that the file was once made from, which `_filled` takes out."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for name in packed.namelist():
            if name.endswith(".rels"):
                for relation in etree.fromstring(packed.read(name), etree.XMLParser(**_XML)):
                    kind = str(relation.get("Type", "")).rpartition("/")[2]
                    outside = relation.get("TargetMode") == "External" and kind not in ("hyperlink", ATTACHED)
                    if outside or kind in _BY_RELATION:
                        return kind
            elif (
                name.startswith("word/")
                and name.endswith(".xml")
                and (result := _BY_FIELD.search(_fields(packed.read(name))))
            ):
                return result[1]
    return ""


def _fields(part: bytes) -> str:
    """The instructions of a part's fields, each in a line of its own; Word may cut one in several pieces."""
    pieces: list[str] = []
    for element in etree.fromstring(part, etree.XMLParser(**_XML)).iter(
        qn("w:fldChar"), qn("w:instrText"), qn("w:fldSimple")
    ):
        if element.tag == qn("w:instrText"):
            pieces.append(element.text or "")
        else:
            pieces += ["\n", element.get(qn("w:instr"), ""), "\n"]
    return "".join(pieces).upper()


def _forget_attached(template: DocxTemplate) -> None:
    """Take out where the file's own template lies, which Word would look for on somebody's computer or server."""
    part = template.docx.part._settings_part
    for element in part.element.findall(qn(f"w:{ATTACHED}")):
        part.rels.pop(element.get(qn("r:id")), None)
        part.element.remove(element)


def _filled(data: bytes, content: dict[str, Any]) -> bytes:
    try:
        if outside := _leads_outside(data):
            raise Refusal("outside", what=outside)
        template = DocxTemplate(io.BytesIO(data))
        template.render(content, jinja_env=_Sandbox())
        _forget_attached(template)
        out = io.BytesIO()
        template.save(out)
    except SecurityError as e:
        raise Refusal("not_allowed", what=str(e)[:120]) from e
    except _FAULTS as e:
        raise Refusal("fails", why=str(e)[:120] or type(e).__name__) from e
    return out.getvalue()

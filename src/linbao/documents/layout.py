"""What a document's content becomes before PDF and DOCX are made of it: one shape for both (domain.md §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

TITLE_LINE = 18  # characters of 22 pt that fit the type area of 156 mm, with some air
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x85")
# `…周报（2026年第47周（11月16日—11月22日））`, as `clock.week_name` in brackets has it; or a plain bracket at the end.
_WEEK_IN_BRACKETS = re.compile(r"^(?P<title>.+?)（(?P<week>\d{4}年第\d{1,2}周)（(?P<days>[^（）]+)））$")
_BRACKET_AT_END = re.compile(r"^(?P<title>.+?)(?P<subtitle>（[^（）]+）)$")
# What stays on one line of a title: dates, weeks and their ranges, numbers, Latin words, quoted or bracketed names.
_WHOLE = re.compile(
    r"(?:\d+[年月日号周幢栋楼层]?|第\d+[周季]度?|[—\-–~至])+|[A-Za-z0-9][A-Za-z0-9.\-]*|“[^”]{1,12}”|《[^》]{1,12}》|（[^）]{1,12}）|."
)
# A blank between a Chinese letter or mark and a digit: official documents have none, and lines would stretch at it.
_BLANK_AT_DIGIT = re.compile(
    r"(?<=[\u3001-\u9fff\uff00-\uffef]) +(?=[0-9])|(?<=[0-9]) +(?=[\u3001-\u9fff\uff00-\uffef])"
)
LONG_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z./:_-]{6,}")
_NOT_FIRST = "，。、；：？！）〕】》”’·—"


@dataclass(frozen=True)
class Photo:
    """One photo of the annex. `data` is an upright JPEG without metadata; empty where the file cannot be read."""

    caption: str
    data: bytes = b""
    width: int = 0
    height: int = 0


def arrange(content: dict[str, Any]) -> dict[str, Any]:
    """`content` as `documents.services.issue` takes it, ready for typesetting.

    Control characters are gone; `title` and `subtitle` stand apart, `title_lines` are the title's lines; a block whose
    text has line feeds is several blocks; `attachments` names the photo annex when there is one, and `annex` is its
    heading (附件, or 附件2 among several). Keys that are none of these are kept.
    """
    clean: dict[str, Any] = _cleaned(content)
    title, subtitle = split_title(one_line(clean["title"]), one_line(clean.get("subtitle") or ""))
    sections = [
        {
            "heading": one_line(section["heading"]),
            "blocks": [part for block in section["blocks"] for part in _parts(block)],
        }
        for section in clean.get("sections", [])
    ]
    attachments = [one_line(name) for name in clean.get("attachments", [])]
    photos = clean.get("photos") or []
    annex = ""
    if photos:
        place = next((n for n, name in enumerate(attachments, 1) if "照片" in name), 0)
        if not place:
            attachments.append(f"现场照片（{len(photos)}张）")
            place = len(attachments)
        annex = f"附件{place}" if len(attachments) > 1 else "附件"
    return clean | {
        "title": title,
        "subtitle": subtitle,
        "title_lines": title_lines(title),
        "sections": sections,
        "attachments": attachments,
        "photos": photos,
        "annex": annex,
    }


def split_title(title: str, subtitle: str = "") -> tuple[str, str]:
    """Title and subtitle: a bracket at the title's end becomes the second line, and never holds brackets of its own.

    `桂花园社区信息周报（2026年第47周（11月16日—11月22日））` gives `桂花园社区信息周报` and
    `（2026年第47周，11月16日—11月22日）`. A `subtitle` that the content brings is kept.
    """
    if subtitle:
        return title, subtitle
    if week := _WEEK_IN_BRACKETS.match(title):
        return week["title"], f"（{week['week']}，{week['days']}）"
    if (bracket := _BRACKET_AT_END.match(title)) and width(title) > TITLE_LINE:
        return bracket["title"], bracket["subtitle"]
    return title, ""


def title_lines(title: str, most: float = TITLE_LINE) -> list[str]:
    """The title in as few lines as it takes, of about the same length, never broken inside a date, a number or a name
    in quotes. `most` is a line's length in full-width characters."""
    tokens: list[str] = []
    for token in _WHOLE.findall(title):
        if tokens and token[0] in _NOT_FIRST and len(token) == 1:
            tokens[-1] += token
        else:
            tokens.append(token)
    # Fewest lines first, then the least squares of what is left free at their ends.
    best: list[tuple[int, float, list[str]]] = [(0, 0.0, [])]
    for end in range(1, len(tokens) + 1):
        choices = []
        for start in range(end - 1, -1, -1):
            line = "".join(tokens[start:end])
            if width(line) > most and start < end - 1:
                break
            count, free, lines = best[start]
            choices.append((count + 1, free + (most - width(line)) ** 2, [*lines, line]))
        best.append(min(choices, key=lambda choice: choice[:2]))
    return best[-1][2] or [""]


def width(text: str) -> float:
    """Length in full-width characters; Latin letters and digits count half."""
    return sum(0.5 if ord(c) < 0x2E80 and c not in "—“”‘’…·" else 1.0 for c in text)


def full_title(content: dict[str, Any]) -> str:
    """Title and subtitle in one line, as metadata and lists name the document."""
    title, subtitle = split_title(one_line(content["title"]), one_line(content.get("subtitle") or ""))
    return clean_text(title + subtitle)


def author(content: dict[str, Any]) -> str:
    """The unit and whoever signed, as metadata names them."""
    names = [one_line(clean_text(str(content.get(key) or ""))) for key in ("unit", "signature")]
    names = [" ".join(name.split()) for name in names if name.strip()]
    return names[0] if len(names) == 2 and names[0] == names[1] else " ".join(names)


def clean_text(text: str) -> str:
    """`text` without control characters and lone surrogates; line ends as \\n."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """The text without line breaks."""
    return " ".join(part.strip() for part in text.split("\n") if part.strip())


def _parts(block: dict[str, Any]) -> list[dict[str, Any]]:
    """A block of its own for each line of a text; a table as a full grid, with no line feeds lost."""
    if block["kind"] == "table":
        rows = [[str(cell) for cell in row] for row in block["rows"]]
        columns = max((len(row) for row in rows), default=0)
        return [block | {"rows": [row + [""] * (columns - len(row)) for row in rows]}] if columns else []
    lines = [_BLANK_AT_DIGIT.sub("", line.strip(" \t")) for line in block["text"].split("\n")]
    return [block | {"text": line} for line in lines if line]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value

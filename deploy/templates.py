"""Lay out Django templates: `make fmt` writes them so, `make lint` holds them to it (docs/architecture.md).

    python deploy/templates.py [--check] [FILE …]      (all templates of src/linbao without FILE)

A line holds one element and at most 120 characters. White space is added only where a browser shows none: beside a
block element, beside any element in a row of our styles (`display: flex` or `grid`), where there was some already, and
between attributes. The content of `<pre>`, `<textarea>`, `<script>`,
`<style>`, of translated blocks and of comments stays as it is. djLint was tried: it left lines of 900 characters,
lost its indentation at our block tags and put blanks into buttons (docs/decisions).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WIDTH, STEP = 120, 2
ROOT = Path(__file__).parent.parent / "src/linbao"
STYLES = ROOT / "shell/assets/css"
BLOCKS = """html head body div section header footer main nav aside article h1 h2 h3 h4 h5 h6 p ul ol li table caption
    colgroup col thead tbody tfoot tr td th form fieldset legend details summary dl dt dd figure figcaption dialog title
    link meta hr template option optgroup datalist noscript blockquote address search script style base"""
BLOCK = set(BLOCKS.split())
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RAW = ("pre", "textarea", "script", "style")
DJANGO_BLOCKS = "if for with block fieldbox dialog filterbar autoescape spaceless filter cache language ifchanged"
OPENERS = set(DJANGO_BLOCKS.split())
MIDDLES = {"else", "elif", "empty"}
HIDDEN = {"csrf_token", "load", "extends"}  # of these nothing is shown
SHOWN = {"icon", "badge", "status_badge", "countdown", "clause"}  # tags of ours that are one element
FRAMES = {"fieldbox", "dialog", "filterbar", "block"}  # Django blocks that are block elements, or fill one
_TAG = r"\{%.*?%\}|\{\{.*?\}\}"
_ATTRIBUTES = rf"(?:{_TAG}|\"(?:{_TAG}|[^\"])*\"|'(?:{_TAG}|[^'])*'|[^>\"'])*?"
_TOKEN = re.compile(
    r"(?P<comment>\{#.*?#\}|<!--.*?-->|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\})"
    r"|(?P<trans>\{%\s*(?P<kind>blocktrans(?:late)?|verbatim)\b.*?%\}.*?\{%\s*end(?P=kind)\s*%\})"
    rf"|(?P<raw><(?P<name>{'|'.join(RAW)})\b{_ATTRIBUTES}>.*?</(?P=name)>)"
    r"|(?P<django>\{%.*?%\})|(?P<value>\{\{.*?\}\})"
    rf"|(?P<html></?[a-zA-Z][\w:-]*{_ATTRIBUTES}>|<!doctype[^>]*>)"
    r"|(?P<text>(?:(?!\{[%{#]|</?[a-zA-Z!]).)+)",
    re.S | re.I,
)
_ATTRIBUTE = re.compile(rf"(?:{_TAG}|\"(?:{_TAG}|[^\"])*\"|'(?:{_TAG}|[^'])*'|[^\s\"'])+")


@dataclass
class Token:
    """`kind`: open, close (of a block element), begin, middle, end (of a Django block), void (a block element without
    content), hidden, start, stop (of an inline element), inline."""

    text: str
    kind: str
    name: str = ""
    space: bool = False  # white space stood before it
    blank: bool = False  # an empty line stood before it
    mate: int = -1
    first: int = -1  # of a middle: where its block begins
    blocks: int = 0
    row: bool = False  # the place before it is directly inside a row


def tokens(source: str) -> list[Token]:
    """The parts of a template; white space between them is kept as a mark of what follows."""
    result: list[Token] = []
    space = blank = False
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise ValueError(f"not understood: {source[position : position + 60]!r}")
        position, text = match.end(), match[0]
        if match["text"]:
            words = text.split()
            if not words or text[0].isspace():
                space, blank = True, blank or len(re.match(r"\s*", text)[0].split("\n")) > 2  # type: ignore[index]
            for n, word in enumerate(words):
                result.append(Token(word, "inline", space=space or n > 0, blank=blank and n == 0))
                space = blank = False
            if words and text[-1].isspace():
                trailing = re.search(r"\s*$", text)
                space, blank = True, bool(trailing) and trailing[0].count("\n") > 1
            continue
        result.append(_token(match, text, space, blank))
        space = blank = False
    _pair(result)
    return result


def _token(match: re.Match[str], text: str, space: bool, blank: bool) -> Token:
    if match["html"]:
        name = re.sub(r"</?", "", re.split(r"[\s/>{]", text.lstrip("</"), maxsplit=1)[0]).lower()
        closing = text.startswith("</")
        if name in BLOCK or name.startswith("!"):
            kind = "close" if closing else "void" if name in VOID or name.startswith("!") else "open"
        else:
            kind = "stop" if closing else "inline" if name in VOID or text.endswith("/>") else "start"
        return Token(text, kind, name, space, blank)
    if match["raw"]:
        name = match["name"].lower()
        return Token(text, "void" if name in BLOCK or name == "pre" else "inline", name, space, blank)
    if match["django"]:
        name = text[2:-2].split()[0]
        if name in OPENERS:
            return Token(text, "begin", name, space, blank)
        if name.startswith("end") and name[3:] in OPENERS:
            return Token(text, "end", name[3:], space, blank)
        kind = "middle" if name in MIDDLES else "hidden" if name in HIDDEN else "inline"
        return Token(text, kind, name, space, blank)
    return Token(text, "hidden" if match["comment"] else "inline", "", space, blank)


def _pair(result: list[Token]) -> None:
    """Note the mate of each opening part, and how many block elements lie between them."""
    opened: list[int] = []
    rows = row_classes()
    count = [0]
    for token in result:
        count.append(count[-1] + (token.kind in ("open", "void")))
    for n, token in enumerate(result):
        around = next((result[k] for k in reversed(opened) if result[k].kind != "begin"), None)
        token.row = around is not None and bool(rows & _classes(around.text))
        if token.kind in ("open", "begin", "start"):
            opened.append(n)
        elif token.kind == "middle":
            token.first = next((k for k in reversed(opened) if result[k].kind == "begin"), -1)
        elif token.kind in ("close", "end", "stop"):
            for k in range(len(opened) - 1, -1, -1):
                first = result[opened[k]]
                if (
                    first.name == token.name
                    and first.kind == {"close": "open", "end": "begin", "stop": "start"}[token.kind]
                ):
                    first.mate, token.mate = n, opened[k]
                    first.blocks = count[n + 1] - count[opened[k]]
                    del opened[k:]
                    break
    for token in result:
        if token.kind == "middle" and token.first >= 0:
            token.mate = result[token.first].mate


def _edge(result: list[Token], n: int, step: int) -> bool:
    """Whether, from token `n` onward in the direction `step`, a block's edge comes before anything that is shown."""
    while 0 <= n < len(result):
        token = result[n]
        if token.kind in ("open", "close", "void") or (token.kind in ("begin", "end") and token.name in FRAMES):
            return True
        if token.kind == "middle" and token.first >= 0 and token.mate >= 0:
            n = token.mate if step > 0 else token.first  # what follows a branch is what follows the whole
        elif token.kind not in ("hidden", "begin", "end"):
            return False
        n += step
    return True


def _breakable(result: list[Token], n: int) -> bool:
    """Whether white space before token `n` shows nowhere, or is there already."""
    if n == 0 or result[n].space or _edge(result, n, 1) or _edge(result, n - 1, -1):
        return True
    return result[n].row and (_element(result, n, 1) or _element(result, n - 1, -1))


def _element(result: list[Token], n: int, step: int) -> bool:
    """Whether an element, and no text, comes first from token `n` onward in the direction `step`."""
    while 0 <= n < len(result) and result[n].kind in ("hidden", "begin", "end"):
        n += step
    if not 0 <= n < len(result):
        return False
    token = result[n]
    return token.kind in ("start", "stop") or token.name in SHOWN or token.name in VOID


@cache
def row_classes() -> set[str]:
    """The classes whose elements lay out their children in a row or grid, where white space between them is not
    shown."""
    result = {"btn"}  # Tabler's
    for file in sorted(STYLES.glob("*.css")):
        css = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.S)
        css = re.sub(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", css)  # what holds for some screens alone
        for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            if re.search(r"display:\s*(inline-)?(flex|grid)\b", rules):
                result |= {s.strip()[1:] for s in selectors.split(",") if re.fullmatch(r"\s*\.[\w-]+\s*", s)}
    return result


def _classes(text: str) -> set[str]:
    """The classes that an element has in any case."""
    match = re.search(r"\bclass=\"([^\"]*)\"", text)
    return set(re.sub(_TAG, " ", match[1]).split()) if match else set()


def _length(result: list[Token], first: int, last: int) -> int:
    """Characters of tokens `first` to `last` on one line; a large number where one of them has lines of its own."""
    total = 0
    for n in range(first, last + 1):
        if "\n" in result[n].text:
            return 10_000
        total += len(result[n].text) + (n > first and result[n].space)
    return total


def layout(source: str) -> str:
    """`source`, laid out."""
    parts = tokens(source)
    lines: list[list[int]] = []
    flat_until, opened_on = -1, []  # type: tuple[int, list[int]]
    line: list[int] = []
    depth = 0

    def indent(n: int) -> int:
        closing = 0
        k = n
        while k < len(parts) and parts[k].kind in ("close", "end", "stop", "middle") and k == n:
            closing = 1
            k += 1
        distinct = len(set(opened_on))
        if closing and opened_on:
            rest = opened_on[:-1]
            distinct = len(set(rest))
        return distinct * STEP

    for n, token in enumerate(parts):
        new = n == 0 or (n > flat_until and _breakable(parts, n) and _wanted(parts, n))
        if new:
            if line:
                lines.append(line)
            line = []
        if n > flat_until and token.mate > n and token.kind in ("open", "begin", "start"):
            start = indent(n) if not line else depth + _length(parts, line[0], n - 1) + token.space
            fits = start + _length(parts, n, token.mate) <= WIDTH
            if fits and token.blocks <= 1 and not any(parts[k].blank for k in range(n + 1, token.mate + 1)):
                flat_until = token.mate
        if not line:
            depth = indent(n)
        if token.kind in ("close", "end", "stop") and token.mate >= 0 and opened_on:
            opened_on.pop()
        line.append(n)
        if token.kind in ("open", "begin", "start") and token.mate >= 0:
            opened_on.append(len(lines))
    if line:
        lines.append(line)
    return _written(parts, lines)


def _wanted(parts: list[Token], n: int) -> bool:
    """Whether a line begins with token `n`, where it may."""
    before, token = parts[n - 1], parts[n]
    structural = ("open", "close", "void", "begin", "middle", "end", "hidden")
    if token.blank or before.kind in structural or token.kind in structural:
        return True
    return (
        (token.kind == "start" and token.blocks > 0)
        or (before.kind == "start" and before.blocks > 0)
        or (before.kind == "stop" and before.mate >= 0 and parts[before.mate].blocks > 0)
    )


def _written(parts: list[Token], lines: list[list[int]]) -> str:
    result: list[str] = []
    opened: list[int] = []  # for each open part the line that it opened on
    for number, line in enumerate(lines):
        leading = line[0]
        level = len(set(opened))
        k, stack = leading, list(opened)
        while k <= line[-1] and parts[k].kind in ("close", "end", "stop", "middle"):
            if parts[k].kind == "middle":
                level = len(set(stack[:-1])) if k == leading else level
                break
            if parts[k].mate >= 0 and stack:
                stack.pop()
            level = len(set(stack))
            k += 1
        if parts[leading].blank and result and result[-1]:
            result.append("")
        result += _wrapped(parts, line, level * STEP)
        for n in line:
            if parts[n].kind in ("close", "end", "stop") and parts[n].mate >= 0 and opened:
                opened.pop()
            elif parts[n].kind in ("open", "begin", "start") and parts[n].mate >= 0:
                opened.append(number)
    return "\n".join(r.rstrip() for r in result) + "\n"


def _wrapped(parts: list[Token], line: list[int], indent: int) -> list[str]:
    """One line, or more where it is too long: broken where white space may stand, else between attributes."""
    rows, row = [], " " * indent
    for n in line:
        token = parts[n]
        gap = " " if token.space and n != line[0] else ""
        width = len(token.text.split("\n")[0])
        empty = not row.strip()
        if not empty and len(row) + len(gap) + width > WIDTH and _breakable(parts, n):
            rows.append(row)
            row, gap = " " * (indent + STEP), ""
        if len(row) + len(gap) + width > WIDTH and token.text.startswith("<") and "\n" not in token.text:
            pieces = _ATTRIBUTE.findall(token.text)
            row += gap
            for k, piece in enumerate(pieces):
                if k and len(row) + 1 + len(piece) > WIDTH and row.strip():
                    rows.append(row)
                    row = " " * (indent + 2 * STEP) + piece
                else:
                    row += (" " if k else "") + piece
        else:
            row += gap + token.text
        if "\n" in row:
            *before, row = row.split("\n")
            rows += before
    return [*rows, row]


def formatted(source: str) -> str:
    """The template as it should stand. Raises `ValueError` where that would change more than white space."""
    result = layout(source)
    again = layout(result)
    if "".join(source.split()) != "".join(result.split()):
        raise ValueError("changed")
    return again if again == layout(again) else result


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    files = [Path(a) for a in arguments if not a.startswith("-")] or sorted(ROOT.rglob("templates/**/*.html"))
    bad = 0
    for path in files:
        source = path.read_text(encoding="utf-8")
        try:
            result = formatted(source)
        except ValueError as e:
            print(f"{path}: {e}")
            bad += 1
            continue
        if result != source:
            bad += check
            if check:
                print(f"{path}: run make fmt")
            else:
                path.write_text(result, encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

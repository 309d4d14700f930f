"""Mail as bytes: headers, names of attachments and parts as Outlook, QQ Mail and 163 read them.

Everything is built from text that is made harmless first (`one_line`, `lines`), and the same input gives the same
bytes: no random boundary, so that a second try sends the same message. RFC 2045, 2047, 2183, 2231, 5322, 6532.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

LINE = 76  # octets of a line that holds an encoded word (RFC 2047 §2)
WORD = 75  # octets of an encoded word
NAME = 80  # characters of a file's name
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_BODY_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]+')
_LINK = re.compile(r"https?://[^\s<>\"'“”‘’（）()，。；、【】]+")


@dataclass(frozen=True)
class Part:
    """An attachment: its type, the name that people see, its content."""

    content_type: str
    name: str
    data: bytes


def one_line(value: str, most: int = 200) -> str:
    """`value` as a header may hold it: one line, no control or invisible character, no half of a surrogate pair, at
    most `most` characters, no letter parted from its accents."""
    text = " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", _whole(value))).split())
    if len(text) <= most:
        return text
    cut = most - 1
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] in "\u200d\ufe0e\ufe0f"):
        cut -= 1
    return text[:cut].rstrip() + "…"


def lines(value: str) -> str:
    """`value` as the text of a mail: line ends as \\n, no control characters, no half of a surrogate pair."""
    text = re.sub(r"\r\n?|\u2028|\u2029|\x85", "\n", _whole(value))
    return _BODY_CONTROL.sub("", text)


def file_name(value: str) -> str:
    """A file's name that every system takes: one line, no path, its extension kept."""
    name = _NOT_IN_NAMES.sub("-", one_line(value, len(value) + 1))
    stem, dot, extension = name.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,8}", extension):
        stem, extension = name, ""
    most = NAME - len(extension) - 1
    return (stem.strip(" .")[:most].rstrip(" .") or "file") + (f".{extension}" if extension else "")


def header(name: str, value: str) -> str:
    """`Name: value` folded to lines of at most 76 octets; encoded words (UTF-8, base64) where the text is not plain
    ASCII or cannot be folded at blanks. No word ends inside a character."""
    plain = value.isascii() and "=?" not in value
    if plain and len(name) + 2 + len(value) <= LINE:
        return f"{name}: {value}"
    return f"{name}: " + "\r\n ".join(encoded_words(value, len(name) + 2))


def encoded_words(value: str, indent: int = 1) -> list[str]:
    """`value` as encoded words of at most 75 octets, the first of them `indent` octets into its line."""
    terms: list[str] = []
    room = _octets(min(WORD, LINE - indent))
    part = b""
    for letter in value:
        octets = letter.encode()
        if len(part) + len(octets) > room:
            terms.append(_word(part))
            part, room = b"", _octets(LINE - 1)
        part += octets
    return [*terms, _word(part)]


def mailbox(name: str, address: str) -> str:
    """`name <address>` for a From or To header: encoded words for the name."""
    if not name:
        return address
    quoted = f'"{name}"' if re.fullmatch(r"[A-Za-z0-9 .'-]+", name) else "\r\n ".join(encoded_words(name, 6))
    return f"{quoted} <{address}>" if len(quoted) + len(address) < LINE - 10 else f"{quoted}\r\n <{address}>"


def message(headers: Sequence[str], text: str, boundary: str, parts: Sequence[Part]) -> bytes:
    """The whole mail: `headers` (each folded, without line end), `text` as plain text and as simple HTML, attachments.
    `boundary` occurs in no part: it holds a `_`, which base64 has not."""
    both = _multipart(
        "alternative",
        boundary + "_a",
        [
            _leaf(["Content-Type: text/plain; charset=utf-8"], text.encode()),
            _leaf(["Content-Type: text/html; charset=utf-8"], as_html(text).encode()),
        ],
    )
    files = [
        _leaf(
            [
                f'Content-Type: {part.content_type};\r\n name="{_name_words(part.name)}"',
                f"Content-Disposition: attachment;\r\n filename*=UTF-8''{quote(part.name, safe='')}",
            ],
            part.data,
        )
        for part in parts
    ]
    body = _multipart("mixed", boundary + "_m", [both, *files]) if files else both
    return "\r\n".join([*headers, "MIME-Version: 1.0"]).encode() + b"\r\n" + body


def as_html(text: str) -> str:
    """The plain text as a simple page: paragraphs, links that can be pressed, nothing from elsewhere."""
    paragraphs = []
    for block in re.split(r"\n{2,}", text.strip("\n")):
        rows = "<br>\n".join(_linked(row) for row in block.split("\n"))
        paragraphs.append(f'<p style="margin:0 0 12px">{rows}</p>')
    style = "font-family:'Microsoft YaHei','PingFang SC',sans-serif;font-size:15px;line-height:1.7;color:#1f2933"
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"></head>\n'
        f'<body style="margin:0;padding:16px"><div style="{style}">\n'
        + "\n".join(paragraphs)
        + "\n</div></body></html>\n"
    )


def _linked(row: str) -> str:
    out, at = [], 0
    for link in _LINK.finditer(row):
        address = html.escape(link[0])
        out += [html.escape(row[at : link.start()]), f'<a href="{address}" style="color:#0b6e8a">{address}</a>']
        at = link.end()
    return "".join([*out, html.escape(row[at:])])


def _name_words(name: str) -> str:
    """A file's name inside the quotes of `name=`: as it is if plain, else encoded words (what Outlook reads)."""
    return name if name.isascii() and "=?" not in name and len(name) < 60 else "\r\n ".join(encoded_words(name, 7))


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    edge = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(edge + b"\r\n" + part for part in parts) + edge + b"--\r\n"


def _leaf(headers: Sequence[str], data: bytes) -> bytes:
    head = "\r\n".join([*headers, "Content-Transfer-Encoding: base64", "", ""]).encode()
    return head + base64.encodebytes(data).replace(b"\n", b"\r\n") + (b"" if data else b"\r\n")


def _word(octets: bytes) -> str:
    return f"=?UTF-8?B?{base64.b64encode(octets).decode()}?="


def _octets(room: int) -> int:
    """How many octets of text an encoded word of `room` octets takes, at least one character's."""
    return max(4, (room - 12) // 4 * 3)


def _whole(value: str) -> str:
    """Surrogate pairs joined; halves are left for the caller to drop."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", " ")

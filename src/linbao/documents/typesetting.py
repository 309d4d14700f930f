"""PDF by typst, in this process, with a kept compiler (performance.md: 7 to 12 ms a page)."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

HERE = Path(__file__).parent


# A compiler serves one thread at a time; a page takes milliseconds, so they wait for each other.
_turn = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One for the process: the Chinese fonts weigh tens of megabytes."""
    return typst.Compiler(root=str(HERE.parent), font_paths=[str(HERE / "fonts")])


def typeset(source: Path, data: dict[str, Any], *, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """The file that `source`, a `.typ` of this package, makes of `data` (its `sys.inputs.data`); `png` at 300 dpi."""
    told = {"data": json.dumps(data, ensure_ascii=False)}
    with _turn:
        made = _compiler().compile(input=str(source), format=form, ppi=300, sys_inputs=told)
    assert isinstance(made, bytes)  # one file, not pages
    return made


def pdf(content: dict[str, Any], *, code: str, verify: str, form: str = "official") -> bytes:
    """The PDF of a document, in the shape that `form` names (a file of `typst/`): an official document, else a
    certificate; `content` as `documents.actions.issue` describes it, and `seal`, a diameter
    in millimetres, where one is to be affixed: the place is kept by a link to the check (see `seals.place`)."""
    return typeset(HERE / "typst" / f"{form}.typ", _told(content, code, verify))


def _told(content: dict[str, Any], code: str, verify: str) -> dict[str, Any]:
    drawn = io.BytesIO()
    segno.make(verify + code, error="m").save(drawn, kind="svg", border=0)
    return content | {
        "code": code,
        "verify": verify.removesuffix("?code=").rstrip("/"),
        "qr": drawn.getvalue().decode(),
    }

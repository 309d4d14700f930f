"""PDF by typst, in this process, with a kept compiler (performance.md: 7 to 12 ms a page)."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst

HERE = Path(__file__).parent


# A compiler serves one thread at a time; a page takes milliseconds, so they wait for each other.
_turn = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(HERE / "typst"), font_paths=[str(HERE / "fonts")])


def pdf(content: dict[str, Any], *, code: str, verify: str, form: str = "official") -> bytes:
    """The PDF of a document, in the shape that `form` names (a file of `typst/`): an official document, else a
    certificate; `content` as `documents.actions.issue` describes it, and `seal`, a diameter
    in millimetres, where one is to be affixed: the place is kept by a link to the check (see `seals.place`)."""
    with _turn:
        made = _compiler().compile(
            input=str(HERE / "typst" / f"{form}.typ"), format="pdf", sys_inputs=_inputs(content, code, verify)
        )
    assert isinstance(made, bytes)  # one PDF, not pages
    return made


def _inputs(content: dict[str, Any], code: str, verify: str) -> dict[str, str]:
    drawn = io.BytesIO()
    segno.make(verify + code, error="m").save(drawn, kind="svg", border=0)
    data = content | {
        "code": code,
        "verify": verify.removesuffix("?code=").rstrip("/"),
        "qr": drawn.getvalue().decode(),
    }
    return {"data": json.dumps(data, ensure_ascii=False)}

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


def pdf(content: dict[str, Any], *, code: str, verify: str) -> bytes:
    """The PDF of an official document; `content` as `documents.actions.issue` describes it."""
    drawn = io.BytesIO()
    segno.make(verify + code, error="m").save(drawn, kind="svg", border=0)
    data = content | {
        "code": code,
        "verify": verify.removesuffix("?code=").rstrip("/"),
        "qr": drawn.getvalue().decode(),
    }
    with _turn:
        made = _compiler().compile(
            input=str(HERE / "typst" / "official.typ"),
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )
    assert isinstance(made, bytes)  # one PDF, not pages
    return made

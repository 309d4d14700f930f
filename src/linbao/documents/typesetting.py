"""PDF by typst, in this process, with a kept compiler (performance.md: 7 to 12 ms a page)."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from linbao.core import clock
from linbao.documents import layout
from linbao.documents.layout import Photo

HERE = Path(__file__).parent
SCREEN_PPI = 110  # an A4 page 910 pixels wide


# A compiler serves one thread at a time; a page takes milliseconds, so they wait for each other.
_turn = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One for the process: the Chinese fonts weigh tens of megabytes."""
    return typst.Compiler(root=str(HERE.parent), font_paths=[str(HERE / "fonts")])


def typeset(source: Path, data: dict[str, Any], *, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """The file that `source`, a `.typ` of this package, makes of `data` (its `sys.inputs.data`); `png` at 300 dpi.

    The file's date is now by the one clock, in UTC.
    """
    made = _compile(source, data, form=form, ppi=300)
    assert isinstance(made, bytes)  # one file, not pages
    return made


def pdf(
    content: dict[str, Any], *, code: str, verify: str, form: str = "official", photos: Sequence[Photo] = ()
) -> bytes:
    """The PDF of a document, in the shape that `form` names (a file of `typst/`): an official document, else a
    certificate; `content` as `documents.services.issue` describes it, and `seal`, a diameter
    in millimetres, where one is to be affixed: the place is kept by a link to the check (see `seals.place`).
    `photos`: those of the content, as `photos.load` reads them."""
    drawn = io.BytesIO()
    segno.make(verify + code, error="m").save(drawn, kind="svg", border=0)
    check = {
        "code": code,
        "verify": verify.removesuffix("?code=").rstrip("/"),
        "qr": drawn.getvalue().decode(),
        "preview": False,
    }
    return typeset(HERE / "typst" / f"{form}.typ", _data(content, photos) | check)


def preview(content: dict[str, Any], *, photos: Sequence[Photo] = ()) -> list[bytes]:
    """The pages of an official document as PNG for the screen, marked as a preview, without code or seal."""
    plain = {key: value for key, value in content.items() if key != "seal"}
    data = _data(plain, photos) | {"code": "", "verify": "", "qr": "", "preview": True}
    made = _compile(HERE / "typst" / "official.typ", data, form="png", ppi=SCREEN_PPI)
    return [made] if isinstance(made, bytes) else list(made)


def _compile(source: Path, data: dict[str, Any], *, form: Literal["pdf", "png"], ppi: float) -> bytes | list[bytes]:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _turn:
        made = _compiler().compile(
            input=str(source), format=form, ppi=ppi, sys_inputs=inputs, timestamp=int(clock.now().timestamp())
        )
    assert made is not None  # no output file was asked for
    return made


def _data(content: dict[str, Any], photos: Sequence[Photo]) -> dict[str, Any]:
    """What the layout reads: arranged content, photos as SVG that hold the JPEG (typst takes text only), metadata."""
    return layout.arrange(content) | {
        "photos": [{"caption": layout.one_line(layout.clean_text(p.caption)), "svg": _svg(p)} for p in photos],
        "meta_title": layout.full_title(content),
        "meta_author": layout.author(content),
    }


def _svg(photo: Photo) -> str:
    if not photo.data:
        return ""
    width, height = photo.width, photo.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'xlink:href="data:image/jpeg;base64,{base64.b64encode(photo.data).decode()}"/></svg>'
    )

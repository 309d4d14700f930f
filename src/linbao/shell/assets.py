"""Built files by their plain names: `app.js` → `/static/dist/app-3F2A….js` (see assets/build.mjs)."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "dist"


def manifest() -> dict[str, str]:
    """Plain name → built name; empty before the first build."""
    return _manifest(_built(int(time.monotonic())))


def url(name: str) -> str:
    """The address of a built file."""
    return _url(name, _built(int(time.monotonic())))


# A page draws a hundred icons: the disk is asked once a second whether something was built anew.
@lru_cache(maxsize=1)
def _built(second: int) -> int:
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _manifest(built: int) -> dict[str, str]:
    return dict(json.loads((DIST / "manifest.json").read_text())) if built else {}


@lru_cache(maxsize=200)
def _url(name: str, built: int) -> str:
    return static("dist/" + _manifest(built).get(name, name))

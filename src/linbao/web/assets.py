"""Built files by their plain names: `app.js` → `/static/dist/app-3F2A….js` (see assets/build.mjs)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "dist"


@lru_cache(maxsize=1)
def _manifest(changed: int) -> dict[str, str]:
    return json.loads((DIST / "manifest.json").read_text())


def manifest() -> dict[str, str]:
    """Plain name → built name; empty before the first build."""
    try:
        return _manifest((DIST / "manifest.json").stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


def url(name: str) -> str:
    """The address of a built file."""
    return static("dist/" + manifest().get(name, name))

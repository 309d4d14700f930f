"""Renew docs/figures.md from the figures that the code declares (`make figures`); `--check` only compares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "figures.md"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linbao.settings")
    import django

    django.setup()
    from django.utils import translation

    from linbao.core import figures

    with translation.override("zh-hans"):
        text = figures.as_markdown()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""No error of the type checker is passed over without its code and its reason."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IGNORE = re.compile(r"#\s*type:\s*ignore")
WITH_REASON = re.compile(r"# type: ignore\[[a-z-]+(,[a-z-]+)*\]  # \w")


def test_each_ignore_names_its_code_and_its_reason() -> None:
    files = [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]
    files += [p for p in (ROOT / "src/linbao").rglob("*.py") if "node_modules" not in p.parts]
    assert len(files) > 700
    lacking = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if IGNORE.search(line) and not WITH_REASON.search(line)
    ]
    assert not lacking, "\n".join(lacking)

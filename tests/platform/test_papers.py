"""The papers are as current as the code: the picture of the tables, the numbered decisions, every reference."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy"))

import er  # noqa: E402
import states  # noqa: E402

DECISIONS = ROOT / "docs" / "decisions"


def test_the_picture_of_the_tables_is_current() -> None:
    assert er.PAGE.read_text(encoding="utf-8") == er.page(), "run `make er`"


def test_the_picture_of_the_states_is_current() -> None:
    assert states.PAGE.read_text(encoding="utf-8") == states.page(), "run `make states`"


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    names = sorted(p.name for p in DECISIONS.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert listed == names


def test_papers_that_are_referred_to_exist() -> None:
    missing = set()
    files = [p for folder in ("src", "tests", "deploy", "benchmarks") for p in (ROOT / folder).rglob("*.py")]
    for file in [*files, *ROOT.glob("*.md"), ROOT / "Makefile"]:
        for name in re.findall(r"\bdocs/[\w/.-]+\.md\b", file.read_text(encoding="utf-8")):
            if not (ROOT / name).exists():
                missing.add(f"{file.relative_to(ROOT)}: {name}")
    for file in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for name in re.findall(r"\]\((?!https?:|#|/)([^)#\s]+)", file.read_text(encoding="utf-8")):
            if not (file.parent / name).exists():
                missing.add(f"{file.relative_to(ROOT)}: {name}")
    assert not missing


def test_the_hooks_run_what_the_gate_runs() -> None:
    """Each command of `make lint` stands in .pre-commit-config.yaml, with the locked tools."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entries = {hook["entry"] for hook in hooks}
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile.split("\nlint:")[1].split("\n\n")[0]
    for tool in re.findall(r"\$\(BIN\)/(ruff check|ruff format|lint-imports|python deploy/licences\.py)", recipe):
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in entries), tool

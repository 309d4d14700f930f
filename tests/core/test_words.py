"""The field's own words in identifiers (docs/architecture.md): the private ones of before do not come back."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import linbao

REFUSED = {
    "told",
    "said",
    "words",
    "wrong",
    "found",
    "given",
    "held",
    "kept",
    "deed",
    "looks",
    "hands",
    "turned",
    "stood",
    "spare",
    "apart",
    "go_on",
    "take_out",
}
FILES = {"proof.py", "shown.py", "telling.py", "watching.py", "jobs.py", "actions.py", "pages.py"}


def identifiers(tree: ast.AST) -> Counter[str]:
    """How often each refused word stands as an identifier."""
    seen: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                seen[name.strip("_")] += 1
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.keyword(arg=str(name)):
                seen[name.strip("_")] += 1
    return Counter({word: count for word, count in seen.items() if word in REFUSED})


def test_no_identifier_is_a_private_word() -> None:
    total: dict[str, Counter[str]] = {}
    for path in Path(linbao.__file__).parent.rglob("*.py"):
        if "migrations" not in path.parts and "node_modules" not in path.parts:
            result = identifiers(ast.parse(path.read_text(encoding="utf-8")))
            if result:
                total[str(path)] = result
    assert total == {}, "use the field's word (docs/architecture.md)"


def test_files_bear_the_fields_names() -> None:
    root = Path(linbao.__file__).parent
    named = [p for p in root.rglob("*.py") if "node_modules" not in p.parts and "demo_content" not in p.parts]
    assert [str(p.relative_to(root)) for p in named if p.name in FILES or p.name.startswith("pages_")] == []

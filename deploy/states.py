"""Renew docs/states.md from the declared tables of states (`make states`): of each lifecycle a mermaid picture and its
table; `--check` only compares."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

import er

if TYPE_CHECKING:
    from linbao.core.states import Lifecycle, Transition

PAGE = er.ROOT / "docs" / "states.md"
HEAD = """# The lives of things

Generated from the tables in each room's `states.py` by `make states`; a test holds that it is current. A verb changes a
state through `Lifecycle.move` (`core/states.py`) alone: it asks for the permission, answers in a wrong state with a
whole sentence (409), and writes only where the row still is in the state that was read. A verb without a new state is
bound to the states that it is taken in and leaves them as they are.
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linbao.settings")
    import django

    django.setup()
    text = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The whole page. Django must be set up."""
    from django.utils import translation

    with translation.override("zh-hans"):
        return HEAD + "".join(
            f"\n## {lifecycle.name}\n\n`{module}`\n\n```mermaid\n{picture(lifecycle)}```\n\n{table(lifecycle)}"
            for module, lifecycle in lifecycles()
        )


def lifecycles() -> list[tuple[str, Lifecycle[Any]]]:
    """Every declared lifecycle with its module's file, from the ground floor up. Django must be set up."""
    import linbao
    from linbao.core.states import Lifecycle

    order = {name: n for n, name in enumerate(er.floors())}
    names = [m.name for m in pkgutil.walk_packages(linbao.__path__, "linbao.") if m.name.endswith(".states")]
    names.sort(key=lambda name: (order[".".join(name.split(".")[:2])], name))
    return [
        (f"{name.removeprefix('linbao.').replace('.', '/')}.py", value)
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, Lifecycle)
    ]


def picture(lifecycle: Lifecycle[Any]) -> str:
    """The verbs that change the state, as a mermaid `stateDiagram-v2`."""
    states = lifecycle.states.values
    lines = [f"  {code} : {label}" for code, label in lifecycle.states.choices]
    lines += [f"  [*] --> {state}" for state in states if state in lifecycle.initial]
    for transition in lifecycle.transitions.values():
        if transition.target is not None:
            for source in (s for s in states if s in transition.sources):
                lines.append(f"  {source} --> {transition.target} : {transition.verb} {transition.name}")
    lines += [f"  {state} --> [*]" for state in states if state in lifecycle.final]
    return "stateDiagram-v2\n" + "\n".join(lines) + "\n"


def table(lifecycle: Lifecycle[Any]) -> str:
    """All verbs: from, to, who may, the clause, and the duties that it fulfils."""
    head = "| verb | from | to | permission | clause | fulfils |\n|---|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_cells(lifecycle, t))} |\n" for t in lifecycle.transitions.values())


def _cells(lifecycle: Lifecycle[Any], transition: Transition) -> list[str]:
    sources = ", ".join(s for s in lifecycle.states.values if s in transition.sources)
    permission = f"`{transition.perm}`" if transition.perm else "by rule"
    of = f" of its {transition.of}" if transition.of else ""
    meets = ", ".join(transition.meets)
    return [
        f"`{transition.verb}` {transition.name}",
        sources,
        transition.target or "–",
        permission + of,
        transition.clause,
        meets,
    ]


if __name__ == "__main__":
    raise SystemExit(main())

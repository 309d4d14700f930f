"""Renew docs/er.md from the models (`make er`): one mermaid picture per app; `--check` only compares."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "er.md"
HEAD = """# Tables and how they hang together

Generated from the models by `make er`; a test holds that it is current. One picture per app, from the ground floor up
(docs/architecture.md): its tables with their columns, and what they point to. A line ends in `o|` where the
pointer may be empty; tables of other apps are drawn without columns.
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
    from django.apps import apps

    ours = [app for app in apps.get_app_configs() if app.name.startswith("linbao.") and list(app.get_models())]
    order = {name: n for n, name in enumerate(floors())}
    ours.sort(key=lambda app: (order[app.name], app.label))
    return HEAD + "".join(f"\n## {app.label}\n\n```mermaid\n{picture(app)}```\n" for app in ours)


def floors() -> list[str]:
    """The rooms from the ground up, as import-linter has them."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return [room for layer in reversed(contract["layers"]) for room in layer.split(" | ")]


def picture(app: Any) -> str:
    """The app's models as a mermaid `erDiagram`."""
    entities, lines = [], []
    for model in sorted(app.get_models(), key=lambda m: m.__name__):
        columns = []
        for field in model._meta.local_concrete_fields:
            key = " PK" if field.primary_key else " FK" if field.is_relation else " UK" if field.unique else ""
            kind = (field.target_field if field.is_relation else field).get_internal_type()
            columns.append(f"    {kind.removesuffix('Field')} {field.column}{key}")
            if field.is_relation:
                lines.append(_line(model, field, "|o" if field.one_to_one else "}o"))
        for field in model._meta.local_many_to_many:
            lines.append(_line(model, field, "}o", many="o{"))
        entities.append(f"  {model.__name__} {{\n" + "\n".join(columns) + "\n  }\n")
    return "erDiagram\n" + "".join(entities) + "".join(dict.fromkeys(lines))


def _line(model: Any, field: Any, here: str, many: str = "") -> str:
    other = field.related_model
    name = (
        other.__name__
        if other._meta.app_label == model._meta.app_label
        else f"{other._meta.app_label}_{other.__name__}"
    )
    there = many or ("o|" if field.null else "||")
    return f"  {model.__name__} {here}--{there} {name} : {field.name}\n"


if __name__ == "__main__":
    raise SystemExit(main())

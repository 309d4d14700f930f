"""Lines of the access table that stand with their rooms: `tests/<room>/access.py`.

Each has `PAGES` and `API` (as in table.py), `fill(side)` that makes one object of each kind in a community and keeps
them in `side.__dict__`, and `OBJECTS`: (part of an address, room's namespace) → function of side and persona.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

NAMES = ("training", "appraisal", "management", "conduct", "confidentiality", "security")
ROOMS: list[Any] = [
    importlib.import_module(f"tests.{name}.access")
    for name in NAMES
    if importlib.util.find_spec(f"tests.{name}.access")
]

"""The town of `tests/loop.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from loop import _tuesday, time, town  # noqa: E402, F401

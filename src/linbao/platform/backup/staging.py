"""How a restored installation takes its place in the data folder: by moves that can be carried on after a stop.

Holds no Django: `linbao serve` looks here before anything else.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

FOLDER = "restored"  # proven, on its way into place
TRYING = "restoring-"  # and the process that works on it
READY = "ready"  # in the folder: where the old installation is kept
MOVED = ("files", "secrets", "postgres")


def occupied(data: Path) -> list[str]:
    """What of an installation lies in a data folder already."""
    return [n for n in MOVED if (data / n).exists() and any((data / n).iterdir())]


def commit(data: Path, staged: Path) -> Path | None:
    """Put what is staged and proven in its place; what was there is kept aside. Returns where."""
    aside = None
    if occupied(data):
        aside = data / f"before-restore-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
        aside.mkdir(mode=0o755)
    with open(staged / READY, "w") as f:
        f.write(str(aside or ""))
        f.flush()
        os.fsync(f.fileno())
    os.rename(staged, data / FOLDER)
    finish(data)
    return aside


def finish(data: Path) -> bool:
    """Carry a restore that was cut off between its moves to its end; true when there was one."""
    staged = data / FOLDER
    if not (staged / READY).exists():
        return False
    aside = (staged / READY).read_text()
    for name in MOVED:
        if not (staged / name).exists():
            continue  # moved before the stop, or never part of it
        if (data / name).exists():
            if aside:
                os.rename(data / name, Path(aside) / name)
            else:
                (data / name).rmdir()  # `commit` found it empty
        os.rename(staged / name, data / name)
    for mark in ("migrated", "demo"):
        (data / mark).unlink(missing_ok=True)
    shutil.rmtree(staged)
    return True

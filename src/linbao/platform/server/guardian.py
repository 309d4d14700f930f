"""Ends what a killed `linbao serve` leaves behind (design §5).

A process of its own, in a session of its own. It reads from the supervisor's pipe which groups and which
database belong to it; when the pipe breaks, the supervisor is gone: the web's group is killed, the worker
is given time for the job in hand, and the database stops, unless another `serve` has taken the folder over.
Run as `python -m linbao.platform.server.guardian DATA_FOLDER [--own]`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

WORKER_MAY_TAKE = 25.0  # seconds; the worker itself gives its jobs 20
DONE = "done"  # the supervisor has ended everything itself
BEFORE_DATABASE = 5.0  # seconds in which a new `serve` may take the database over as it runs


def watch(data: Path, *, own: bool) -> IO[bytes]:
    """Start the guardian; each line `web PID` or `worker PID` written to the pipe names a group to end."""
    command = [sys.executable, "-m", "linbao.platform.server.guardian", str(data), *(["--own"] if own else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    assert process.stdin is not None
    return process.stdin


def tell(pipe: IO[bytes], name: str, group: int) -> None:
    """Name a group; a guardian that died is no reason to stop."""
    try:
        pipe.write(f"{name} {group}\n".encode())
        pipe.flush()
    except OSError:
        pass


def guard(data: Path, lines: IO[bytes], *, own: bool) -> None:
    """Until the pipe breaks; then end what is left."""
    groups: dict[str, int] = {}
    for line in lines:
        name, _, number = line.decode().partition(" ")
        if name == DONE:
            return
        if number.strip().isdigit():
            groups[name] = int(number)
    if "web" in groups:
        _end(groups["web"])
    until = time.monotonic() + WORKER_MAY_TAKE
    worker = groups.get("worker")
    if worker is not None:
        while _alive(worker) and time.monotonic() < until:
            time.sleep(0.2)
        _end(worker)
    if own:
        time.sleep(BEFORE_DATABASE)
        _stop_database(data)


def _stop_database(data: Path) -> None:
    from linbao.platform.server import postgres

    with open(data / "serve.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # another `serve` has it
        postgres.stop(data / "postgres")


def _alive(group: int) -> bool:
    """Whether this group still runs and is ours: after a while the number may belong to another program."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z" and b"linbao" in (entry / "cmdline").read_bytes():
                return True
        except (OSError, ValueError, IndexError):
            continue
    return False


def _end(group: int) -> None:
    if _alive(group):
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


if __name__ == "__main__":
    for _signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(_signal, signal.SIG_IGN)
    guard(Path(sys.argv[1]), sys.stdin.buffer, own="--own" in sys.argv)

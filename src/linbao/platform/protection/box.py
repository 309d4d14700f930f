"""The one door for strangers' bytes: pictures, spreadsheets, Word templates, PDFs and archives are decoded in
short-lived processes with limits, never in a process that serves or holds keys (6.1.1, 6.1.3, 1.3.4).

A family of decoders (`linbao.platform.protection.boxed`) has a parent process that imports them once and forks for
each file: a start costs some milliseconds. A child has ceilings on CPU time, address space and wall time, writes no
file, has no network where the kernel allows that, and answers with plain JSON and bytes. What all children on this
machine may use together is shared out in units by locks below the data directory, for web, worker and command line
alike.
"""

from __future__ import annotations

import array
import contextlib
import errno
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from linbao.core.problems import CannotProcess, TooMany
from linbao.platform.observability import security_log
from linbao.platform.protection.boxed import FAMILIES

UNIT = 80  # MB of memory that one unit stands for
SPARE = 64  # MB of the machine's memory that a new child leaves free
ANSWER = 2_000_000  # bytes of the JSON that ends an answer
PATIENCE = 15.0  # seconds that a request waits for its turn; jobs wait longer
START, START_AGAIN = 3.0, 0.5  # seconds for which a request tries to start a process that does not; between two tries
NO_MEANS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)  # for one more process


class Refused(Exception):
    """The file is not taken. `code`: a decoder's own word, or `broken`, `memory` (wanted too much), `time`."""

    def __init__(self, code: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.data = code, data or {}


@dataclass(frozen=True)
class Limits:
    """`cpu` and `wall` in seconds, `memory` in MB beyond what the decoders themselves take, `output` in bytes."""

    cpu: int
    wall: float
    memory: int
    output: int


@dataclass
class Result:
    """What a child answered: plain JSON and bytes. `seconds`: how long it took."""

    data: dict[str, Any]
    blobs: list[bytes] = field(default_factory=list)
    seconds: float = 0.0


def run(
    task: str,
    args: dict[str, Any] | None = None,
    *blobs: bytes,
    limits: Limits,
    file: IO[bytes] | None = None,
    sink: IO[bytes] | None = None,
    patience: float = PATIENCE,
) -> Result:
    """Run `task` (`pictures.prepare`: module and function below `linbao.platform.protection.boxed`) in a child.

    `file` is handed over open, for what is too large to copy; `sink` takes the bytes that come out instead of
    `Result.blobs`. Raises `Refused`; `TooMany` when its turn does not come within `patience` seconds; `CannotProcess`
    when no process can be started: a job, which is patient, tries for as long as for its turn, a request for `START`.
    """
    with _turn(limits.memory, patience):
        until, tries = time.monotonic() + (patience if patience > PATIENCE else START), 0
        while True:
            began = time.monotonic()
            try:
                result = _tried(task, args or {}, blobs, limits, file, sink)
            except Refused:
                _note_start(task)
                raise
            if result is not None:
                _note_start(task)
                result.seconds = time.monotonic() - began
                return result
            if time.monotonic() > until:
                _note_failure(task)
                raise _cannot()
            time.sleep(min(START_AGAIN * tries, 10.0))  # none at first: its parent may just have ended
            tries += 1


def _cannot() -> CannotProcess:
    return CannotProcess(_("服务器暂时不能处理文件（内存或进程不足），请过几分钟再试；其他功能不受影响。"))


def _tried(
    task: str,
    args: dict[str, Any],
    blobs: Sequence[bytes],
    limits: Limits,
    file: IO[bytes] | None,
    sink: IO[bytes] | None,
) -> Result | None:
    """The result; None when no child began: the family's parent had just ended, or nothing more can be started."""
    with contextlib.ExitStack() as opened:
        try:
            ours, theirs = socket.socketpair()
            opened.enter_context(ours)
            opened.enter_context(theirs)
            data = file if file is not None else opened.enter_context(_memory(*blobs))
            message = opened.enter_context(_memory(json.dumps(args).encode()))
        except OSError as e:
            if e.errno in NO_MEANS:
                return None
            raise
        order = {
            "task": task,
            "cpu": limits.cpu,
            "wall": limits.wall,
            "memory": limits.memory,
            "sizes": [len(b) for b in blobs],
            "file": file is not None,
        }
        fds = array.array("i", [theirs.fileno(), data.fileno(), message.fileno()])
        try:
            _parent(task).sendmsg([json.dumps(order).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        except (OSError, MemoryError):
            return None
        theirs.close()
        return _answer(ours, task, limits, sink)


def _answer(ours: socket.socket, task: str, limits: Limits, sink: IO[bytes] | None) -> Result | None:
    until = time.monotonic() + limits.wall + 5
    rows: list[bytes] = []
    total, begun = 0, False
    while True:
        frame = _read_frame(ours, until, limits.output - total)
        if frame is None:
            if not begun:
                return None
            raise _over(task, "time" if time.monotonic() > until - 5.2 else "limits")
        kind, data = frame
        begun = True
        if kind == b"B":
            total += len(data)
            if sink is None:
                rows.append(data)
            else:
                sink.write(data)
        elif kind == b"Z":
            answer = json.loads(data)
            if "done" in answer:
                return Result(answer["done"], rows)
            if answer["refused"] == "memory":
                raise _over(task, "memory")
            raise Refused(answer["refused"], answer.get("data"))


def _over(task: str, why: str) -> Refused:
    """A file that made its child pass a limit: noted, and counted against whoever sent it."""
    security_log.event("upload.costly", task=task, limit=why)
    security_log.costly()
    return Refused(why if why in ("memory", "time") else "time", {})


def _read_frame(ours: socket.socket, until: float, most: int) -> tuple[bytes, bytes] | None:
    """One frame; None when the child is gone, silent for too long, or says more than it may."""
    head = _read(ours, 5, until)
    if head is None:
        return None
    size = struct.unpack(">I", head[1:])[0]
    if size > (max(most, 0) if head[:1] == b"B" else ANSWER):
        return None
    data = _read(ours, size, until)
    return None if data is None else (head[:1], data)


def _read(ours: socket.socket, size: int, until: float) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < size:
        left = until - time.monotonic()
        if left <= 0:
            return None
        ours.settimeout(left)
        try:
            more = ours.recv(min(size - len(pieces), 1 << 20))
        except OSError:
            return None
        if not more:
            return None
        pieces += more
    return bytes(pieces)


def _memory(*blobs: bytes) -> IO[bytes]:
    made = os.fdopen(os.memfd_create("box"), "w+b", buffering=0)
    for blob in blobs:
        rest = memoryview(blob)
        while rest:
            rest = rest[made.write(rest) :]
    made.seek(0)
    return made


# --- the parents of the children ------------------------------------------------------------------

_parents: dict[str, tuple[int, socket.socket, subprocess.Popen[bytes]]] = {}  # family: our pid, its socket, itself
_starting = threading.Lock()
# What a parent is told of its surroundings: where modules lie, never a secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZDIR", "PYTHONTZPATH")


def _parent(task: str) -> socket.socket:
    """The socket of the process that forks for this task; started where it is not running."""
    family = _family(task)
    with _starting:
        known = _parents.get(family)
        if known is not None and known[0] == os.getpid():
            if known[2].poll() is None:
                return known[1]
            known[1].close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
        here = str(Path(__file__).parents[3])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [here, environment.get("PYTHONPATH", "")]))
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "linbao.platform.protection.boxed", family, str(theirs.fileno())],
                env=environment
                | {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "1000000", "OMP_NUM_THREADS": "1"},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
            )
        _parents[family] = (os.getpid(), ours, process)
        return ours


def _family(task: str) -> str:
    module = task.partition(".")[0]
    return next(name for name, modules in FAMILIES.items() if module in modules)


# --- what does not start --------------------------------------------------------------------------


def _failure_file(family: str) -> Path:
    return Path(settings.DATA_DIR) / "box" / f"failed-{family}"


def _note_failure(task: str) -> None:
    """One byte for each time in a row that this family did not start, for whichever process asks (`failures`)."""
    security_log.event("upload.unavailable", task=task)
    with contextlib.suppress(OSError), open(_failure_file(_family(task)), "ab") as f:
        f.write(b".")


def _note_start(task: str) -> None:
    with contextlib.suppress(OSError):
        _failure_file(_family(task)).unlink()


def failures() -> dict[str, tuple[int, datetime]]:
    """Families of decoders that could not be started the last time: how many times in a row, and when last (UTC)."""
    result = {}
    for family in FAMILIES:
        with contextlib.suppress(OSError):
            stat = _failure_file(family).stat()
            result[family] = (stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
    return result


# --- whose turn it is -----------------------------------------------------------------------------


@contextlib.contextmanager
def _turn(memory: int, patience: float) -> Iterator[None]:
    """Hold as many units as the child may need, on this machine and against its free memory.

    Locks on files, so that whoever dies gives back. One at a time gathers units (the lock `gate`): a large picture
    is not overtaken for ever by small ones.
    """
    folder = Path(settings.DATA_DIR) / "box"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    units = max(2, settings.BOX_MB // UNIT)
    wanted = min(units, max(1, -(-memory // UNIT)))
    until = time.monotonic() + patience
    with contextlib.ExitStack() as stack:
        with _lock_file(folder / "gate") as gate:
            _wait(lambda: _locked(gate), until)
            free = [stack.enter_context(_lock_file(folder / f"unit-{n}")) for n in range(units)]

            def gathered() -> bool:
                nonlocal wanted, free
                if _available() < memory + SPARE:
                    return False
                left = []
                for f in free:
                    if wanted and _locked(f):
                        wanted -= 1
                    else:
                        left.append(f)
                free = left
                return not wanted

            _wait(gathered, until)
        yield


def _lock_file(path: Path) -> IO[str]:
    try:
        return open(path, "w")
    except OSError as e:
        if e.errno in NO_MEANS:
            raise _cannot() from e
        raise


def _locked(f: IO[Any]) -> bool:
    try:
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _wait(ready: Any, until: float) -> None:
    while not ready():
        if time.monotonic() > until:
            raise TooMany(_("正在处理的文件太多，请稍候再上传。"))
        time.sleep(0.01)


def _available() -> int:
    """MB of memory that this machine, or its control group, still has to give."""
    result = 1 << 30
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/meminfo") as f:
        result = int(next(line for line in f if line.startswith("MemAvailable")).split()[1]) // 1000
    with contextlib.suppress(OSError, ValueError):
        most = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if most != "max":
            # What the page cache holds is given back when it is wanted.
            details = dict(line.split() for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines())
            used = int(Path("/sys/fs/cgroup/memory.current").read_text()) - int(details.get("inactive_file", 0))
            result = min(result, (int(most) - used) // 1_000_000)
    return result

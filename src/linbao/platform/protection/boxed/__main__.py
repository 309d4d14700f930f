"""The parent of the box's processes: imports a family's decoders once, then forks for each file.

Started by `linbao.platform.protection.box` as `python -m linbao.platform.protection.boxed FAMILY FD`. It has one
thread, no secrets in its environment, no network where the kernel allows that, and ends when the socket closes or
nobody has asked for a while.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from types import ModuleType
from typing import Any

from linbao.platform.protection.boxed import FAMILIES, Refusal

IDLE = 120.0  # seconds without a file after which the process ends; the next file starts it again
MESSAGE = 64_000  # bytes of one order
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def main(family: str, control: socket.socket) -> None:
    """Take orders until the other end is closed."""
    _shut_in()
    decoders = {name: importlib.import_module(path) for name, path in FAMILIES[family].items()}
    gc.collect()
    gc.freeze()
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: dict[int, float] = {}
    asked = time.monotonic()
    while True:
        now = time.monotonic()
        for pid in [p for p, until in children.items() if until <= now]:
            os.kill(pid, signal.SIGKILL)  # a child of ours that was not waited for: the number is still its own
            children[pid] = now + 60
        if not children and now - asked > IDLE:
            return
        wait = min([IDLE, *(until - now for until in children.values())])
        watched: list[Any] = [control, wake_read]
        ready, _w, _x = select.select(watched, [], [], max(0.0, wait))
        if wake_read in ready:
            os.read(wake_read, 4096)
        while children:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            children.pop(pid, None)
        if control not in ready:
            continue
        asked = time.monotonic()
        order, fds = _receive(control)
        if not order:
            return
        try:
            pid = os.fork()
        except OSError:
            pid = -1  # whoever asked sees that nothing began; the children that work are left to it
        if not pid:
            signal.set_wakeup_fd(-1)
            _child(decoders, json.loads(order), fds, [control.fileno(), wake_read, wake_write])
        for fd in fds:
            os.close(fd)
        if pid > 0:
            children[pid] = time.monotonic() + json.loads(order)["wall"]


def _shut_in() -> None:
    """Nothing can gain rights, and there is no network: where the kernel refuses, the limits below must do."""
    os.nice(5)  # whoever waits for a page goes first
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWNET)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    order, details, _flags, _address = control.recvmsg(MESSAGE, socket.CMSG_SPACE(16 * array.array("i").itemsize))
    fds = array.array("i")
    for level, kind, data in details:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return order, list(fds)


def _child(decoders: dict[str, ModuleType], order: dict[str, Any], fds: list[int], others: list[int]) -> None:
    """Run one task and end; never returns."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        for fd in others:
            os.close(fd)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        reply = socket.socket(fileno=fds[0])
        reply.sendall(_frame(b"A"))
        module, _dot, name = order["task"].partition(".")
        blobs = _blobs(fds[1], order["sizes"])
        _limit(order)
        _work(decoders[module], name, order, blobs, fds, reply)
    finally:
        os._exit(0)


def _blobs(fd: int, sizes: list[int]) -> list[bytes]:
    with open(fd, "rb", closefd=False) as f:
        return [f.read(size) for size in sizes]


def _limit(order: dict[str, Any]) -> None:
    with open("/proc/self/statm") as f:
        now = int(f.read().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, now + order["memory"] * 1_000_000),
        (resource.RLIMIT_CPU, order["cpu"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    # Alarms of its own as well: the kernel ends it though this process's parent should be gone or busy.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, order["wall"])


def _work(
    module: ModuleType, name: str, order: dict[str, Any], blobs: list[bytes], fds: list[int], reply: socket.socket
) -> None:
    answer: dict[str, Any]
    try:
        task = getattr(module, name)
        with open(fds[2], "rb", closefd=False) as f:
            args = json.loads(f.read())
        if order["file"]:
            args["fd"] = fds[1]
        answer = {"done": task(args, blobs, lambda data: reply.sendall(_frame(b"B", data)))}
    except Refusal as e:
        answer = {"refused": e.code, "data": e.data}
    except MemoryError:
        answer = {"refused": "memory"}
    except Exception as e:  # decoders raise anything at all on a broken file
        answer = {"refused": "broken", "data": {"why": f"{type(e).__name__}: {e}"[:200]}}
    with contextlib.suppress(OSError):  # nobody waits for it any more
        reply.sendall(_frame(b"Z", json.dumps(answer).encode()))


def _frame(kind: bytes, data: bytes = b"") -> bytes:
    return kind + struct.pack(">I", len(data)) + data


if __name__ == "__main__":
    main(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))

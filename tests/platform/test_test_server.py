"""The tests' own PostgreSQL: nobody else enters it, and it ends with the run, however that ends."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from linbao.platform.server import postgres as server

ROOT = Path(__file__).parent.parent.parent
RUN = "from tests.postgres import Server; import time; print(Server().url, flush=True); time.sleep(600)"


def test_a_run_that_is_killed_leaves_neither_server_nor_folder() -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    data = Path(parse_qs(urlsplit(run.stdout.readline().strip()).query)["host"][0])
    folder = data.parent
    assert server.pid(data) is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.stat().st_uid == data.stat().st_uid
    number = server.pid(data)
    run.send_signal(signal.SIGKILL)
    run.wait()
    end = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < end, "the folder is still there"
        time.sleep(0.1)
    # Gone, or only waiting to be collected by the machine's first process.
    command = Path(f"/proc/{number}/cmdline")
    assert not command.exists() or not command.read_bytes()

"""A disk that is really full: what cannot be kept is refused in plain words, what was kept stays, all goes on by
itself."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.test_kill import Serve, until
from tests.items import samples
from tests.mailbox import Mailbox

SMALL = 900  # MB: what an empty installation takes, and some room


@pytest.fixture
def small_disk(mails: tuple[Mailbox, int]) -> Iterator[Serve]:
    """The product whose data, database and temporary files lie on a disk of its own of `SMALL` MB."""
    folder = Path(tempfile.mkdtemp(prefix="linbao-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}m,mode=0755", "tmpfs", folder], check=True)
    data = folder / "data"
    data.mkdir()
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    run = Serve(data, mails[1])
    run.environment["TMPDIR"] = str(folder / "tmp")
    yield run
    (folder / "ballast").unlink(missing_ok=True)
    run.end()
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


def fill(folder: Path) -> Path:
    """A file that takes all that is left."""
    ballast = folder / "ballast"
    with open(ballast, "ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


@pytest.mark.clause("1.3.2")
@pytest.mark.skipif(
    os.geteuid() != 0 or os.environ.get("LINBAO_HOSTILE") != "long",
    reason="on demand (LINBAO_HOSTILE=long), some minutes; mounting a disk of its own needs root",
)
def test_a_full_disk_loses_nothing_and_says_so(small_disk: Serve) -> None:
    small_disk.start()
    token, *_authors = json.loads(small_disk.script("build", "0", "0"))
    acknowledged: list[str] = []
    refused: list[str] = []

    def create() -> int:
        item = str(uuid.uuid4())
        status, answer = small_disk.answer(
            "/api/v1/items", {"id": item, "category": "sanitation", "title": "楼道堆物"}, token
        )
        if status in (200, 201):
            acknowledged.append(item)
        else:
            refused.append(item)
            assert status in (0, 503, 507), (status, answer)  # never a fault of ours, never a success that is none
            if status == 507:
                assert json.loads(answer)["status"] == 507
        return status

    for _n in range(20):
        assert create() == 201
    photo = small_disk.answer(f"/api/v1/attachments?item={acknowledged[0]}", samples.jpeg(), token)
    assert photo[0] == 201
    ballast = fill(small_disk.folder.parent)
    # Files are refused at once; rows when the database needs more room (it may fall and come back meanwhile).
    large = samples.jpeg(2400, 1800)
    refusal = small_disk.answer(f"/api/v1/attachments?item={acknowledged[0]}", large, token)
    assert refusal[0] in (503, 507), refusal
    end = time.monotonic() + 60
    while time.monotonic() < end and len(refused) < 5:
        create()
    until(lambda: small_disk.ask("/readyz") == 503, 30)
    assert small_disk.ask("/healthz") == 200
    ballast.unlink()
    until(lambda: small_disk.ask("/readyz") == 200, 120)
    for _n in range(5):
        assert create() == 201
    assert [i for i in acknowledged if small_disk.ask(f"/api/v1/items/{i}", token=token) != 200] == []
    item = small_disk.answer(f"/api/v1/items/{acknowledged[0]}", None, token)[1]
    assert photo[1]["id"] in {a["id"] for a in item["attachments"]}
    # What was refused is not there by half, and the phone's queue can send it again.
    for item_id in refused:
        assert small_disk.ask(
            "/api/v1/items", {"id": item_id, "category": "sanitation", "title": "楼道堆物"}, token
        ) in (200, 201)

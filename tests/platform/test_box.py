"""The box: limits hold, whoever passes them is stopped and counted, and the door opens again after every death
(6.1.3)."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from linbao.core.problems import CannotProcess, TooMany
from linbao.platform.observability import health, security_log
from linbao.platform.protection import box
from tests.hostile import makers
from tests.items import samples
from tests.loop import Town, town  # noqa: F401

pytestmark = [pytest.mark.clause("6.1.3"), pytest.mark.clause("6.1.1")]
ROOM = box.Limits(cpu=20, wall=40.0, memory=200, output=3_000_000)


def prepare(data: bytes, limits: box.Limits = ROOM, **more: Any) -> box.Result:
    return box.run("pictures.prepare", {"zone": "Asia/Shanghai"}, data, limits=limits, **more)


def parent() -> int:
    prepare(samples.jpeg())
    return box._parents["light"][2].pid


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (box.Limits(cpu=1, wall=60.0, memory=400, output=3_000_000), "time"),
        (box.Limits(cpu=60, wall=1.0, memory=400, output=3_000_000), "time"),
        (box.Limits(cpu=60, wall=60.0, memory=30, output=3_000_000), "memory"),
        (box.Limits(cpu=60, wall=60.0, memory=400, output=1000), "time"),
    ],
)
def test_each_limit_stops_the_child_and_is_counted(limits: box.Limits, code: str) -> None:
    dear = makers.large_png() if code == "memory" else makers.many_scans(400, 4000)
    counted = security_log.count_costly()
    began = time.monotonic()
    with pytest.raises(box.Refused) as raised:
        prepare(dear if limits.output > 1000 else samples.jpeg(), limits)
    assert raised.value.code == code and counted == [1]
    assert time.monotonic() - began < 20
    assert prepare(samples.jpeg()).data["width"] == 800


def test_the_parent_knows_no_secret_and_comes_back_from_death() -> None:
    pid = parent()
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"LINBAO" not in environment and b"DATABASE" not in environment
    os.kill(pid, signal.SIGKILL)
    assert prepare(samples.jpeg()).data["height"] == 600
    assert parent() != pid


def test_what_all_may_use_together_is_shared_out(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "BOX_MB", 320)
    with box._turn(160, 1.0):
        with box._turn(160, 1.0), pytest.raises(TooMany), box._turn(80, 0.2):
            pass
        with pytest.raises(TooMany), box._turn(240, 0.2):
            pass
        prepare(samples.jpeg(), box.Limits(cpu=20, wall=40.0, memory=150, output=3_000_000))
    with box._turn(2000, 1.0):  # more than there is: alone
        pass


def test_a_machine_without_memory_to_spare_is_not_asked_for_more(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(box, "_available", lambda: 150)
    with pytest.raises(TooMany), box._turn(160, 0.1):
        pass


def test_a_file_that_is_handed_over_open_is_read_and_bytes_go_to_the_sink(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("标题,内容\n路灯,不亮\n")
    with open(tmp_path / "a.csv", "rb") as f, open(tmp_path / "out", "w+b") as out:
        details = box.run("sheets.read", {"rows": 0}, limits=ROOM, file=f, sink=out)
        out.seek(0)
        assert details.data["rows"] == 2 and out.read().decode() == '[1, ["标题", "内容"]]\n[2, ["路灯", "不亮"]]\n'


def broken_down(monkeypatch: Any, program: str) -> None:
    """From now on `program` is started in the place of the box's processes; none of them is left."""
    for _pid, ours, process in box._parents.values():
        ours.close()
        process.wait(10)
    box._parents.clear()
    monkeypatch.setattr(sys, "executable", program)


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])  # no exec; ends before it begins
def test_a_box_that_does_not_start_is_a_503_and_a_trouble_until_it_does(
    town: Town,  # noqa: F811
    monkeypatch: Any,
    tmp_path: Path,
    program: str,
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(box, "START", 0.1)
    item, reporter, administrator = town.submitted(), town.browser("reporter"), town.browser("administrator")

    def attach() -> Any:
        photo = SimpleUploadedFile("a.jpg", samples.jpeg())
        return reporter.post("/api/v1/attachments", {"item": str(item.pk), "file": photo})

    with monkeypatch.context() as patch:
        broken_down(patch, program)
        for _n in range(health.BOX_FAILURES):
            assert "box_failed" not in [t.kind for t in health.troubles()]  # once is no trouble
            refused = attach()
            assert refused.status_code == 503 and refused["Content-Type"] == "application/problem+json"
            assert int(refused["Retry-After"]) > 0
            assert "暂时不能处理文件" in refused.json()["detail"]
        assert "box_failed" in reporter.get("/readyz").json()["troubles"]
        assert "拆解文件的进程起不来" in administrator.get("/").content.decode()
    assert attach().status_code == 201
    assert "box_failed" not in [t.kind for t in health.troubles()]


def test_a_page_tells_it_too_and_when_to_come_again(town: Town, monkeypatch: Any) -> None:  # noqa: F811
    """A template that a manager uploads on a page."""
    monkeypatch.setattr(box, "START", 0.1)
    with monkeypatch.context() as patch:
        broken_down(patch, "/bin/false")
        file = SimpleUploadedFile("a.docx", makers.template("{{ title }}"))
        form = {"name": "街道样式", "unit": str(town.community.pk), "file": file}
        answer = town.browser("manager").post("/admin/templates/", form)
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert "请过几分钟再试" in answer.content.decode()


def test_whoever_waits_patiently_is_served_once_it_starts_again(monkeypatch: Any) -> None:
    """As jobs do, which wait for their turn longer than a request."""
    with monkeypatch.context() as patch:
        broken_down(patch, "/bin/false")
        Timer(1.0, patch.undo).start()
        assert prepare(samples.jpeg(), patience=20.0).data["width"] == 800
    monkeypatch.setattr(box, "START", 0.1)
    broken_down(monkeypatch, "/bin/false")
    with pytest.raises(CannotProcess):
        prepare(samples.jpeg())

"""`linbao doctor` tells what is wrong and what to do, and never stumbles itself."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from linbao.platform.observability import doctor
from tests.mailbox import Mailbox


def told(part: str) -> list[doctor.Finding]:
    return [f for f in doctor.look() if f.part == part]


@pytest.mark.django_db
def test_a_sound_installation(
    mailbox: Mailbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        hasty = cursor.fetchone()[0] != "on"  # the tests' own server, and doctor says so
    assert doctor.run(argparse.Namespace(json=True)) == (1 if hasty else 0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"设置", "数据库", "时钟", "后台任务", "存储", "邮件", "字体", "页面资源"} <= {
        line["part"] for line in lines
    }
    bad = [line for line in lines if line["state"] == "fail"]
    assert [line["message"] for line in bad] == (["fsync 已关闭，断电会丢数据"] if hasty else [])
    assert all(line["advice"] for line in lines if line["state"] != "ok")
    doctor.run(argparse.Namespace(json=False))
    assert "✓ 数据库" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value", "part", "state"),
    [
        ("SMTP_URL", "smtp://127.0.0.1:9", "邮件", "fail"),
        ("SMTP_URL", "", "邮件", "warn"),
        ("BASE_URL", "linbao.example", "设置", "fail"),
        ("BASE_URL", "http://linbao.example", "设置", "warn"),
        ("DEMO", True, "设置", "warn"),
        ("FILES_URL", "s3://a:b@nowhere?endpoint=http://127.0.0.1:9", "存储", "fail"),
    ],
)
def test_each_fault_is_named(name: str, value: Any, part: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from linbao.platform import files

    monkeypatch.setattr(settings, name, value)
    if name == "FILES_URL":
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        files.store.cache_clear()
    try:
        assert state in [f.state for f in told(part)]
    finally:
        files.store.cache_clear()


@pytest.mark.django_db
def test_an_unknown_setting_is_pointed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINBAO_SMPT_URL", "x")
    assert any("LINBAO_SMPT_URL" in f.message for f in told("设置"))

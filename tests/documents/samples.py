"""Content of documents for tests, and photos in the file store."""

from __future__ import annotations

import io
from typing import Any

from django.db import connection
from PIL import Image, ImageDraw

from linbao.documents import typesetting
from linbao.documents.seals import services as seals
from linbao.platform import files
from linbao.platform.protection import box


def weekly(**more: Any) -> dict[str, Any]:
    """A weekly report as `documents.actions.issue` takes it; `more` replaces or adds keys."""
    return {
        "title": "桂花园社区信息周报（2026年第47周（11月16日—11月22日））",
        "unit": "桂花园社区",
        "issuer": "桂花园社区信息报告",
        "number": "桂花园社信〔2026〕12号",
        "to": "社区管理部门",
        "sections": [
            {"heading": "一、信息来源", "blocks": [{"kind": "text", "text": "本周走访 2 次，上报信息 3 条。"}]},
            {
                "heading": "二、具体情况",
                "blocks": [
                    {"kind": "sub", "text": "（一）环境卫生"},
                    {
                        "kind": "text",
                        "text": "1. 7幢东侧垃圾桶满溢（510104-261118-0001）：垃圾桶已满三天。目前已交办。\n"
                        "2. 河边绿地枯死（510104-261118-0002）：约二十平方米。目前已提交。",
                    },
                ],
            },
            {"heading": "三、分析结论", "blocks": [{"kind": "text", "text": "清运频次不足。"}]},
            {
                "heading": "四、统计",
                "blocks": [{"kind": "table", "rows": [["类别", "上报", "紧急"], ["环境卫生", "2", "0"]]}],
            },
        ],
        "attachments": [],
        "signature": "第一工作小组　周秀兰",
        "date": "2026年11月20日",
    } | more


def photo(colour: str = "#4477aa", size: tuple[int, int] = (1600, 1200), *, noisy: bool = False) -> str:
    """A JPEG in the file store; its digest."""
    image = (
        Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)])
        if noisy
        else Image.new("RGB", size, colour)
    )
    ImageDraw.Draw(image).rectangle((40, 40, 200, 200), fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return files.put(out.getvalue())


def watch_transactions(monkeypatch: Any) -> list[tuple[str, int]]:
    """From now on: what was set, sealed or opened in the box, and within how many transactions (those of the test
    itself too)."""
    seen: list[tuple[str, int]] = []

    def watched(module: Any, name: str) -> None:
        real = getattr(module, name)

        def call(*args: Any, **more: Any) -> Any:
            seen.append((name, len(connection.savepoint_ids)))
            return real(*args, **more)

        monkeypatch.setattr(module, name, call)

    for module, name in ((typesetting, "pdf"), (seals, "sign"), (box, "run")):
        watched(module, name)
    return seen

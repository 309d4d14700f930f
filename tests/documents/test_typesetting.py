"""The typesetter under several threads at once, as a worker with its jobs uses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from linbao.documents import typesetting


def test_threads_of_one_worker_typeset_at_once() -> None:
    content = {
        "title": "周报", "unit": "社区", "issuer": "社区信息报告", "number": "社信〔2026〕1号", "to": "部门", "attachments": [], "signature": "周秀兰",
        "date": "2026年11月20日", "sections": [{"heading": "一、信息来源", "blocks": [{"kind": "text", "text": "走访三次。" * 200}]}],
    }  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda _n: typesetting.pdf(content, code="ABCD", verify="http://x/verify/?code="), range(12))
        )
    assert all(m.startswith(b"%PDF") for m in made)

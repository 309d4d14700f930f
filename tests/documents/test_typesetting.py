"""The typesetter under several threads at once, as a worker with its jobs uses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from docx import Document
from pypdf import PdfReader

from linbao.documents import typesetting
from linbao.documents.word import docx


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


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("attachments", [0, 1, 4])
def test_the_seal_never_stands_alone_on_a_page(attachments: int) -> None:
    """GB/T 9704: signature and seal share a page with words of the document, however long it is."""
    for sentences in range(60, 180, 6):
        content = {
            "title": "周报", "unit": "社区", "issuer": "社区信息报告", "number": "社信〔2026〕1号", "to": "部门", "signature": "周秀兰", "date": "2026年11月20日",
            "attachments": [f"附图{n}" for n in range(attachments)], "seal": 42,
            "sections": [{"heading": "一、信息来源", "blocks": [{"kind": "text", "text": "走访三次。" * sentences}, {"kind": "text", "text": "情况平稳。" * 12}]}],
        }  # fmt: skip
        last = (
            PdfReader(BytesIO(typesetting.pdf(content, code="ABCD", verify="http://x/verify/?code=")))
            .pages[-1]
            .extract_text()
        )
        assert "11月20日" in last.replace(" ", "") and "情况平稳" in last, (attachments, sentences)
    word = Document(BytesIO(docx(content, code="ABCD", verify="http://x/verify/?code=")))
    kept = [p.text for p in word.paragraphs if p.paragraph_format.keep_with_next]
    assert kept[1].startswith("情况平稳") and kept[-2:] == ["周秀兰", "2026年11月20日"] and len(kept) == 4 + attachments

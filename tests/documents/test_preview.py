"""The document is shown before it is confirmed: its own pages, marked as what they are (2.3.1, 4.1.2)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from linbao.documents import photos, services, typesetting
from linbao.documents.models import Document
from tests.documents import samples


def red_share(png: bytes) -> float:
    """The share of pixels that are clearly redder than blue, in the middle of the page where no red line is."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    middle = image.crop((0, image.height // 2, image.width, image.height))
    red, _green, blue = middle.split()
    ink = ImageChops.subtract(red, blue).point([255 if v > 12 else 0 for v in range(256)])
    return ink.histogram()[255] / (middle.width * middle.height)


@pytest.mark.clause("2.3.1")
@pytest.mark.django_db
def test_the_preview_is_the_documents_pages_marked_as_not_sent() -> None:
    content = samples.weekly(
        photos=[
            {"sha256": samples.photo(), "caption": "510104-261118-0001　垃圾桶满溢"},
            {"sha256": "0" * 64, "caption": "丢失的照片"},
        ]
    )
    pages = services.preview(content)
    pdf = typesetting.pdf(
        content, code="ABCD2345EFGH", verify="https://l.example/verify/?code=", photos=photos.load(content["photos"])
    )
    assert len(pages) == len(PdfReader(io.BytesIO(pdf)).pages) == 3
    for page in pages:
        image = Image.open(io.BytesIO(page))
        assert image.format == "PNG" and 900 <= image.width <= 920 and 1280 <= image.height <= 1292
    assert red_share(pages[1]) > 0.01  # 预览 未报送
    assert not Document.objects.exists()


@pytest.mark.parametrize("oddity", [{"number": ""}, {"photos": []}, {"seal": 42}, {"title": "周\x07报\ud800\n二"}])
def test_the_preview_takes_content_that_is_not_final(oddity: dict[str, Any]) -> None:
    pages = services.preview(samples.weekly(**oddity))
    assert pages and all(page.startswith(b"\x89PNG") for page in pages)

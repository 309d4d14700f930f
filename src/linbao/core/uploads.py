"""Uploads are refused by the size that they announce, before a byte of them reaches memory or disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _

from linbao.core.problems import TooLarge

MOST = 128_000_000  # bytes of one request: four of the largest attachments, or a spreadsheet of 50,000 rows
LARGEST_FILE = 60_000_000  # bytes of one file that are looked at: a motion photo, of which the still is kept
LARGEST_PHOTO = 25_000_000  # bytes of a photo as it is kept


def too_large(most: int = LARGEST_PHOTO) -> TooLarge:
    """The problem of a file of more than `most` bytes."""
    return TooLarge(_("文件过大：单个文件不能超过 %(mb)d MB，请压缩或分开上传。") % {"mb": most // 1_000_000})


class Capped(FileUploadHandler):
    """First in `FILE_UPLOAD_HANDLERS`: raises `RequestDataTooBig` for a larger request, else passes all on."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > MOST:
            raise RequestDataTooBig(f"request of {content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

"""What runs inside the box: decoders of strangers' bytes, each in a process of its own that soon ends (6.1.3).

Nothing here knows Django, the database, keys or words for people. `linbao.platform.protection.box` is the door. A
task is `task(args, blobs, send) -> dict`: `args` and the returned dict are plain JSON, `blobs` the bytes that came,
`send(bytes)` hands bytes out. It raises `Refusal` for what it will not take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

# family: its decoders, imported before any file comes. Modules of rooms stand here by name, as jobs do in the queue.
FAMILIES = {
    "light": {
        "pictures": "linbao.platform.protection.boxed.pictures",
        "sheets": "linbao.platform.protection.boxed.sheets",
        "archives": "linbao.platform.protection.boxed.archives",
    },
    "docx": {"docx": "linbao.documents.boxed"},
    "pdfs": {"pdfs": "linbao.platform.protection.boxed.pdfs"},
}

Send = Callable[[bytes], None]
Task = Callable[[dict[str, Any], Sequence[bytes], Send], dict[str, Any]]


class Refusal(Exception):
    """A file that is not taken. `code` is one word, `data` plain JSON that the words for people need."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code, self.data = code, data

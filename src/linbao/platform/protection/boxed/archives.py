"""Office files as the archives that they are: which kind, how large unpacked; nothing is unpacked but two small lists
(1.3.1, 6.1.1)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from linbao.platform.protection.boxed import Send

_MAIN = re.compile(rb"(wordprocessingml|spreadsheetml|presentationml)[.\w-]*\.main\+xml")
_OOXML = {b"wordprocessingml": "docx", b"spreadsheetml": "xlsx", b"presentationml": "pptx"}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
LIST = 1_000_000  # bytes of the list of contents


def _has_macros(names: Iterable[str]) -> bool:
    return any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names)


def office(args: dict[str, Any], blobs: Sequence[bytes], send: Send) -> dict[str, Any]:
    """What a zip is: `kind` (docx, xlsx, pptx, odt, ods, odp, ofd; empty for any other), `macros`, `encrypted`,
    `entries` and `unpacked` bytes as its directory has them."""
    with zipfile.ZipFile(io.BytesIO(blobs[0])) as archive:
        entries = archive.infolist()
        sizes = {e.filename: e.file_size for e in entries}
        result: dict[str, Any] = {
            "kind": "",
            "macros": False,
            "encrypted": any(e.flag_bits & 1 for e in entries),
            "entries": len(entries),
            "unpacked": sum(e.file_size for e in entries),
        }
        if sizes.get("mimetype", LIST) < 100:
            result["kind"] = _OPEN_DOCUMENT.get(archive.read("mimetype").strip(), "")
            if result["kind"] and sizes.get("META-INF/manifest.xml", LIST) < LIST:
                result["encrypted"] |= b"encryption-data" in archive.read("META-INF/manifest.xml")
        if not result["kind"] and "OFD.xml" in sizes:  # GB/T 33190: the main entry stands at the root
            result["kind"] = "ofd"
        if not result["kind"] and sizes.get("[Content_Types].xml", LIST) < LIST:
            types = archive.read("[Content_Types].xml")
            # By their part's kind and name as well: a file may say of itself that it has none.
            plain = types.replace(b"sheet.binary.macroEnabled", b"")
            result["macros"] = b"macroEnabled" in plain or b"vbaProject" in types or _has_macros(sizes)
            # The main part tells; parts of another kind may be embedded (the figures behind a chart).
            main = _MAIN.search(types)
            result["kind"] = _OOXML[main[1]] if main else ""
    return result

"""What a file is, by its content and never by its name (1.3.1, 6.1.1).

A short list of what Linbao takes, so the signatures stand here; the library for Python 3.11 looks
no deeper than we do, and knows hundreds of types that we would only refuse. Archives are opened in the box.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import text, uploads
from linbao.core.problems import Invalid, TooLarge, Unsupported
from linbao.items.models import AttachmentKind
from linbao.platform.protection import box
from linbao.platform.protection.boxed import precheck

MAX_BYTES = {AttachmentKind.PHOTO: 25_000_000, AttachmentKind.AUDIO: 25_000_000, AttachmentKind.DOCUMENT: 20_000_000}
UNPACKED_BYTES, UNPACKED_TIMES, ENTRIES = 200_000_000, 150, 5_000  # of an office file; beyond: a bomb

EMOJI_PARTS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}  # of format, and of what is seen

DIRECTORY = 4_000_000  # bytes of an archive's list of entries
LIMITS = box.Limits(cpu=5, wall=10.0, memory=120, output=0)
PDF_LIMITS = box.Limits(cpu=10, wall=20.0, memory=300, output=0)
LEADING = 16  # bytes of line feeds that a transfer may have put before a photo

_ARCHIVED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ofd": "application/ofd",
}
_OLD_OFFICE = {
    "doc": "application/msword",
    "wps": "application/msword",
    "xls": "application/vnd.ms-excel",
    "et": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "dps": "application/vnd.ms-powerpoint",
}
_WPS = {"wps": "doc", "et": "xls", "dps": "ppt"}  # by the names that WPS gives them
_SAME = {
    "jpeg": "jpg",
    "jpe": "jpg",
    "jfif": "jpg",
    "heif": "heic",
    "hif": "heic",
    "mpga": "mp3",
    "oga": "ogg",
    "opus": "ogg",
    "m4b": "m4a",
    "mp4": "m4a",
    "3gp": "m4a",
    "webm": "weba",
    "wave": "wav",
    "text": "txt",
    "log": "txt",
    "md": "txt",
}
_NAMES = {
    "jpg": gettext_lazy("JPG 图片"),
    "png": gettext_lazy("PNG 图片"),
    "gif": gettext_lazy("GIF 图片"),
    "webp": gettext_lazy("WebP 图片"),
    "avif": gettext_lazy("AVIF 图片"),
    "heic": gettext_lazy("HEIC 图片"),
    "pdf": gettext_lazy("PDF 文档"),
    "ofd": gettext_lazy("OFD 文档"),
    "doc": gettext_lazy("Word 文档"),
    "docx": gettext_lazy("Word 文档"),
    "xls": gettext_lazy("Excel 表格"),
    "xlsx": gettext_lazy("Excel 表格"),
    "ppt": gettext_lazy("PPT 演示文稿"),
    "pptx": gettext_lazy("PPT 演示文稿"),
    "txt": gettext_lazy("文本"),
    "csv": gettext_lazy("文本"),
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True)
class Content:
    """`extension` without dot, as a file of this type should be named."""

    kind: AttachmentKind
    content_type: str
    extension: str


def normalise(data: bytes) -> bytes:
    """A photo without the line feeds that a transfer put before it, and one that is too large without the film that
    moves it; any other file as it is."""
    stripped = data[:LEADING].lstrip(b"\r\n\t ") + data[LEADING:] if data[:1] in b"\r\n\t " else data
    if stripped is not data and _image(stripped) is not None:
        data = stripped
    if len(data) > MAX_BYTES[AttachmentKind.PHOTO] and _image(data) is not None:
        data = precheck.still(data)
    return data


def mismatch(name: str, stored: str) -> str:
    """The warning for the sender of a file that is not what its name says and is stored as `stored`; empty when it
    is, or the name says nothing."""
    ending, extension = name.rpartition(".")[2].lower() if "." in name else "", stored.rpartition(".")[2]
    if not ending or stored.lower().endswith("." + ending) or _SAME.get(ending, ending) == extension:
        return ""
    return _("“%(name)s”的内容其实是%(kind)s，与文件名不符，已按“%(kept)s”保存。") % {
        "name": safe_name(name, ending[:5]) if re.fullmatch(r"[a-z0-9]{1,5}", ending) else stored,
        "kind": _NAMES.get(extension, _("%(extension)s 文件") % {"extension": extension.upper()}),
        "kept": stored,
    }


def sniff(data: bytes, name: str = "") -> Content:
    """What `data` is. `name` only chooses where the content leaves a choice: csv or txt, and the endings of WPS.

    Raises `Unsupported` for what is not taken (also with macros or a password), `Invalid` for a broken or empty file,
    `TooLarge` for one over the limit of its kind or an office file that unpacks to a flood.
    """
    if not data:
        raise Invalid(fields={"file": [_("文件是空的，请重新选择。")]})
    result = _image(data) or _marked_text(data, name) or _audio(data) or _document(data, name)
    if result is None:
        raise Unsupported(
            _(
                "不支持这种文件。可以上传：照片（JPG、PNG、HEIC、WebP）、录音（m4a、mp3、wav、amr、ogg）、文档（PDF、OFD、Word、Excel、PPT、WPS、txt）。"
            )
        )
    if len(data) > MAX_BYTES[result.kind]:
        raise too_large(result.kind)
    return result


def too_large(kind: AttachmentKind = AttachmentKind.PHOTO) -> TooLarge:
    """The problem of a file that is larger than its kind may be."""
    return uploads.too_large(MAX_BYTES[kind])


def safe_name(name: str, extension: str) -> str:
    """A file's name as it is stored and offered for download: no folders, no controls, at most 120 characters, with the
    extension of its true type. `../../x` becomes `x.jpg`."""
    last = text.clean(name.replace("\\", "/")).rpartition("/")[2]
    last = "".join(c for c in last if (unicodedata.category(c)[0] != "C" or c in EMOJI_PARTS) and c not in '<>:"|?*')
    stem, dot, tail = last.strip(" .").rpartition(".")
    if not dot:
        stem, tail = tail, ""
    if tail and not re.fullmatch(r"[A-Za-z0-9]{1,5}", tail):
        stem, tail = f"{stem}.{tail}", ""
    if not tail or _SAME.get(tail.lower(), tail.lower()) != extension:
        tail = extension
    stem = stem.strip(" .")[: 120 - len(tail) - 1].strip(" .") or _("文件")
    return f"{stem}.{tail}"


def _image(data: bytes) -> Content | None:
    photo = AttachmentKind.PHOTO
    if data[:3] == b"\xff\xd8\xff":
        return Content(photo, "image/jpeg", "jpg")
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return Content(photo, "image/png", "png")
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return Content(photo, "image/gif", "gif")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Content(photo, "image/webp", "webp")
    if data[4:8] == b"ftyp":
        brands = _brands(data)
        if brands & {b"avif", b"avis"}:
            return Content(photo, "image/avif", "avif")
        if brands & _HEIF_BRANDS:
            return Content(photo, "image/heic", "heic")
    return None


def _audio(data: bytes) -> Content | None:
    audio = AttachmentKind.AUDIO
    if data[:3] == b"ID3" or (
        len(data) > 3 and data[0] == 0xFF and data[1] & 0xE6 in (0xE2, 0xE4, 0xE6) and data[2] & 0xF0 != 0xF0
    ):
        return Content(audio, "audio/mpeg", "mp3")
    if data[0] == 0xFF and len(data) > 3 and data[1] & 0xF6 == 0xF0:
        return Content(audio, "audio/aac", "aac")
    if data[:4] == b"OggS" and any(mark in data[:200] for mark in (b"vorbis", b"OpusHead", b"Speex", b"FLAC")):
        return Content(audio, "audio/ogg", "ogg")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Content(audio, "audio/wav", "wav")
    if data[:6] in (b"#!AMR\n", b"#!AMR-"):
        return Content(audio, "audio/amr", "amr")
    if (
        data[:4] == b"\x1aE\xdf\xa3"
        and b"webm" in data[:64]
        and b"A_OPUS" in data[:4096]
        and b"V_VP" not in data[:4096]
    ):
        return Content(audio, "audio/webm", "weba")  # what browsers record
    if data[4:8] == b"ftyp":
        # Recorders of phones also use the brands of video: it is sound if its tracks hold sound and no pictures. One
        # that was cut off names no tracks.
        tracks = precheck.tracks(data)
        if (b"soun" in tracks and b"vide" not in tracks) or (
            not tracks and _brands(data) & {b"M4A ", b"M4B ", b"M4P "}
        ):
            return Content(audio, "audio/mp4", "m4a")
    return None


def _document(data: bytes, name: str) -> Content | None:
    document = AttachmentKind.DOCUMENT
    if b"%PDF-" in data[:1024]:
        if b"/Encrypt" in data and _locked_pdf(data):
            raise _encrypted()
        return Content(document, "application/pdf", "pdf")
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if precheck.locked_office(data):
            raise _encrypted()
        tail, kinds = name.rpartition(".")[2].lower(), precheck.old_office(data)
        if _WPS.get(tail, tail) not in kinds:
            tail = kinds[0] if kinds else ""
        return Content(document, _OLD_OFFICE[tail], tail) if tail else None
    return _text(data, name) if _is_text(data) else None


def _locked_pdf(data: bytes) -> bool:
    """Whether it needs a password to be opened. False where the box cannot decide."""
    if len(data) > MAX_BYTES[AttachmentKind.DOCUMENT]:
        raise too_large(AttachmentKind.DOCUMENT)
    try:
        return bool(box.run("pdfs.locked", {}, data, limits=PDF_LIMITS).data["locked"])
    except box.Refused:
        return False


def _marked_text(data: bytes, name: str) -> Content | None:
    """Text in UTF-16 begins with a mark that could also begin a recording."""
    return _text(data, name) if data[:2] in (b"\xff\xfe", b"\xfe\xff") and _is_text(data) else None


def _text(data: bytes, name: str) -> Content:
    tail = name.rpartition(".")[2].lower()
    kind, extension = ("text/csv", "csv") if tail == "csv" else ("text/plain", "txt")
    return Content(AttachmentKind.DOCUMENT, kind, extension)


def _zipped(data: bytes) -> Content | None:
    """An office file inside a zip; any other zip is refused. A decompression bomb is recognised by the sizes that its
    directory declares."""
    if len(data) > MAX_BYTES[AttachmentKind.DOCUMENT]:
        raise too_large(AttachmentKind.DOCUMENT)
    entries, size = precheck.archive(data)
    if entries > ENTRIES or size > DIRECTORY:
        raise _flood()
    try:
        details = box.run("archives.office", {}, data, limits=LIMITS).data
    except box.Refused as e:
        raise Invalid(fields={"file": [_("这个文档已损坏，无法打开；请重新导出后上传。")]}) from e
    if not details["kind"] and not details["macros"]:
        return None
    if details["macros"]:
        raise Unsupported(_("不接收含宏的文档，请另存为不含宏的格式（docx、xlsx）后上传。"))
    unpacked = details["unpacked"]
    if unpacked > UNPACKED_BYTES or (unpacked > 10_000_000 and unpacked > UNPACKED_TIMES * len(data)):
        raise _flood()
    if details["encrypted"]:
        raise _encrypted()
    return Content(AttachmentKind.DOCUMENT, _ARCHIVED[details["kind"]], details["kind"])


def _flood() -> TooLarge:
    return TooLarge(_("这个文档解压后过大，可能有问题，未予接收；请转为 PDF 后上传。"))


def _encrypted() -> Unsupported:
    return Unsupported(_("不接收加密的文档，请去掉密码后上传。"))


def _is_text(data: bytes) -> bool:
    head = data[:65_536]
    wide = precheck.utf_16(head)
    if b"\x00" in head and not wide:
        return False
    for encoding in ("utf-8-sig", wide or "gb18030"):
        # The cut may fall inside a character: try again a few bytes shorter.
        for cut in range(4):
            try:
                message = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            if _reads(message):
                return True
    return False


def _reads(text: str) -> bool:
    strange = sum(unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and c not in "\t\r\n\f" for c in text)
    markup = re.match(r"\s*<(!doctype|html|svg|script|\?xml|\?php)", text[:200], re.IGNORECASE)
    return bool(text.strip()) and strange == 0 and not markup and not text.startswith("#!")


def _brands(data: bytes) -> set[bytes]:
    size = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return {data[8:12], *(data[i : i + 4] for i in range(16, size, 4))}

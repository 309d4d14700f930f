"""Files are what they hold, not what they are called (1.3.1, 6.1.1)."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linbao.core.problems import Invalid, Problem, TooLarge, Unsupported
from linbao.items.attachments import content
from tests.items import samples


@pytest.mark.parametrize("name", samples.RECORDINGS)
def test_recordings_are_taken_by_their_content(name: str) -> None:
    assert content.sniff(samples.RECORDINGS[name], "x.exe").kind == "audio"


@pytest.mark.parametrize("name", samples.DOCUMENTS)
def test_documents_are_taken_by_their_content(name: str) -> None:
    result = content.sniff(samples.DOCUMENTS[name], f"x.{name.split()[0]}")
    assert (result.kind, result.extension) == ("document", name.split()[0])


@pytest.mark.parametrize("name", samples.REFUSED)
def test_what_is_not_taken_is_refused_whatever_it_is_called(name: str) -> None:
    for called in ("photo.jpg", "report.pdf", "x.txt"):
        with pytest.raises(Unsupported) as raised:
            content.sniff(samples.REFUSED[name], called)
        assert "不支持" in raised.value.message


def test_a_file_with_a_password_is_refused_whatever_it_is_called() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(64)
    for called in ("x.xlsx", "x.doc"):
        with pytest.raises(Unsupported) as raised:
            content.sniff(locked, called)
        assert "密码" in raised.value.message


def test_the_main_part_tells_slides_from_the_figures_behind_their_chart() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
        archive.writestr(
            "[Content_Types].xml",
            (
                f'<Types><Default Extension="xlsx" ContentType="{sheet}"/><Override'
                f' PartName="/ppt/presentation.xml" ContentType="{slides}"/></Types>'
            ),
        )
    assert content.sniff(out.getvalue(), "x.pptx").extension == "pptx"


def test_text_in_utf_16_is_no_recording() -> None:
    assert content.sniff("会议记录".encode("utf-16"), "x.txt").content_type == "text/plain"


def test_an_archive_of_more_entries_than_an_office_file_has_is_refused_by_a_look_at_it() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(6000):
            archive.writestr(str(n), b"")
    with pytest.raises(TooLarge):
        content.sniff(out.getvalue(), "x.docx")


def test_an_office_bomb_is_refused_without_unpacking_it() -> None:
    with pytest.raises(TooLarge):
        content.sniff(samples.office(flood=60_000_000))


def test_a_broken_office_file_and_an_empty_file_are_told() -> None:
    with pytest.raises(Invalid):
        content.sniff(samples.office()[:80])
    with pytest.raises(Invalid):
        content.sniff(b"")


def test_a_file_over_the_limit_of_its_kind_is_refused() -> None:
    with pytest.raises(TooLarge):
        content.sniff(b"\xff\xd8\xff" + b"\x00" * 25_000_001)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x", "x.jpg"),
        ("..\\..\\windows\\win.ini", "win.jpg"),
        ("照片 1.JPEG", "照片 1.JPEG"),
        ("a\x00b.jpg", "ab.jpg"),
        ("", "文件.jpg"),
        ("...", "文件.jpg"),
        ("x.exe", "x.jpg"),
    ],
)
def test_names_are_made_harmless(name: str, kept: str) -> None:
    assert content.safe_name(name, "jpg") == kept


CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def old(*streams: str) -> bytes:
    return CFB + b"".join((s + "\0").encode("utf-16-le").ljust(128, b"\0") for s in ("Root Entry", *streams))


@pytest.mark.parametrize(
    ("data", "name", "extension"),
    [
        (old("WordDocument"), "x.doc", "doc"),
        (old("WordDocument"), "x.wps", "wps"),
        (old("Workbook"), "x.et", "et"),
        (old("PowerPoint Document"), "x.dps", "dps"),
        (old("Workbook"), "x.xlsx", "xls"),
        (old("Workbook"), "x.doc", "xls"),
        (old("Book"), "x.xls", "xls"),
        (old("PowerPoint Document"), "x", "ppt"),
        (old("WordDocument", "Workbook"), "x.doc", "doc"),
        (old("Workbook", "WordDocument"), "x.xls", "xls"),
        ("会议记录\n第二行".encode("utf-16-le"), "x.txt", "txt"),
        ("会议记录, 第二行".encode("utf-16-be"), "x.txt", "txt"),
    ],
)
def test_old_office_files_and_wide_text_are_what_they_hold(data: bytes, name: str, extension: str) -> None:
    assert content.sniff(data, name).extension == extension


def archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, body in files.items():
            made.writestr(name, body)
    return out.getvalue()


def test_ofd_is_taken() -> None:
    """GB/T 33190: a zip whose entry is OFD.xml at its root."""
    result = content.sniff(archive({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<ofd:Document/>"}), "公文.ofd")
    assert (result.extension, result.content_type) == ("ofd", "application/ofd")
    with pytest.raises(Unsupported):
        content.sniff(archive({"a/OFD.xml": "<ofd:OFD/>"}), "公文.ofd")


def test_a_workbook_with_a_word_file_inside_is_a_workbook() -> None:
    main = "application/vnd.openxmlformats-officedocument.{}.main+xml"
    types = (
        f'<Types><Default Extension="docx"'
        f' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document"/><Override'
        f' PartName="/xl/workbook.xml" ContentType="{main.format("spreadsheetml.sheet")}"/></Types>'
    )
    assert (
        content.sniff(archive({"[Content_Types].xml": types, "xl/embeddings/a.docx": "PK"}), "x.xlsx").extension
        == "xlsx"
    )


def pdf(user: str | None) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if user is not None:
        writer.encrypt(user_password=user, owner_password="owner", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


LOCKED = {
    "text.doc": old("WordDocument")
    + bytes(-len(old("WordDocument")) % 512)
    + b"\xec\xa5\xc1\x00"
    + bytes(6)
    + b"\x00\x01"
    + bytes(600),
    "table.xls": old("Workbook")
    + bytes(-len(old("Workbook")) % 512)
    + b"\x09\x08\x10\x00\x00\x06\x05\x00"
    + bytes(12)
    + b"\x2f\x00"
    + bytes(600),
    "slides.ppt": old("PowerPoint Document") + b"\xf6\x0f" + b"\x14\x00\x00\x00\xdf\xc4\xd1\xf3" + bytes(600),
    "text.odt": archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": "<manifest:encryption-data/>"}
    ),
    "paper.pdf": pdf("secret"),
}


@pytest.mark.parametrize("name", LOCKED)
def test_what_has_a_password_is_told_as_such(name: str) -> None:
    with pytest.raises(Unsupported, match="密码"):
        content.sniff(LOCKED[name], name)


def test_a_pdf_that_only_forbids_changes_is_taken() -> None:
    assert content.sniff(pdf(""), "x.pdf").extension == "pdf"


@pytest.mark.parametrize("brand", [b"M4A ", b"mp42", b"isom", b"3gp4", b"3gp6", b"qt  ", b"dash", b"F4A "])
def test_recordings_of_odd_brands_are_sound(brand: bytes) -> None:
    handler = samples.box(b"hdlr", bytes(8) + b"soun" + bytes(12))
    moov = samples.box(b"moov", samples.box(b"trak", samples.box(b"mdia", handler)))
    mdat = samples.box(b"mdat", b"vide" * 100)  # what sounds like a film is only its sound
    data = samples.box(b"ftyp", brand + bytes(4) + brand) + mdat + moov
    assert content.sniff(data, "录音.m4a").extension == "m4a"


@pytest.mark.parametrize(
    ("name", "kept", "notice"),
    [
        ("x.jpeg", "x.jpeg", ""),
        ("x.jfif", "x.jfif", ""),
        ("照片", "照片.jpg", ""),
        ("x.JPG", "x.JPG", ""),
        ("x.mp4", "x.mp4", ""),
        ("x.wps", "x.wps", ""),
        ("x.png", "x.jpg", "JPG"),
        ("a.xlsx", "a.xls", "Excel"),
        ("x.docx", "x.pdf", "PDF"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told(name: str, kept: str, notice: str) -> None:
    message = content.mismatch(name, kept)
    assert (notice in message and kept in message and name in message) if notice else message == ""


@given(st.text(max_size=300), st.sampled_from(["jpg", "pdf", "m4a"]))
def test_any_name_becomes_one_without_folders_and_controls(name: str, extension: str) -> None:
    result = content.safe_name(name, extension)
    assert 0 < len(result) <= 120
    assert not set(result) & set('/\\<>:"|?*\x00\n\r') and not result.startswith(".")


@given(st.binary(max_size=400), st.text(max_size=20))
def test_whatever_bytes_come_a_type_or_a_problem(data: bytes, name: str) -> None:
    for given_ in (data, b"PK\x03\x04" + data, b"....ftyp" + data, b"RIFF" + data):
        try:
            content.sniff(given_, name)
        except Problem as problem:
            assert 400 <= problem.status < 500


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize("hidden", ["word/vbaProject.bin", "word/VBAproject.BIN", "word/harmless.bin"])
def test_macros_are_told_though_the_file_says_it_has_none(hidden: str) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/>'
    if hidden == "word/harmless.bin":
        types += f'<Override PartName="/{hidden}" ContentType="application/vnd.ms-office.vbaProject"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", types + "</Types>")
        packed.writestr("word/document.xml", "<document/>")
        packed.writestr(hidden, "macros")
    with pytest.raises(Unsupported, match="宏"):
        content.sniff(out.getvalue(), "a.docx")


@pytest.mark.clause("1.3.1")
@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.wps", "a.msi"])
def test_a_compound_file_without_a_document_in_it_is_none_whatever_it_is_called(name: str) -> None:
    installer = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(10_000)
    with pytest.raises(Unsupported, match="不支持"):
        content.sniff(installer, name)

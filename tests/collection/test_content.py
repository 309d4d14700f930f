"""Files are what they hold, not what they are called (1.3.1, 6.1.1)."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linbao.base.problems import Invalid, Problem, TooLarge, Unsupported
from linbao.collection import content
from tests.collection import samples


@pytest.mark.parametrize("name", samples.RECORDINGS)
def test_recordings_are_taken_by_their_content(name: str) -> None:
    assert content.sniff(samples.RECORDINGS[name], "x.exe").kind == "audio"


@pytest.mark.parametrize("name", samples.DOCUMENTS)
def test_documents_are_taken_by_their_content(name: str) -> None:
    found = content.sniff(samples.DOCUMENTS[name], f"x.{name.split()[0]}")
    assert (found.kind, found.extension) == ("document", name.split()[0])


@pytest.mark.parametrize("name", samples.REFUSED)
def test_what_is_not_taken_is_refused_whatever_it_is_called(name: str) -> None:
    for called in ("photo.jpg", "report.pdf", "x.txt"):
        with pytest.raises(Unsupported) as told:
            content.sniff(samples.REFUSED[name], called)
        assert "不支持" in told.value.message


def test_a_file_with_a_password_is_refused_whatever_it_is_called() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(64)
    for called in ("x.xlsx", "x.doc"):
        with pytest.raises(Unsupported) as told:
            content.sniff(locked, called)
        assert "密码" in told.value.message


def test_the_main_part_tells_slides_from_the_figures_behind_their_chart() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
        archive.writestr("[Content_Types].xml", f'<Types><Default Extension="xlsx" ContentType="{sheet}"/><Override PartName="/ppt/presentation.xml" ContentType="{slides}"/></Types>')  # fmt: skip
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


@given(st.text(max_size=300), st.sampled_from(["jpg", "pdf", "m4a"]))
def test_any_name_becomes_one_without_folders_and_controls(name: str, extension: str) -> None:
    found = content.safe_name(name, extension)
    assert 0 < len(found) <= 120
    assert not set(found) & set('/\\<>:"|?*\x00\n\r') and not found.startswith(".")


@given(st.binary(max_size=400), st.text(max_size=20))
def test_whatever_bytes_come_a_type_or_a_problem(data: bytes, name: str) -> None:
    for given_ in (data, b"PK\x03\x04" + data, b"....ftyp" + data, b"RIFF" + data):
        try:
            content.sniff(given_, name)
        except Problem as problem:
            assert 400 <= problem.status < 500

"""A sealed stream is whole or refused (6.1.1)."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linbao.platform.backup import envelope, stores

KEY = bytes(range(32))


def made(content: dict[str, bytes], monkey: int = 1000) -> bytes:
    def parts() -> Iterator[bytes]:
        for name, data in content.items():
            yield from envelope.member(name, iter([data[i : i + monkey] for i in range(0, len(data), monkey)]))

    return b"".join(envelope.seal(parts(), archive_key=KEY, header={"stanzas": [], "made_at": "now"}))


def read(archive: bytes, key: bytes = KEY) -> dict[str, bytes]:
    stream, result = io.BytesIO(archive), {}
    _header, start = envelope.header(stream)

    def take(name: str, blocks: Iterator[bytes]) -> None:
        result[name] = b"".join(blocks)

    envelope.members(envelope.unseal(stream, archive_key=key, start=start), take)
    return result


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "CHUNK", 64)


CONTENT = {"database": os.urandom(300), "文件 a/b": b"", "list": b"{}" * 40}
ARCHIVE: list[bytes] = []


def archive() -> bytes:
    if not ARCHIVE:
        ARCHIVE.append(made(CONTENT))
    return ARCHIVE[0]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 1000])
def test_what_goes_in_comes_out(size: int) -> None:
    content = {"x": os.urandom(size)}
    assert read(made(content)) == content


@given(st.data())
def test_a_changed_byte_anywhere_is_refused(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "CHUNK", 64)
        whole = archive()
        at = data.draw(st.integers(0, len(whole) - 1))
        flipped = bytearray(whole)
        flipped[at] ^= data.draw(st.integers(1, 255))
        with pytest.raises(envelope.Damaged):
            read(bytes(flipped))


@given(st.data())
def test_a_cut_anywhere_is_refused(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "CHUNK", 64)
        whole = archive()
        with pytest.raises(envelope.Damaged):
            read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.usefixtures("small")
def test_chunks_in_another_order_more_of_them_or_another_key_are_refused() -> None:
    whole = made({"x": os.urandom(640)})
    start = len(whole) - (len(whole) - whole.index(b"}") - 1)
    first, second = whole[start : start + 80], whole[start + 80 : start + 160]
    for changed in (
        whole[:start] + second + first + whole[start + 160 :],
        whole + whole[-80:],
        whole[: start + 80] + first + whole[start + 80 :],
    ):
        with pytest.raises(envelope.Damaged):
            read(changed)
    with pytest.raises(envelope.Damaged):
        read(whole, bytes(32))


def test_the_recovery_key_opens_as_it_was_printed_or_typed() -> None:
    text, public = envelope.new_recovery()
    stanza = envelope.for_recovery(KEY, public)
    assert envelope.by_recovery(stanza, text) == KEY
    assert envelope.by_recovery(stanza, text.lower().replace("-", " ").replace("linbao ", "")) == KEY
    assert (
        envelope.by_recovery(stanza, f"恢复密钥（只显示这一次）：\n\n    {text}\n") == KEY
    )  # the printed page as a file
    errors = text[:-1] + ("A" if text[-1] != "A" else "B")
    for typed in (errors, "", "没有", text[:20], envelope.new_recovery()[0]):
        with pytest.raises(envelope.WrongKey):
            envelope.by_recovery(stanza, typed)


def test_the_backup_key_opens() -> None:
    stanza = envelope.for_key(KEY, b"k" * 32)
    assert envelope.by_key(stanza, b"k" * 32) == KEY
    with pytest.raises(envelope.WrongKey):
        envelope.by_key(stanza, b"l" * 32)


def test_retention_keeps_days_weeks_and_months() -> None:
    start = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
    names = [stores.name(start - timedelta(days=n)) for n in range(400)]
    stored = [n for n in names if n not in stores.expired(names, "7,4,6")]
    assert stored[:7] == names[:7]
    assert len(stored) == 7 + 2 + 5  # two weeks and a month end among the days
    assert stores.expired(names, "") == [] and stores.expired(names, "0,0,0") == []
    assert stores.expired(names[:1], "7,4,6") == []
    twice = [stores.name(start), stores.name(start - timedelta(hours=1))]
    assert stores.expired(twice, "7") == [twice[1]]


@pytest.mark.clause("6.1.1")
def test_operators_are_answered_in_the_language_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import translation

    from linbao.commands import restore as command

    with translation.override("en"), pytest.raises(envelope.Damaged, match="not a backup of Linbao"):
        envelope.header(io.BytesIO(b"a picture of a holiday, not an archive"))
    # `restore` speaks before Django is ready.
    monkeypatch.delenv("LINBAO_LANGUAGE", raising=False)
    assert command._("恢复密钥：") == "恢复密钥："
    monkeypatch.setenv("LINBAO_LANGUAGE", "en")
    assert command._("恢复密钥：") == "Recovery key: "

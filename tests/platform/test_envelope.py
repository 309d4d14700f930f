"""A backup is an age file with a tar archive inside: whole or refused, and open to other tools (6.1.1)."""

from __future__ import annotations

import io
import os
import tarfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linbao.platform.backup import envelope, stores

SECRET, PUBLIC = envelope.new_identity()
CHUNK = 1 << 16  # bytes of content in a chunk of age (its specification)


def made(content: dict[str, bytes]) -> bytes:
    def parts() -> Iterator[bytes]:
        for name, data in content.items():
            yield from envelope.member(
                name, len(data), 1.8e9, iter([data[i : i + 1000] for i in range(0, len(data), 1000)])
            )
        yield envelope.end()

    return b"".join(envelope.seal(parts(), [PUBLIC]))


def read(archive: bytes, secret: str = SECRET) -> dict[str, bytes]:
    parts = envelope.unseal(io.BytesIO(archive), envelope.read_identities(secret))
    return {name: b"".join(blocks) for name, blocks in envelope.members(parts)}


def age_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "age"]


@lru_cache(maxsize=1)
def archive() -> bytes:
    return made({"keys.json": b"{}", "database/000001": os.urandom(3 * CHUNK), "list.json": b"{}" * 40})


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, CHUNK - 1536, CHUNK, 1_000_000])
def test_what_goes_in_comes_out_with_other_tools_too(size: int) -> None:
    content = {"files/ab/cdef": os.urandom(size), "list.json": b"[]"}
    whole = made(content)
    assert read(whole) == content
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(whole, [pyrage.x25519.Identity.from_str(SECRET)]))) as other:
        rows = {m.name: other.extractfile(m) for m in other.getmembers()}
        assert {name: f.read() for name, f in rows.items() if f} == content
        assert {m.mode for m in other.getmembers()} == {0o600}


@pytest.mark.clause("6.1.1")
@given(st.data())
def test_a_changed_byte_anywhere_is_refused(data: st.DataObject) -> None:
    flipped = bytearray(archive())
    at = data.draw(st.one_of(st.integers(0, 400), st.integers(0, len(flipped) - 1)))
    flipped[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises((envelope.Damaged, envelope.WrongKey)):
        read(bytes(flipped))
    assert age_threads() == []


@pytest.mark.clause("6.1.1")
@given(st.data())
def test_a_cut_anywhere_is_refused(data: st.DataObject) -> None:
    whole = archive()
    with pytest.raises((envelope.Damaged, envelope.WrongKey)):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


def start_of_chunks(whole: bytes) -> int:
    """Behind the header's last line and the nonce of 16 bytes."""
    return whole.index(b"\n", whole.index(b"\n--- ") + 1) + 1 + 16


@pytest.mark.clause("6.1.1")
def test_chunks_in_another_order_fewer_or_more_of_them_or_another_key_are_refused() -> None:
    for whole in (archive(), made({"x": bytes(4 * CHUNK - 3 * 512)})):  # the latter's last chunk is full
        start, size = start_of_chunks(whole), CHUNK + 16
        chunks = [whole[i : i + size] for i in range(start, len(whole), size)]
        assert len(chunks) == 4
        for changed in (
            [chunks[1], chunks[0], *chunks[2:]],
            [chunks[0], chunks[0], *chunks[1:]],
            [chunks[0], *chunks[2:]],
            chunks[:-1],
            chunks[1:],
            [*chunks, chunks[-1]],
            [*chunks, b"\0"],
            [*chunks, whole],
        ):
            with pytest.raises(envelope.Damaged, match="已被改动或不完整"):
                read(whole[:start] + b"".join(changed))
        with pytest.raises(envelope.WrongKey):
            read(whole, envelope.new_identity()[0])


def sealed_tar(data: bytes) -> bytes:
    result: bytes = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(PUBLIC)])
    return result


def tar_of(details: tarfile.TarInfo, format_: int = tarfile.USTAR_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=format_) as other:
        other.addfile(details, io.BytesIO(bytes(details.size)))
    return target.getvalue()


@pytest.mark.clause("6.1.1")
def test_a_tar_archive_that_was_cut_or_holds_anything_but_files_is_refused() -> None:
    plain = tarfile.TarInfo("list.json")
    plain.size = 1000
    link = tarfile.TarInfo("files/ab/cd")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    whole = tar_of(plain)
    assert read(sealed_tar(whole)) == {"list.json": bytes(1000)}, "as another tool writes it"
    for data in (
        b"",
        whole[:700],
        whole[:1536],  # the file alone, without the archive's end
        b"x" + whole[1:],
        whole + b"x",
        tar_of(link),
        tar_of(tarfile.TarInfo("long" * 60), tarfile.PAX_FORMAT),
        os.urandom(2000),
    ):
        with pytest.raises(envelope.Damaged):
            read(sealed_tar(data))


@pytest.mark.clause("6.1.1")
def test_a_file_that_changes_its_size_while_it_is_read_ends_the_backup() -> None:
    for size in (2, 4):
        with pytest.raises(OSError, match=r"list\.json"):
            list(envelope.member("list.json", size, 0, iter([b"a", b"bc"])))


@pytest.mark.clause("6.1.1")
def test_an_error_of_the_content_ends_the_stream_and_comes_out_as_it_is() -> None:
    def parts() -> Iterator[bytes]:
        yield bytes(1_000_000)
        raise KeyError("the database went away")

    with pytest.raises(KeyError, match="went away"):
        list(envelope.seal(parts(), [PUBLIC]))
    assert age_threads() == []

    class Broken:
        def __init__(self) -> None:
            self.rest = io.BytesIO(archive()[: 2 * CHUNK])

        def read(self, size: int) -> bytes:
            if data := self.rest.read(size):
                return data
            raise ConnectionResetError("the bucket went away")

    with pytest.raises(ConnectionResetError, match="went away"):
        list(envelope.unseal(Broken(), envelope.read_identities(SECRET)))
    assert age_threads() == []


@pytest.mark.clause("6.1.1")
def test_content_is_made_in_the_callers_thread_as_it_is_taken() -> None:
    threads, count = set(), 0

    def parts() -> Iterator[bytes]:
        nonlocal count
        while True:
            threads.add(threading.get_ident())
            count += 1
            yield os.urandom(1 << 18)

    stream = envelope.seal(parts(), [PUBLIC])
    taken = 0
    while taken < 20 << 20:
        taken += len(next(stream))
    assert threads == {threading.get_ident()}
    assert count * (1 << 18) - taken < 4 << 20, "no more lies in memory than a few blocks"
    assert len(age_threads()) == 1
    stream.close()
    assert age_threads() == []


def test_a_key_opens_as_it_was_printed_or_typed() -> None:
    whole = made({"x": b"1"})
    wide = "".join(chr(ord(c) + 0xFEE0) for c in SECRET)  # as a Chinese input method types it
    for typed in (
        SECRET,
        SECRET.lower(),
        " ".join(SECRET[i : i + 4] for i in range(0, len(SECRET), 4)),
        f"{SECRET[:30]}\n  {SECRET[30:]}\n",
        f"恢复密钥（只显示这一次）：\n\n    {SECRET}\n",  # the printed page as a file
        f"# created: 2026-11-30\n# public key: {PUBLIC}\n{SECRET}\n{envelope.new_identity()[0]}\n",  # of age-keygen
        wide,
    ):
        assert read(whole, typed) == {"x": b"1"}, typed
    slip = SECRET[:-1] + ("Q" if SECRET[-1] != "Q" else "P")
    swapped = SECRET[:30] + SECRET[31] + SECRET[30] + SECRET[32:]
    for typed in (slip, "", "没有", SECRET[:40], SECRET[:-1], SECRET + SECRET[:40], PUBLIC) + (
        (swapped,) if swapped != SECRET else ()
    ):
        with pytest.raises(envelope.WrongKey, match="抄写有误"):
            envelope.read_identities(typed)


def test_a_data_keys_identity_is_the_same_each_time_and_another_for_each_key() -> None:
    one, again, other = (envelope.derived_identity(bytes([n]) * 32) for n in (1, 1, 2))
    assert str(one) == str(again) != str(other)
    sealed = pyrage.encrypt(b"1", [pyrage.x25519.Recipient.from_str(envelope.recipient(one))])
    assert pyrage.decrypt(sealed, [again]) == b"1"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [other])


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
        envelope.check(io.BytesIO(b"a picture of a holiday, not an archive"))
    # `restore` speaks before Django is ready.
    monkeypatch.delenv("LINBAO_LANGUAGE", raising=False)
    assert command._("恢复密钥：") == "恢复密钥："
    monkeypatch.setenv("LINBAO_LANGUAGE", "en")
    assert command._("恢复密钥：") == "Recovery key: "

"""Values at rest: sealed, bound to their place, turned to new keys while the product runs (1.3.4, 6.1.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection

from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.core import clock
from linbao.core.problems import Conflict
from linbao.items.models import Party
from linbao.platform import bulk as rows
from linbao.platform import files, reference
from linbao.platform.encryption import crypto, key_lifecycle, keys, resealing, wrapping
from linbao.platform.models import DataKey, KeyState, Purpose, Resealing
from tests.loop import Town, _tuesday, build  # noqa: F401

NAME, PHONE = "欧阳测试", "13912345678"


@pytest.fixture
def town(db: Any) -> Town:
    return build()


@pytest.fixture
def tuesday(_tuesday: time_machine.Traveller) -> time_machine.Traveller:  # noqa: F811
    return _tuesday


@pytest.fixture(autouse=True)
def _keys_as_they_are() -> Any:
    """A test's rollback takes its keys with it."""
    keys.drop()
    yield
    keys.drop()


def filed(town: Town, count: int = 1) -> list[Party]:
    rows = [
        town.submitted(parties=[{"role": "proposer", "name": f"{NAME}{n or ''}", "phone": str(int(PHONE) + n)}])
        for n in range(count)
    ]
    return list(Party.objects.filter(item__in=rows).order_by("id"))


def stored(column: str, row: Party) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM items_party WHERE id = %s", [row.pk])
        value = cursor.fetchone()[0]
    return value.encode() if isinstance(value, str) else bytes(value)


def put(column: str, row: Party, value: bytes | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE items_party SET {column} = %s WHERE id = %s", [value, row.pk])


def found(town: Town, who: str) -> int:
    return len(search.find(town.manager, Filters(person=who)).rows)


@pytest.mark.clause("1.3.4", "6.1.1")
def test_a_value_moved_to_another_row_column_or_table_does_not_open(town: Town) -> None:
    mine, other = filed(town, 2)
    put("phone", other, stored("phone", mine))
    with pytest.raises(crypto.CannotOpen):
        _ = Party.objects.get(pk=other.pk).phone
    put("phone", mine, stored("name", mine))
    with pytest.raises(crypto.CannotOpen):
        _ = Party.objects.get(pk=mine.pk).phone
    assert Party.objects.get(pk=mine.pk).name == NAME
    with connection.cursor() as cursor:  # the same id and column in another table
        cursor.execute("UPDATE organisation_user SET phone = %s WHERE id = %s", [stored("name", mine), town.manager.pk])
    with pytest.raises(crypto.CannotOpen):
        _ = town.manager.phone
    flipped = bytearray(stored("name", mine))
    flipped[-1] ^= 1
    put("name", mine, bytes(flipped))
    with pytest.raises(crypto.CannotOpen):
        _ = Party.objects.get(pk=mine.pk).name


@pytest.mark.clause("6.1.1")
def test_no_key_lies_in_the_database_in_the_clear(db: Any) -> None:
    for row in DataKey.objects.all():
        raw = keys.material(row)
        assert raw not in bytes(row.wrapped or b"") and raw.hex() not in bytes(row.wrapped or b"").hex()
    moved = DataKey.objects.get(purpose=Purpose.FIELDS, state=KeyState.CURRENT)
    moved.wrapped = DataKey.objects.get(purpose=Purpose.FILES, state=KeyState.CURRENT).wrapped
    with pytest.raises(wrapping.NoKey):  # one purpose's key does not serve another
        keys.material(moved)


@pytest.mark.clause("6.1.1")
def test_keys_are_turned_values_follow_and_the_old_key_goes(
    town: Town, tuesday: time_machine.Traveller, own_files: None
) -> None:
    rows = filed(town, 3)
    digest = files.put(b"a photo of the stairwell")
    before = {r.purpose: r for r in DataKey.objects.filter(state=KeyState.CURRENT)}
    key_lifecycle.rotate()
    assert {r.phone for r in Party.objects.filter(pk__in=[r.pk for r in rows])} == {
        str(int(PHONE) + n) for n in range(3)
    }
    assert found(town, PHONE) == 1, "found by the older index"
    newer = filed(town, 1)[0]
    assert found(town, PHONE) == 2, "found by both"
    assert files.get(digest) == b"a photo of the stairwell"
    tuesday.shift(key_lifecycle.RETIRE_AFTER + timedelta(minutes=1))
    for row in before.values():
        if row.purpose != Purpose.BACKUPS:
            with pytest.raises(Conflict, match="仍在使用"):
                key_lifecycle.retire(row.id)
    assert resealing.run()
    current = {r.purpose: r for r in DataKey.objects.filter(state=KeyState.CURRENT)}
    for party in (*rows, newer):
        assert stored("phone", party)[:5] == keys.header(current["fields"])
        assert stored("phone_index", party).decode().startswith(keys.prefix(current["index"]))
    assert found(town, PHONE) == 2 and found(town, NAME) == 2
    assert files.get(digest) == b"a photo of the stairwell"
    assert [files.header(n) for n in files.walk() if n in files.names(digest)] == [keys.header(current["files"])]
    for row in before.values():
        key_lifecycle.retire(row.id)
        row.refresh_from_db()
        assert row.state == KeyState.RETIRED and row.wrapped is None
    assert Party.objects.get(pk=rows[0].pk).phone == PHONE
    with pytest.raises(Conflict, match="正在使用"):
        key_lifecycle.retire(current["fields"].id)


def test_a_key_just_replaced_is_not_retired(town: Town) -> None:
    old = DataKey.objects.get(purpose=Purpose.FIELDS, state=KeyState.CURRENT)
    key_lifecycle.rotate(Purpose.FIELDS)
    with pytest.raises(Conflict, match="刚被替换"):
        key_lifecycle.retire(old.id)


@pytest.mark.clause("6.1.1")
def test_a_run_that_is_cut_off_goes_on_where_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = filed(town, 7)
    monkeypatch.setattr(resealing, "BATCH", 2)
    key_lifecycle.rotate(Purpose.FIELDS)
    seen = []

    def cut(progress: Resealing) -> None:
        seen.append(progress.done)
        if progress.part == "items_party.name" and progress.done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resealing.run(report=cut)
    half = Resealing.objects.get(part="items_party.name")
    assert half.done == 4 and half.finished_at is None
    assert {Party.objects.get(pk=r.pk).name for r in rows} == {f"{NAME}{n or ''}" for n in range(7)}
    assert resealing.waiting()
    assert resealing.run()
    assert Resealing.objects.get(part="items_party.name").done == 7


@pytest.mark.clause("6.1.1")
def test_a_copy_of_many_rows_is_sealed_while_keys_are_looked_at(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for the keys' version inside the COPY would wait for ever."""
    item = town.submitted()
    people = [Party(item=item, role="proposer", name=f"{NAME}{n}", phone=PHONE) for n in range(rows.COPY_FROM + 1)]
    monkeypatch.setattr(reference, "CHECK_EVERY", -1.0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    rows.insert(people)
    assert Party.objects.get(pk=people[-1].pk).phone == PHONE


@pytest.mark.clause("6.1.1")
def test_what_a_late_writer_sealed_with_the_older_key_follows_too(
    town: Town, tuesday: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process seals with the key that it knows until it looks again, after the values there have followed."""
    filed(town)
    before = keys.keyset()
    key_lifecycle.rotate(Purpose.FIELDS)
    assert resealing.run() and resealing.waiting(), "a writer may still be under way"
    with monkeypatch.context() as another:
        another.setattr(keys, "keyset", lambda: before)
        late = filed(town)[0]
    older = before.sealing[Purpose.FIELDS][0]
    assert stored("phone", late)[:5] == older
    tuesday.shift(resealing.LATE + timedelta(seconds=1))
    assert resealing.waiting() and resealing.run()
    assert not resealing.waiting()
    assert stored("phone", late)[:5] != older and Party.objects.get(pk=late.pk).phone == PHONE


def test_a_row_read_before_the_turn_and_saved_after_it_carries_the_new_key(town: Town) -> None:
    row = Party.objects.get(pk=filed(town)[0].pk)
    key_lifecycle.rotate(Purpose.FIELDS, Purpose.INDEX)
    row.save()
    current = {r.purpose: r for r in DataKey.objects.filter(state=KeyState.CURRENT)}
    assert stored("phone", row)[:5] == keys.header(current["fields"])
    assert stored("name_index", row).decode().startswith(keys.prefix(current["index"]))
    assert Party.objects.get(pk=row.pk).phone == PHONE


@pytest.mark.clause("6.1.1")
def test_values_of_the_first_format_open_are_found_and_follow(town: Town, tuesday: time_machine.Traveller) -> None:
    row = filed(town)[0]
    kek = wrapping.local_keys()[0]
    nonce = os.urandom(12)
    place = f"items_party.phone:{row.pk}".encode()
    put(
        "phone",
        row,
        b"\x01" + hashlib.sha256(kek).digest()[:4] + nonce + AESGCM(kek).encrypt(nonce, PHONE.encode(), place),
    )
    index = hmac.new(kek, b"linbao blind index", hashlib.sha256).digest()
    put("phone_index", row, hmac.new(index, PHONE.encode(), hashlib.sha256).hexdigest()[:32])
    DataKey.objects.all().delete()
    Party.objects.filter(pk=row.pk).update(name_index="")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE items_party SET name = NULL WHERE id = %s", [row.pk])
    key_lifecycle.ensure()  # the upgrade
    legacy = DataKey.objects.filter(format=1)
    assert {r.purpose for r in legacy} == {"fields", "index"}
    assert Party.objects.get(pk=row.pk).phone == PHONE
    assert found(town, PHONE) == 1
    assert resealing.run()
    assert stored("phone", row)[:1] == b"\x02" and Party.objects.get(pk=row.pk).phone == PHONE
    assert found(town, PHONE) == 1
    tuesday.shift(key_lifecycle.RETIRE_AFTER + timedelta(minutes=1))
    for key in legacy:
        key_lifecycle.retire(key.id)


@pytest.mark.clause("6.1.1")
def test_the_key_encryption_key_is_changed_without_touching_a_value(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = filed(town)[0]
    held, sealed = settings.KEYS, stored("phone", row)
    fresh = base64.b64encode(os.urandom(32)).decode()
    monkeypatch.setattr(settings, "KEYS", fresh)
    keys.drop()
    keys.forget_raw()
    with pytest.raises(crypto.CannotOpen, match="LINBAO_KEYS"):
        _ = Party.objects.get(pk=row.pk).phone
    with pytest.raises(keys.NoDataKey):
        crypto.seal(b"x", "y")
    monkeypatch.setattr(settings, "KEYS", f"{fresh},{held}")
    keys.drop()
    key_lifecycle.rewrap()
    monkeypatch.setattr(settings, "KEYS", fresh)
    keys.drop()
    keys.forget_raw()
    assert Party.objects.get(pk=row.pk).phone == PHONE and stored("phone", row) == sealed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("file:/nowhere", "读不到密钥文件"),
        ("abc", "base64"),
        ("AAAA", "3 字节"),
        ("vault+http://kms.example/transit/k", "https"),
        (",", "没有密钥"),
        ("vault+https://host", "网址应为"),
    ],
)
def test_keys_that_are_none_are_told(value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "KEYS", value)
    with pytest.raises(wrapping.NoKey, match=words):
        wrapping.wrappers()


def test_a_seal_costs_no_statement(town: Town, django_assert_num_queries: Any) -> None:
    crypto.seal(b"x", "y")
    with django_assert_num_queries(0):
        for n in range(100):
            assert crypto.unseal(crypto.seal(b"x", f"{n}"), f"{n}") == b"x"
            crypto.blind_index(f"{n}")


def test_time_is_asked_of_the_clock(db: Any) -> None:
    key = key_lifecycle.rotate(Purpose.BACKUPS)[0]
    assert abs((key.made_at - clock.now()).total_seconds()) < 5

"""Encrypted fields and bytes: AES-256-GCM, each value bound to its place (design §2.4, 1.3.4).

A value is sealed with the current key and its place (table, column, row id) as associated
data: moved to another row it does not open. Format: version 1 byte, key id 4, nonce 12, text.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_VERSION = b"\x01"


class CannotOpen(Exception):
    """The key is missing, or the value was altered or moved from its row."""


@lru_cache(maxsize=1)
def _keyset() -> tuple[bytes, dict[bytes, AESGCM]]:
    keys = {hashlib.sha256(k).digest()[:4]: AESGCM(k) for k in settings.ENCRYPTION_KEYS}
    return next(iter(keys)), keys


@lru_cache(maxsize=1)
def _index_key() -> bytes:
    # From the oldest key, so that adding a new one in front leaves every index valid.
    return hmac.new(settings.ENCRYPTION_KEYS[-1], b"linbao blind index", hashlib.sha256).digest()


def seal(data: bytes, place: str) -> bytes:
    """Encrypt `data` for `place` with the current key."""
    current, keys = _keyset()
    nonce = os.urandom(12)
    return _VERSION + current + nonce + keys[current].encrypt(nonce, data, place.encode())


def unseal(sealed: bytes, place: str) -> bytes:
    """Decrypt what `seal` made for the same `place`; raises `CannotOpen`."""
    _, keys = _keyset()
    key = keys.get(sealed[1:5])
    if sealed[:1] != _VERSION or key is None:
        raise CannotOpen("unknown key or format")
    try:
        return key.decrypt(sealed[5:17], sealed[17:], place.encode())
    except InvalidTag as e:
        raise CannotOpen("altered, or moved from its row") from e


def blind_index(value: str) -> str:
    """A keyed digest for exact search (32 hex digits) of a phone or name; empty for empty."""
    text = "".join(value.split()).lower()
    return hmac.new(_index_key(), text.encode(), hashlib.sha256).hexdigest()[:32] if text else ""


class Sealed:
    """An encrypted value as it came from the database, not opened yet."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Opening:
    """Opens the value at first reading: a list that never reads it pays nothing."""

    def __init__(self, field: EncryptedText) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self.field.attname)
        if value is None and self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
            value = instance.__dict__[self.field.attname]
        if isinstance(value, Sealed):
            value = unseal(value.data, self.field.place(instance)).decode()
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedText(models.Field):  # type: ignore[type-arg]
    """Text kept encrypted, bound to its row. The row's id must be set before saving (UUIDv7).

    Cannot be filtered on; keep a `blind_index` beside it where exact search is needed.
    `bulk_create` works; never `bulk_update` or `.update()` it.
    """

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def place(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}.{self.column}:{instance.pk}"

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None:
            return None
        if isinstance(value, Sealed):
            return value.data
        return seal(str(value).encode(), self.place(model_instance))

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):
            raise TypeError("an encrypted field is written through its row only")
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return ""

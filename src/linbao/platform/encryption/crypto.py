"""Encrypted fields and bytes: AES-256-GCM, each value bound to its place (design §2.4, 1.3.4).

A value is sealed with the current data key of its purpose (`keys`) and its place (table, column, row id)
as associated data: moved to another row it does not open. Format: version 1 byte, key id 4, nonce 12,
text. Version 1, from before there were data keys, still opens.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import models
from django.utils.translation import gettext as _

from linbao.core import text
from linbao.platform.encryption import keys
from linbao.platform.models import Purpose

HEADER = 5  # bytes: version and key id


class CannotOpen(Exception):
    """The key is missing, or the value was altered or moved from its row."""


def seal(data: bytes, place: str, purpose: str = Purpose.FIELDS) -> bytes:
    """Encrypt `data` for `place` with the current key of `purpose`; raises `keys.NoDataKey`."""
    try:
        header, key = keys.keyset().sealing[purpose]
    except KeyError:
        raise _missing(purpose) from None
    nonce = os.urandom(12)
    return header + nonce + key.encrypt(nonce, data, _bound(header, place))


def unseal(sealed: bytes, place: str) -> bytes:
    """Decrypt what `seal` made for the same `place`; raises `CannotOpen`."""
    header = sealed[:HEADER]
    key = keys.keyset().opening.get(header) or keys.renewed(header)
    if key is None:
        raise CannotOpen(keys.keyset().shut.get(header, "unknown key or format"))
    try:
        return key.decrypt(sealed[HEADER:17], sealed[17:], _bound(header, place))
    except InvalidTag as e:
        raise CannotOpen("altered, or moved from its row") from e


def _missing(purpose: str) -> keys.NoDataKey:
    return keys.NoDataKey(
        _("没有可用的数据密钥（%(purpose)s）：先运行 linbao migrate，再用 linbao doctor 查看原因。")
        % {"purpose": purpose}
    )


def is_current(sealed: bytes, purpose: str = Purpose.FIELDS) -> bool:
    """Whether a new value would be sealed with the same key."""
    return sealed[:HEADER] == keys.keyset().sealing[purpose][0]


def _bound(header: bytes, place: str) -> bytes:
    return place.encode() if header[0] == 1 else header + place.encode()


def blind_index(value: str) -> str:
    """A keyed digest (32 characters) for exact search of a phone or name; empty for empty.

    To write beside a value. To search use `blind_indexes`: while the key is being turned, rows carry either.
    """
    return blind_indexes(value)[0]


def blind_indexes(value: str) -> list[str]:
    """The digest by every key that rows may carry, the current first; `[""]` for empty."""
    key_of = text.name_key(value).encode()
    if not key_of:
        return [""]
    result = keys.keyset().index
    if not result:
        raise _missing(Purpose.INDEX)
    return [prefix + hmac.new(key, key_of, hashlib.sha256).hexdigest()[: 32 - len(prefix)] for prefix, key in result]


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


class EncryptedText(models.Field):  # type: ignore[type-arg]  # takes no parameters when it runs
    """Text kept encrypted, bound to its row. The row's id must be set before saving (UUIDv7).

    Cannot be filtered on; keep a `blind_index` beside it where exact search is needed. `bulk_create` works; never
    `bulk_update` or `.update()` it.
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
            if is_current(value.data):
                return value.data
            value = unseal(value.data, self.place(model_instance)).decode()  # an older key is not written again
        return seal(str(value).encode(), self.place(model_instance))

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):
            raise TypeError("an encrypted field is written through its row only")
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return ""


class BlindIndex(models.CharField):  # type: ignore[type-arg]  # takes no parameters when it runs
    """The `blind_index` of an encrypted field of the same row (`of`), made anew when the index key is turned."""

    def __init__(self, *args: Any, of: str = "", **options: Any) -> None:
        self.of = of
        super().__init__(*args, **options)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if value and not value.startswith(keys.keyset().index[0][0]):  # an older key is not written again
            value = blind_index(getattr(model_instance, self.of) or "")
            setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        name, _path, args, data = super().deconstruct()
        return name, "django.db.models.CharField", args, data  # in the database it is nothing else

"""Ids are UUIDv7: made by whoever creates the row (a phone offline too), sorted by time."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

import uuid6

# Without look-alikes (0/O, 1/I/L), so that a code can be read out over the phone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new() -> uuid.UUID:
    """A fresh UUIDv7 as a plain `uuid.UUID`."""
    return uuid.UUID(int=uuid6.uuid7().int)


def first_at(moment: datetime) -> uuid.UUID:
    """Below every id that is made from `moment` on, above those made before."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def code(length: int = 12) -> str:
    """A random code for links and documents; 12 characters carry 59 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

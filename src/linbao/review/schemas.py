"""What the API answers of reviewing (design §6, 4.3.1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linbao.core.schemas import Answer


class Claim(Answer):
    """An item on the caller's table."""

    item: UUID
    until: datetime

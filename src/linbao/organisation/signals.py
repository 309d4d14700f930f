"""What the organisation announces to the rooms above, inside the transaction that causes it."""

from __future__ import annotations

from django.dispatch import Signal

# Something that belongs on the audit log (6.1.1). `actor`: User or None, `action`: str, `subject`: a model's row or
# None, `unit_id`: UUID or None, `reason`: str, `data`: dict.
recorded = Signal()

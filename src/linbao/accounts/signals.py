"""What people and roles announce to the rooms above, inside the transaction that causes it."""

from __future__ import annotations

from django.dispatch import Signal

# person: User, one of whose roles has been ended.
role_ended = Signal()
# person: User; by: User who looks at them. Receivers return until when `by` owes them another post (datetime or None).
reassignment_due_asked = Signal()

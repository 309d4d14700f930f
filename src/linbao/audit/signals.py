"""What the log needs from the rooms above it (6.1.1)."""

from __future__ import annotations

from django.dispatch import Signal

# The day's root is to go out. `root`: roots.Root, `day`: date, `recipients`: addresses with commas, perhaps none.
# Receivers return whether it went, or had gone, to anybody.
root_due = Signal()
# Receivers return the texts of what they sent for `root_due` so far, an iterable of str.
sent_roots_asked = Signal()
# `root` bears a time stamp. Receivers return whether it is over this root.
root_stamp_checked = Signal()
# The newest pair of keys was opened in this process; the connection at hand begins its session with it.
pair_opened = Signal()

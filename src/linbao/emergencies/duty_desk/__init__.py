"""The duty desk: calls, roster, hand-over (4.2.1)."""

"""Meetings, agendas, minutes, opinions (5.3.3)."""

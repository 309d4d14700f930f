"""The verbs of this room, by the file that holds them: `alerts` (raised by any room), `devices` (register to disposal,
loss), `inspections` (lists, findings), `places` (doors), `rulebook` (rules), `checks` (calendar, drills), `hosts` (the host's guards), `incidents`
(notice to report), `reviews` (rights)."""

from linbao.security import alerts, checks, devices, hosts, incidents, inspections, places, reviews, rulebook
from linbao.security.alerts import alert

__all__ = [
    "alert", "alerts", "checks", "devices", "hosts", "incidents", "inspections", "places", "reviews", "rulebook",
]  # fmt: skip

"""The verbs of this room, by the file that holds them: `alerts` (raised by any room), `devices` (register to disposal,
loss), `inspections` (lists, findings), `places` (doors), `rulebook` (rules), `checks` (calendar, drills), `hosts` (the host's guards), `incidents`
(notice to report), `reviews` (rights)."""

from linbao.security.alerts import services as alerts
from linbao.security.alerts.services import alert
from linbao.security.checks import services as checks
from linbao.security.devices import services as devices
from linbao.security.hosts import services as hosts
from linbao.security.incidents import services as incidents
from linbao.security.inspections import services as inspections
from linbao.security.premises import services as places
from linbao.security.rules import services as rulebook

__all__ = [
    "alert", "alerts", "checks", "devices", "hosts", "incidents", "inspections", "places", "rights_reviews", "rulebook",
]  # fmt: skip

"""Where somebody is signed in, in words that they recognise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.organisation.models import User

# The first that occurs in the browser's own words decides; the order matters (Edge says Chrome too).
PROGRAMS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
HAND_HELD = ("HarmonyOS", "Android", "iPhone", "iPad")


@dataclass(frozen=True)
class Device:
    """One session: on what, from where, since when."""

    id: int
    name: str
    icon: str
    address: str
    since: datetime
    here: bool


def devices(person: User, session_key: str) -> list[Device]:
    """One's own sessions that still hold, the present one first. One statement."""
    rows = sorted(living(person), key=lambda r: (r.session_key != session_key, -r.created_at.timestamp()))
    return [_device(r, here=r.session_key == session_key) for r in rows]


def living(person: User) -> QuerySet[UserSession]:
    """Sessions that have neither ended nor run out."""
    open_ = Session.objects.filter(expire_date__gt=clock.now()).values("session_key")
    rows: QuerySet[UserSession] = UserSession.objects.filter(user=person, session_key__in=open_)
    return rows


def _device(row: UserSession, *, here: bool) -> Device:
    def first(known: tuple[tuple[str, str], ...]) -> str:
        return next((name for sign, name in known if sign in row.user_agent), "")

    program, system = first(PROGRAMS), first(SYSTEMS)
    return Device(
        id=row.pk,
        name=" · ".join(n for n in (program, system) if n) or _("其他设备"),
        icon="device-mobile" if system in HAND_HELD else "device-desktop",
        address=row.ip,
        since=row.created_at,
        here=here,
    )

"""Weeks, quarters and half-years by name, in the language of the page; documents write `clock.week_name`."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _


def week(start: date) -> str:
    """`2026年第47周（11月16日—11月22日）` of its Monday (domain.md §10)."""
    end = start + timedelta(days=6)
    year, number, _day = start.isocalendar()
    return _("%(y)s年第%(w)s周（%(a)s月%(b)s日—%(c)s月%(d)s日）") % {
        "y": year,
        "w": number,
        "a": start.month,
        "b": start.day,
        "c": end.month,
        "d": end.day,
    }


def quarter(first: date) -> str:
    """`2026年第4季度` of any day of it."""
    return _("%(y)s年第%(q)s季度") % {"y": first.year, "q": (first.month + 2) // 3}


def half(first: date) -> str:
    """`2026年上半年` of any day of it."""
    return (_("%(y)s年上半年") if first.month < 7 else _("%(y)s年下半年")) % {"y": first.year}

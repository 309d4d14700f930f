"""Whom to call, on forms of other rooms."""

from __future__ import annotations

from typing import Any

from django import template

from linbao.emergencies.views import desks

register = template.Library()


@register.inclusion_tag("emergencies/calls.html", takes_context=True)
def urgent_calls(context: dict[str, Any]) -> dict[str, Any]:
    """Links that call the duty desks of the signed-in person (4.2.1)."""
    return {"desks": desks(context["request"].user)}

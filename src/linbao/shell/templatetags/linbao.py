"""`{% load linbao %}`: every component of the design system (`shell/components`, a module for each kind)."""

from django import template

from linbao.shell.components import badges, blocks, forms, item_rows, lists, times

register = template.Library()
for part in (badges, times, forms, lists, blocks, item_rows):
    register.tags |= part.register.tags
    register.filters |= part.register.filters

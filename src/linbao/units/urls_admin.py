"""Addresses of the tree of units and its settings."""

from django.urls import path

from linbao.units import pages_units

app_name = "organisation"
urlpatterns = [
    path("admin/units/", pages_units.index, name="units"),
    path("admin/units/new", pages_units.new, name="unit-new"),
    path("admin/units/<uuid:unit_id>/", pages_units.unit, name="unit"),
    path("admin/units/<uuid:unit_id>/active", pages_units.active, name="unit-active"),
    path("admin/units/<uuid:unit_id>/calendar/", pages_units.calendar, name="calendar"),
    path("admin/units/<uuid:unit_id>/calendar/remove", pages_units.remove_day, name="calendar-remove"),
]

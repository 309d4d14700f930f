"""Addresses of the tree of units and its settings."""

from django.urls import path

from linbao.organisation import views as units_views

app_name = "organisation"
urlpatterns = [
    path("admin/units/", units_views.index, name="units"),
    path("admin/units/new", units_views.new, name="unit-new"),
    path("admin/units/<uuid:unit_id>/", units_views.unit, name="unit"),
    path("admin/units/<uuid:unit_id>/active", units_views.active, name="unit-active"),
    path("admin/units/<uuid:unit_id>/calendar/", units_views.calendar, name="calendar"),
    path("admin/units/<uuid:unit_id>/calendar/remove", units_views.remove_day, name="calendar-remove"),
]

"""Addresses of the units room."""

from django.urls import include, path

app_name = "units"
urlpatterns = [
    path("", include("linbao.units.urls_admin")),
    path("", include("linbao.units.urls_people")),
]

"""Addresses of the administrator's pages; part of the room's own (`urls.py`), without a namespace of their own."""

from django.urls import path

from linbao.units import pages_admin

urlpatterns = [
    path("admin/", pages_admin.landing, name="admin"),
]

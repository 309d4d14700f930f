"""Addresses of the audit room."""

from django.urls import path

from linbao.audit import pages

app_name = "audit"
urlpatterns = [
    path("audit/", pages.index, name="list"),
    path("audit/export", pages.export, name="export"),
]

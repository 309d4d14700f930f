"""Addresses of the outbox room."""

from django.urls import path

from linbao.outbox import pages

app_name = "outbox"
urlpatterns = [
    path("admin/deliveries/", pages.index, name="list"),
    path("admin/deliveries/export", pages.export, name="export"),
    path("admin/deliveries/<uuid:delivery_id>/", pages.detail, name="detail"),
]

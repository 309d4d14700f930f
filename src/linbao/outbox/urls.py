"""Addresses of the outbox room."""

from django.urls import path

from linbao.outbox import pages, pages_channels

app_name = "outbox"
urlpatterns = [
    path("admin/deliveries/", pages.index, name="list"),
    path("admin/deliveries/export", pages.export, name="export"),
    path("admin/deliveries/<uuid:delivery_id>/", pages.detail, name="detail"),
    path("admin/channels/", pages_channels.index, name="channels"),
    path("admin/channels/new", pages_channels.edit, name="channel-new"),
    path("admin/channels/<uuid:channel_id>/", pages_channels.edit, name="channel"),
    path("admin/channels/<uuid:channel_id>/test", pages_channels.test, name="channel-test"),
    path("admin/channels/<uuid:channel_id>/remove", pages_channels.remove, name="channel-remove"),
    path("notices/settings", pages_channels.preference, name="preference"),
]

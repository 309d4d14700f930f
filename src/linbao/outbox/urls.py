"""Addresses of the outbox room."""

from django.urls import path

from linbao.outbox import views
from linbao.outbox.channels import views as channels_views

app_name = "outbox"
urlpatterns = [
    path("admin/deliveries/", views.index, name="list"),
    path("admin/deliveries/export", views.export, name="export"),
    path("admin/deliveries/<uuid:delivery_id>/", views.detail, name="detail"),
    path("admin/channels/", channels_views.index, name="channels"),
    path("admin/channels/new", channels_views.edit, name="channel-new"),
    path("admin/channels/<uuid:channel_id>/", channels_views.edit, name="channel"),
    path("admin/channels/<uuid:channel_id>/test", channels_views.test, name="channel-test"),
    path("admin/channels/<uuid:channel_id>/remove", channels_views.remove, name="channel-remove"),
    path("notices/settings", channels_views.preference, name="preference"),
]

"""Addresses of the handling room; `/r/<token>` is the resident's."""

from django.urls import path

from linbao.handling import informing_views, public, views
from linbao.handling.call_backs import views as callbacks_views

app_name = "handling"
urlpatterns = [
    path("handling/", views.index, name="list"),
    path("handling/export", views.export, name="export"),
    path("handling/callbacks/", callbacks_views.index, name="callbacks"),
    path("handling/callbacks/<uuid:call_back_id>/", callbacks_views.call, name="callback"),
    path("handling/supervisions/<uuid:supervision_id>/", views.supervision, name="supervision"),
    path("handling/<uuid:item_id>/", views.item, name="item"),
    path("handling/<uuid:item_id>/files", views.upload, name="upload"),
    path("handling/<uuid:item_id>/inform", informing_views.inform, name="inform"),
    path("handling/<uuid:item_id>/inform/number", informing_views.show_number, name="number"),
    path("handling/<uuid:item_id>/inform/record", informing_views.record, name="record"),
    path("handling/<uuid:item_id>/inform/evaluate", informing_views.evaluate, name="evaluate"),
    path("handling/<uuid:item_id>/inform/link", informing_views.link, name="link"),
    path("handling/<uuid:item_id>/inform/slip", informing_views.slip, name="slip"),
    path("handling/<uuid:item_id>/do/<slug:verb>", views.act, name="act"),
    path("r/<str:token>", public.progress, name="public"),
    path("r/<str:token>/photo/<uuid:attachment_id>", public.photo, name="public-photo"),
]

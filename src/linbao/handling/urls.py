"""Addresses of the handling room; `/r/<token>` is the resident's."""

from django.urls import path

from linbao.handling import pages, pages_callbacks, pages_informing, public

app_name = "handling"
urlpatterns = [
    path("handling/", pages.index, name="list"),
    path("handling/export", pages.export, name="export"),
    path("handling/callbacks/", pages_callbacks.index, name="callbacks"),
    path("handling/callbacks/<uuid:call_back_id>/", pages_callbacks.call, name="callback"),
    path("handling/supervisions/<uuid:supervision_id>/", pages.supervision, name="supervision"),
    path("handling/<uuid:item_id>/", pages.item, name="item"),
    path("handling/<uuid:item_id>/files", pages.upload, name="upload"),
    path("handling/<uuid:item_id>/inform", pages_informing.inform, name="inform"),
    path("handling/<uuid:item_id>/inform/number", pages_informing.show_number, name="number"),
    path("handling/<uuid:item_id>/inform/record", pages_informing.record, name="record"),
    path("handling/<uuid:item_id>/inform/evaluate", pages_informing.evaluate, name="evaluate"),
    path("handling/<uuid:item_id>/inform/link", pages_informing.link, name="link"),
    path("handling/<uuid:item_id>/inform/slip", pages_informing.slip, name="slip"),
    path("handling/<uuid:item_id>/do/<slug:verb>", pages.act, name="act"),
    path("r/<str:token>", public.progress, name="public"),
    path("r/<str:token>/photo/<uuid:attachment_id>", public.photo, name="public-photo"),
]

"""Addresses of the review room."""

from django.urls import path

from linbao.review import pages

app_name = "review"
urlpatterns = [
    path("review/", pages.index, name="queue"),
    path("review/next", pages.following, name="next"),
    path("review/<uuid:item_id>/", pages.desk, name="desk"),
    path("review/<uuid:item_id>/decide", pages.decide, name="decide"),
    path("review/<uuid:item_id>/release", pages.release, name="release"),
    path("review/<uuid:item_id>/merge", pages.merge, name="merge"),
    path("review/<uuid:item_id>/apart", pages.apart, name="apart"),
    path("admin/reasons/", pages.standard_reasons, name="reasons"),
    path("admin/reasons/<str:code>/", pages.standard_reasons, name="reason"),
]

"""Addresses of the review room."""

from django.urls import path

from linbao.review import views

app_name = "review"
urlpatterns = [
    path("review/", views.index, name="queue"),
    path("review/next", views.following, name="next"),
    path("review/<uuid:item_id>/", views.desk, name="desk"),
    path("review/<uuid:item_id>/decide", views.decide, name="decide"),
    path("review/<uuid:item_id>/release", views.release, name="release"),
    path("review/<uuid:item_id>/merge", views.merge, name="merge"),
    path("review/<uuid:item_id>/dismiss", views.dismiss, name="dismiss"),
    path("admin/reasons/", views.standard_reasons, name="reasons"),
    path("admin/reasons/<str:code>/", views.standard_reasons, name="reason"),
]

"""Addresses of the documents room."""

from django.urls import path

from linbao.documents import pages, pages_seals

app_name = "documents"
urlpatterns = [
    path("verify/", pages.verify, name="verify"),
    path("seals/", pages_seals.index, name="seals"),
    path("seals/<uuid:seal_id>/", pages_seals.detail, name="seal"),
    path("seals/<uuid:seal_id>/picture.png", pages_seals.picture, name="seal-picture"),
    path("seals/<uuid:seal_id>/change", pages_seals.change, name="seal-change"),
]

"""Addresses of the archive."""

from django.urls import path

from linbao.archive import views
from linbao.archive.statistics import views as stats_views

app_name = "archive"
urlpatterns = [
    path("archive/", views.index, name="list"),
    path("archive/export", views.export, name="export"),
    path("archive/dictionary", views.dictionary, name="dictionary"),
    path("archive/views/", views.views, name="views"),
    path("archive/views/save", views.save_view, name="save_view"),
    path("archive/views/<uuid:view_id>/delete", views.delete_view, name="delete_view"),
    path("stats/", stats_views.stats, name="stats"),
    path("stats/events/", stats_views.events, name="events"),
    path("stats/figures/", stats_views.catalogue, name="figures"),
]

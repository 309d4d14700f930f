"""Addresses of the archive."""

from django.urls import path

from linbao.archive import pages, pages_stats

app_name = "archive"
urlpatterns = [
    path("archive/", pages.index, name="list"),
    path("archive/export", pages.export, name="export"),
    path("archive/dictionary", pages.dictionary, name="dictionary"),
    path("archive/views/", pages.views, name="views"),
    path("archive/views/save", pages.save_view, name="save_view"),
    path("archive/views/<uuid:view_id>/delete", pages.delete_view, name="delete_view"),
    path("stats/", pages_stats.stats, name="stats"),
    path("stats/events/", pages_stats.events, name="events"),
    path("stats/figures/", pages_stats.catalogue, name="figures"),
]

"""Addresses of the weekly report."""

from django.urls import path

from linbao.reporting import pages

app_name = "reporting"
urlpatterns = [
    path("weekly/", pages.index, name="list"),
    path("weekly/export", pages.export, name="export"),
    path("weekly/open", pages.this_week, name="open"),
    path("weekly/<uuid:report_id>/", pages.detail, name="detail"),
    path("weekly/<uuid:report_id>/preview", pages.preview, name="preview"),
    path("weekly/<uuid:report_id>/file.<str:form>", pages.download, name="download"),
]

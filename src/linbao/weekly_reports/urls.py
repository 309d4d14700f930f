"""Addresses of the weekly report."""

from django.urls import path

from linbao.weekly_reports import views

app_name = "weekly_reports"
urlpatterns = [
    path("weekly/", views.index, name="list"),
    path("weekly/export", views.export, name="export"),
    path("weekly/open", views.this_week, name="open"),
    path("weekly/<uuid:report_id>/", views.detail, name="detail"),
    path("weekly/<uuid:report_id>/preview", views.preview, name="preview"),
    path("weekly/<uuid:report_id>/file.<str:form>", views.download, name="download"),
]

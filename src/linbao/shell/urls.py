"""Addresses that belong to no area."""

from django.urls import path
from django.views.generic import RedirectView

from linbao.shell import jobs_views, views

urlpatterns = [
    path("", views.today, name="today"),
    path("me/", views.me, name="me"),
    path("notices/", views.notices, name="notices"),
    path("notices/read", views.notices_read, name="notices_read"),
    path("account/", RedirectView.as_view(pattern_name="accounts:settings"), name="account"),
    path("language", views.language, name="language"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("admin/jobs/", jobs_views.index, name="jobs"),
    path("admin/jobs/export", jobs_views.export, name="jobs-export"),
    path("admin/jobs/<uuid:fault_id>/", jobs_views.decide, name="job-decide"),
    path("licences", views.licences, name="licences"),
    path("offline", views.offline, name="offline"),
]

"""Addresses that belong to no area."""

from django.urls import path
from django.views.generic import RedirectView

from linbao.web import pages, pages_jobs

urlpatterns = [
    path("", pages.today, name="today"),
    path("me/", pages.me, name="me"),
    path("notices/", pages.notices, name="notices"),
    path("notices/read", pages.notices_read, name="notices_read"),
    path("account/", RedirectView.as_view(pattern_name="units:settings"), name="account"),
    path("language", pages.language, name="language"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("admin/jobs/", pages_jobs.index, name="jobs"),
    path("admin/jobs/export", pages_jobs.export, name="jobs-export"),
    path("admin/jobs/<uuid:fault_id>/", pages_jobs.decide, name="job-decide"),
    path("offline", pages.offline, name="offline"),
]

"""Every address of the product, one line per room."""

from django.urls import include, path, re_path

from linbao.api import absent, api
from linbao.platform.observability import health
from linbao.platform.protection import csp

handler400 = "linbao.platform.server.answers.bad_request"
handler500 = "linbao.platform.server.answers.server_error"
urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("csp-report", csp.report),
    re_path(r"^api/v1/$", absent),
    path("api/v1/", api.urls),
    re_path(r"^api/v1/", absent),  # whatever stands behind it, a line feed among it
    path("accounts/", include("linbao.accounts.urls_closed")),
    path("accounts/", include("allauth.urls")),
    path("", include("linbao.shell.urls")),
    path("", include("linbao.organisation.urls")),
    path("", include("linbao.accounts.urls")),
    path("", include("linbao.audit.urls")),
    path("", include("linbao.outbox.urls")),
    path("", include("linbao.items.urls")),
    path("", include("linbao.documents.urls")),
    path("", include("linbao.emergencies.urls")),
    path("", include("linbao.weekly_reports.urls")),
    path("", include("linbao.review.urls")),
    path("", include("linbao.handling.urls")),
    path("", include("linbao.archive.urls")),
    path("", include("linbao.compliance.urls")),
    path("", include("linbao.training.urls")),
    path("", include("linbao.appraisal.urls")),
    path("", include("linbao.management.urls")),
    path("", include("linbao.conduct.urls")),
    path("", include("linbao.confidentiality.urls")),
    path("", include("linbao.security.urls")),
]

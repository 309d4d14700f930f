"""Every address of the product, one line per room."""

from django.urls import include, path, re_path

from linbao.api import absent, api
from linbao.base import csp, health

handler400 = "linbao.base.answers.bad_request"
handler500 = "linbao.base.answers.server_error"
urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("csp-report", csp.report),
    re_path(r"^api/v1/$", absent),
    path("api/v1/", api.urls),
    re_path(r"^api/v1/", absent),  # whatever stands behind it, a line feed among it
    path("accounts/", include("linbao.units.urls_closed")),
    path("accounts/", include("allauth.urls")),
    path("", include("linbao.web.urls")),
    path("", include("linbao.units.urls")),
    path("", include("linbao.audit.urls")),
    path("", include("linbao.outbox.urls")),
    path("", include("linbao.collection.urls")),
    path("", include("linbao.documents.urls")),
    path("", include("linbao.reporting.urls")),
    path("", include("linbao.review.urls")),
    path("", include("linbao.handling.urls")),
    path("", include("linbao.archive.urls")),
    path("", include("linbao.archive.urls_compliance")),
    path("", include("linbao.training.urls")),
    path("", include("linbao.appraisal.urls")),
    path("", include("linbao.management.urls")),
    path("", include("linbao.conduct.urls")),
    path("", include("linbao.confidentiality.urls")),
    path("", include("linbao.security.urls")),
]

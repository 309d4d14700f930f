"""Addresses of confidentiality."""

from django.urls import path

from linbao.confidentiality.access_monitoring import views as watch_views
from linbao.confidentiality.agreements import paper_views, views
from linbao.confidentiality.disclosures import views as disclosures_views
from linbao.confidentiality.privacy_requests import views as privacy_views

app_name = "confidentiality"
urlpatterns = [
    path("confidentiality/", views.index, name="index"),
    path("confidentiality/agreement/", views.agreement, name="agreement"),
    path("confidentiality/agreements/", views.register, name="agreements"),
    path("confidentiality/agreements/export", views.export, name="agreements-export"),
    path("confidentiality/agreements/write", views.write, name="write"),
    path("confidentiality/agreements/<uuid:signature_id>.pdf", views.signed, name="signed"),
    path("confidentiality/agreements/paper/", paper_views.new, name="paper-new"),
    path("confidentiality/agreements/paper/<uuid:paper_id>/", paper_views.detail, name="paper"),
    path("confidentiality/agreements/paper/<uuid:paper_id>/scan", paper_views.scan, name="paper-scan"),
    path("confidentiality/accesses/<uuid:item_id>/", watch_views.accesses, name="accesses"),
    path("confidentiality/trace/", watch_views.trace, name="trace"),
    path("confidentiality/trace/<uuid:trace_id>/", watch_views.trace_run, name="trace-run"),
    path("confidentiality/processing/", watch_views.processing, name="processing"),
    path("confidentiality/processing/settings", watch_views.settings, name="settings"),
    path("confidentiality/disclosures/", disclosures_views.index, name="disclosures"),
    path("confidentiality/disclosures/export", disclosures_views.export, name="disclosures-export"),
    path("confidentiality/disclosures/new", disclosures_views.ask, name="ask"),
    path("confidentiality/disclosures/<uuid:disclosure_id>/", disclosures_views.detail, name="disclosure"),
    path("confidentiality/disclosures/<uuid:disclosure_id>/file", disclosures_views.file, name="file"),
    path("confidentiality/requests/", privacy_views.index, name="requests"),
    path("confidentiality/requests/new", privacy_views.enter, name="request-new"),
    path("confidentiality/requests/<uuid:request_id>/", privacy_views.detail, name="request"),
    path("confidentiality/requests/<uuid:request_id>/answer", privacy_views.answer, name="answer"),
    path("privacy/<str:code>/", privacy_views.public, name="public"),
]

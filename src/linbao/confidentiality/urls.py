"""Addresses of confidentiality."""

from django.urls import path

from linbao.confidentiality import pages, pages_disclosures, pages_paper, pages_privacy, pages_watch

app_name = "confidentiality"
urlpatterns = [
    path("confidentiality/", pages.index, name="index"),
    path("confidentiality/agreement/", pages.agreement, name="agreement"),
    path("confidentiality/agreements/", pages.register, name="agreements"),
    path("confidentiality/agreements/export", pages.export, name="agreements-export"),
    path("confidentiality/agreements/write", pages.write, name="write"),
    path("confidentiality/agreements/<uuid:signature_id>.pdf", pages.signed, name="signed"),
    path("confidentiality/agreements/paper/", pages_paper.new, name="paper-new"),
    path("confidentiality/agreements/paper/<uuid:paper_id>/", pages_paper.detail, name="paper"),
    path("confidentiality/agreements/paper/<uuid:paper_id>/scan", pages_paper.scan, name="paper-scan"),
    path("confidentiality/looks/<uuid:item_id>/", pages_watch.looks, name="looks"),
    path("confidentiality/trace/", pages_watch.trace, name="trace"),
    path("confidentiality/trace/<uuid:trace_id>/", pages_watch.trace_run, name="trace-run"),
    path("confidentiality/processing/", pages_watch.processing, name="processing"),
    path("confidentiality/processing/settings", pages_watch.settings, name="settings"),
    path("confidentiality/disclosures/", pages_disclosures.index, name="disclosures"),
    path("confidentiality/disclosures/export", pages_disclosures.export, name="disclosures-export"),
    path("confidentiality/disclosures/new", pages_disclosures.ask, name="ask"),
    path("confidentiality/disclosures/<uuid:disclosure_id>/", pages_disclosures.detail, name="disclosure"),
    path("confidentiality/disclosures/<uuid:disclosure_id>/file", pages_disclosures.file, name="file"),
    path("confidentiality/requests/", pages_privacy.index, name="requests"),
    path("confidentiality/requests/new", pages_privacy.enter, name="request-new"),
    path("confidentiality/requests/<uuid:request_id>/", pages_privacy.detail, name="request"),
    path("confidentiality/requests/<uuid:request_id>/answer", pages_privacy.answer, name="answer"),
    path("privacy/<str:code>/", pages_privacy.public, name="public"),
]

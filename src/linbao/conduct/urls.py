from django.urls import path

from linbao.conduct import pages, pages_cases

app_name = "conduct"
urlpatterns = [
    path("rewards/", pages.index, name="rewards"),
    path("rewards/export", pages.export, name="rewards-export"),
    path("rewards/new", pages.nominate, name="nominate"),
    path("rewards/contributions/", pages.contribution_list, name="contributions"),
    path("rewards/contributions/export", pages.contribution_export, name="contributions-export"),
    path("rewards/contributions/<uuid:contribution_id>/confirm", pages.confirm, name="confirm"),
    path("rewards/contributions/<uuid:contribution_id>/reject", pages.reject, name="reject"),
    path("rewards/ledger/", pages.ledger, name="ledger"),
    path("rewards/ledger/export", pages.ledger_export, name="ledger-export"),
    path("rewards/honour/", pages.honour, name="honour"),
    path("rewards/awards/<uuid:award_id>/", pages.award, name="award"),
    path("rewards/awards/<uuid:award_id>/certificate.pdf", pages.certificate, name="certificate"),
    path("rewards/<uuid:nomination_id>/", pages.nomination, name="nomination"),
    path("cases/", pages_cases.index, name="cases"),
    path("cases/export", pages_cases.export, name="cases-export"),
    path("cases/new", pages_cases.new, name="case-new"),
    path("cases/<uuid:case_id>/", pages_cases.case, name="case"),
    path("cases/<uuid:case_id>/decision-<int:version>.pdf", pages_cases.decision, name="case-decision"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/<str:part>", pages_cases.evidence_lines, name="evidence"),
]

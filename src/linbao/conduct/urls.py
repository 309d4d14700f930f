from django.urls import path

from linbao.conduct.cases import views as cases_views
from linbao.conduct.rewards import views

app_name = "conduct"
urlpatterns = [
    path("rewards/", views.index, name="rewards"),
    path("rewards/export", views.export, name="rewards-export"),
    path("rewards/new", views.nominate, name="nominate"),
    path("rewards/contributions/", views.contribution_list, name="contributions"),
    path("rewards/contributions/export", views.contribution_export, name="contributions-export"),
    path("rewards/contributions/<uuid:contribution_id>/confirm", views.confirm, name="confirm"),
    path("rewards/contributions/<uuid:contribution_id>/reject", views.reject, name="reject"),
    path("rewards/ledger/", views.ledger, name="ledger"),
    path("rewards/ledger/export", views.ledger_export, name="ledger-export"),
    path("rewards/honour/", views.honour, name="honour"),
    path("rewards/awards/<uuid:award_id>/", views.award, name="award"),
    path("rewards/awards/<uuid:award_id>/certificate.pdf", views.certificate, name="certificate"),
    path("rewards/<uuid:nomination_id>/", views.nomination, name="nomination"),
    path("cases/", cases_views.index, name="cases"),
    path("cases/export", cases_views.export, name="cases-export"),
    path("cases/new", cases_views.new, name="case-new"),
    path("cases/<uuid:case_id>/", cases_views.case, name="case"),
    path("cases/<uuid:case_id>/decision-<int:version>.pdf", cases_views.decision, name="case-decision"),
    path("cases/<uuid:case_id>/evidence/<uuid:evidence_id>/<str:part>", cases_views.evidence_lines, name="evidence"),
]

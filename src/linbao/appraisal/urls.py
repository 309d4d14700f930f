"""Addresses of the appraisal room (5.2)."""

from django.urls import path

from linbao.appraisal import person_views, views
from linbao.appraisal.rating import views as rating_views

app_name = "appraisal"
urlpatterns = [
    path("appraisal/", views.index, name="list"),
    path("appraisal/open", views.open_, name="open"),
    path("appraisal/rules/", rating_views.rules, name="rules"),
    path("appraisal/stats/", rating_views.stats, name="stats"),
    path("appraisal/stats/export", rating_views.stats_export, name="stats-export"),
    path("appraisal/cycles/<uuid:cycle_id>/", views.cycle, name="cycle"),
    path("appraisal/cycles/<uuid:cycle_id>/export", views.export, name="export"),
    path("appraisal/cycles/<uuid:cycle_id>/recount", views.recount, name="recount"),
    path("appraisal/cycles/<uuid:cycle_id>/publish", views.publish, name="publish"),
    path("appraisal/cycles/<uuid:cycle_id>/reopen", views.reopen, name="reopen"),
    path("appraisal/people/<uuid:appraisal_id>/", person_views.person, name="person"),
    path("appraisal/people/<uuid:appraisal_id>/grade", person_views.calibrate, name="calibrate"),
    path("appraisal/people/<uuid:appraisal_id>/object", person_views.object_, name="object"),
    path("appraisal/people/<uuid:appraisal_id>/letter.<str:form>", person_views.letter, name="letter"),
    path("appraisal/people/<uuid:appraisal_id>/<str:metric>/", person_views.behind, name="evidence"),
    path("appraisal/ratings/<uuid:rating_id>/", rating_views.rate, name="rating"),
    path("appraisal/objections/<uuid:objection_id>/", person_views.objection, name="objection"),
    path("appraisal/proposals/<uuid:proposal_id>/", views.proposal, name="proposal"),
]

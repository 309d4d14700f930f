"""Addresses of the appraisal room (5.2)."""

from django.urls import path

from linbao.appraisal import pages, pages_person, pages_rating

app_name = "appraisal"
urlpatterns = [
    path("appraisal/", pages.index, name="list"),
    path("appraisal/open", pages.open_, name="open"),
    path("appraisal/rules/", pages_rating.rules, name="rules"),
    path("appraisal/stats/", pages_rating.stats, name="stats"),
    path("appraisal/stats/export", pages_rating.stats_export, name="stats-export"),
    path("appraisal/cycles/<uuid:cycle_id>/", pages.cycle, name="cycle"),
    path("appraisal/cycles/<uuid:cycle_id>/export", pages.export, name="export"),
    path("appraisal/cycles/<uuid:cycle_id>/recount", pages.recount, name="recount"),
    path("appraisal/cycles/<uuid:cycle_id>/publish", pages.publish, name="publish"),
    path("appraisal/cycles/<uuid:cycle_id>/reopen", pages.reopen, name="reopen"),
    path("appraisal/people/<uuid:appraisal_id>/", pages_person.person, name="person"),
    path("appraisal/people/<uuid:appraisal_id>/grade", pages_person.calibrate, name="calibrate"),
    path("appraisal/people/<uuid:appraisal_id>/object", pages_person.object_, name="object"),
    path("appraisal/people/<uuid:appraisal_id>/letter.<str:form>", pages_person.letter, name="letter"),
    path("appraisal/people/<uuid:appraisal_id>/<str:metric>/", pages_person.behind, name="evidence"),
    path("appraisal/ratings/<uuid:rating_id>/", pages_rating.rate, name="rating"),
    path("appraisal/objections/<uuid:objection_id>/", pages_person.objection, name="objection"),
    path("appraisal/proposals/<uuid:proposal_id>/", pages.proposal, name="proposal"),
]

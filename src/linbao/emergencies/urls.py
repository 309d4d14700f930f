"""Addresses of emergencies and of the duty desk."""

from django.urls import path

from linbao.emergencies import after_action_views as record_views
from linbao.emergencies import views as urgent_views
from linbao.emergencies.duty_desk import views as duty_views

app_name = "emergencies"
urlpatterns = [
    path("report/urgent", urgent_views.start, name="urgent"),
    path("report/urgent/paper", urgent_views.paper, name="urgent-paper"),
    path("report/urgent/write", urgent_views.blank_form, name="urgent-blank"),
    path("report/urgent/of/<uuid:item_id>", urgent_views.of_item, name="urgent-of-item"),
    path("report/urgent/<uuid:report_id>/", urgent_views.report, name="urgent-report"),
    path("report/urgent/<uuid:report_id>/call", urgent_views.call, name="urgent-call"),
    path("report/urgent/<uuid:report_id>/write", urgent_views.write, name="urgent-write"),
    path("report/urgent/<uuid:report_id>/draft", urgent_views.draft, name="urgent-draft"),
    path("report/urgent/<uuid:report_id>/complete", urgent_views.complete, name="urgent-complete"),
    path("report/urgent/<uuid:report_id>/join", urgent_views.join, name="urgent-join"),
    path("report/urgent/<uuid:report_id>/record", record_views.record, name="urgent-record"),
    path("report/urgent/timeliness", record_views.timeliness, name="timeliness"),
    path("report/urgent/<uuid:report_id>/<int:version>.pdf", urgent_views.download, name="urgent-file"),
    path("duty/", duty_views.desk, name="duty"),
    path("duty/alarms", duty_views.alarm_state, name="alarm-state"),
    path("duty/alarms/<uuid:alarm_id>/sign", duty_views.sign, name="alarm-sign"),
    path("duty/call", duty_views.log_call, name="duty-call"),
    path("duty/roster", duty_views.shifts, name="roster"),
    path("duty/roster/<uuid:shift_id>/remove", duty_views.remove, name="roster-remove"),
    path("duty/notes", duty_views.note, name="hand-over"),
    path("duty/notes/<uuid:note_id>/take", duty_views.take, name="take-over"),
]

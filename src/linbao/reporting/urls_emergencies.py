"""Addresses of emergencies and of the duty desk."""

from django.urls import path

from linbao.reporting import pages_duty, pages_record, pages_urgent

app_name = "emergencies"
urlpatterns = [
    path("report/urgent", pages_urgent.start, name="urgent"),
    path("report/urgent/paper", pages_urgent.paper, name="urgent-paper"),
    path("report/urgent/write", pages_urgent.blank_form, name="urgent-blank"),
    path("report/urgent/of/<uuid:item_id>", pages_urgent.of_item, name="urgent-of-item"),
    path("report/urgent/<uuid:report_id>/", pages_urgent.report, name="urgent-report"),
    path("report/urgent/<uuid:report_id>/call", pages_urgent.call, name="urgent-call"),
    path("report/urgent/<uuid:report_id>/write", pages_urgent.write, name="urgent-write"),
    path("report/urgent/<uuid:report_id>/draft", pages_urgent.draft, name="urgent-draft"),
    path("report/urgent/<uuid:report_id>/complete", pages_urgent.complete, name="urgent-complete"),
    path("report/urgent/<uuid:report_id>/join", pages_urgent.join, name="urgent-join"),
    path("report/urgent/<uuid:report_id>/record", pages_record.record, name="urgent-record"),
    path("report/urgent/timeliness", pages_record.timeliness, name="timeliness"),
    path("report/urgent/<uuid:report_id>/<int:version>.pdf", pages_urgent.download, name="urgent-file"),
    path("duty/", pages_duty.desk, name="duty"),
    path("duty/alarms", pages_duty.alarm_state, name="alarm-state"),
    path("duty/alarms/<uuid:alarm_id>/sign", pages_duty.sign, name="alarm-sign"),
    path("duty/call", pages_duty.log_call, name="duty-call"),
    path("duty/roster", pages_duty.shifts, name="roster"),
    path("duty/roster/<uuid:shift_id>/remove", pages_duty.remove, name="roster-remove"),
    path("duty/notes", pages_duty.note, name="hand-over"),
    path("duty/notes/<uuid:note_id>/take", pages_duty.take, name="take-over"),
]

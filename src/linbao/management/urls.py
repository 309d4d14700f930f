"""Addresses of the management room."""

from django.urls import path

from linbao.management import pages_calendar, pages_files, pages_meetings, pages_tasks

app_name = "management"
urlpatterns = [
    path("tasks/", pages_tasks.index, name="tasks"),
    path("tasks/export", pages_tasks.export, name="tasks-export"),
    path("tasks/new", pages_tasks.new, name="task-new"),
    path("tasks/repeating/", pages_tasks.series, name="repeating"),
    path("tasks/repeating/<uuid:series_id>/stop", pages_tasks.stop, name="repeating-stop"),
    path("tasks/<uuid:task_id>/", pages_tasks.task, name="task"),
    path("tasks/<uuid:task_id>/do/<str:verb>", pages_tasks.act, name="task-act"),
    path("tasks/<uuid:task_id>/files/<uuid:file_id>", pages_tasks.file, name="task-file"),
    path("calendar/", pages_calendar.calendar, name="calendar"),
    path("calendar/linbao.ics", pages_calendar.ics, name="ics"),
    path("leave/", pages_calendar.leaves, name="leaves"),
    path("leave/export", pages_calendar.leave_export, name="leave-export"),
    path("leave/new", pages_calendar.leave_new, name="leave-new"),
    path("leave/<uuid:leave_id>/", pages_calendar.one_leave, name="leave"),
    path("leave/<uuid:leave_id>/<str:verb>", pages_calendar.leave_act, name="leave-act"),
    path("meetings/", pages_meetings.index, name="meetings"),
    path("meetings/export", pages_meetings.export, name="meetings-export"),
    path("meetings/new", pages_meetings.new, name="meeting-new"),
    path("meetings/opinions/", pages_meetings.opinion_list, name="opinions"),
    path("meetings/opinions/export", pages_meetings.opinion_export, name="opinions-export"),
    path("meetings/opinions/<uuid:opinion_id>/", pages_meetings.opinion, name="opinion"),
    path("meetings/problems/", pages_meetings.problem_list, name="problems"),
    path("meetings/problems/export", pages_meetings.problem_export, name="problems-export"),
    path("meetings/problems/<uuid:problem_id>/", pages_meetings.problem, name="problem"),
    path("meetings/<uuid:meeting_id>/", pages_meetings.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/do/<str:verb>", pages_meetings.act, name="meeting-act"),
    path("meetings/<uuid:meeting_id>/minutes-<int:version>.<str:form>", pages_meetings.minutes_file, name="minutes"),
    path("people/files/", pages_files.index, name="files"),
    path("people/files/export", pages_files.export, name="files-export"),
    path("people/files/<uuid:person_id>/", pages_files.file, name="file"),
    path("people/files/<uuid:person_id>/copy", pages_files.take_out, name="file-copy"),
    path("people/files/<uuid:person_id>/copies/<uuid:copy_id>.pdf", pages_files.copy, name="file-pdf"),
]

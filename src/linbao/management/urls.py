"""Addresses of the management room."""

from django.urls import path

from linbao.management.calendar import views as calendar_views
from linbao.management.meetings import views as meetings_views
from linbao.management.work_files import views as files_views
from linbao.management.work_tasks import views as tasks_views

app_name = "management"
urlpatterns = [
    path("tasks/", tasks_views.index, name="tasks"),
    path("tasks/export", tasks_views.export, name="tasks-export"),
    path("tasks/new", tasks_views.new, name="task-new"),
    path("tasks/repeating/", tasks_views.series, name="repeating"),
    path("tasks/repeating/<uuid:series_id>/stop", tasks_views.stop, name="repeating-stop"),
    path("tasks/<uuid:task_id>/", tasks_views.task, name="task"),
    path("tasks/<uuid:task_id>/do/<str:verb>", tasks_views.act, name="task-act"),
    path("tasks/<uuid:task_id>/files/<uuid:file_id>", tasks_views.file, name="task-file"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("calendar/linbao.ics", calendar_views.ics, name="ics"),
    path("leave/", calendar_views.leaves, name="leaves"),
    path("leave/export", calendar_views.leave_export, name="leave-export"),
    path("leave/new", calendar_views.leave_new, name="leave-new"),
    path("leave/<uuid:leave_id>/", calendar_views.one_leave, name="leave"),
    path("leave/<uuid:leave_id>/<str:verb>", calendar_views.leave_act, name="leave-act"),
    path("meetings/", meetings_views.index, name="meetings"),
    path("meetings/export", meetings_views.export, name="meetings-export"),
    path("meetings/new", meetings_views.new, name="meeting-new"),
    path("meetings/opinions/", meetings_views.opinion_list, name="opinions"),
    path("meetings/opinions/export", meetings_views.opinion_export, name="opinions-export"),
    path("meetings/opinions/<uuid:opinion_id>/", meetings_views.opinion, name="opinion"),
    path("meetings/problems/", meetings_views.problem_list, name="problems"),
    path("meetings/problems/export", meetings_views.problem_export, name="problems-export"),
    path("meetings/problems/<uuid:problem_id>/", meetings_views.problem, name="problem"),
    path("meetings/<uuid:meeting_id>/", meetings_views.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/do/<str:verb>", meetings_views.act, name="meeting-act"),
    path("meetings/<uuid:meeting_id>/minutes-<int:version>.<str:form>", meetings_views.minutes_file, name="minutes"),
    path("people/files/", files_views.index, name="files"),
    path("people/files/export", files_views.export, name="files-export"),
    path("people/files/<uuid:person_id>/", files_views.file, name="file"),
    path("people/files/<uuid:person_id>/copy", files_views.seal, name="file-copy"),
    path("people/files/<uuid:person_id>/copies/<uuid:copy_id>.pdf", files_views.copy, name="file-pdf"),
]

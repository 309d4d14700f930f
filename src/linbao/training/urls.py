from django.urls import path

from linbao.training import courses_views as catalogue_views
from linbao.training import views
from linbao.training.planning import views as plan_views
from linbao.training.quizzes import views as quiz_views
from linbao.training.sessions import signing_views
from linbao.training.sessions import views as session_views

app_name = "training"
S = "training/<uuid:session_id>/"
urlpatterns = [
    path("training/", views.index, name="list"),
    path("training/export", views.export, name="export"),
    path("training/mine/", views.mine, name="mine"),
    path("training/new", views.new, name="new"),
    path("training/plan/", plan_views.plan, name="plan"),
    path("training/plan/topics", plan_views.add_topic, name="add-topic"),
    path("training/plan/topics/<uuid:topic_id>/remove", plan_views.remove_topic, name="remove-topic"),
    path("training/plan/duties/<uuid:duty_id>/waive", plan_views.waive, name="waive"),
    path("training/courses/", catalogue_views.courses, name="courses"),
    path("training/courses/<uuid:course_id>/", catalogue_views.course, name="course"),
    path("training/lecturers/", catalogue_views.lecturers, name="lecturers"),
    path("training/lecturers/<uuid:lecturer_id>/", catalogue_views.lecturer, name="lecturer"),
    path("training/questions/", quiz_views.bank, name="questions"),
    path("training/questions/new", quiz_views.new_question, name="new-question"),
    path("training/questions/<uuid:question_id>/", quiz_views.question, name="question"),
    path(S, session_views.session, name="session"),
    path(S + "edit", views.edit, name="edit"),
    path(S + "cancel", session_views.cancel, name="cancel"),
    path(S + "invite", session_views.invite, name="invite"),
    path(S + "enrol", session_views.enrol, name="enrol"),
    path(S + "leave", session_views.leave, name="leave"),
    path(S + "seats/<uuid:seat_id>/leave", session_views.decide_leave, name="decide-leave"),
    path(S + "tick", session_views.tick, name="tick"),
    path(S + "end", session_views.end, name="end"),
    path(S + "lecturers", session_views.teach, name="teach"),
    path(S + "lecturers/<uuid:teaching_id>/remove", session_views.unteach, name="unteach"),
    path(S + "materials", session_views.add_material, name="add-material"),
    path(S + "materials/<uuid:material_id>", session_views.material, name="material"),
    path(S + "materials/<uuid:material_id>/remove", session_views.remove_material, name="remove-material"),
    path(S + "record", session_views.record, name="record"),
    path(S + "record.<slug:form>", session_views.download, name="download"),
    path(S + "feedback", session_views.feedback, name="feedback"),
    path(S + "quiz", quiz_views.quiz, name="quiz"),
    path(S + "quiz/set", quiz_views.set_quiz, name="set-quiz"),
    path(S + "screen", signing_views.screen, name="screen"),
    path(S + "screen/code", signing_views.code, name="code"),
    path(S + "sign/<slug:token>", signing_views.sign, name="sign"),
]

"""Addresses of the documents room."""

from django.urls import path

from linbao.documents import views
from linbao.documents.seals import views as seals_views
from linbao.documents.word_templates import views as templates_views

app_name = "documents"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("seals/", seals_views.index, name="seals"),
    path("seals/<uuid:seal_id>/", seals_views.detail, name="seal"),
    path("seals/<uuid:seal_id>/picture.png", seals_views.picture, name="seal-picture"),
    path("seals/<uuid:seal_id>/change", seals_views.change, name="seal-change"),
    path("admin/templates/", templates_views.index, name="templates"),
    path("admin/templates/<uuid:template_id>/<str:form>.docx", templates_views.file, name="template-file"),
    path("admin/templates/<uuid:template_id>/switch", templates_views.switch, name="template-switch"),
]

"""Addresses of the documents room."""

from django.urls import path

from linbao.documents import pages, pages_seals, pages_templates

app_name = "documents"
urlpatterns = [
    path("verify/", pages.verify, name="verify"),
    path("seals/", pages_seals.index, name="seals"),
    path("seals/<uuid:seal_id>/", pages_seals.detail, name="seal"),
    path("seals/<uuid:seal_id>/picture.png", pages_seals.picture, name="seal-picture"),
    path("seals/<uuid:seal_id>/change", pages_seals.change, name="seal-change"),
    path("admin/templates/", pages_templates.index, name="templates"),
    path("admin/templates/<uuid:template_id>/<str:form>.docx", pages_templates.file, name="template-file"),
    path("admin/templates/<uuid:template_id>/switch", pages_templates.switch, name="template-switch"),
]

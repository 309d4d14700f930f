"""Addresses of the collection room."""

from django.urls import path

from linbao.items import item_views, views
from linbao.items.activities import views as activities_views
from linbao.items.catalogue import views as catalogue_views
from linbao.items.imports import views as import_views

app_name = "items"
urlpatterns = [
    path("admin/import/", import_views.upload, name="import"),
    path("admin/import/<uuid:run_id>/", import_views.show, name="import-run"),
    path("admin/import/<uuid:run_id>/start", import_views.start, name="import-start"),
    path("admin/import/<uuid:run_id>/errors", import_views.errors, name="import-errors"),
    path("report/new", views.new, name="new"),
    path("report/new/<str:category>", views.form, name="form"),
    path("items/", item_views.index, name="items"),
    path("items/<uuid:item_id>/", item_views.item, name="item"),
    path("items/<uuid:item_id>/edit", views.edit, name="edit"),
    path("items/<uuid:item_id>/draft", views.draft, name="draft"),
    path("items/<uuid:item_id>/files", views.upload, name="upload"),
    path("items/<uuid:item_id>/captions", views.captions, name="captions"),
    path("items/<uuid:item_id>/files/<uuid:attachment_id>/remove", views.remove_file, name="remove-file"),
    path("items/<uuid:item_id>/files/<uuid:attachment_id>/<str:version>", item_views.file, name="file"),
    path("items/<uuid:item_id>/urgent", views.urgent, name="urgent"),
    path("items/<uuid:item_id>/withdraw", views.withdraw, name="withdraw"),
    path("items/<uuid:item_id>/reveal", item_views.reveal, name="reveal"),
    path("items/<uuid:item_id>/print", item_views.print_, name="print"),
    path("activities/", activities_views.list_, name="activities"),
    path("activities/export", activities_views.export, name="activities-export"),
    path("activities/new", activities_views.new, name="activity-new"),
    path("activities/<uuid:activity_id>/", activities_views.detail, name="activity"),
    path("activities/<uuid:activity_id>/edit", activities_views.edit, name="activity-edit"),
    path("activities/<uuid:activity_id>/remove", activities_views.remove, name="activity-remove"),
    path("activities/<uuid:activity_id>/files", activities_views.upload, name="activity-upload"),
    path("activities/<uuid:activity_id>/captions", activities_views.captions, name="activity-captions"),
    path(
        "activities/<uuid:activity_id>/files/<uuid:attachment_id>/remove",
        activities_views.remove_file,
        name="activity-remove-file",
    ),
    path(
        "activities/<uuid:activity_id>/files/<uuid:attachment_id>/<str:version>",
        activities_views.file,
        name="activity-file",
    ),
    path("admin/catalogue/", catalogue_views.index, name="catalogue"),
    path("admin/catalogue/<str:category>/", catalogue_views.category, name="catalogue-category"),
    path("admin/catalogue/<str:category>/preview", catalogue_views.preview, name="catalogue-preview"),
    path("admin/catalogue/<str:category>/subcategory", catalogue_views.subcategory, name="catalogue-subcategory"),
    path("admin/catalogue/<str:category>/field", catalogue_views.field, name="catalogue-field"),
]

"""Addresses of the collection room."""

from django.urls import path

from linbao.collection import pages, pages_activities, pages_catalogue, pages_import, pages_item

app_name = "collection"
urlpatterns = [
    path("admin/import/", pages_import.upload, name="import"),
    path("admin/import/<uuid:run_id>/", pages_import.show, name="import-run"),
    path("admin/import/<uuid:run_id>/start", pages_import.start, name="import-start"),
    path("admin/import/<uuid:run_id>/errors", pages_import.errors, name="import-errors"),
    path("report/new", pages.new, name="new"),
    path("report/new/<str:category>", pages.form, name="form"),
    path("items/", pages_item.index, name="items"),
    path("items/<uuid:item_id>/", pages_item.item, name="item"),
    path("items/<uuid:item_id>/edit", pages.edit, name="edit"),
    path("items/<uuid:item_id>/draft", pages.draft, name="draft"),
    path("items/<uuid:item_id>/files", pages.upload, name="upload"),
    path("items/<uuid:item_id>/captions", pages.captions, name="captions"),
    path("items/<uuid:item_id>/files/<uuid:attachment_id>/remove", pages.remove_file, name="remove-file"),
    path("items/<uuid:item_id>/files/<uuid:attachment_id>/<str:version>", pages_item.file, name="file"),
    path("items/<uuid:item_id>/urgent", pages.urgent, name="urgent"),
    path("items/<uuid:item_id>/withdraw", pages.withdraw, name="withdraw"),
    path("items/<uuid:item_id>/reveal", pages_item.reveal, name="reveal"),
    path("items/<uuid:item_id>/print", pages_item.print_, name="print"),
    path("activities/", pages_activities.list_, name="activities"),
    path("activities/export.<str:kind>", pages_activities.export, name="activities-export"),
    path("activities/new", pages_activities.new, name="activity-new"),
    path("activities/<uuid:activity_id>/", pages_activities.detail, name="activity"),
    path("activities/<uuid:activity_id>/edit", pages_activities.edit, name="activity-edit"),
    path("activities/<uuid:activity_id>/remove", pages_activities.remove, name="activity-remove"),
    path("activities/<uuid:activity_id>/files", pages_activities.upload, name="activity-upload"),
    path("activities/<uuid:activity_id>/captions", pages_activities.captions, name="activity-captions"),
    path(
        "activities/<uuid:activity_id>/files/<uuid:attachment_id>/remove",
        pages_activities.remove_file,
        name="activity-remove-file",
    ),
    path(
        "activities/<uuid:activity_id>/files/<uuid:attachment_id>/<str:version>",
        pages_activities.file,
        name="activity-file",
    ),
    path("admin/catalogue/", pages_catalogue.index, name="catalogue"),
    path("admin/catalogue/<str:category>/", pages_catalogue.category, name="catalogue-category"),
    path("admin/catalogue/<str:category>/preview", pages_catalogue.preview, name="catalogue-preview"),
    path(
        "admin/catalogue/<str:category>/subcategory",
        pages_catalogue.subcategory,
        name="catalogue-subcategory",
    ),
    path("admin/catalogue/<str:category>/field", pages_catalogue.field, name="catalogue-field"),
]

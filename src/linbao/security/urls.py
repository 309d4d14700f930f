"""Addresses of the security room."""

from django.urls import path

from linbao.security import views
from linbao.security.alerts import views as alerts_views
from linbao.security.checks import views as checks_views
from linbao.security.devices import views as devices_views
from linbao.security.hosts import views as hosts_views
from linbao.security.incidents import views as incidents_views
from linbao.security.inspections import views as inspections_views
from linbao.security.premises import views as places_views
from linbao.security.rules import views as rules_views

app_name = "security"
urlpatterns = [
    path("security/", views.index, name="index"),
    path("security/lost", views.lost, name="lost"),
    path("security/alerts/", alerts_views.index, name="alerts"),
    path("security/alerts/export", alerts_views.export, name="alerts-export"),
    path("security/alerts/<uuid:alert_id>/", alerts_views.alert, name="alert"),
    path("security/alerts/<uuid:alert_id>/take", alerts_views.take, name="alert-take"),
    path("security/alerts/<uuid:alert_id>/close", alerts_views.close, name="alert-close"),
    path("security/devices/", devices_views.index, name="devices"),
    path("security/devices/export", devices_views.export, name="devices-export"),
    path("security/devices/new", devices_views.new, name="device-new"),
    path("security/devices/phones", devices_views.phones, name="phones"),
    path("security/devices/<uuid:device_id>/", devices_views.device, name="device"),
    path("security/devices/<uuid:device_id>/edit", devices_views.edit, name="device-edit"),
    path("security/devices/<uuid:device_id>/assign", devices_views.assign, name="device-assign"),
    path("security/devices/<uuid:device_id>/inspect", inspections_views.device, name="device-inspect"),
    path("security/devices/<uuid:device_id>/found", devices_views.recover, name="device-found"),
    path("security/devices/<uuid:device_id>/dispose", devices_views.dispose, name="device-dispose"),
    path("security/check-lists/<slug:about>", inspections_views.check_list, name="check-list"),
    path("security/findings/", inspections_views.findings, name="findings"),
    path("security/findings/export", inspections_views.export, name="findings-export"),
    path("security/findings/<uuid:finding_id>/", inspections_views.finding, name="finding"),
    path("security/findings/<uuid:finding_id>/fix", inspections_views.fix, name="finding-fix"),
    path("security/findings/<uuid:finding_id>/close/<slug:verdict>", inspections_views.close, name="finding-close"),
    path("security/places/", places_views.index, name="places"),
    path("security/places/export", places_views.export, name="places-export"),
    path("security/places/new", places_views.new, name="place-new"),
    path("security/places/<uuid:place_id>/", places_views.place, name="place"),
    path("security/places/<uuid:place_id>/edit", places_views.edit, name="place-edit"),
    path("security/places/<uuid:place_id>/inspect", inspections_views.place, name="place-inspect"),
    path("security/places/<uuid:place_id>/code", places_views.qr, name="place-qr"),
    path("security/places/<uuid:place_id>/entries/export", places_views.entries_out, name="entries-export"),
    path("security/places/<uuid:place_id>/permit", places_views.permit, name="permit"),
    path("security/places/<uuid:place_id>/permits/<uuid:permit_id>/end", places_views.forbid, name="forbid"),
    path("security/places/<uuid:place_id>/admit", places_views.admit, name="admit"),
    path("security/places/<uuid:place_id>/entries/<uuid:entry_id>/out", places_views.let_out, name="let-out"),
    path("security/door/<slug:code>", places_views.door, name="door"),
    path("security/hosts/", hosts_views.index, name="hosts"),
    path("security/hosts/substitutes/new", hosts_views.new, name="substitute-new"),
    path("security/hosts/substitutes/<uuid:substitute_id>/", hosts_views.substitute, name="substitute"),
    path("security/hosts/substitutes/<uuid:substitute_id>/proof", hosts_views.proof, name="substitute-proof"),
    path("security/hosts/substitutes/<uuid:substitute_id>/end", hosts_views.end, name="substitute-end"),
    path("security/rules/", rules_views.index, name="rules"),
    path("security/rules/export", rules_views.export, name="rules-export"),
    path("security/rules/new", rules_views.new, name="rule-new"),
    path("security/rules/<uuid:rule_id>/", rules_views.rule, name="rule"),
    path("security/rules/<uuid:rule_id>/version", rules_views.version, name="rule-version"),
    path("security/rules/<uuid:rule_id>/confirm/<int:version>", rules_views.confirm, name="rule-confirm"),
    path("security/rules/<uuid:rule_id>/end", rules_views.end, name="rule-end"),
    path("security/checks/", checks_views.index, name="checks"),
    path("security/checks/export", checks_views.export, name="checks-export"),
    path("security/checks/new", checks_views.new, name="check-new"),
    path("security/checks/<uuid:check_id>/", checks_views.check, name="check"),
    path("security/checks/<uuid:check_id>/record", checks_views.record, name="check-record"),
    path("security/checks/<uuid:check_id>/cancel", checks_views.cancel, name="check-cancel"),
    path("security/checks/<uuid:check_id>/pdf", checks_views.check_pdf, name="check-pdf"),
    path("security/reviews/", checks_views.reviews_index, name="reviews"),
    path("security/reviews/of/<uuid:unit_id>", checks_views.review_new, name="review-new"),
    path("security/reviews/<uuid:review_id>/", checks_views.review, name="review"),
    path("security/reviews/<uuid:review_id>/pdf", checks_views.review_pdf, name="review-pdf"),
    path("security/incidents/", incidents_views.index, name="incidents"),
    path("security/incidents/export", incidents_views.export, name="incidents-export"),
    path("security/incidents/new", incidents_views.new, name="incident-new"),
    path("security/incidents/<uuid:incident_id>/", incidents_views.incident, name="incident"),
    path("security/incidents/<uuid:incident_id>/pdf", incidents_views.incident_pdf, name="incident-pdf"),
    path("security/incidents/<uuid:incident_id>/do/<slug:verb>", incidents_views.act, name="incident-act"),
]

"""Addresses of people's accounts and of one's own; of their administration."""

from django.urls import path

from linbao.accounts import views as people_views
from linbao.accounts.administration import views as admin_views
from linbao.accounts.passwords import views as passwords_views
from linbao.accounts.phones import views as phones_views
from linbao.accounts.proposals import views as proposals_views
from linbao.accounts.settings import views as me_views

app_name = "accounts"
urlpatterns = [
    path("admin/", admin_views.landing, name="admin"),
    path("people/", people_views.index, name="people"),
    path("people/export", people_views.export, name="people-export"),
    path("people/new", people_views.new, name="person-new"),
    path("people/units", people_views.units, name="people-units"),
    path("people/proposals/", proposals_views.index, name="proposals"),
    path("people/proposals/<uuid:proposal_id>/confirm", proposals_views.confirm, name="proposal-confirm"),
    path("people/proposals/<uuid:proposal_id>/refuse", proposals_views.refuse, name="proposal-refuse"),
    path("people/proposals/<uuid:proposal_id>/withdraw", proposals_views.withdraw, name="proposal-withdraw"),
    path("people/passwords/", passwords_views.index, name="passwords"),
    path("people/passwords/<uuid:reset_id>/open", passwords_views.open_half, name="password-open"),
    path("device/<uuid:device>", phones_views.contact, name="phone-contact"),
    path("device/<uuid:device>/wiped", phones_views.wiped, name="phone-wiped"),
    path("people/<uuid:person_id>/", people_views.person, name="person"),
    path("people/<uuid:person_id>/edit", people_views.edit, name="person-edit"),
    path("people/<uuid:person_id>/grant", people_views.grant, name="person-grant"),
    path("people/<uuid:person_id>/grants/<uuid:grant_id>/end", people_views.end_grant, name="person-end-grant"),
    path("people/<uuid:person_id>/active", people_views.active, name="person-active"),
    path("people/<uuid:person_id>/reset", people_views.reset, name="person-reset"),
    path("people/<uuid:person_id>/sign-out", people_views.sign_out, name="person-sign-out"),
    path("me/settings", me_views.settings, name="settings"),
    path("me/settings/tokens", me_views.make_token, name="token-new"),
    path("me/settings/tokens/<uuid:token_id>/revoke", me_views.revoke_token, name="token-revoke"),
    path("me/settings/sessions/<int:session_id>/end", me_views.end_session, name="session-end"),
    path("me/settings/sessions/end", me_views.end_sessions, name="sessions-end"),
]

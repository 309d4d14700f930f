"""Addresses of people's accounts and of one's own; of their administration."""

from django.urls import path

from linbao.units import pages_admin, pages_me, pages_passwords, pages_people, pages_phones, pages_proposals

app_name = "accounts"
urlpatterns = [
    path("admin/", pages_admin.landing, name="admin"),
    path("people/", pages_people.index, name="people"),
    path("people/export", pages_people.export, name="people-export"),
    path("people/new", pages_people.new, name="person-new"),
    path("people/units", pages_people.units, name="people-units"),
    path("people/proposals/", pages_proposals.index, name="proposals"),
    path("people/proposals/<uuid:proposal_id>/confirm", pages_proposals.confirm, name="proposal-confirm"),
    path("people/proposals/<uuid:proposal_id>/refuse", pages_proposals.refuse, name="proposal-refuse"),
    path("people/proposals/<uuid:proposal_id>/withdraw", pages_proposals.withdraw, name="proposal-withdraw"),
    path("people/passwords/", pages_passwords.index, name="passwords"),
    path("people/passwords/<uuid:reset_id>/open", pages_passwords.open_half, name="password-open"),
    path("device/<uuid:device>", pages_phones.contact, name="phone-contact"),
    path("device/<uuid:device>/wiped", pages_phones.wiped, name="phone-wiped"),
    path("people/<uuid:person_id>/", pages_people.person, name="person"),
    path("people/<uuid:person_id>/edit", pages_people.edit, name="person-edit"),
    path("people/<uuid:person_id>/grant", pages_people.grant, name="person-grant"),
    path("people/<uuid:person_id>/grants/<uuid:grant_id>/end", pages_people.end_grant, name="person-end-grant"),
    path("people/<uuid:person_id>/active", pages_people.active, name="person-active"),
    path("people/<uuid:person_id>/reset", pages_people.reset, name="person-reset"),
    path("people/<uuid:person_id>/sign-out", pages_people.sign_out, name="person-sign-out"),
    path("me/settings", pages_me.settings, name="settings"),
    path("me/settings/tokens", pages_me.make_token, name="token-new"),
    path("me/settings/tokens/<uuid:token_id>/revoke", pages_me.revoke_token, name="token-revoke"),
    path("me/settings/sessions/<int:session_id>/end", pages_me.end_session, name="session-end"),
    path("me/settings/sessions/end", pages_me.end_sessions, name="sessions-end"),
]

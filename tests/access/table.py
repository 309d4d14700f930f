"""Who gets in: every address of the product and every operation of the interface, for each of nine roles, for somebody
without a role and for a resident (design §9). A page or operation that is not named here fails the test.

`get` and `post` name the personas that are let in with the objects of their own community (None: the method is
not served). Everybody else is refused, and everybody is refused with the objects of another community.
"""

from __future__ import annotations

import os

from tests.access.rooms import ROOMS
from tests.access.who import (
    ADMINISTRATOR,
    AUDITOR,
    DEPARTMENT,
    EVERYBODY,
    FOLLOWING,
    HANDLER,
    HANDLING,
    HOLDING,
    IMPORTING,
    INSPECTING,
    LEADER,
    MANAGER,
    NONE,
    OFFICER,
    PEOPLE,
    READING,
    REPORTER,
    REPORTING,
    REVIEWER,
    SIGNED_IN,
    TELLING,
    WEIGHING,
    WORKING,
    Access,
    photo,
    to,
)

PAGES: dict[str, Access] = {
    # the service itself
    "healthz": Access(EVERYBODY, EVERYBODY),
    "readyz": Access(EVERYBODY, EVERYBODY),
    "metrics": Access(EVERYBODY, EVERYBODY),  # from trusted addresses only: tests/base
    "csp-report": Access(None, EVERYBODY),  # from browsers; it keeps nothing of the sender
    # signing in; the library's pages that Linbao does not have are closed
    r"accounts/^(?:signup|email|confirm-email|inactive|password/reset|password/set)(?:/.*)?$": Access(NONE, NONE),
    "account_login": Access(EVERYBODY, EVERYBODY),
    "account_logout": Access(EVERYBODY, EVERYBODY),
    "account_reauthenticate": Access(SIGNED_IN, SIGNED_IN),
    "account_change_password": Access(SIGNED_IN, SIGNED_IN),
    "account_confirm_login_code": Access(EVERYBODY, EVERYBODY),  # leads away: no codes are sent
    "account_inactive": Access(NONE, NONE),
    "account_signup": Access(NONE, NONE),
    "account_email": Access(NONE, NONE),
    "account_email_verification_sent": Access(NONE, NONE),
    "account_set_password": Access(NONE, NONE),
    "account_reset_password": Access(NONE, NONE),
    "account_confirm_email": Access(NONE, NONE),
    "account_reset_password_from_key": Access(NONE, NONE),
    "account_reset_password_from_key_done": Access(NONE, NONE),
    "account_reset_password_done": Access(NONE, NONE),
    "mfa_index": Access(SIGNED_IN, None),
    "mfa_authenticate": Access(EVERYBODY, EVERYBODY),  # the second step of signing in
    "mfa_reauthenticate": Access(SIGNED_IN, SIGNED_IN),
    "mfa_activate_totp": Access(SIGNED_IN, SIGNED_IN),
    "mfa_deactivate_totp": Access(NONE, NONE),  # nobody here has a second factor yet
    "mfa_view_recovery_codes": Access(NONE, None),
    "mfa_generate_recovery_codes": Access(SIGNED_IN, SIGNED_IN),
    "mfa_download_recovery_codes": Access(NONE, NONE),
    "mfa_list_webauthn": Access(SIGNED_IN, None),
    "mfa_add_webauthn": Access(SIGNED_IN, SIGNED_IN),
    "mfa_reauthenticate_webauthn": Access(SIGNED_IN, SIGNED_IN),
    "mfa_remove_webauthn": Access(SIGNED_IN, SIGNED_IN),  # asks for the password again
    "mfa_edit_webauthn": Access(SIGNED_IN, SIGNED_IN),
    "mfa_login_webauthn": Access(EVERYBODY, EVERYBODY),
    "usersessions_list": Access(SIGNED_IN, SIGNED_IN),
    # pages of no area
    "today": Access(SIGNED_IN),
    "me": Access(SIGNED_IN),
    "notices": Access(SIGNED_IN),
    "notices_read": Access(None, SIGNED_IN),
    "account": Access(EVERYBODY, EVERYBODY),  # leads to one's settings, which ask to sign in
    "language": Access(None, EVERYBODY),
    "manifest": Access(EVERYBODY),
    "service_worker": Access(EVERYBODY),
    "licences": Access(EVERYBODY),
    "offline": Access(EVERYBODY),
    # people and one's own account
    "accounts:people": Access(PEOPLE),
    "accounts:people-export": Access(PEOPLE),
    "accounts:people-units": Access((ADMINISTRATOR,)),
    "accounts:person-new": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "accounts:person": Access(PEOPLE),
    "accounts:person-edit": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "accounts:person-grant": Access(None, (ADMINISTRATOR,)),
    "accounts:person-end-grant": Access(None, (ADMINISTRATOR,)),
    "accounts:person-active": Access(None, (ADMINISTRATOR,)),
    "accounts:person-reset": Access(None, (ADMINISTRATOR,)),
    "accounts:proposals": Access(WEIGHING),
    "accounts:passwords": Access((OFFICER, MANAGER, AUDITOR, ADMINISTRATOR)),
    "accounts:password-open": Access(None, (OFFICER, MANAGER)),  # the administrator has asked for it
    "accounts:proposal-confirm": Access(None, (OFFICER,)),
    "accounts:proposal-refuse": Access(None, (OFFICER,), data=to(reason="不需要此角色")),
    "accounts:proposal-withdraw": Access(None, (ADMINISTRATOR,)),
    "accounts:phone-contact": Access(EVERYBODY, EVERYBODY, by_link=True),
    "accounts:phone-wiped": Access(None, EVERYBODY, by_link=True),
    "accounts:person-sign-out": Access(None, (ADMINISTRATOR,)),
    "accounts:settings": Access(SIGNED_IN, SIGNED_IN),
    "accounts:token-new": Access(None, SIGNED_IN),
    "accounts:token-revoke": Access(None, SIGNED_IN),  # one's own
    "accounts:session-end": Access(None, SIGNED_IN),  # one's own
    "accounts:sessions-end": Access(None, SIGNED_IN),
    # the administrator's desk
    "accounts:admin": Access((ADMINISTRATOR,)),
    "organisation:units": Access((ADMINISTRATOR,)),
    "organisation:unit-new": Access(
        (ADMINISTRATOR,), (ADMINISTRATOR,), query=lambda side: f"?parent={side.community.pk}"
    ),
    "organisation:unit": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "organisation:unit-active": Access(None, (ADMINISTRATOR,)),
    "organisation:calendar": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "organisation:calendar-remove": Access(None, (ADMINISTRATOR,), data=to(day="2026-12-31")),
    # collection
    "items:import": Access(IMPORTING, IMPORTING),
    "items:import-run": Access((MANAGER,)),  # whoever uploaded it
    "items:import-start": Access(None, (MANAGER,)),
    "items:import-errors": Access((MANAGER,)),
    "items:new": Access(REPORTING),
    "items:form": Access(REPORTING),
    "items:items": Access(SIGNED_IN),
    "items:item": Access(READING),
    "items:item#draft": Access((REPORTER,), item="draft"),
    "items:item#handled": Access(WORKING, item="handling"),
    "items:item#confidential": Access((REPORTER, REVIEWER), item="confidential"),  # the named ones
    "items:edit": Access((REPORTER,), (REPORTER,), item="draft"),
    "items:edit#returned": Access((REPORTER,), (REPORTER,), item="returned"),
    "items:draft": Access(None, (REPORTER,), item="draft"),
    "items:upload": Access(None, (REPORTER,), item="draft", data=photo),
    "items:captions": Access(None, (REPORTER,), item="draft", data=to()),
    "items:remove-file": Access(None, (REPORTER,), item="draft"),
    "items:file": Access(READING),
    "items:file#draft": Access((REPORTER,), item="draft"),
    "items:urgent": Access(None, (REPORTER, *DEPARTMENT), data=lambda side: {"urgent": "1", "reason": "越来越严重"}),
    "items:urgent#not": Access(None, DEPARTMENT, data=to(urgent="", reason="不属紧急")),
    "items:withdraw": Access(None, (REPORTER,), data=to(reason="填错了")),
    "items:reveal": Access(
        None, (REPORTER, *DEPARTMENT), data=lambda side: {"party": side.party("submitted"), "reason": "电话核实"}
    ),
    "items:print": Access(READING),
    "items:activities": Access(SIGNED_IN),  # one's own, and what one leads
    "items:activities-export": Access(SIGNED_IN),
    "items:activity-new": Access(REPORTING, REPORTING),
    "items:activity": Access(READING),
    "items:activity-edit": Access((REPORTER,), (REPORTER,)),
    "items:activity-remove": Access(None, (REPORTER,)),
    "items:activity-captions": Access(None, (REPORTER,)),
    "items:activity-upload": Access(None, (REPORTER,), data=photo),
    "items:activity-remove-file": Access(None, (REPORTER,)),
    "items:activity-file": Access(READING),
    "items:catalogue": Access((ADMINISTRATOR,)),
    "items:catalogue-category": Access((ADMINISTRATOR,)),
    "items:catalogue-preview": Access((ADMINISTRATOR,)),
    "items:catalogue-subcategory": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "items:catalogue-field": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    # documents
    "documents:verify": Access(EVERYBODY, EVERYBODY),
    "documents:seals": Access(
        (LEADER, MANAGER, OFFICER), (LEADER, MANAGER, OFFICER)
    ),  # making one: managers, tests/documents
    "documents:seal": Access((LEADER, MANAGER, OFFICER)),
    "documents:seal-picture": Access((LEADER, MANAGER, OFFICER)),
    "documents:seal-change": Access(None, (MANAGER,), data=to(action="revoke", reason="遗失")),
    "documents:templates": Access((MANAGER, ADMINISTRATOR), (MANAGER, ADMINISTRATOR)),
    "documents:template-file": Access((MANAGER, ADMINISTRATOR)),
    "documents:template-switch": Access(None, (MANAGER, ADMINISTRATOR), data=to(on="no")),
    # the audit log; deliveries
    "audit:list": Access((AUDITOR,)),
    "audit:export": Access((AUDITOR,)),
    "jobs": Access(NONE),  # of the whole installation: tests/platform/test_queue.py
    "jobs-export": Access(NONE),
    "job-decide": Access(None, NONE),
    "outbox:list": Access(FOLLOWING),
    "outbox:export": Access(FOLLOWING),
    "outbox:channels": Access(PEOPLE),
    "outbox:channel-new": Access(PEOPLE, PEOPLE),
    "outbox:channel": Access(PEOPLE, PEOPLE),
    "outbox:channel-test": Access(None, PEOPLE),
    "outbox:channel-remove": Access(None, PEOPLE),
    "outbox:preference": Access(SIGNED_IN, SIGNED_IN),
    "outbox:detail": Access((REPORTER, *IMPORTING), (REPORTER, *IMPORTING)),
    # emergencies and the duty desk
    "emergencies:urgent": Access(REPORTING, REPORTING),
    "emergencies:urgent-paper": Access(REPORTING),
    "emergencies:urgent-report": Access(READING),
    "emergencies:urgent-blank": Access(REPORTING),
    "emergencies:urgent-of-item": Access(READING),
    "emergencies:urgent-call": Access(None, (REPORTER, *DEPARTMENT), data=to(answered_by="值班员")),
    "emergencies:urgent-complete": Access(None, (REPORTER, *DEPARTMENT), data=to(kind="fire", place="3栋")),
    "emergencies:urgent-draft": Access(None, (REPORTER,), data=to(course="写到一半")),
    "emergencies:urgent-write": Access((REPORTER,), (REPORTER,)),
    "emergencies:urgent-join": Access(
        None, (REPORTER, *DEPARTMENT), data=lambda side: {"other": str(side.another_emergency.pk)}
    ),
    "emergencies:urgent-record": Access(READING, DEPARTMENT, data=to(went_well="报告及时")),
    "emergencies:timeliness": Access(SIGNED_IN),
    "emergencies:urgent-file": Access(READING),
    "emergencies:duty": Access(DEPARTMENT),
    "emergencies:duty-call": Access(DEPARTMENT, DEPARTMENT),
    "emergencies:alarm-state": Access(DEPARTMENT),
    "emergencies:alarm-sign": Access(None, DEPARTMENT),
    "emergencies:roster": Access(DEPARTMENT, DEPARTMENT),
    "emergencies:roster-remove": Access(None, (MANAGER,)),
    "emergencies:hand-over": Access(None, DEPARTMENT),
    "emergencies:take-over": Access(None, DEPARTMENT),
    # the weekly report
    "weekly_reports:list": Access(SIGNED_IN),  # one's own, and what one leads
    "weekly_reports:export": Access(SIGNED_IN),
    "weekly_reports:open": Access(None, REPORTING, data=to(week="this")),
    "weekly_reports:detail": Access(READING, (REPORTER,)),
    "weekly_reports:detail#review": Access(None, DEPARTMENT, data=to(do="review", accept="yes")),
    "weekly_reports:preview": Access(None, (REPORTER,)),
    "weekly_reports:download": Access(READING),
    # review
    "review:queue": Access(DEPARTMENT),
    "review:next": Access(DEPARTMENT),
    "review:desk": Access(DEPARTMENT),
    "review:decide": Access(None, DEPARTMENT),
    "review:decide#approve": Access(None, DEPARTMENT, data=to(decision="approve")),
    "review:decide#return": Access(None, DEPARTMENT, data=to(decision="return")),
    "review:release": Access(None, DEPARTMENT),
    "review:merge": Access(None, DEPARTMENT),
    "review:merge#into": Access(
        None, DEPARTMENT, data=lambda side: {"into": str(side.items["other"].pk), "reason": "同一件事"}
    ),
    "review:dismiss": Access(None, DEPARTMENT, data=lambda side: {"other": str(side.items["other"].pk)}),
    "review:reasons": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    "review:reason": Access((ADMINISTRATOR,), (ADMINISTRATOR,)),
    # handling
    "handling:list": Access(WORKING),
    "handling:export": Access((MANAGER,)),
    "handling:callbacks": Access((LEADER, *DEPARTMENT)),
    # Whoever recorded the judgement does not call.
    "handling:callback": Access((LEADER, *DEPARTMENT), DEPARTMENT, data=to(outcome="reached", matches="yes")),
    "handling:item": Access(WORKING, item="handling"),
    "handling:supervision": Access(WORKING),
    "handling:upload": Access(None, HANDLING, item="handling", data=photo),
    "handling:inform": Access(TELLING, item="resolved"),
    "handling:number": Access(None, TELLING, item="resolved", data=lambda side: {"party": side.party("resolved")}),
    "handling:record": Access(None, TELLING, item="resolved", data=to(outcome="reached", method="phone")),
    "handling:evaluate": Access(None, TELLING, item="informed", data=to(verdict="satisfied")),
    "handling:link": Access(None, TELLING, item="resolved"),
    "handling:slip": Access(TELLING, item="resolved"),
    "handling:act/assign": Access(None, DEPARTMENT, item="approved"),
    "handling:act/transfer": Access(
        None,
        (HANDLER, *DEPARTMENT),
        item="handling",
        data=lambda side: {"reason": "请同事接手", "handler": str(side.people["another_handler"].pk)},
    ),
    "handling:act/take-up": Access(None, HANDLING, item="handling"),
    "handling:act/assist": Access(None, (HANDLER, *DEPARTMENT), item="handling"),
    "handling:act/progress": Access(None, HANDLING, item="handling", data=to(text="已联系")),
    "handling:act/resolve": Access(None, HANDLING, item="handling", data=to(result="已清运，现场恢复整洁。")),
    "handling:act/remind": Access(None, (REPORTER, *DEPARTMENT), item="handling"),
    "handling:act/supervise": Access(None, (MANAGER,), item="handling", data=to(requirements="请说明进度")),
    "handling:act/answer": Access(
        None, HANDLING, item="handling", data=lambda side: {"supervision": str(side.supervision.pk), "answer": "马上办"}
    ),
    "handling:act/ask-extension": Access(
        None, HANDLING, item="handling", data=to(until="2026-12-20T09:00", reason="等配件")
    ),
    "handling:act/decide-extension": Access(None, DEPARTMENT, item="extended", data=to(granted="yes")),
    "handling:act/close": Access(None, DEPARTMENT, item="evaluated"),
    "handling:act/reopen": Access(None, (MANAGER,), item="unsatisfied", data=to(reason="居民不满意")),
    "handling:act/adopt": Access(None, (HANDLER, *DEPARTMENT), item="closed", data=to(kind="measure", note="促成清运")),
    "handling:act/confirm-adoption": Access(
        None, (MANAGER,), item="closed", data=lambda side: {"adoption": str(side.adoption.pk)}
    ),
    "handling:public": Access(EVERYBODY, EVERYBODY, by_link=True),
    "handling:public-photo": Access(EVERYBODY, item="resolved", by_link=True),
    # archive
    "archive:list": Access(WORKING),
    "archive:export": Access((MANAGER,)),
    "archive:dictionary": Access(WORKING),
    "archive:views": Access(WORKING),
    "archive:save_view": Access(None, WORKING, data=to(name="我的视图", q="垃圾")),
    "archive:delete_view": Access(None, WORKING),
    "archive:stats": Access(DEPARTMENT),
    "archive:events": Access(DEPARTMENT, query=lambda side: f"?figure=closings&unit={side.community.pk}"),
    "archive:figures": Access(SIGNED_IN),
    "compliance:index": Access(SIGNED_IN),
    "compliance:print": Access(INSPECTING),
    "compliance:duties": Access(INSPECTING),
    "compliance:rows": Access(INSPECTING, query=lambda side: f"?clause=2.1.1&duty=0&number=0&unit={side.community.pk}"),
    "compliance:waive": Access(None, (MANAGER,), data=to(reason="已改由街道承办")),
}


# The interface: the same verbs, asked with a token of all scopes. `data` is JSON here.
ITEM = {"category": "event", "title": "楼道堆物"}
API: dict[str, Access] = {
    "GET /items": Access(WORKING),
    "POST /items": Access(post=REPORTING, data=to(**ITEM)),
    "POST /items/batch": Access(post=REPORTING, data=to(items=[ITEM])),
    "GET /items/{item_id}": Access(READING),
    "PATCH /items/{item_id}": Access(post=(REPORTER,), item="draft", data=to(title="改一改")),
    "POST /items/{item_id}/submit": Access(post=(REPORTER,), item="draft"),
    "POST /items/{item_id}/withdraw": Access(post=(REPORTER,), data=to(reason="填错了")),
    "POST /items/{item_id}/urgent": Access(post=(REPORTER, *DEPARTMENT), data=to(urgent=True, reason="越来越严重")),
    "GET /emergencies": Access(SIGNED_IN),  # one's own, and those of one's communities
    "POST /emergencies": Access(post=REPORTING, data=to(kind="fire", place="3栋")),
    "GET /emergencies/{emergency_id}": Access(READING),
    "PATCH /emergencies/{emergency_id}": Access(post=(REPORTER, *DEPARTMENT), data=to(kind="fire", place="3栋")),
    "POST /emergencies/{emergency_id}/call": Access(post=(REPORTER, *DEPARTMENT)),
    "POST /emergencies/{emergency_id}/written": Access(post=(REPORTER,)),
    "POST /emergencies/{emergency_id}/follow-up": Access(post=(REPORTER,), data=to(changed="续报")),
    "POST /emergencies/{emergency_id}/final": Access(post=(REPORTER,), data=to(changed="终报")),
    "POST /emergencies/{emergency_id}/acknowledge": Access(post=DEPARTMENT),
    "POST /items/{item_id}/review": Access(post=DEPARTMENT, data=to(decision="approve")),
    "POST /items/{item_id}/claim": Access(post=DEPARTMENT),
    "POST /items/{item_id}/merge": Access(
        post=DEPARTMENT, data=lambda side: {"into": str(side.items["other"].pk), "reason": "同一件事"}
    ),
    "POST /items/{item_id}/assign": Access(post=DEPARTMENT, item="approved"),
    "POST /items/{item_id}/transfer": Access(
        post=(HANDLER, *DEPARTMENT),
        item="handling",
        data=lambda side: {"reason": "请同事接手", "handler": str(side.people["another_handler"].pk)},
    ),
    "POST /items/{item_id}/remind": Access(post=(REPORTER, *DEPARTMENT), item="handling"),
    "POST /items/{item_id}/progress": Access(post=HANDLING, item="handling", data=to(text="已联系")),
    "POST /items/{item_id}/resolve": Access(post=HANDLING, item="handling", data=to(result="已清运，现场恢复整洁。")),
    "POST /items/{item_id}/inform": Access(post=TELLING, item="resolved", data=to(outcome="reached", method="phone")),
    "POST /items/{item_id}/evaluate": Access(post=TELLING, item="informed", data=to(verdict="satisfied")),
    "POST /items/{item_id}/close": Access(post=DEPARTMENT, item="evaluated"),
    "POST /items/{item_id}/reopen": Access(post=(MANAGER,), item="unsatisfied", data=to(reason="居民不满意，重新办理")),
    "POST /attachments": Access(
        post=(REPORTER,), data=lambda side: {"item": str(side.items["draft"].pk), **photo(side)}
    ),
    "PATCH /attachments/{attachment_id}": Access(post=(REPORTER,), data=to(caption="7幢东侧")),
    "GET /activities": Access(SIGNED_IN),  # one's own, and what one leads
    "POST /activities": Access(
        post=REPORTING,
        data=to(kind="visit", starts_at="2026-11-23T01:00:00Z", place="荷塘里3幢", people=6, notes="走访六户"),
    ),
    "GET /activities/{activity_id}": Access(READING),
    "GET /catalogue": Access(SIGNED_IN),
    "GET /weekly-reports": Access(SIGNED_IN),  # one's own, and what one leads
    "POST /weekly-reports": Access(post=REPORTING, data=to(week="2026-11-23")),
    "GET /weekly-reports/{report_id}": Access(READING),
    "POST /weekly-reports/{report_id}/confirm": Access(post=(REPORTER,)),
    "POST /weekly-reports/{report_id}/take-back": Access(post=(REPORTER,)),
    "POST /weekly-reports/{report_id}/review": Access(post=DEPARTMENT, data=to(accept=True)),
    "GET /stats": Access(DEPARTMENT),
    "GET /compliance": Access(INSPECTING),
    "GET /obligations": Access(SIGNED_IN),  # one's own, one's pool's, and what one leads
    "GET /deliveries": Access(SIGNED_IN),  # what one caused, and one's unit's
    "POST /deliveries/{delivery_id}/resend": Access(post=(REPORTER, *DEPARTMENT, ADMINISTRATOR)),
    "GET /me": Access(SIGNED_IN),
    "GET /units": Access(SIGNED_IN),  # those that one's roles reach
    "GET /units/{unit_id}": Access(HOLDING),
    "GET /people": Access(SIGNED_IN),  # whom one needs to know
    "GET /people/{person_id}": Access((REVIEWER, MANAGER, ADMINISTRATOR)),
}

for _room in ROOMS:
    PAGES |= _room.PAGES
    API |= _room.API
ALL = dict(PAGES)  # what must be complete
if only := os.environ.get("LINBAO_TEST_ROOM"):  # one namespace, while a room is being built
    PAGES = {k: v for k, v in PAGES.items() if k.partition(":")[0] == only}

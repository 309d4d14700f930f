"""A resident asks to see, correct or delete what is kept about them (PIPL art. 44–50): received, identity checked,
decided by the manager, agreed by the security officer, carried out, answered within 15 working days (1.3.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.disclosures import production
from linbao.confidentiality.models import PrivacyRequest, Removal, RequestChannel, RequestKind, RequestState
from linbao.confidentiality.privacy_requests import removal
from linbao.confidentiality.privacy_requests.inputs import (
    Countersign,
    DecideRequest,
    EnterRequest,
    FileRequest,
    Identify,
)
from linbao.confidentiality.privacy_requests.states import PRIVACY_REQUEST
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.documents.seals import services as seals
from linbao.duties import services as duties
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Item, Party, Status
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform.encryption.crypto import blind_index, blind_indexes

S = RequestState
ANSWER_WITHIN = 15  # working days (domain.md §5)


def receive(unit: Unit, data: FileRequest) -> PrivacyRequest:
    """File the request that a resident made over the public form (1.3.4)."""
    return _file(unit, data, RequestChannel.LINK, None)


def enter(user: User, unit: Unit, data: EnterRequest) -> PrivacyRequest:
    """File a request for a resident who came, called or wrote (1.3.4). Raises `NotAllowed`."""
    allow(user, "privacy.enter", unit)
    return _file(unit, data, data.channel, user)


@transaction.atomic
def _file(unit: Unit, data: FileRequest, channel: str, by: User | None) -> PrivacyRequest:
    now = clock.now()
    due = tree().calendar(unit.pk).add_working_days(now, ANSWER_WITHIN)
    row = PrivacyRequest.objects.create(
        unit_id=unit.pk,
        kind=data.kind,
        channel=channel,
        name=data.name,
        phone=data.phone,
        note=data.note or None,
        new_name=data.new_name or None,
        new_phone=data.new_phone or None,
        received_at=now,
        due_at=due,
        entered_by=by,
    )
    people = managers(unit.pk)
    title = _("个人信息请求 %(receipt)s") % {"receipt": row.receipt}
    duties.open_(
        *(
            duties.make("privacy_request", unit_id=unit.pk, owner_id=p, subject=row, due_at=due, title=title)
            for p in people
        )
    )
    _notify(people, row, worded("收到一份居民个人信息请求（%(receipt)s），请核验身份并答复。"))
    audit.record(by, "privacy.receive", row, unit_id=unit.pk, kind=row.kind, channel=channel)
    return row


def managers(unit_id: UUID) -> list[UUID]:
    """Who decides requests of a unit: its own managers, else those of the nearest unit above that has any."""
    for unit in tree().line(unit_id):
        grants = RoleGrant.objects.current().filter(unit=unit, role=Role.MANAGER, user__is_active=True)
        if rows := sorted(set(grants.values_list("user_id", flat=True)), key=str):
            return rows
    return []


def _notify(people: Sequence[UUID], row: PrivacyRequest, message: Any) -> None:
    notify_many(
        people,
        message % {"receipt": row.receipt},
        kind="privacy",
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
    )


def get(user: User, row_id: UUID, *, lock: bool = False) -> PrivacyRequest:
    """A request that this person deals with. Raises `NotFound`."""
    rows = PrivacyRequest.objects.visible_to(user).select_related("unit", "identified_by", "decided_by", "agreed_by")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有这份请求，或您无权查看。"))
    return row


@dataclass(frozen=True)
class Match:
    """A person in an item who may be the resident. `by`: what matches (both, phone, name); `on_hold`: the item is under
    legal hold."""

    party: Party
    item: Item
    by: str
    on_hold: bool


def matches(user: User, row: PrivacyRequest) -> list[Match]:
    """Persons with the same phone or name in items of the unit, by blind index; items that `user` may not see
    (confidential ones) are not named."""
    # While the index key is being turned, rows carry the digest of either key.
    phones, names = set(blind_indexes(row.phone or "")) - {""}, set(blind_indexes(row.name or "")) - {""}
    asked = Q(phone_index__in=phones) | Q(name_index__in=names)
    parties = list(
        Party.objects.filter(asked, item__community__in=tree().communities(row.unit_id)).order_by("item_id")[:500]
    )
    items = Item.objects.visible_to(user).in_bulk({p.item_id for p in parties})
    on_hold = removal.on_hold(items)
    rows = []
    for party in parties:
        if party.item_id in items:
            same = (party.phone_index in phones, party.name_index in names)
            by = "both" if all(same) else "phone" if same[0] else "name"
            rows.append(Match(party, items[party.item_id], by, party.item_id in on_hold))
    return sorted(rows, key=lambda f: (("both", "phone", "name").index(f.by), f.item.number or ""))


@transaction.atomic
def identify(user: User, row_id: UUID, data: Identify) -> PrivacyRequest:
    """Record how the resident's identity was checked. The paper that was shown is not stored. Raises `NotAllowed`,
    `Conflict`."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "identify", user)
    PRIVACY_REQUEST.move(row, "identify", identity=data.identity, identified_by=user, identified_at=clock.now())
    audit.record(user, "privacy.identify", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def decide(user: User, row_id: UUID, data: DecideRequest) -> PrivacyRequest:
    """The manager's decision: granted for the persons marked as the resident, or refused with the legal reason.
    Raises `Invalid` by `parties`, `NotAllowed`, `Conflict` before the identity was checked, or without an
    officer to countersign."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "decide", user)
    errors: dict[str, list[str]] = {}
    known = {f.party.pk: f for f in matches(user, row)}
    chosen = [pk for pk in dict.fromkeys(data.parties) if pk in known]
    if data.grant and row.kind != RequestKind.SEE and not chosen:
        errors["parties"] = [_("请勾选确属本人的记录；一条也没有的，请选择不同意并说明。")]
    if data.grant and row.kind == RequestKind.DELETE and any(known[pk].on_hold for pk in chosen):
        errors["parties"] = [_("勾选的记录中有依法保全的，暂不能删除；请去掉这些记录或先解除保全。")]
    if errors:
        raise Invalid(fields=errors)
    PRIVACY_REQUEST.move(
        row,
        "decide",
        granted=data.grant,
        reason=data.reason,
        parties=chosen if data.grant else [],
        decided_by=user,
        decided_at=clock.now(),
    )
    audit.record(user, "privacy.decide", row, unit_id=row.unit_id, granted=data.grant, rows=len(chosen))
    people = [o.pk for o in watching.officers(row.unit_id) if o.pk != user.pk]
    if not people:
        raise Conflict(_("没有安全保密员可以会签，决定不能生效；请系统管理员授予该角色后再试。"))
    _notify(people, row, worded("个人信息请求 %(receipt)s 已作出决定，请会签。"))
    return row


@transaction.atomic
def countersign(user: User, row_id: UUID, data: Countersign) -> PrivacyRequest:
    """The security officer's second signature: what was decided is carried out and answered at once; or it goes back
    to the manager with a reason. Raises `NotAllowed`, `Conflict`."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "agree" if data.agree else "return", user)
    if not data.agree:
        PRIVACY_REQUEST.move(row, "return", reason=data.reason)
        audit.record(user, "privacy.return", row, unit_id=row.unit_id)
        _notify(managers(row.unit_id), row, worded("个人信息请求 %(receipt)s 被安全保密员退回，请重新决定。"))
        return row
    done = _carry_out(row) if row.granted else Counter[str]()
    row.agreed_by, row.answered_at, row.result = user, clock.now(), dict(+done)
    row.answer = _answer(row)
    settled = ["agreed_by", "answered_at", "result", "answer"]
    if row.granted and row.kind == RequestKind.DELETE:
        # What was asked to be deleted is not kept in the request either; the receipt stays.
        row.name = row.phone = row.note = row.new_name = row.new_phone = None
        settled += ["name", "phone", "note", "new_name", "new_phone"]
    PRIVACY_REQUEST.move(row, "agree", save=settled)
    document(row)
    duties.meet("privacy_request", row.pk)
    counts: dict[str, Any] = dict(+done)
    audit.record(user, "privacy.answer", row, unit_id=row.unit_id, granted=row.granted, **counts)
    _notify(managers(row.unit_id), row, worded("个人信息请求 %(receipt)s 已办结，请打印答复交给居民。"))
    return row


def _carry_out(row: PrivacyRequest) -> Counter[str]:
    done: Counter[str] = Counter()
    parties = list(Party.objects.select_for_update().filter(pk__in=row.parties).order_by("item_id"))
    if row.kind == RequestKind.SEE:
        return Counter(persons=len(parties))
    if row.kind == RequestKind.CORRECT:
        for party in parties:
            if row.new_name:
                party.name, party.name_index = row.new_name, blind_index(row.new_name)
            if row.new_phone:
                party.phone, party.phone_index = row.new_phone, blind_index(row.new_phone)
            party.save(update_fields=["name", "phone", "name_index", "phone_index"])
            done["persons"] += 1
        return done
    if removal.on_hold({p.item_id for p in parties}):
        raise Conflict(_("其中有记录刚被依法保全，请退回负责人重新决定。"))
    by_item: dict[UUID, list[Party]] = {}
    for party in parties:
        by_item.setdefault(party.item_id, []).append(party)
    for item in Item.objects.select_for_update(of=("self",)).filter(pk__in=by_item):
        done += removal.persons(item, by_item[item.pk])
    Removal.objects.create(unit_id=row.unit_id, cause="request", request=row, counts=dict(+done), at=clock.now())
    return done


def _answer(row: PrivacyRequest) -> str:
    """The text of the answer, stored encrypted and printed for the resident."""
    unit = tree().get(row.unit_id)
    day = clock.local(clock.now(), tree().setting(row.unit_id, "time_zone"))
    received = clock.local(row.received_at, tree().setting(row.unit_id, "time_zone"))
    gone = row.granted and row.kind == RequestKind.DELETE  # the answer must not keep what was to be deleted
    lines = [
        f"{text.mask_name(row.name or '') if gone else row.name or ''}：",
        f"您于{clock.written(received)}提出的“{row.get_kind_display()}”个人信息请求"
        f"（回执编号 {row.receipt}）已办理，答复如下：",
    ]
    if not row.granted:
        lines += [
            f"经研究，不同意您的请求。理由：{_without_others(row)}",
            "您如有异议，可以向上级管理部门投诉，或者依法向人民法院提起诉讼。",
        ]
    elif row.kind == RequestKind.SEE:
        lines += _copy_of(row)
    elif row.kind == RequestKind.CORRECT:
        lines.append(f"已更正 {row.result.get('persons', 0)} 条记录中您的姓名或电话。")
    else:
        details = row.result
        lines.append(
            f"已从 {details.get('items', 0)} 条信息中删除您的姓名和联系方式，改写提到您的文字"
            f" {details.get('texts', 0)} 处，检索索引同时删除。备份中的副本随备份到期清除。"
        )
    lines.append(f"{unit.name if unit else ''}　{clock.written(day)}")
    return "\n".join(lines)


def document(row: PrivacyRequest) -> Document:
    """The answer as a sealed document with a verification code: by the manager's seal of the unit where there is one,
    else certified in the manager's name. Safe to repeat."""
    unit, by = tree().get(row.unit_id), row.decided_by
    assert by is not None and row.answer and row.answered_at
    match = Document.objects.filter(kind=DocumentKind.PRIVACY_ANSWER, subject_id=row.pk).first()
    if match is not None:
        return match
    seal = seals.of_unit(by, row.unit_id)
    day = clock.local(row.answered_at, tree().setting(row.unit_id, "time_zone"))
    to, *lines, _signature = row.answer.splitlines()
    name = unit.name if unit else ""
    content = {
        "title": "个人信息请求答复书",
        "unit": name,
        "issuer": name,
        "number": documents.number(row.unit_id, "信答"),
        "to": to.removesuffix("："),
        "sections": [{"heading": "", "blocks": [{"kind": "text", "text": w} for w in lines]}],
        "attachments": [],
        "signature": name,
        "date": clock.written(day),
    }
    return documents.issue(
        DocumentKind.PRIVACY_ANSWER,
        content,
        unit_id=row.unit_id,
        subject=row,
        version=1,
        by=by,
        seal_id=seal.pk if seal else None,
        certified="" if seal else by.name,
    )


def _without_others(row: PrivacyRequest) -> str:
    """The reason, with everybody but the resident de-identified: what the manager wrote may name neighbours."""
    own = {row.name, row.phone}
    rows = Party.objects.filter(name_index__in=set(blind_indexes(row.name or "")) - {""}).values("item")
    others = {p.name for p in Party.objects.filter(item__in=rows) if p.name and p.name not in own}
    return production.deidentified(row.reason, sorted(others))


def _copy_of(row: PrivacyRequest) -> list[str]:
    parties = list(Party.objects.filter(pk__in=row.parties).select_related("item").order_by("item__reported_at"))
    if not parties:
        return ["经查询，我们没有保存与您的姓名和电话相符的个人信息。"]
    lines = [f"我们在 {len(parties)} 条信息中保存了您的个人信息："]
    for party in parties:
        item = party.item
        day = clock.local(item.reported_at or item.created_at, tree().setting(item.community_id, "time_zone"))
        lines.append(
            f"{item.number or ''}　{day:%Y-%m-%d}　{catalogue().name(item.subcategory)}　{Status(item.status).label}　"
            f"身份：{party.get_role_display()}　姓名：{party.name or '未登记'}　电话：{party.phone or '未登记'}"
        )
    lines.append(
        "处理目的：办理您反映或涉及的社区事项并向您反馈。保存期限：联系方式在归档一年后删除，条目在归档三年后匿名化（紧急事项十年）。"
    )
    return lines

"""A resident asks to see, correct or delete what is kept about them (PIPL art. 44–50): received, identity checked,
decided by the manager, agreed by the security officer, carried out, answered within 15 working days (1.3.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from linbao.confidentiality.privacy_requests.states import PRIVACY_REQUEST
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.documents.seals import services as seals
from linbao.duties import services as duties
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Item, Party, Status
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform.encryption.crypto import blind_index, blind_indexes

S = RequestState
ANSWER_WITHIN = 15  # working days (domain.md §5)


@transaction.atomic
def receive(unit: Unit, given: Mapping[str, str], *, by: User | None = None) -> PrivacyRequest:
    """File a request: by the resident over the public form, or entered for them (`by`, with the channel).

    `given`: kind, name, phone, words, new_name, new_phone, channel. Raises `Invalid`, `NotAllowed`.
    """
    if by is not None:
        allow(by, "privacy.enter", unit)
    errors: dict[str, list[str]] = {}
    details = {
        k: text.clean(str(given.get(k) or ""))
        for k in ("kind", "name", "phone", "words", "new_name", "new_phone", "channel")
    }
    if details["kind"] not in RequestKind.values:
        errors["kind"] = [_("请选择请求的事项。")]
    if not 1 < len(details["name"]) <= 40:
        errors["name"] = [_("请填写姓名（2 至 40 字）。")]
    for name in ("phone", "new_phone"):
        if details[name] or name == "phone":
            try:
                details[name] = text.phone(details[name])
            except ValueError:
                errors[name] = [_("请填写 11 位手机号，或带区号的固定电话。")]
    if len(details["new_name"]) > 40:
        errors["new_name"] = [_("姓名不超过 40 字。")]
    if len(details["words"]) > 1000:
        errors["words"] = [_("说明不超过 1000 字。")]
    if details["kind"] == RequestKind.CORRECT and not (details["new_name"] or details["new_phone"]):
        errors["new_name"] = [_("请写明更正后的姓名或电话。")]
    channel = RequestChannel.LINK if by is None else details["channel"]
    if by is not None and (channel not in RequestChannel.values or channel == RequestChannel.LINK):
        errors["channel"] = [_("请选择居民提出的方式。")]
    if errors:
        raise Invalid(fields=errors)
    now = clock.now()
    due = tree().calendar(unit.pk).add_working_days(now, ANSWER_WITHIN)
    row = PrivacyRequest.objects.create(
        unit_id=unit.pk,
        kind=details["kind"],
        channel=channel,
        name=details["name"],
        phone=details["phone"],
        words=details["words"] or None,
        new_name=details["new_name"] or None,
        new_phone=details["new_phone"] or None,
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
    _tell(people, row, worded("收到一份居民个人信息请求（%(receipt)s），请核验身份并答复。"))
    audit.record(by, "privacy.receive", row, unit_id=unit.pk, kind=row.kind, channel=channel)
    return row


def managers(unit_id: UUID) -> list[UUID]:
    """Who decides here; the unit's own managers, else those above."""
    for unit in tree().line(unit_id):
        held = RoleGrant.objects.current().filter(unit=unit, role=Role.MANAGER, user__is_active=True)
        if rows := sorted(set(held.values_list("user_id", flat=True)), key=str):
            return rows
    return []


def _tell(people: Sequence[UUID], row: PrivacyRequest, words: Any) -> None:
    notify_many(
        people, words % {"receipt": row.receipt}, kind="privacy", subject_type=row._meta.label_lower, subject_id=row.pk
    )


def get(user: User, row_id: UUID, *, lock: bool = False) -> PrivacyRequest:
    """The request, for those who deal with it; `NotFound` else."""
    rows = PrivacyRequest.objects.visible_to(user).select_related("unit", "identified_by", "decided_by", "agreed_by")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有这份请求，或您无权查看。"))
    return row


@dataclass(frozen=True)
class Found:
    """A person in an item who may be the resident. `by`: both, phone, name; `held`: must be kept."""

    party: Party
    item: Item
    by: str
    held: bool


def matches(user: User, row: PrivacyRequest) -> list[Found]:
    """Persons with the same phone or name in items of the unit, by blind index; items that `user` may not see
    (confidential ones) are not named."""
    # While the index key is being turned, rows carry the digest of either key.
    phones, names = set(blind_indexes(row.phone or "")) - {""}, set(blind_indexes(row.name or "")) - {""}
    asked = Q(phone_index__in=phones) | Q(name_index__in=names)
    parties = list(
        Party.objects.filter(asked, item__community__in=tree().communities(row.unit_id)).order_by("item_id")[:500]
    )
    items = Item.objects.visible_to(user).in_bulk({p.item_id for p in parties})
    stored = removal.held(items)
    rows = []
    for party in parties:
        if party.item_id in items:
            same = (party.phone_index in phones, party.name_index in names)
            by = "both" if all(same) else "phone" if same[0] else "name"
            rows.append(Found(party, items[party.item_id], by, party.item_id in stored))
    return sorted(rows, key=lambda f: (("both", "phone", "name").index(f.by), f.item.number or ""))


@transaction.atomic
def identify(user: User, row_id: UUID, how: str) -> PrivacyRequest:
    """Record how it was made sure who asks. The document itself is not kept."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "identify", user)
    how = text.clean(how)
    if not 4 <= len(how) <= 200:
        raise Invalid(fields={"identity": [_("请写明怎样核验的，如“当面查验身份证，未留存复印件”（4 至 200 字）。")]})
    PRIVACY_REQUEST.move(row, "identify", identity=how, identified_by=user, identified_at=clock.now())
    audit.record(user, "privacy.identify", row, unit_id=row.unit_id)
    return row


@transaction.atomic
def decide(
    user: User, row_id: UUID, *, grant: bool | None, parties: Sequence[UUID] = (), reason: str = ""
) -> PrivacyRequest:
    """The manager's decision: granted for the persons marked as the resident, or refused with the legal reason."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "decide", user)
    reason, errors = text.clean(reason), {}
    if grant is None:
        errors["grant"] = [_("请选择同意或不同意。")]
    if grant is False and not 6 <= len(reason) <= 500:
        errors["reason"] = [_("不同意的，请写明法律依据和理由（6 至 500 字），会写入答复。")]
    if len(reason) > 500:
        errors["reason"] = [_("理由不超过 500 字。")]
    known = {f.party.pk: f for f in matches(user, row)}
    chosen = [pk for pk in dict.fromkeys(parties) if pk in known]
    if grant and row.kind != RequestKind.SEE and not chosen:
        errors["parties"] = [_("请勾选确属本人的记录；一条也没有的，请选择不同意并说明。")]
    if grant and row.kind == RequestKind.DELETE and any(known[pk].held for pk in chosen):
        errors["parties"] = [_("勾选的记录中有依法保全的，暂不能删除；请去掉这些记录或先解除保全。")]
    if errors:
        raise Invalid(fields=errors)
    PRIVACY_REQUEST.move(
        row,
        "decide",
        granted=grant,
        reason=reason,
        parties=chosen if grant else [],
        decided_by=user,
        decided_at=clock.now(),
    )
    audit.record(user, "privacy.decide", row, unit_id=row.unit_id, granted=grant, rows=len(chosen))
    people = [o.pk for o in watching.officers(row.unit_id) if o.pk != user.pk]
    if not people:
        raise Conflict(_("没有安全保密员可以会签，决定不能生效；请系统管理员授予该角色后再试。"))
    _tell(people, row, worded("个人信息请求 %(receipt)s 已作出决定，请会签。"))
    return row


@transaction.atomic
def agree(user: User, row_id: UUID, *, agree: bool, words: str = "") -> PrivacyRequest:
    """The security officer's second signature: what was decided is carried out and answered at once; or it goes back
    to the manager with a reason."""
    row = get(user, row_id, lock=True)
    PRIVACY_REQUEST.check(row, "agree" if agree else "return", user)
    words = text.clean(words)
    if not agree:
        if not 4 <= len(words) <= 500:
            raise Invalid(fields={"words": [_("退回的，请写明理由（4 至 500 字）。")]})
        PRIVACY_REQUEST.move(row, "return", reason=words)
        audit.record(user, "privacy.return", row, unit_id=row.unit_id)
        _tell(managers(row.unit_id), row, worded("个人信息请求 %(receipt)s 被安全保密员退回，请重新决定。"))
        return row
    done = _carry_out(row) if row.granted else Counter[str]()
    row.agreed_by, row.answered_at, row.result = user, clock.now(), dict(+done)
    row.answer = _answer(row)
    settled = ["agreed_by", "answered_at", "result", "answer"]
    if row.granted and row.kind == RequestKind.DELETE:
        # What was asked to be deleted is not kept in the request either; the receipt stays.
        row.name = row.phone = row.words = row.new_name = row.new_phone = None
        settled += ["name", "phone", "words", "new_name", "new_phone"]
    PRIVACY_REQUEST.move(row, "agree", save=settled)
    document(row)
    duties.meet("privacy_request", row.pk)
    counts: dict[str, Any] = dict(+done)
    audit.record(user, "privacy.answer", row, unit_id=row.unit_id, granted=row.granted, **counts)
    _tell(managers(row.unit_id), row, worded("个人信息请求 %(receipt)s 已办结，请打印答复交给居民。"))
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
    if removal.held({p.item_id for p in parties}):
        raise Conflict(_("其中有记录刚被依法保全，请退回负责人重新决定。"))
    by_item: dict[UUID, list[Party]] = {}
    for party in parties:
        by_item.setdefault(party.item_id, []).append(party)
    for item in Item.objects.select_for_update(of=("self",)).filter(pk__in=by_item):
        done += removal.persons(item, by_item[item.pk])
    Removal.objects.create(unit_id=row.unit_id, cause="request", request=row, counts=dict(+done), at=clock.now())
    return done


def _answer(row: PrivacyRequest) -> str:
    """The words of the answer, kept encrypted and printed for the resident."""
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

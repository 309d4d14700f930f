"""Agreements: written, published, read to the end, signed with the password, renewed every year (6.2.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.confidentiality.agreements import default_text, gate
from linbao.confidentiality.agreements.inputs import VALID_DAYS, Publish, SaveDraft, Sign
from linbao.confidentiality.models import Agreement, Relative, Signature
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import Seal, SealKind
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.organisation.tree import reference, tree
from linbao.outbox.services import notify_many
from linbao.platform import queue
from linbao.platform.encryption.crypto import blind_index

RENEW_BEFORE = timedelta(days=30)
SIGN_WITHIN = 3  # working days to sign a newly published text, as a duty; the gate does not wait for it


def current(unit_id: UUID | str) -> Agreement | None:
    """The version in force that this very unit published."""
    return Agreement.objects.filter(unit_id=unit_id, published_at__isnull=False).order_by("-number").first()


@transaction.atomic
def save(user: User, unit_id: UUID, data: SaveDraft) -> Agreement:
    """Keep the draft of the unit's next version (6.2.1). Raises `NotAllowed`, `NotFound`."""
    unit = _unit(user, unit_id)
    Unit.objects.select_for_update().get(pk=unit.pk)
    draft = Agreement.objects.filter(unit=unit, published_at__isnull=True).first()
    if draft is None:
        latest = Agreement.objects.filter(unit=unit).aggregate(n=Max("number"))["n"] or 0
        draft = Agreement(unit=unit, number=latest + 1)
    draft.title, draft.body, draft.written_by, draft.written_at = data.title, data.body, user, clock.now()
    draft.save()
    audit.record(user, "agreement.write", draft, unit_id=unit.pk, version=draft.number)
    return draft


@transaction.atomic
def publish(user: User, agreement_id: UUID, data: Publish) -> Agreement:
    """Put a draft into force at once (6.2.1). Who signed an earlier version may work until the day before
    `required_from`; who signed none must sign now. Raises `NotFound`, `Conflict` for one that is published already."""
    row = Agreement.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=agreement_id).first()
    if row is None or not user.rights.on(row.unit_id, "security_officer"):
        raise NotFound(_("没有这份协议，或您无权查看。"))
    allow(user, "agreement.write", row.unit)
    if row.published_at is not None:
        raise Conflict(_("这一版已经发布。"))
    today = clock.today()
    row.required_from = data.required_from or today
    row.published_by, row.published_at = user, clock.now()
    row.save(update_fields=["required_from", "published_by", "published_at"])
    unit = Unit.objects.select_for_update().get(pk=row.unit_id)
    unit.settings = unit.settings | {
        gate.KEY: {"unit": str(unit.pk), "number": row.number, "since": row.required_from.isoformat()}
    }
    unit.save(update_fields=["settings"])
    reference.changed()
    audit.record(user, "agreement.publish", row, unit_id=unit.pk, version=row.number)
    owing = [p for p in bound_people(unit.pk) if p != user.pk]
    calendar = tree().calendar(unit.pk)
    due = calendar.add_working_days(clock.now(), SIGN_WITHIN)
    _open_duties([*owing, user.pk], unit, due, today)
    notify_many(
        owing,
        worded("《%(title)s》第 %(n)d 版已发布，请阅读并签订。") % {"title": row.title, "n": row.number},
        kind="agreement",
    )
    return row


def bound_people(unit_id: UUID) -> list[UUID]:
    """Everybody whose roles require this unit's agreement."""
    units = {u for u in tree().within(unit_id) if (f := gate.in_force(u)) is not None and f.unit == str(unit_id)}
    rows = RoleGrant.objects.current().filter(unit__in_array=units, user__is_active=True)
    return sorted(set(rows.values_list("user_id", flat=True)), key=str)


def _open_duties(people: Sequence[UUID], unit: Unit, due: datetime, period: date) -> None:
    duties.open_(
        *(
            duties.make("agreement", unit_id=unit.pk, owner_id=p, subject=unit, period=period, due_at=due)
            for p in people
        )
    )


def to_sign(user: User) -> Agreement | None:
    """The version that this person must sign next: a missing one first, then one that runs out within thirty days."""
    signed = gate.signed_by(user)
    missing = gate.lacking(user.rights, signed)
    if missing:
        return current(missing[0].unit)
    soon = clock.today() + RENEW_BEFORE
    for wanted in gate.required(user.rights):
        if not wanted.met_by(signed, soon) or not any(
            u == wanted.unit and int(n) >= wanted.number for u, n, _d in signed
        ):
            return current(wanted.unit)
    return None


def sign(user: User, data: Sign) -> Signature:
    """Sign the version in force with the password typed anew (6.2.1); the sealed document is made by a job.

    Raises `Invalid` for a wrong password, `NotFound`, `Conflict` when another version came meanwhile, `NotAllowed` when
    it is not for this person. A wrong password is recorded on the audit log; so this is no transaction of its own.
    """
    row = Agreement.objects.filter(pk=data.agreement, published_at__isnull=False).select_related("unit").first()
    if row is None:
        raise NotFound(_("没有这份协议。"))
    if str(row.unit_id) not in {w.unit for w in gate.required(user.rights)}:
        raise NotAllowed(_("这份协议不适用于您。"))
    latest = current(row.unit_id)
    if latest is None or latest.pk != row.pk:
        raise Conflict(_("协议刚刚更新，请重新阅读后签订。"))
    if not user.check_password(data.password):
        audit.record(user, "agreement.fail", row, unit_id=row.unit_id)
        raise Invalid(fields={"password": [_("口令不正确，请重新输入。")]})
    return keep_signature(user, row, data.declared())


@transaction.atomic
def keep_signature(user: User, row: Agreement, declared: Sequence[tuple[str, str]] = ()) -> Signature:
    """Store the signature of a person whose password was checked, with the relatives (name, phone) that they declared;
    the same person, version and day only once."""
    User.objects.select_for_update().get(pk=user.pk)
    today = clock.today()
    match = Signature.objects.filter(user=user, agreement=row, valid_until=today + timedelta(days=VALID_DAYS)).first()
    if match is not None:
        return match
    made = Signature.objects.create(
        agreement=row,
        user=user,
        unit_id=row.unit_id,
        number=row.number,
        signed_at=clock.now(),
        valid_until=today + timedelta(days=VALID_DAYS),
        digest=hashlib.sha256(row.body.encode()).hexdigest(),
    )
    if declared:
        Relative.objects.filter(user=user).delete()
        Relative.objects.bulk_create(
            Relative(user=user, name=n, phone=p or None, name_index=blind_index(n), phone_index=blind_index(p))
            for n, p in declared
        )
    duties.meet("agreement", row.unit_id, owner_id=user.pk)
    audit.record(user, "agreement.sign", made, unit_id=row.unit_id, version=row.number)

    queue.defer("confidentiality.make_agreement", signature=made.pk)
    return made


@transaction.atomic
def make_document(signature_id: UUID | str) -> None:
    """Make the sealed document of a signature: by the person's own seal where there is one, else a certificate issued
    to the person by this installation. Safe to repeat."""
    row = (
        Signature.objects.select_for_update(of=("self",))
        .select_related("agreement", "user")
        .filter(pk=signature_id)
        .first()
    )
    if row is None or row.document_id is not None:
        return
    seal = Seal.objects.usable().filter(kind=SealKind.PERSON, person=row.user, custodian=row.user).first()
    unit = tree().get(row.unit_id)
    zone = tree().setting(row.unit_id, "time_zone")
    at, day = clock.local(row.signed_at, zone), row.valid_until
    content: dict[str, Any] = {
        "title": row.agreement.title,
        "unit": unit.name if unit else "",
        "issuer": unit.name if unit else "",
        "number": documents.number(row.unit_id, "保协"),
        "to": (unit.name if unit else "") + "管理部门",
        "sections": [
            *_sections(row.agreement.body),
            {
                "heading": "签订记录",
                "blocks": [
                    {"kind": "text", "text": w}
                    for w in (
                        f"签订人：{row.user.name}（账号 {row.user.username}），重新输入口令确认身份后签订。",
                        f"协议版本：第 {row.number} 版，正文摘要（SHA-256）{row.digest}。",
                        f"签订时间：{clock.written(at)} {at:%H:%M}，有效期至 {clock.written(day)}。",
                    )
                ],
            },
        ],
        "attachments": [],
        "signature": row.user.name,
        "date": clock.written(at),
    }
    row.document = documents.issue(
        "agreement",
        content,
        unit_id=row.unit_id,
        subject=row,
        version=1,
        by=row.user,
        seal_id=seal.pk if seal else None,
        certified=row.user.name if seal is None else "",
    )
    row.save(update_fields=["document"])


def _sections(body: str) -> list[dict[str, Any]]:
    """The paragraphs under their headings (“一、”), as sections of a document."""
    rows: list[dict[str, Any]] = [{"heading": "", "blocks": []}]
    for line in (p.strip() for p in body.splitlines()):
        if not line:
            continue
        if line[:1] in "一二三四五六七八九十" and line[1:3].lstrip("一二三四五六七八九十")[:1] == "、":
            rows.append({"heading": line, "blocks": []})
        else:
            rows[-1]["blocks"].append({"kind": "text", "text": line})
    return [s for s in rows if s["heading"] or s["blocks"]]


def renew() -> int:
    """Daily: open a duty for everybody whose agreement runs out within thirty days, or who has none (6.2.1). Returns
    how many were opened."""

    def renew_in(unit_id: UUID) -> int:
        opened = 0
        force = gate.in_force(unit_id)
        assert force is not None
        ends = dict(
            Signature.objects.filter(unit_id=unit_id)
            .values_list("user_id")
            .annotate(last=Max("valid_until"))
            .values_list("user_id", "last")
        )
        today, unit = clock.today(), tree().get(unit_id)
        assert unit is not None
        waiting = set(
            Obligation.objects.open().filter(kind="agreement", subject_id=unit_id).values_list("owner_id", flat=True)
        )
        zone = clock.zone(tree().setting(unit_id, "time_zone"))
        for person in bound_people(unit_id):
            last = ends.get(person)
            if person in waiting or (last is not None and last > today + RENEW_BEFORE):
                continue
            _open_duties([person], unit, datetime.combine(max(last or today, today), time(18), zone), last or today)
            opened += 1
        return opened

    return queue.each([u.pk for u in tree().by_id.values() if u.settings.get(gate.KEY)], renew_in)


def suggested(unit_id: UUID) -> tuple[str, str]:
    """Title and body that the editor starts from: the draft, the version in force, or the text of the product."""
    row = Agreement.objects.filter(unit_id=unit_id).order_by("-number").first()
    return (row.title, row.body) if row else (default_text.TITLE, default_text.BODY)


def _unit(user: User, unit_id: UUID) -> Unit:
    unit = tree().get(unit_id)
    if unit is None:
        raise NotFound(_("没有这个单位。"))
    allow(user, "agreement.write", unit)
    return unit

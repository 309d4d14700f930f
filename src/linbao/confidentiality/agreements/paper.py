"""Agreements signed on paper (6.2.1): recorded with the scan by one keeper, confirmed by a second; then the gate
opens."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.confidentiality.agreements import gate
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.inputs import VALID_DAYS, DecidePaper, RecordPaper
from linbao.confidentiality.agreements.states import PAPER_SIGNATURE
from linbao.confidentiality.models import PaperSignature, Signature
from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.items.attachments import content
from linbao.items.models import AttachmentKind
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many
from linbao.platform import files

KEEPERS = (Role.SECURITY_OFFICER, Role.MANAGER)


def people(user: User) -> list[User]:
    """Those for whom `user` may record a paper: bound by an agreement, without a valid signature, in their units."""
    units = user.rights.units(*KEEPERS)
    grants = RoleGrant.objects.current().filter(unit__in_array=units, user__is_active=True).exclude(user=user)
    result: dict[UUID, User] = {}
    holding = set(
        Signature.objects.filter(valid_until__gte=clock.today(), user__in=grants.values("user")).values_list(
            "user_id", "unit_id"
        )
    )
    for grant in grants.select_related("user").order_by("user__username"):
        force = gate.in_force(grant.unit_id)
        if force is not None and (grant.user_id, UUID(force.unit)) not in holding:
            result[grant.user_id] = grant.user
    return list(result.values())[:500]


@transaction.atomic
def record(user: User, data: RecordPaper) -> PaperSignature:
    """Record that a person signed the version in force on paper (6.2.1). It holds once a second person confirmed it.

    Raises `Invalid`; `Conflict` when one waits already, or nobody else could confirm.
    """
    allow(user, "agreement.paper")
    person = next((p for p in people(user) if p.username == data.person), None)
    errors: dict[str, list[str]] = {}
    if person is None:
        errors["person"] = [_("请选择还没有签订有效协议的人员；不能为自己登记。")]
    grant = (
        RoleGrant.objects.current()
        .filter(user=person, unit__in_array=user.rights.units(*KEEPERS))
        .order_by("unit_id")
        .first()
        if person
        else None
    )
    force = gate.in_force(grant.unit_id) if grant else None
    row = agreements.current(force.unit) if force else None
    if row is not None and row.published_at and data.signed_on < clock.local(row.published_at).date():
        errors["signed_on"] = [_("签订日期早于现行版本的发布日期，须签订现行版本。")]
    if kind_of_scan(data.scan or b"") is None:
        errors["scan"] = [_("扫描件可以是 PDF 或照片（JPG、PNG、HEIC）。")]
    if errors:
        raise Invalid(fields=errors)
    assert person is not None and grant is not None and row is not None and data.scan
    others = _confirmers(grant.unit_id, {user.pk, person.pk})
    if not others:
        raise Conflict(_("没有第二个人可以确认：请系统管理员授予另一人负责人或安全保密员角色后再登记。"))
    try:
        with transaction.atomic():
            made = PaperSignature.objects.create(
                agreement=row,
                user=person,
                unit_id=grant.unit_id,
                signed_on=data.signed_on,
                scan=files.put(data.scan),
                name=text.clean(data.name)[:120],
                recorded_by=user,
                recorded_at=clock.now(),
            )
    except IntegrityError as e:
        raise Conflict(_("这个人的纸质协议已经登记，正等待确认。")) from e
    audit.record(user, "agreement.paper", made, unit_id=made.unit_id, person=str(person.pk), version=row.number)
    notify_many(
        others,
        worded("有一份纸质保密协议等待第二人确认。"),
        kind="agreement",
        subject_type=made._meta.label_lower,
        subject_id=made.pk,
    )
    return made


def kind_of_scan(scan: bytes) -> content.Content | None:
    """The type of a scan, by its content; none for what is neither PDF nor photo."""
    try:
        result = content.sniff(scan)
    except Problem:
        return None
    return result if result.kind == AttachmentKind.PHOTO or result.extension == "pdf" else None


def _confirmers(unit_id: UUID, without: set[UUID]) -> list[UUID]:
    line = [u.pk for u in tree().line(unit_id)]
    grants = RoleGrant.objects.current().filter(unit__in=line, role__in=KEEPERS, user__is_active=True)
    return sorted(set(grants.exclude(user__in=without).values_list("user_id", flat=True)), key=str)


def get(user: User, row_id: UUID, *, lock: bool = False) -> PaperSignature:
    """The record, for who keeps, manages or audits its unit. Raises `NotFound`."""
    rows = PaperSignature.objects.visible_to(user).select_related("agreement", "user", "recorded_by")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有这份登记，或您无权查看。"))
    return row


@transaction.atomic
def decide(user: User, row_id: UUID, data: DecidePaper) -> PaperSignature:
    """The second person compares scan and date: confirmed, the signature holds from then on, for a year from the day on
    the paper; or it is refused with a reason. Raises `NotAllowed` for who recorded it and for the signer, `Conflict`
    when it was decided or another version is in force."""
    row = get(user, row_id, lock=True)
    allow(user, "agreement.paper")
    if not user.rights.on(row.unit_id, *KEEPERS):
        raise NotAllowed(_("您不能确认这个单位的纸质协议。"))
    if user.pk in (row.recorded_by_id, row.user_id):
        raise NotAllowed(_("须由登记人和签订人以外的第二个人确认。"))
    verb = "confirm" if data.confirm else "refuse"
    PAPER_SIGNATURE.check(row, verb)
    if (
        data.confirm
        and (latest := agreements.current(row.agreement.unit_id)) is not None
        and latest.pk != row.agreement_id
    ):
        raise Conflict(_("协议已经更新，这一版不再有效，请签订新版本后重新登记。"))
    if data.confirm:
        zone = clock.zone(tree().setting(row.unit_id, "time_zone"))
        row.signature = Signature.objects.create(
            agreement=row.agreement,
            user=row.user,
            unit_id=row.agreement.unit_id,
            number=row.agreement.number,
            signed_at=datetime.combine(row.signed_on, time(12), zone),
            valid_until=row.signed_on + timedelta(days=VALID_DAYS),
            digest=hashlib.sha256(row.agreement.body.encode()).hexdigest(),
        )
        duties.meet("agreement", row.agreement.unit_id, owner_id=row.user_id)
        notify(row.user_id, worded("您的纸质保密协议已经确认，系统已对您开放。"), kind="agreement")
    PAPER_SIGNATURE.move(
        row,
        verb,
        reason=data.reason,
        decided_by=user,
        decided_at=clock.now(),
        save=("signature",) if data.confirm else (),
    )
    audit.record(user, f"agreement.paper_{verb}", row, unit_id=row.unit_id)
    return row


def scan(user: User, row_id: UUID) -> tuple[PaperSignature, bytes]:
    """The record and its scanned paper; recorded on the audit log. Raises `NotFound`."""
    row = get(user, row_id)
    audit.record(user, "agreement.paper_look", row, unit_id=row.unit_id)
    return row, files.get(row.scan)

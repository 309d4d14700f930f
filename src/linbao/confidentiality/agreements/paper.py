"""Agreements signed on paper (6.2.1): recorded with the scan by one keeper, confirmed by a second; then the gate
opens."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.confidentiality.agreements import gate
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.states import PAPER_SIGNATURE
from linbao.confidentiality.models import PaperSignature, Signature
from linbao.core import clock, text
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.core.wording import worded
from linbao.duties import services as duties
from linbao.items.attachments import content
from linbao.items.models import AttachmentKind
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.outbox.services import notify, notify_many
from linbao.platform import files

LARGEST = 20 * 1024 * 1024  # bytes of a scan
KEEPERS = (Role.SECURITY_OFFICER, Role.MANAGER)


def people(user: User) -> list[User]:
    """Those whom this person may record for: bound, without a valid signature, under the units that they keep."""
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
def record(user: User, *, username: str, signed_on: date | None, scan: bytes | None, name: str = "") -> PaperSignature:
    """Record that a person signed the version in force on paper. It holds when a second person has confirmed it.

    Raises `Invalid`; `Conflict` when one waits already, or nobody else could confirm.
    """
    allow(user, "agreement.paper")
    person = next((p for p in people(user) if p.username == username), None)
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
    today = clock.today()
    if signed_on is None or not today - timedelta(days=agreements.VALID_DAYS) < signed_on <= today:
        errors["signed_on"] = [_("请填写纸上的签订日期：一年之内，不晚于今天。")]
    elif row is not None and row.published_at and signed_on < clock.local(row.published_at).date():
        errors["signed_on"] = [_("签订日期早于现行版本的发布日期，须签订现行版本。")]
    if not scan:
        errors["scan"] = [_("请上传签字页的扫描件或照片。")]
    elif len(scan) > LARGEST:
        errors["scan"] = [_("文件超过 20 MB。")]
    elif what_is(scan) is None:
        errors["scan"] = [_("扫描件可以是 PDF 或照片（JPG、PNG、HEIC）。")]
    if errors:
        raise Invalid(fields=errors)
    assert person is not None and grant is not None and row is not None and signed_on is not None and scan
    others = _confirmers(grant.unit_id, {user.pk, person.pk})
    if not others:
        raise Conflict(_("没有第二个人可以确认：请系统管理员授予另一人负责人或安全保密员角色后再登记。"))
    try:
        with transaction.atomic():
            made = PaperSignature.objects.create(
                agreement=row,
                user=person,
                unit_id=grant.unit_id,
                signed_on=signed_on,
                scan=files.put(scan),
                name=text.clean(name)[:120],
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


def what_is(scan: bytes) -> content.Content | None:
    """The type of a scan, told by its content; none for what is neither PDF nor photo."""
    try:
        result = content.sniff(scan)
    except Problem:
        return None
    return result if result.kind == AttachmentKind.PHOTO or result.extension == "pdf" else None


def _confirmers(unit_id: UUID, without: set[UUID]) -> list[UUID]:
    line = [u.pk for u in tree().line(unit_id)]
    held = RoleGrant.objects.current().filter(unit__in=line, role__in=KEEPERS, user__is_active=True)
    return sorted(set(held.exclude(user__in=without).values_list("user_id", flat=True)), key=str)


def get(user: User, row_id: UUID, *, lock: bool = False) -> PaperSignature:
    """The record, for the keepers of its unit; `NotFound` else."""
    rows = PaperSignature.objects.visible_to(user).select_related("agreement", "user", "recorded_by")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有这份登记，或您无权查看。"))
    return row


@transaction.atomic
def decide(user: User, row_id: UUID, *, confirm: bool, words: str = "") -> PaperSignature:
    """The second person compares scan and date: the signature holds from then on, a year from the day on the paper;
    or it is refused with words. Neither who recorded it nor the signer may decide."""
    row = get(user, row_id, lock=True)
    allow(user, "agreement.paper")
    if not user.rights.on(row.unit_id, *KEEPERS):
        raise NotAllowed(_("您不能确认这个单位的纸质协议。"))
    if user.pk in (row.recorded_by_id, row.user_id):
        raise NotAllowed(_("须由登记人和签订人以外的第二个人确认。"))
    verb = "confirm" if confirm else "refuse"
    PAPER_SIGNATURE.check(row, verb)
    words = text.clean(words)
    if not confirm and not 4 <= len(words) <= 300:
        raise Invalid(fields={"words": [_("不予确认的，请写明理由（4 至 300 字）。")]})
    if confirm and (latest := agreements.current(row.agreement.unit_id)) is not None and latest.pk != row.agreement_id:
        raise Conflict(_("协议已经更新，这一版不再有效，请签订新版本后重新登记。"))
    if confirm:
        zone = clock.zone(tree().setting(row.unit_id, "time_zone"))
        row.signature = Signature.objects.create(
            agreement=row.agreement,
            user=row.user,
            unit_id=row.agreement.unit_id,
            number=row.agreement.number,
            signed_at=datetime.combine(row.signed_on, time(12), zone),
            valid_until=row.signed_on + timedelta(days=agreements.VALID_DAYS),
            digest=hashlib.sha256(row.agreement.body.encode()).hexdigest(),
        )
        duties.meet("agreement", row.agreement.unit_id, owner_id=row.user_id)
        notify(row.user_id, worded("您的纸质保密协议已经确认，系统已对您开放。"), kind="agreement")
    PAPER_SIGNATURE.move(
        row, verb, words=words, decided_by=user, decided_at=clock.now(), save=("signature",) if confirm else ()
    )
    audit.record(user, f"agreement.paper_{verb}", row, unit_id=row.unit_id)
    return row


def scan(user: User, row_id: UUID) -> tuple[PaperSignature, bytes]:
    """The scanned paper, on the audit log."""
    row = get(user, row_id)
    audit.record(user, "agreement.paper_look", row, unit_id=row.unit_id)
    return row, files.get(row.scan)

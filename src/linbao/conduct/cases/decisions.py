"""The decision of a case, and that of its appeal, as one document in two versions (处理决定书): sealed, numbered,
with a verification code, for those concerned alone (7.2.1, 7.2.2, 4.2.2, 1.3.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from linbao.audit import services as audit
from linbao.conduct.cases import measures
from linbao.conduct.models import Breach, Case, Measure, Severity
from linbao.core import clock, text
from linbao.core.problems import NotFound, Problem
from linbao.documents import glyphs
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind, Seal
from linbao.documents.seals import services as seals
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree
from linbao.platform import queue

FIRST, APPEAL = 1, 2  # versions: the appeal's supersedes the first, which verifying the first shows
OVERDUE = timedelta(minutes=10)  # a document still lacking then is made without waiting for its job


def seals_of(user: User, case: Case) -> list[Seal]:
    """The seals that `user` is custodian of, of the case's community or a unit above."""
    return [s for s in seals.usable_by(user) if case.community_id in tree().communities(s.unit_id)]


def check(user: User, case: Case, *, reasons: str, field: str, seal_id: UUID | None) -> dict[str, list[str]]:
    """Why `reasons` (typed into `field`) cannot be printed or the seal not affixed: messages by field."""
    errors: dict[str, list[str]] = {}
    if lacking := glyphs.missing(reasons):
        errors[field] = [
            _("“%(letters)s”在已安装的字体中没有字形，无法打印决定书，请改用别的字。")
            % {"letters": _("、").join(lacking)}
        ]
    if seal_id is not None and seal_id not in {s.pk for s in seals_of(user, case)}:
        errors["seal"] = [_("请选择由您保管、本单位或上级单位启用中的印章。")]
    return errors


def ask(user: User, case: Case, version: int, seal_id: UUID | None) -> None:
    """Have a worker make the document once this transaction is committed."""
    queue.defer("conduct.make_decision", case=case.pk, version=version, seal=str(seal_id or ""))


@transaction.atomic
def make(case_id: UUID, version: int, seal_id: UUID | None = None) -> Document:
    """Issue the document once; repeated it returns the first. With a seal it is sealed by whoever decided; without one,
    or when that seal can no longer be affixed, it is signed in their name. The second version needs the first: it is
    made too. Raises `NotFound` before there is a decision."""
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("person", "decided_by", "appeal_decided_by", "community")
        .get(pk=case_id)
    )
    result = of(case)
    if version in result:
        return result[version]
    by = case.decided_by if version == FIRST else case.appeal_decided_by
    if by is None:
        raise NotFound(_("这件案件还没有决定。"))
    if version == APPEAL and FIRST not in result:
        result[FIRST] = make(case_id, FIRST)
    number = result[FIRST].number if FIRST in result else documents.number(case.community_id, "责决")
    with override("zh-hans"):
        details = content(case, version) | {"number": number}
    data: dict[str, Any] = {"unit_id": case.community_id, "subject": case, "version": version, "by": by}
    try:
        with transaction.atomic():
            made = documents.issue(
                DocumentKind.CASE_DECISION, details, **data, seal_id=seal_id, certified="" if seal_id else by.name
            )
    except Problem:
        if seal_id is None:
            raise
        made = documents.issue(DocumentKind.CASE_DECISION, details, **data, certified=by.name)
    audit.record(by, "case.issue", case, unit_id=case.community_id, version=version)
    return made


def make_missing() -> int:
    """Make the documents of decisions that still have none, each in its own transaction; returns how many."""
    old = clock.now() - OVERDUE
    issued = Document.objects.filter(kind=DocumentKind.CASE_DECISION)
    lacks_first = Q(decided_at__lt=old) & ~Q(pk__in=issued.filter(version=FIRST).values("subject_id"))
    lacks_appeal = Q(appeal_decided_at__lt=old) & ~Q(pk__in=issued.filter(version=APPEAL).values("subject_id"))
    rows = list(Case.objects.filter(lacks_first | lacks_appeal).values_list("pk", "appeal_decided_at")[:100])

    def make_one(row: tuple[UUID, datetime | None]) -> int:
        make(row[0], APPEAL if row[1] else FIRST)
        return 1

    return queue.each(rows, make_one)


def of(case: Case) -> dict[int, Document]:
    """The documents of a case by version; one statement."""
    rows = Document.objects.filter(kind=DocumentKind.CASE_DECISION, subject_id=case.pk).select_related("seal")
    return {d.version: d for d in rows}


def content(case: Case, version: int) -> dict[str, Any]:
    """The content of the document, without its number; residents' data in running text is masked."""
    details = _first(case) if version == FIRST else _appeal(case)
    by, at = (
        (case.decided_by, case.decided_at) if version == FIRST else (case.appeal_decided_by, case.appeal_decided_at)
    )
    unit = _unit(by, case)
    return {
        "title": "处理决定书" if version == FIRST else "申诉处理决定书",
        "unit": unit,
        "issuer": unit,
        "to": case.person.name,
        "sections": [
            {
                "heading": f"{'一二三四'[n]}、{heading}",
                "blocks": [
                    {"kind": "text", "text": text.mask_within(line)}
                    for message in lines
                    for line in message.split("\n")
                    if line.strip()
                ],
            }
            for n, (heading, lines) in enumerate(details)
        ],
        "attachments": [],
        "signature": unit,
        "date": _day(at or clock.now(), case),
    }


def _first(case: Case) -> list[tuple[str, list[str]]]:
    stated = (
        f"当事人于{_day(case.stated_at, case)}提交了陈述申辩，决定时已予考虑。"
        if case.stated_at
        else "当事人没有提交陈述申辩，不作不利推定。"
    )
    opened = (
        f"案号：{case.number}。"
        f"{_day(case.opened_at, case)}以“{Breach(case.kind).label}”立案，固定证据，并通知当事人陈述申辩。"
    )
    decider = case.decided_by.name if case.decided_by else ""
    lines = [("案由和程序", [opened + stated]), ("认定的事实、证据和理由", [case.reasons or ""])]
    if not case.decided_measure:
        return [*lines, ("处理决定", [f"认定事实不成立，不予追究。决定人：{decider}。"])]
    basis = "7.2.2" if case.kind == Breach.NEGLECT else "7.2.1"
    measure = Measure(case.decided_measure)
    message = (
        f"认定事实成立，{Severity(case.severity).label}。依据社区信息报告员制度规范"
        f" {basis}，决定：{measure.label}。决定人：{decider}。"
    )
    if measure in measures.ENDS_ACCESS:
        message += "自本决定作出之时起，访问权限停止，未办事项移交他人。"
    rights = "不服本决定的，可以在系统中提出申诉，由没有参与本案的另一位负责人决定；申诉不加重处理。"
    if case.appeal_until and case.decided_at:
        ends = measures.expiry(measure, case.decided_at)
        rights += f"申诉期限至{_moment(case.appeal_until, case)}。本决定的记录有效期至{_day(ends, case)}。"
    return [*lines, ("处理决定", [message]), ("申诉", [rights])]


def _appeal(case: Case) -> list[tuple[str, list[str]]]:
    first = Measure(case.decided_measure).label
    asked = (
        f"案号：{case.number}。"
        f"当事人不服{_day(case.decided_at, case)}作出的处理决定（{first}），于{_day(case.appealed_at, case)}提出申诉。"
    )
    decider = case.appeal_decided_by.name if case.appeal_decided_by else ""
    if not case.measure:
        message = "撤销原处理决定，不予追究。"
    elif case.measure == case.decided_measure:
        message = f"维持原处理决定：{first}。"
    else:
        message = f"变更原处理决定：由{first}改为{Measure(case.measure).label}。"
    if case.decided_measure in measures.ENDS_ACCESS and case.measure not in measures.ENDS_ACCESS:
        message += "原有的角色和访问权限自本决定作出之时起恢复。"
    message += f"申诉决定人：{decider}。本决定为最终决定。"
    if case.expires_at:
        message += f"记录有效期至{_day(case.expires_at, case)}。"
    return [("申诉和程序", [asked]), ("答复和理由", [case.answer or ""]), ("申诉决定", [message])]


def _unit(by: User | None, case: Case) -> str:
    """The name of the unit where whoever decided is manager: the community or one above it."""
    units = by.rights.granted.get(Role.MANAGER, set()) if by else set()
    return next((u.name for u in tree().line(case.community_id) if u.id in units), case.community.name)


def _day(moment: datetime | None, case: Case) -> str:
    return clock.written(clock.local(moment or clock.now(), tree().setting(case.community_id, "time_zone")))


def _moment(moment: datetime, case: Case) -> str:
    local = clock.local(moment, tree().setting(case.community_id, "time_zone"))
    return f"{_day(moment, case)}{local.hour}时{local.minute:02d}分"

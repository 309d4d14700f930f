"""The audit log by who, what, when and to what, for the page and its export (1.3.4, 6.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.audit import chain, wording
from linbao.audit.models import Block, Record
from linbao.core import text
from linbao.core.listing import Choice, Column, Ident, Listing, Period, Search, Text
from linbao.organisation import people
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree

MOST_PEOPLE = 50  # of one name
COMMAND_LINE = "-"  # in place of a name: what no person did


def _by_name(rows: QuerySet[Record], name: str) -> QuerySet[Record]:
    """A name is looked up among people first, so that the log is asked by its index of persons."""
    if name == COMMAND_LINE:
        return rows.filter(actor_id__isnull=True)
    named = Q(name__icontains=name) | Q(username=name.lower())
    return rows.filter(actor_id__in=list(User.objects.filter(named).values_list("pk", flat=True)[:MOST_PEOPLE]))


def _by_action(rows: QuerySet[Record], code: str) -> QuerySet[Record]:
    return rows.filter(action__startswith=code) if code.endswith(".") else rows.filter(action=code)


def _by_subject(rows: QuerySet[Record], subject: str) -> QuerySet[Record]:
    kind, _colon, id_ = subject.rpartition(":")
    return rows.filter(subject_type=kind, subject_id=id_) if kind else rows.filter(subject_id=id_)


@dataclass(frozen=True)
class ActionFilter(Choice):
    """A code, or the beginning of several (`role.`); codes that have no words are looked up as well."""

    def clean(self, user: User, raw: str) -> str:
        return text.clean(raw)[:64]


def _prepare(user: User, rows: list[Any], export: bool) -> None:
    proofs = chain.proofs([row.pk for row in rows]) if export else {}
    for row in rows:
        row.proof = proofs.get(row.pk)


def _details(row: Record) -> str:
    return "；".join(f"{k}：{text.mask_within(v)}" for k, v in wording.details(row.data))


LISTING = Listing(
    name="audit",
    title=lazy("审计日志"),
    permission="audit.view",
    action="audit.export",
    url="audit:list",
    export_url="audit:export",
    rows=lambda user, values: Record.objects.visible_to(user),
    filters=(
        Search("who", lazy("姓名或用户名"), _by_name),
        ActionFilter("what", lazy("动作"), _by_action, every=lazy("全部动作"), options=wording.ACTIONS.items()),
        people.UnitFilter("unit", narrow="unit_id__in", roles=(Role.AUDITOR,)),
        Period("at", lazy("时间")),
        Text("subject", lazy("对象编号"), _by_subject),
        Ident("person", lazy("人员"), "actor_id"),
    ),
    columns=(
        Column("at", lazy("时间"), lambda r: r.at, 18, sort="at", format="%Y-%m-%d %H:%M:%S"),
        Column("actor", lazy("人员"), lambda r: r.actor_name or _("命令行"), 12),
        Column("action", lazy("动作"), lambda r: wording.action(r.action), 22),
        Column("subject", lazy("对象"), lambda r: wording.subject(r.subject_type), 14),
        Column("subject_id", lazy("对象编号"), lambda r: r.subject_id, 38),
        Column("unit", lazy("单位"), lambda r: tree().name(r.unit_id), 18),
        Column("reason", lazy("事由"), lambda r: text.mask_within(r.reason), 30),
        Column("address", lazy("来源地址"), lambda r: r.address, 18),
        Column("details", lazy("详情"), _details, 50),
        # These prove that a line stands in the chain (docs/security.md says how to check it).
        Column("block", lazy("区块"), lambda r: r.proof and r.proof.number, 8),
        Column("place", lazy("区块内序号"), lambda r: r.proof and r.proof.place, 8),
        Column("leaf", lazy("记录哈希"), lambda r: r.proof and r.proof.leaf, 20),
        Column("path", lazy("证明路径"), lambda r: r.proof and " ".join(r.proof.path), 20),
        Column("root", lazy("区块根"), lambda r: r.proof and r.proof.root, 20),
    ),
    sort="-at",
    prepare=_prepare,
)


def state() -> dict[str, Any]:
    """How the chain stands, for the head of the page; one statement."""
    newest = Block.objects.order_by("-number").only("number", "sealed_at").first()
    return {"block": newest.number if newest else 0, "sealed_at": newest.sealed_at if newest else None}

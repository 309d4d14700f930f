"""Making the one copy that was approved: de-identified unless approved otherwise, marked visibly and invisibly
(6.2.2)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from linbao.confidentiality.disclosures import copy_marks
from linbao.confidentiality.models import Disclosure
from linbao.core import clock, exports, text
from linbao.documents import typesetting
from linbao.items import masking
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import Category, Item, Party, PartyRole, Status
from linbao.organisation.tree import tree

HERE = Path(__file__).parents[1]
NARRATIVE = 3  # its place among the lines of a record: what is most copied ends with the copy's mark


def deidentified(value: str, names: Sequence[str]) -> str:
    """A text with the item's own `names` as 张*, numbers masked, addresses down to the building (domain.md §5)."""
    return text.mask_within(value, names)


def records(row: Disclosure, items: Sequence[Item], mark: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each item as a head and its (label, value) lines, with the labels that this copy's mark chooses."""
    persons: dict[UUID, list[Party]] = {}
    for party in Party.objects.filter(item_id__in=[i.pk for i in items]).order_by("order"):
        persons.setdefault(party.item_id, []).append(party)
    return [_record(row, item, persons.get(item.pk, []), mark) for item in items]


def _record(row: Disclosure, item: Item, people: Sequence[Party], mark: int) -> tuple[str, list[tuple[str, str]]]:
    names = [(p.name or "").strip() for p in people]
    zone = tree().setting(item.community_id, "time_zone")

    item = masking.as_typed(item) if row.identified else item  # approved to be given with persons (6.2.2)

    def say(value: str) -> str:
        return value if row.identified else deidentified(value, names)

    def at(moment: Any) -> str:
        return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    grid = tree().get(item.grid_id)
    message = "；".join(
        f"{PartyRole(p.role).label} {(p.name or '') if row.identified else text.mask_name(p.name or '')}".strip()
        for p in people
    )
    phones = "；".join((p.phone or "") if row.identified else text.mask_phone(p.phone or "") for p in people if p.phone)
    values = [
        f"{Category(item.category).label} · {catalogue().name(item.subcategory)}",
        at(item.occurred_at),
        say(item.place),
        say(item.narrative),
        str(Status(item.status).label),
        message,
        phones,
        grid.name if grid else "",
        "；".join(say(p) for p in item.key_points),
        at(item.reported_at),
    ]
    head = f"{item.number or ''}　{say(item.title)}"
    return head, list(zip(copy_marks.labels(mark, item.pk), values, strict=True))


def watermark(row: Disclosure) -> str:
    """Recipient, day (in the unit's zone) and number, as they are printed across each page."""
    day = clock.local(clock.now(), tree().setting(row.unit_id, "time_zone"))
    return f"{row.recipient}　{day:%Y-%m-%d}　{row.number}"


def pdf(row: Disclosure, items: Sequence[Item], mark: int, *, code: str, verify: str) -> bytes:
    """A4 pages, each with the watermark, its own number and the dots."""
    unit = tree().get(row.unit_id)
    level = "含居民个人信息" if row.identified else "已去除个人身份"
    data = {
        "title": "对外提供资料",
        "subtitle": f"{unit.name if unit else ''}　{row.number}",
        "unit": unit.name if unit else "",
        "number": row.number,
        "mark": copy_marks.code(mark),
        "bits": copy_marks.bits(mark),
        "watermark": watermark(row),
        "notice": f"仅限所列用途，{row.until:%Y-%m-%d} 前有效，不得转交",
        "facts": [
            ["接收方", row.recipient],
            ["用途", row.purpose],
            ["法律依据", row.legal_basis],
            ["范围", f"{len(items)} 条，{level}"],
            ["使用期限", f"至 {row.until:%Y-%m-%d}，到期销毁"],
        ],
        "records": [
            {"head": h, "lines": [[*line, n == NARRATIVE] for n, line in enumerate(lines) if line[1]]}
            for h, lines in records(row, items, mark)
        ],
        "check": f"核验：{verify}",
        "code": f"验证码 {code}",
    }
    return typesetting.typeset(HERE / "typst" / "disclosure.typ", data)


def xlsx(row: Disclosure, items: Sequence[Item], mark: int) -> bytes:
    """One sheet: the watermark above, in print header and footer, and copy_marks inside the cells."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": row.number, "subject": row.recipient, "keywords": copy_marks.code(mark)})
    sheet = book.add_worksheet("对外提供")
    bold = book.add_format({"bold": True, "bg_color": "#e7f0f0"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    note = book.add_format({"bold": True, "font_color": "#8a1f1f"})
    line = watermark(row)
    sheet.write_string(0, 0, f"{line}　仅限所列用途，{row.until:%Y-%m-%d} 前有效，不得转交", note)
    sheet.set_header(f"&L{line.replace('&', '&&')}&R第 &P 页")
    sheet.set_footer(f"&C{row.number}　{line.replace('&', '&&')}")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(copy_marks.PAIRS), 28)
    sheet.freeze_panes(2, 1)
    sheet.write_string(1, 0, "编号和标题", bold)
    details = records(row, items, mark)
    sheet.write_row(1, 1, copy_marks.labels(mark, row.pk), bold)
    for number, (head, lines) in enumerate(details, 2):
        sheet.write_string(number, 0, exports.safe(head) + copy_marks.hide(mark), wrap)
        for column, (label, value) in enumerate(lines, 1):
            # Each cell names its matter in the words of this copy: a row taken out still tells.
            sheet.write_string(
                number, column, f"{label}：{value}"[:32_000] + copy_marks.hide(mark) if value else "", wrap
            )
    book.close()
    return out.getvalue()

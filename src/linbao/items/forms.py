"""The one form of an item: what it asks, how it is prefilled, how a posted form becomes the contract's mapping that
`services` take (design §6). What is valid is decided in `fields`.

Built from the catalogue, so that a field added by an administrator is asked without code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.items import fields
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import CatalogueField, Category, FieldKind, Item, Party, PartyRole, Sensitivity, Source
from linbao.organisation.models import Role, UnitKind, User
from linbao.organisation.tree import tree

# One text answers both questions: the left is taken from the right while its switch is on.
SAME = {
    "details.course": ("narrative", gettext_lazy("同具体情况")),
    "details.content": ("narrative", gettext_lazy("同具体情况")),
    "details.area": ("place.text", gettext_lazy("同地点")),
    "details.project": ("title", gettext_lazy("同标题")),
    "analysis": ("details.factor_words", gettext_lazy("同影响因素说明")),
    "key_points": ("title", gettext_lazy("同标题")),
}
CHIPS: dict[str, list[str | Promise]] = {
    "details.measures_taken": [
        gettext_lazy("尚未采取措施，待处理"),
        gettext_lazy("已到场劝解"),
        gettext_lazy("已设置警示"),
        gettext_lazy("已电话报告社区"),
    ],
    "details.anonymous_reason": [gettext_lazy("居民不愿透露姓名"), gettext_lazy("担心影响邻里关系")],
    "details.problems": [gettext_lazy("暂无突出问题")],
    "suggestion": [
        gettext_lazy("建议尽快派人现场查看"),
        gettext_lazy("建议协调物业处理"),
        gettext_lazy("建议纳入日常巡查"),
    ],
}
USUAL = {"details.reply_wanted": "phone"}  # shown as chosen; one tap to change


@dataclass(frozen=True)
class Question:
    """One question of the form. `name` is its path in the contract (`place.text`, `details.course`)."""

    name: str
    label: str
    # FieldKind, or: title, narrative, moment, place, grid, source, key_points, subcategory, sensitivity, urgent, files
    kind: str
    required: bool = False
    help: str = ""
    value: Any = ""
    options: Sequence[Mapping[str, Any]] = ()
    chips: Sequence[str] = ()
    same: str = ""  # the label of its "same as" switch; empty where it has none
    same_on: bool = False
    same_as: str = ""
    longest: int = 0
    clause: str = ""
    only_for: str = ""  # a subcategory's own question: its code
    errors: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)  # the reviewer's messages

    @property
    def id(self) -> str:
        """The id of the question's element on the page."""
        return "f-" + self.name.replace(".", "-")


def questions(item: Item, parties: Sequence[Party], user: User, also: Iterable[str] = ()) -> list[Question]:
    """Everything the form asks about `item` (saved or not), prefilled, in the order of the form.

    `also` names the fields of a reviewer's findings: people are asked for then, even where the category does not ask
    for them by itself.
    """
    category = item.category
    rows = [*_first(item, user), *(_own(f, item, parties) for f in _fields(category)), *_last(item)]
    if "parties" in also and all(r.name != "parties" for r in rows):
        rows.append(_people(item, parties, _("人员")))
    return [_finished(row, item) for row in rows]


def with_messages(
    rows: Iterable[Question], errors: Mapping[str, Sequence[str]], findings: Mapping[str, Sequence[str]]
) -> list[Question]:
    """Put messages beside their questions; `parties.0.phone` and `place.lat` land on `parties` and `place`."""
    return [replace(r, errors=_under(r, errors), findings=_under(r, findings)) for r in rows]


def as_typed(rows: Iterable[Question], typed: Mapping[str, Any], post: QueryDict) -> list[Question]:
    """The questions with what was typed, valid or not, so that nothing has to be typed again."""
    return [_as_typed(r, typed, post) for r in rows]


def name_of(path: str, item: Item) -> str:
    """A field's label, for a finding or hint: `details.course` → 详细经过."""
    plain = {
        "title": _("标题"),
        "narrative": _("具体情况"),
        "occurred_at": _("发生时间"),
        "seen_at": _("发现时间"),
        "place": _("地点"),
        "grid": _("网格"),
        "source": _("信息来源"),
        "parties": _("人员"),
        "key_points": _("关键要点"),
        "analysis": _("分析结论"),
        "suggestion": _("建议措施"),
        "sensitivity": _("知悉范围"),
        "urgent": _("紧急"),
        "attachments": _("附件"),
        "subcategory": _("子类"),
        "category": _("类别"),
    }
    head, _dot, rest = path.partition(".")
    if head == "details":
        for f in catalogue().fields(item.category, item.subcategory):
            if f.code == rest:
                return label_of(f)
    return plain.get(head, path)


def unplaced(rows: Sequence[Question], errors: Mapping[str, Sequence[str]]) -> list[str]:
    """Messages that belong to no question on the page."""
    return [m for path, result in errors.items() for m in result if not any(_belongs(r, path) for r in rows)]


def read(
    post: QueryDict, category: str, *, only: Sequence[Question] | None = None, item: Item | None = None
) -> dict[str, Any]:
    """The posted form as the contract's mapping. `only` reads just these questions (a returned item's fields at
    fault); `item` then gives the details that are not asked again."""
    data: dict[str, Any] = {}
    asked = {r.name for r in only} if only is not None else None

    def wanted(name: str) -> bool:
        return asked is None or name in asked

    subcategory = post.get("subcategory", item.subcategory if item else "")
    for name in (
        "subcategory",
        "title",
        "narrative",
        "occurred_at",
        "seen_at",
        "analysis",
        "suggestion",
        "sensitivity",
        "grid",
    ):
        if name in post and wanted(name):
            data[name] = post[name] or (Sensitivity.INTERNAL if name == "sensitivity" else "")
    if wanted("named") and "named.asked" in post:
        confidential = post.get("sensitivity", item.sensitivity if item else "") == Sensitivity.CONFIDENTIAL
        data["named"] = [v for v in post.getlist("named") if v] if confidential else []
    if wanted("urgent") and "urgent.asked" in post:
        data["urgent"] = post.get("urgent") == "on"
    if wanted("place") and "place.text" in post:
        data["place"] = {"text": post["place.text"], "lat": post.get("place.lat", ""), "lon": post.get("place.lon", "")}
    if wanted("source") and "source.method" in post:
        data["source"] = {"method": post["source.method"], "activity": post.get("source.activity", "") or None}
    if wanted("key_points") and "key_points.asked" in post:
        data["key_points"] = [v for v in post.getlist("key_points") if v.strip()]
    if category and (asked is None or "category" in asked):
        data = {"category": category, **data}
    if wanted("parties") and "parties.asked" in post:
        data["parties"] = _read_parties(post)
        if "notice.asked" in post:
            data["notice"] = {"basis": post.get("notice.basis", ""), "informed": post.get("notice.informed") == "on"}
    details: dict[str, Any] = {}
    for f in _fields(category):
        path = f"details.{f.code}"
        if f.subcategory_id and f.subcategory_id != subcategory:
            continue
        if f.kind == FieldKind.PARTIES:
            continue
        if wanted(path) or (asked and "parties" in asked and f.code in _PARTY_SWITCHES):
            value = _read_detail(post, f, path)
            if value is not _ABSENT:
                details[f.code] = value
    if "parties" in data and (details.get("anonymous") is True or details.get("none_involved") is True):
        data["parties"] = []  # the switch decides: no name is stored of somebody who wished none (1.3.4)
    _copy_same(post, data, details, wanted)
    if details or asked is None:
        stored = (
            {k: v for k, v in item.details.items() if k not in details}
            if item is not None and asked is not None
            else {}
        )
        data["details"] = {**stored, **details}
    return data


def grids(user: User) -> list[dict[str, Any]]:
    """The grids a person may file for: where they report first, then the rest of their communities."""
    units = tree()
    own = user.rights.units(Role.REPORTER, Role.GROUP_LEADER)
    rows = [u for c in user.rights.communities() for u in units.children(c, UnitKind.GRID) if u.active]
    rows.sort(key=lambda u: (u.id not in own, u.order, u.code))
    return [{"code": str(u.id), "label": u.name} for u in rows]


def home_grid(user: User) -> str:
    """The grid that a reporter's form starts with: their own if they hold exactly one, or the only one there is."""
    units = tree()
    granted = {
        i for ids in user.rights.granted.values() for i in ids if (u := units.get(i)) and u.kind == UnitKind.GRID
    }
    if granted:
        return str(granted.pop()) if len(granted) == 1 else ""
    every = grids(user)
    return every[0]["code"] if len(every) == 1 else ""


def sensitivities() -> list[dict[str, str]]:
    """The levels of sensitivity with what they mean, for the form."""
    details = {
        Sensitivity.PUBLIC: _("通过后可公开"),
        Sensitivity.INTERNAL: _("本单位工作人员可见（默认）"),
        Sensitivity.SENSITIVE: _("含个人隐私、纠纷、未成年人或健康信息：只有审核、办理和负责人可见"),
        Sensitivity.CONFIDENTIAL: _("只有指定的人可见"),
    }
    return [{"code": s.value, "label": str(s.label), "help": str(details[s])} for s in Sensitivity]


def confidants(item: Item) -> list[dict[str, str]]:
    """Who may be named on a confidential item: reviewers, managers and handlers of its community; one statement."""
    if item.community_id is None:
        return []
    result: dict[str, dict[str, str]] = {}
    grants = fields.confidants(item.community_id)
    for user_id, name, role in grants.values_list("user_id", "user__name", "role").order_by("user__name"):
        row = result.setdefault(str(user_id), {"code": str(user_id), "label": name, "help": ""})
        row["help"] = _("、").join(filter(None, [row["help"], str(Role(role).label)]))
    return list(result.values())


def label_of(f: CatalogueField) -> str:
    """A field's label in the language of the page."""
    return f.shown


def subcategory_label(code: str) -> str:
    """A subcategory's name in the language of the page."""
    return catalogue().name(code)


def option_label(option: Mapping[str, Any]) -> str:
    """An option's label in the language of the page."""
    return (
        str(option.get("label_en") or option["label"])
        if (get_language() or "").startswith("en")
        else str(option["label"])
    )


def answer(f: CatalogueField, value: Any) -> str:
    """The text of an answer, for reading."""
    if value in (None, "", {}):
        return ""
    labels = {o["code"]: option_label(o) for o in f.options}
    if f.kind == FieldKind.CHOICES:
        chosen = [value] if isinstance(value, str) else value
        return _("、").join(labels.get(c, str(c)) for c in chosen)
    if f.kind == FieldKind.CHOICE:
        return labels.get(value, str(value))
    if f.kind == FieldKind.YES_NO:
        return _("是") if value else _("否")
    if f.kind == FieldKind.NUMBERS and isinstance(value, Mapping):
        return _("，").join(f"{labels.get(k, k)} {v}" for k, v in value.items())
    return str(value)


# --- inside ------------------------------------------------------------------------------------

_ABSENT = object()
_PARTY_SWITCHES = ("anonymous", "anonymous_reason", "none_involved")


def _fields(category: str) -> list[CatalogueField]:
    """The category's questions, then those of each of its subcategories."""
    result = catalogue()
    return [
        *result.fields(category, ""),
        *(f for s in result.by_category.get(category, []) for f in result.fields(category, s.code) if f.subcategory_id),
    ]


def _groups(category: str) -> list[dict[str, Any]]:
    english = (get_language() or "").startswith("en")
    groups: dict[str, list[dict[str, Any]]] = {}
    for s in catalogue().by_category.get(category, []):
        name = (s.group_en if english else s.group) or ""
        groups.setdefault(name, []).append(
            {"code": s.code, "label": (s.name_en if english else "") or s.name, "emergency": s.emergency}
        )
    return [{"label": name, "options": options} for name, options in groups.items()]


def _first(item: Item, user: User) -> list[Question]:
    """What is asked of every item before its category's own questions."""
    return [
        Question(
            "subcategory",
            _("子类"),
            "subcategory",
            True,
            value=item.subcategory,
            options=_groups(item.category),
            clause=_clause(item.category),
        ),
        Question("title", _("标题"), "title", True, value=item.title, longest=60, help=_("一句话说清是什么事、在哪里")),
        Question(
            "narrative",
            _("具体情况"),
            "narrative",
            True,
            value=item.narrative,
            longest=20_000,
            help=_("至少 10 个字：什么人、什么事、怎么样了"),
        ),
        Question("occurred_at", _("发生时间"), "moment", True, value=_local(item.occurred_at, item)),
        Question("seen_at", _("发现时间"), "moment", True, value=_local(item.seen_at, item)),
        Question(
            "place", _("地点"), "place", True, value={"text": item.place, "lat": item.lat, "lon": item.lon}, longest=200
        ),
        Question("grid", _("网格"), "grid", True, value=str(item.grid_id or ""), options=grids(user)),
        Question(
            "source",
            _("信息来源"),
            "source",
            True,
            value={"method": item.source, "activity": str(item.activity_id or "")},
            options=[{"code": c, "label": str(label)} for c, label in Source.choices],
            clause="2.1.1",
        ),
    ]


def _last(item: Item) -> list[Question]:
    """What is asked of every item after them."""
    category = item.category
    return [
        Question(
            "key_points",
            _("关键要点"),
            "key_points",
            True,
            value=list(item.key_points),
            help=_("1 至 5 条，每条一句话"),
            clause="2.2.2",
        ),
        Question(
            "analysis",
            _("分析结论"),
            FieldKind.LONG,
            category == Category.SANITATION,
            value=item.analysis,
            longest=5000,
            clause="2.2.2",
        ),
        Question("suggestion", _("建议措施"), FieldKind.LONG, value=item.suggestion, longest=5000, clause="2.3.1"),
        Question(
            "sensitivity",
            _("知悉范围"),
            "sensitivity",
            True,
            value=item.sensitivity,
            options=sensitivities(),
            clause="1.3.4",
        ),
        Question(
            "named",
            _("哪些人可以查看"),
            "named",
            item.sensitivity == Sensitivity.CONFIDENTIAL,
            value=[str(n) for n in item.named],
            options=confidants(item),
            help=_("机密条目只有这里选中的人和您自己能看到，请至少选一位审核员或负责人。"),
            clause="1.3.4",
        ),
        Question("urgent", _("紧急"), "urgent", value=item.urgent, clause="2.3.2"),
        Question("attachments", _("照片、录音和文档"), "files", clause=_photo_clause(category)),
    ]


def _people(item: Item, parties: Sequence[Party], label: str, f: CatalogueField | None = None) -> Question:
    rows = [{"role": p.role, "name": p.name or "", "phone": p.phone or ""} for p in parties]
    default = PartyRole.PROPOSER if item.category == Category.OPINION else PartyRole.INVOLVED
    return Question(
        "parties",
        label,
        FieldKind.PARTIES,
        f is not None and f.required,
        _(f.help) if f and f.help else "",
        value=rows or [{"role": default.value, "name": "", "phone": ""}],
        options=[{"code": c, "label": str(message)} for c, message in PartyRole.choices],
        clause=_clause(item.category),
        only_for=(f.subcategory_id or "") if f else "",
    )


def _own(f: CatalogueField, item: Item, parties: Sequence[Party]) -> Question:
    if f.kind == FieldKind.PARTIES:
        return _people(item, parties, label_of(f), f)
    path = f"details.{f.code}"
    value = item.details.get(f.code)
    options = [{"code": o["code"], "label": option_label(o)} for o in f.options]
    if f.kind == FieldKind.NUMBERS:
        numbers = value if isinstance(value, Mapping) else {}
        options = [{**o, "value": numbers.get(o["code"], "")} for o in options]
    return Question(
        path,
        label_of(f),
        f.kind,
        f.required or f.code == "anonymous_reason",
        _(f.help) if f.help else "",
        value=USUAL.get(path, "") if value is None else value,
        options=options,
        clause=_clause(item.category),
        only_for=f.subcategory_id or "",
        longest={FieldKind.TEXT: 200, FieldKind.LONG: 5000}.get(FieldKind(f.kind), 0),
    )


def _as_typed(row: Question, typed: Mapping[str, Any], post: QueryDict) -> Question:
    head, _dot, code = row.name.partition(".")
    value = typed.get(head)
    if head == "details":
        answer = value.get(code) if isinstance(value, Mapping) else None
        if answer is None:
            return row
        if isinstance(answer, Mapping):
            return replace(
                row, options=[{**o, "value": answer.get(o["code"], o.get("value", ""))} for o in row.options]
            )
        row = replace(row, value=answer)
    elif head in typed:
        row = replace(row, value=value or row.value if head == "parties" else value)
    return replace(row, same_on=post.get(f"same.{row.name}") == "on") if row.same else row


def _finished(row: Question, item: Item) -> Question:
    same_as, message = SAME.get(row.name, ("", ""))
    if same_as and (
        same_as.startswith("details.") and not any(f"details.{f.code}" == same_as for f in _fields(item.category))
    ):
        same_as = ""
    chips = [str(c) for c in CHIPS.get(row.name, [])]
    if not same_as:
        return replace(row, chips=chips, same_as=row.same_as)
    source = _text_of(item, same_as)
    current = row.value[0] if isinstance(row.value, list) and len(row.value) == 1 else row.value
    on = not current or (bool(source) and current == source[:5000])
    return replace(row, chips=chips, same=str(message), same_as=same_as, same_on=on)


def _text_of(item: Item, path: str) -> str:
    if path == "place.text":
        return item.place
    if path.startswith("details."):
        return str(item.details.get(path.partition(".")[2], ""))
    return str(getattr(item, path, ""))


def _copy_same(post: QueryDict, data: dict[str, Any], details: dict[str, Any], wanted: Any) -> None:
    for target, (origin, _label) in SAME.items():
        if post.get(f"same.{target}") != "on" or not wanted(target):
            continue
        if origin.startswith("details."):
            text = details.get(origin.partition(".")[2], post.get(origin, ""))
        else:
            text = post.get(origin, "")
        text = text.strip()
        if target == "key_points":
            data["key_points"] = [text[:200]] if text else []
        elif target.startswith("details."):
            code = target.partition(".")[2]
            details[code] = text[: 200 if code in ("area", "project") else 5000]
        else:
            data[target] = text[:5000]


def _read_parties(post: QueryDict) -> list[dict[str, str]]:
    rows = zip(post.getlist("parties.role"), post.getlist("parties.name"), post.getlist("parties.phone"), strict=False)
    return [{"role": r, "name": n, "phone": p} for r, n, p in rows if n.strip() or p.strip()]


def _read_detail(post: QueryDict, f: CatalogueField, path: str) -> Any:
    if f.kind == FieldKind.YES_NO:
        return post.get(path) == "on" if f"{path}.asked" in post else _ABSENT
    if f.kind == FieldKind.CHOICES:
        return post.getlist(path) if f"{path}.asked" in post else _ABSENT
    if f.kind == FieldKind.NUMBERS:
        parts = {o["code"]: post[f"{path}.{o['code']}"] for o in f.options if f"{path}.{o['code']}" in post}
        return parts if parts else _ABSENT
    return post.get(path, _ABSENT)


def _belongs(row: Question, path: str) -> bool:
    if row.name == "parties" and path.removeprefix("details.") in ("proposer", "parties", *_PARTY_SWITCHES):
        # These switches stand inside the parties' own block of the form.
        return path.removeprefix("details.") in ("proposer", "parties")
    return (
        path == row.name
        or path.startswith(row.name + ".")
        or (row.name.startswith(path + ".") and path in ("details",))
    )


def _under(row: Question, messages_by_path: Mapping[str, Sequence[str]]) -> list[str]:
    rows: list[str] = []
    for path, messages in messages_by_path.items():
        if _belongs(row, path):
            rows += [str(m) for m in messages if str(m) not in rows]
    return rows


def _local(moment: datetime | None, item: Item) -> str:
    if moment is None:
        return ""
    return clock.local(moment, tree().setting(item.community_id, "time_zone")).strftime("%Y-%m-%dT%H:%M")


def _clause(category: str) -> str:
    return {"opinion": "3.1", "event": "3.2", "construction": "3.3", "sanitation": "3.4"}.get(category, "")


def _photo_clause(category: str) -> str:
    return _clause(category) if category in (Category.CONSTRUCTION, Category.SANITATION) else ""

"""The catalogue of chapter 3 as it is delivered (domain.md §2), and how it is read.

An administrator changes it on screen; this file only seeds an empty database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from linbao.items.models import CatalogueField, Category, Subcategory
from linbao.platform.reference import Reference

# category, group (zh, en), [(code, zh, en, working days, GB/T 30428 class)]
SUBCATEGORIES: list[tuple[str, tuple[str, str], list[tuple[str, str, str, int]]]] = [
    (
        "opinion",
        ("", ""),
        [
            ("service", "社区服务", "Community services", 7),
            ("environment", "社区环境", "Environment", 7),
            ("culture", "社区文化", "Culture", 15),
            ("safety", "平安建设", "Safety", 7),
            ("facility", "公共设施", "Public facilities", 15),
            ("property", "物业服务", "Property services", 7),
            ("welfare", "民生保障", "Welfare", 7),
            ("other", "其他", "Other", 7),
        ],
    ),
    (
        "event",
        ("突发事件", "Emergency"),
        [
            ("fire", "火灾", "Fire", 3),
            ("theft", "盗窃", "Theft", 3),
            ("natural_disaster", "自然灾害", "Natural disaster", 3),
            ("public_health", "公共卫生", "Public health", 3),
            ("accident", "事故", "Accident", 3),
            ("public_safety", "公共安全", "Public safety", 3),
            ("emergency_other", "其他突发事件", "Other emergency", 3),
        ],
    ),
    (
        "event",
        ("纠纷矛盾", "Dispute"),
        [
            ("neighbour", "邻里纠纷", "Neighbours", 7),
            ("property_service", "物业纠纷", "Property services", 15),
            ("family", "家庭纠纷", "Family", 7),
            ("tenancy", "租赁纠纷", "Tenancy", 7),
            ("wage", "劳资纠纷", "Wages", 7),
            ("dispute_other", "其他纠纷", "Other dispute", 7),
        ],
    ),
    (
        "event",
        ("安全隐患", "Hazard"),
        [
            ("road", "道路隐患", "Road", 3),
            ("building", "建筑隐患", "Building", 7),
            ("fire_safety", "消防隐患", "Fire safety", 3),
            ("gas", "燃气隐患", "Gas", 3),
            ("electricity", "用电隐患", "Electricity", 3),
            ("high_fall", "高空坠物", "Falling objects", 3),
            ("lift", "电梯隐患", "Lift", 3),
            ("flood", "内涝积水", "Flooding", 3),
            ("hazard_other", "其他隐患", "Other hazard", 7),
        ],
    ),
    (
        "construction",
        ("基础设施", "Infrastructure"),
        [
            ("road", "道路修缮", "Roads", 15),
            ("drainage", "排水管网", "Drainage", 15),
            ("lighting", "公共照明", "Lighting", 7),
            ("lift", "加装电梯", "Lifts", 15),
            ("accessibility", "无障碍设施", "Accessibility", 15),
            ("parking", "停车设施", "Parking", 15),
            ("infrastructure_other", "其他基础设施", "Other infrastructure", 15),
        ],
    ),
    (
        "construction",
        ("", ""),
        [
            ("facility_damage", "设施损坏", "Damaged facility", 7),
            ("planning", "规划调整", "Planning", 15),
            ("project", "项目进展", "Project", 15),
        ],
    ),
    (
        "sanitation",
        ("", ""),
        [
            ("waste", "垃圾清理", "Waste", 3),
            ("greening", "绿化养护", "Greenery", 7),
            ("dead_corner", "卫生死角", "Neglected corner", 3),
            ("sewage", "污水", "Sewage", 3),
            ("noise", "噪声", "Noise", 7),
            ("fly_posting", "乱贴乱画", "Fly-posting", 7),
            ("occupying", "占道堆放", "Obstruction", 3),
            ("pests", "病媒生物", "Pests", 7),
            ("other", "其他", "Other", 7),
        ],
    ),
]

# subcategory → (GB/T 30428 class, Open311 service code)
CROSS_REFERENCES = {
    "event.road": ("01-05", "road_hazard"),
    "event.fire_safety": ("02-11", "fire_safety"),
    "construction.road": ("01-01", "pothole"),
    "construction.drainage": ("01-03", "sewer"),
    "construction.lighting": ("01-02", "street_light"),
    "sanitation.waste": ("02-01", "litter"),
    "sanitation.greening": ("03-02", "tree"),
    "sanitation.dead_corner": ("02-01", "dirty_place"),
    "sanitation.fly_posting": ("02-02", "graffiti"),
    "sanitation.occupying": ("02-03", "obstruction"),
    "sanitation.noise": ("02-05", "noise"),
    "sanitation.sewage": ("02-06", "sewage"),
    "sanitation.pests": ("02-07", "rodents"),
}


def _options(*pairs: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"code": c, "label": zh, "label_en": en} for c, zh, en in pairs]


# category, code, label zh/en, kind, required, unless, options, help
FIELDS: list[dict[str, Any]] = [
    {
        "category": "opinion",
        "code": "kind",
        "label": "类型",
        "label_en": "Kind",
        "kind": "choice",
        "required": True,
        "options": _options(
            ("opinion", "意见", "Opinion"),
            ("suggestion", "建议", "Suggestion"),
            ("need", "需求", "Need"),
            ("complaint", "投诉", "Complaint"),
            ("praise", "表扬", "Praise"),
        ),
    },
    {
        "category": "opinion",
        "code": "proposer",
        "label": "提出人",
        "label_en": "Proposer",
        "kind": "parties",
        "required": True,
        "unless": "anonymous",
        "help": gettext_noop("姓名和联系方式，加密保存（3.1）"),
    },
    {"category": "opinion", "code": "anonymous", "label": "居民要求匿名", "label_en": "Anonymous", "kind": "yes_no"},
    {
        "category": "opinion",
        "code": "anonymous_reason",
        "label": "匿名原因",
        "label_en": "Reason for anonymity",
        "kind": "text",
    },
    {
        "category": "opinion",
        "code": "wish",
        "label": "居民的诉求",
        "label_en": "What the resident wants",
        "kind": "long",
        "required": True,
    },
    {
        "category": "opinion",
        "code": "reply_wanted",
        "label": "希望如何答复",
        "label_en": "Reply wanted by",
        "kind": "choice",
        "required": True,
        "options": _options(
            ("phone", "电话", "Phone"),
            ("visit", "上门", "Visit"),
            ("link", "短信链接", "Link"),
            ("none", "不需要", "None"),
        ),
    },
    {"category": "opinion", "code": "supporters", "label": "附议人数", "label_en": "Supporters", "kind": "number"},
    {
        "category": "event",
        "code": "course",
        "label": "详细经过",
        "label_en": "Course of events",
        "kind": "long",
        "required": True,
    },
    {
        "category": "event",
        "code": "parties",
        "label": "涉及人员",
        "label_en": "People involved",
        "kind": "parties",
        "required": True,
        "unless": "none_involved",
    },
    {
        "category": "event",
        "code": "none_involved",
        "label": "无涉及人员",
        "label_en": "Nobody involved",
        "kind": "yes_no",
    },
    {
        "category": "event",
        "code": "casualties",
        "label": "伤亡情况",
        "label_en": "Casualties",
        "kind": "numbers",
        "required": True,
        "options": _options(("dead", "死亡", "Dead"), ("injured", "受伤", "Injured"), ("missing", "失联", "Missing")),
    },
    {"category": "event", "code": "loss", "label": "财产损失（元）", "label_en": "Loss (yuan)", "kind": "number"},
    {
        "category": "event",
        "code": "present_state",
        "label": "目前状况",
        "label_en": "Present state",
        "kind": "choice",
        "required": True,
        "options": _options(
            ("controlled", "已控制", "Under control"),
            ("in_progress", "处置中", "Being dealt with"),
            ("uncontrolled", "未控制", "Out of control"),
            ("subsided", "已平息", "Subsided"),
        ),
    },
    {
        "category": "event",
        "code": "measures_taken",
        "label": "已采取的措施",
        "label_en": "Measures taken",
        "kind": "long",
        "required": True,
    },
    {
        "category": "event",
        "code": "scope",
        "label": "影响范围",
        "label_en": "Scope",
        "kind": "numbers",
        "options": _options(
            ("persons", "人数", "Persons"),
            ("households", "户数", "Households"),
            ("area", "面积（平方米）", "Area (m²)"),
        ),
    },
    {
        "category": "event",
        "code": "reported_to",
        "label": "已报告部门",
        "label_en": "Reported to",
        "kind": "choices",
        "options": _options(
            ("police", "公安 110", "Police"),
            ("fire", "消防 119", "Fire service"),
            ("medical", "急救 120", "Ambulance"),
            ("department", "主管部门", "Department"),
        ),
    },
    {
        "category": "event",
        "code": "level",
        "label": "突发事件级别",
        "label_en": "Level",
        "kind": "choice",
        "options": _options(
            ("particularly_major", "特别重大（红）", "Particularly major (red)"),
            ("major", "重大（橙）", "Major (orange)"),
            ("larger", "较大（黄）", "Larger (yellow)"),
            ("general", "一般（蓝）", "General (blue)"),
        ),
    },
    {
        "category": "construction",
        "code": "project",
        "label": "项目或设施名称",
        "label_en": "Project or facility",
        "kind": "text",
        "required": True,
    },
    {
        "category": "construction",
        "code": "content",
        "label": "具体内容",
        "label_en": "Content",
        "kind": "long",
        "required": True,
    },
    {
        "category": "construction",
        "code": "stage",
        "label": "进展阶段",
        "label_en": "Stage",
        "kind": "choice",
        "required": True,
        "options": _options(
            ("planning", "规划", "Planning"),
            ("approval", "立项", "Approval"),
            ("building", "施工", "Building"),
            ("acceptance", "验收", "Acceptance"),
            ("completed", "完工", "Completed"),
            ("stalled", "停滞", "Stalled"),
        ),
    },
    {
        "category": "construction",
        "code": "progress",
        "label": "进度（%）",
        "label_en": "Progress (%)",
        "kind": "number",
    },
    {
        "category": "construction",
        "code": "problems",
        "label": "存在问题",
        "label_en": "Problems",
        "kind": "long",
        "required": True,
    },
    {"category": "construction", "code": "contractor", "label": "施工单位", "label_en": "Contractor", "kind": "text"},
    {
        "category": "construction",
        "code": "budget",
        "label": "预算（元）",
        "label_en": "Budget (yuan)",
        "kind": "number",
    },
    {
        "category": "sanitation",
        "code": "area",
        "label": "问题区域",
        "label_en": "Exact spot",
        "kind": "text",
        "required": True,
        "help": gettext_noop("写到楼栋、单元或路段（3.4）"),
    },
    {
        "category": "sanitation",
        "code": "factor",
        "label": "影响因素",
        "label_en": "Factor",
        "kind": "choice",
        "required": True,
        "options": _options(
            ("weather", "天气", "Weather"),
            ("people", "人为", "People"),
            ("frequency", "作业频次", "Frequency of service"),
            ("facility", "设施", "Facility"),
            ("management", "管理", "Management"),
            ("other", "其他", "Other"),
        ),
    },
    {
        "category": "sanitation",
        "code": "factor_words",
        "label": "影响因素说明",
        "label_en": "Factor explained",
        "kind": "long",
        "required": True,
    },
    {
        "category": "sanitation",
        "code": "severity",
        "label": "程度",
        "label_en": "Severity",
        "kind": "choice",
        "required": True,
        "options": _options(("light", "轻", "Light"), ("middle", "中", "Middle"), ("heavy", "重", "Heavy")),
    },
    {"category": "sanitation", "code": "first_seen", "label": "首次发现日期", "label_en": "First seen", "kind": "date"},
    {"category": "sanitation", "code": "recurrence", "label": "反复次数", "label_en": "Recurrences", "kind": "number"},
]


def seed(subcategory_model: Any = Subcategory, field_model: Any = CatalogueField) -> None:
    """Fill an empty catalogue (called by the migration with its historical models)."""
    order = 0
    for category, (group, group_en), rows in SUBCATEGORIES:
        for code, name, name_en, days in rows:
            order += 10
            full = f"{category}.{code}"
            gb, open311 = CROSS_REFERENCES.get(full, ("", full.replace(".", "_")))
            subcategory_model.objects.get_or_create(
                code=full,
                defaults={
                    "category": category,
                    "group": group,
                    "group_en": group_en,
                    "name": name,
                    "name_en": name_en,
                    "handle_days": days,
                    "gb30428": gb,
                    "open311": open311,
                    "order": order,
                    "emergency": group_en == "Emergency",
                },
            )
    for number, row in enumerate(FIELDS):
        field_model.objects.get_or_create(
            category=row["category"], subcategory=None, code=row["code"], defaults={**row, "order": number * 10}
        )


@dataclass(frozen=True)
class Catalogue:
    """The active catalogue in memory. Subcategories by code, fields in the order of the form."""

    subcategories: dict[str, Subcategory]
    by_category: dict[str, list[Subcategory]]
    _fields: dict[tuple[str, str | None], list[CatalogueField]]

    def fields(self, category: str, subcategory: str) -> list[CatalogueField]:
        """The fields of `Item.details` for an item of this kind: the category's, then the subcategory's own."""
        return self._fields.get((category, None), []) + self._fields.get((category, subcategory), [])

    def every_field(self) -> list[CatalogueField]:
        """The fields of all categories, each followed by those of its subcategories."""
        known = self._fields
        return [
            f
            for category in Category.values
            for code in (None, *(s.code for s in self.subcategories.values() if s.category == category))
            for f in known.get((category, code), [])
        ]

    def name(self, subcategory: str) -> str:
        """In the language of the page; official documents take `official`."""
        row = self.subcategories.get(subcategory)
        return row.shown if row else subcategory

    def heading(self, category: str, subcategory: str) -> str:
        """社区事件 · 火灾: how lists of items name what they are about."""
        return f"{Category(category).label} · {self.name(subcategory)}"

    def official(self, subcategory: str) -> str:
        row = self.subcategories.get(subcategory)
        return row.name if row else subcategory

    def resolve(self, category: str, code: str) -> str | None:
        """The stored code for `fire`, `event.fire`, `hazard.road` or a group's `other`; None if there is none."""
        tail = code.rpartition(".")[2]
        others = [f"{category}.{group}_other" for group in ("emergency", "infrastructure")] if code == "other" else []
        for candidate in (
            code,
            f"{category}.{code}",
            f"{category}.{code.replace('.', '_')}",
            f"{category}.{tail}",
            *others,
        ):
            row = self.subcategories.get(candidate)
            if row is not None and row.category == category:
                return candidate
        return None


def _load() -> Catalogue:
    subcategories = {s.code: s for s in Subcategory.objects.all()}
    by_category: dict[str, list[Subcategory]] = {c: [] for c in Category.values}
    for s in subcategories.values():
        if s.active:
            by_category[s.category].append(s)
    fields: dict[tuple[str, str | None], list[CatalogueField]] = defaultdict(list)
    for f in CatalogueField.objects.filter(active=True):
        fields[f.category, f.subcategory_id].append(f)
    return Catalogue(subcategories, by_category, dict(fields))


reference: Reference[Catalogue] = Reference("catalogue", _load)


def catalogue() -> Catalogue:
    """The catalogue as it stands; no query unless it has changed."""
    return reference.get()

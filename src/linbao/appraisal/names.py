"""The words for figures, their parts and their reasons; on pages, in letters and in spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

METRICS: dict[str, Any] = {
    "quantity": lazy("数量"),
    "quality": lazy("质量"),
    "timeliness": lazy("及时"),
    "accuracy": lazy("准确"),
    "feedback": lazy("反馈跟踪"),
}
PARTS: dict[str, Any] = {
    "facts": lazy("事实数据"),
    "self": lazy("自评"),
    "peer": lazy("互评"),
    "superior": lazy("上级评价"),
}
LINES: dict[str, Any] = {
    "effective": lazy("有效条目（按难度折算）"),
    "expected": lazy("在岗月数 × 本单位每月中位数"),
    "typical": lazy("本单位每月中位数"),
    "first_pass": lazy("一次审核通过"),
    "marks": lazy("审核员对完整性和分析的评分"),
    "adopted": lazy("被采用加分"),
    "in_time": lazy("按时完成的应办事项"),
    "faulted": lazy("因真实性或准确性被退回（加权）"),
    "false_report": lazy("经确认的虚假报告"),
    "told": lazy("按时反馈居民、收集评价"),
    "closed": lazy("形成闭环"),
    "content": lazy("居民满意和基本满意"),
    "first_content": lazy("首次满意率（仅供参考）"),
    "last_content": lazy("最终满意率（仅供参考）"),
}
MEANS: dict[str, Any] = {
    "quantity": lazy(
        "有效条目与“在岗月数 × 本单位每月中位数”之比，开平方，最高 100 分：报得再多也不再加分。"
        "合并的不计，退回两次的计 0.5，同一地点一周内第四条起同类的各计 0.2。"
    ),
    "quality": lazy("一次审核通过占 60%（合并和撤回的条目不计），审核员评分占 40%；每条被采用的加 2 分，最多 10 分。"),
    "timeliness": lazy(
        "周报、补正、紧急电话和紧急书面报告中按时完成的比例；迟的算一半，漏的不算，"
        "紧急的权重为 3。工作小组的周报对到期当天的每名成员同样计，请假的除外。"
    ),
    "accuracy": lazy("没有因真实性或准确性被退回的条目的加权比例；有经确认的虚假报告时为 0。"),
    "feedback": lazy(
        "按时反馈和收集评价占 50%，形成闭环占 30%，居民满意占 20%：半年内作出的每次评价都计，"
        "条目后来重办或合并也不消失；评价不足 5 次时不计满意，权重分给其他两项。"
    ),
}
WHY: dict[str, Any] = {"late": lazy("当月到岗"), "left": lazy("当月离岗"), "leave": lazy("请假超过 10 个工作日")}
UNITS = {"effective": "", "expected": "", "typical": "", "adopted": lazy("分"), "faulted": "", "false_report": ""}


def lines(figure: Mapping[str, Any]) -> list[dict[str, str]]:
    """The parts of a figure as name, value and base, ready to show."""
    rows = []
    for part in figure.get("parts", ()):
        if part.get("value") is None:
            continue  # left out: its weight is with the others
        name, value = part["name"], part["value"]
        unit = UNITS.get(name, "%")
        shown = f"{value:g}" if name == "marks" else f"{value:g}{unit}"
        entries = []
        if "of" in part:
            entries.append(_("%(n)d 条中 %(of)d 条") % {"n": part["n"], "of": part["of"]})
        elif "n" in part:
            entries.append(_("共 %(n)d 项") % {"n": part["n"]})
        if part.get("weight"):
            entries.append(_("占 %(w)g%%") % {"w": part["weight"]})
        rows.append({"name": str(LINES[name]), "value": shown, "note": "，".join(entries)})
    return rows


def absences(rows: list[dict[str, Any]]) -> list[str]:
    """Why months do not count whole, a sentence each."""
    return [
        _("%(month)s：%(why)s，计 %(share)g 个月") % {"month": r["month"], "why": WHY[r["why"]], "share": r["share"]}
        for r in rows
    ]

"""What the other rooms tell of a person, as sections of the work file (5.3.2); each asks its room's own record."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.appraisal import grading
from linbao.appraisal.models import Appraisal
from linbao.conduct import work_file_section as conduct
from linbao.confidentiality import work_file_section as confidentiality
from linbao.core import periods
from linbao.management.work_files.services import Line, Section, day_of, moments
from linbao.organisation.models import Role, User
from linbao.security import work_file_section as security
from linbao.training.sessions import participation as training


def _training(person: User, since: date, until: date, viewer: User) -> list[Line]:
    result = training.of(person, since, until)
    lines = []
    for a in reversed(result.sessions):
        message = _("%(title)s，%(n)d 分钟") % {"title": a.title, "n": a.minutes}
        if a.score is not None:
            message += _("，测验 %(n)d 分") % {"n": a.score}
        if a.made_up:
            message += _("，补训")
        lines.append(Line(day_of(a.starts_at), message, reverse("training:session", args=[a.session_id]), "5.1.3"))
    if lines:
        lines.insert(0, Line(None, _("共 %(n)s 学时") % {"n": result.hours}, "", "5.1.3"))
    return lines


def _appraisals(person: User, since: date, until: date, viewer: User) -> list[Line]:
    """Results that were told in these days, for whoever the appraisal room lets see them."""
    entries = [
        a
        for a in grading.halves_of(person.pk)
        if a.cycle.published_at and since <= day_of(a.cycle.published_at) <= until
    ]
    seen = set(Appraisal.objects.visible_to(viewer).filter(pk__in=[a.pk for a in entries]).values_list("pk", flat=True))
    lines = []
    for a in reversed(entries):
        if a.pk not in seen or a.cycle.published_at is None:
            continue
        half = periods.half(a.cycle.half)
        grade = a.get_grade_display() if a.grade else _("不定等次")
        message = _("%(half)s考核：%(grade)s") % {"half": half, "grade": grade}
        lines.append(Line(day_of(a.cycle.published_at), message, reverse("appraisal:person", args=[a.pk]), "5.2.2"))
    return lines


def _agreements(person: User, since: date, until: date, viewer: User) -> list[Line]:
    result = confidentiality.of(person)
    keeps = viewer.pk == person.pk or viewer.rights.has(Role.MANAGER)
    lines = []
    if result["valid"] is not None:
        message = _("保密协议有效") if result["valid"] else _("缺少有效的保密协议")
        lines.append(Line(None, message, reverse("confidentiality:index"), "6.2.1"))
    for row in result["agreements"]:
        if since <= day_of(row["signed_at"]) <= until:
            link = reverse("confidentiality:signed", args=[row["id"]]) if keeps else ""
            message = _("签订“%(title)s”，有效至 %(day)s") % {"title": row["title"], "day": row["valid_until"]}
            lines.append(Line(day_of(row["signed_at"]), message, link, "6.2.1"))
    return lines


def _devices(person: User, since: date, until: date, viewer: User) -> list[Line]:
    """Devices that were in hand in these days, and rules confirmed."""
    lines = []
    for row in security.of(person):
        first, last = day_of(row.at), day_of(row.until) if row.until else None
        if first > until or (last or (until if row.kind == "device" else first)) < since:
            continue
        if row.kind == "rule":
            message, clause = _("学习并确认：%(what)s") % {"what": row.title}, "6.1.1"
        else:
            details = {"what": row.title, "day": last}
            message, clause = (_("领用 %(what)s，%(day)s 交回") if last else _("领用 %(what)s")) % details, "6.1.2"
        lines.append(Line(first, message, reverse("security:index"), clause))
    return lines


def _rewards(person: User, since: date, until: date, viewer: User) -> list[Line]:
    first, after = moments(since, until, person)
    result = conduct.rewards(person, first, after, viewer)
    lines = []
    if result.points:
        lines.append(
            Line(
                None,
                _("确认的贡献值 %(n)s") % {"n": result.points.normalize()},
                reverse("conduct:contributions"),
                "7.1.1",
            )
        )
    for award in result.awards:
        message = f"{award.get_kind_display()} · {award.title}"
        lines.append(Line(day_of(award.decided_at), message, reverse("conduct:award", args=[award.pk]), "7.1.2"))
    return lines


def _discipline(person: User, since: date, until: date, viewer: User) -> list[Line]:
    """Cases, for those who are concerned with them alone; nobody else is told that there are any."""
    first, after = moments(since, until, person)
    lines = []
    for case in conduct.cases(person, first, after, viewer):
        measure = (
            case.get_measure_display() if case.measure else case.get_state_display()
        )  # as it stands after an appeal
        message = f"{case.number} {case.get_kind_display()} · {measure}"
        lines.append(Line(day_of(case.opened_at), message, reverse("conduct:case", args=[case.pk]), "7.2.1"))
    return lines


SECTIONS = (
    Section("training", gettext_lazy("培训"), "5.1.3", _training),
    Section("appraisals", gettext_lazy("考核"), "5.2.2", _appraisals),
    Section("devices", gettext_lazy("设备与安全制度"), "6.1.2", _devices),
    Section("agreements", gettext_lazy("保密协议"), "6.2.1", _agreements),
    Section("rewards", gettext_lazy("表彰奖励"), "7.1.1", _rewards),
    Section("discipline", gettext_lazy("责任追究"), "7.2.1", _discipline),
)

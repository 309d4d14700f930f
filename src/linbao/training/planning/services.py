"""The quarter's plan, and the community's own catalogue: courses and lecturers (5.1.1, 5.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import text
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.organisation.models import RoleGrant, UnitKind, User
from linbao.organisation.rights import allow
from linbao.organisation.tree import tree
from linbao.review.models import Check
from linbao.training import quarters
from linbao.training.models import LEARNING, RUNNING, Course, Lecturer, Plan, Subject, Topic

MOST_TOPICS = 30
Errors = dict[str, list[str]]


def home(user: User, given: UUID | None = None) -> UUID:
    """The community that `user` plans for: the one given, else their first. Raises `NotAllowed`."""
    mine = user.rights.communities(*RUNNING)
    result = given if given in mine else None if given or not mine else min(mine, key=str)
    if result is None:
        raise NotAllowed(_("只有本社区的培训专员或管理部门负责人可以安排培训。"))
    return result


def words(data: Mapping[str, Any], name: str, most: int, wrong: Errors, *, least: int = 0) -> str:
    """A text of the form; notes in `wrong` what is too short or too long."""
    value = text.clean(str(data.get(name) or ""))
    if len(value) < least:
        wrong.setdefault(name, []).append(
            _("请填写此项。") if least == 1 else _("请至少填写 %(n)d 个字。") % {"n": least}
        )
    elif len(value) > most:
        wrong.setdefault(name, []).append(_("最多 %(n)d 个字，请删减。") % {"n": most})
    return value


def choice(data: Mapping[str, Any], name: str, known: Any, wrong: Errors) -> str:
    value = str(data.get(name) or "")
    if value not in known:
        wrong.setdefault(name, []).append(_("请从列表中选择。"))
    return value


# --- the plan -------------------------------------------------------------------------------------


@transaction.atomic
def add_topic(user: User, community_id: UUID, quarter: date, data: Mapping[str, Any]) -> Topic:
    """Put a topic on the quarter's plan; the plan is made with its first one. The same title again changes nothing.

    Raises `NotAllowed`, `Invalid`; `Conflict` for a quarter that is over and made up.
    """
    allow(user, "training.run", community_id)
    if quarters.after(quarters.after(quarter)) <= quarters.current(community_id):
        raise Conflict(_("这个季度已经过去，不能再修改计划。"))
    errors: Errors = {}
    title = words(data, "title", 80, errors, least=2)
    why = words(data, "why", 300, errors)
    subject = choice(data, "subject", Subject.values, errors)
    check = str(data.get("check_kind") or "")
    group = tree().get(data.get("group") or None)
    if data.get("group") and (
        group is None or group.kind != UnitKind.WORK_GROUP or community_id not in tree().communities(group.pk)
    ):
        errors["group"] = [_("没有这个工作小组。")]
    if errors:
        raise Invalid(fields=errors)
    plan, _made = Plan.objects.get_or_create(community_id=community_id, quarter=quarter, defaults={"created_by": user})
    Plan.objects.select_for_update().get(pk=plan.pk)
    if (known := plan.topics.filter(title=title).first()) is not None:
        return known
    if plan.topics.count() >= MOST_TOPICS:
        raise Conflict(_("一个季度最多安排 %(n)d 个主题。") % {"n": MOST_TOPICS})
    row = Topic.objects.create(
        plan=plan,
        subject=subject,
        title=title,
        why=why,
        group=group,
        added_by=user,
        check_kind=check if check in Check.values else "",
    )
    audit.record(user, "training.topic.add", row, unit_id=community_id, quarter=quarters.code(quarter), title=title)
    return row


@transaction.atomic
def remove_topic(user: User, topic_id: UUID) -> date:
    """Take a topic off the plan, unless a session carries it out already; returns the quarter."""
    row = (
        Topic.objects.select_for_update(of=("self",))
        .select_related("plan")
        .filter(pk=topic_id, plan__community__in=user.rights.communities(*RUNNING))
        .first()
    )
    if row is None:
        raise NotFound(_("没有这个主题，可能已被移除。"))
    if row.sessions.exists():
        raise Conflict(_("已按这个主题安排了培训，不能移除。"))
    audit.record(user, "training.topic.remove", row, unit_id=row.plan.community_id, title=row.title)
    row.delete()
    return row.plan.quarter


# --- courses ----------------------------------------------------------------------------------------


@transaction.atomic
def save_course(user: User, community_id: UUID, data: Mapping[str, Any], course_id: UUID | None = None) -> Course:
    """A new course, or a change of one. Raises `NotFound`, `Invalid`."""
    row = _own(Course, user, course_id) if course_id else Course(community_id=community_id, created_by=user)
    allow(user, "training.run", row)
    errors: Errors = {}
    row.title = words(data, "title", 80, errors, least=2)
    row.outline = words(data, "outline", 2000, errors)
    row.subject = choice(data, "subject", Subject.values, errors)
    row.active = bool(data.get("active", True))
    _save(row, errors, title=_("已有同名课程。"))
    audit.record(user, "training.course", row, unit_id=row.community_id, title=row.title)
    return row


# --- lecturers --------------------------------------------------------------------------------------


@transaction.atomic
def save_lecturer(user: User, community_id: UUID, data: Mapping[str, Any], lecturer_id: UUID | None = None) -> Lecturer:
    """A lecturer of the house (`person`) or an invited expert, who needs a unit and a profile (5.1.2).

    An empty phone keeps what there is. Raises `NotFound`, `Invalid`.
    """
    row = _own(Lecturer, user, lecturer_id) if lecturer_id else Lecturer(community_id=community_id, created_by=user)
    allow(user, "training.run", row)
    errors: Errors = {}
    row.external = bool(data.get("external"))
    row.organization = words(data, "organization", 80, errors, least=1 if row.external else 0)
    row.title = words(data, "title", 60, errors)
    row.profile = words(data, "profile", 1000, errors, least=4 if row.external else 0)
    row.active = bool(data.get("active", True))
    colleague = None
    if person := data.get("person"):
        colleague = colleagues(row.community_id).filter(pk=person).first()
        if colleague is None:
            errors["person"] = [_("请从列表中选择本社区的人员。")]
    row.person = colleague
    if row.external and colleague:
        errors["person"] = [_("外请专家不能同时选择本社区人员。")]
    values = {**data, "name": data.get("name") or (colleague.name if colleague else "")}
    row.name = words(values, "name", 40, errors, least=1)
    if phone := text.clean(str(data.get("phone") or "")):
        try:
            row.phone = text.phone(phone)
        except ValueError:
            errors["phone"] = [_("电话号码不正确：请填 11 位手机号，或带区号的座机。")]
    _save(row, errors, name=_("已有这位授课人。"))
    audit.record(user, "training.lecturer", row, unit_id=row.community_id, external=row.external)
    return row


def colleagues(community_id: UUID) -> Any:
    """People of the community who learn or teach there, active, by name."""
    units = {u.pk for u in tree().line(community_id)} | tree().within(community_id)
    held = RoleGrant.objects.current().filter(unit__in=units, role__in=(*LEARNING, *RUNNING)).values("user")
    return User.objects.filter(pk__in=held, is_active=True).order_by("name", "username")


# --- inside ------------------------------------------------------------------------------------------


def _own(model: Any, user: User, row_id: UUID) -> Any:
    row = model.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有找到，或您无权查看。"))
    return row


def _save(row: Any, wrong: Errors, **twice: str) -> None:
    if wrong:
        raise Invalid(fields=wrong)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as e:
        raise Invalid(fields={name: [message] for name, message in twice.items()}) from e

"""The quarter's plan, and the community's own catalogue: courses and lecturers (5.1.1, 5.1.2)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.organisation.models import RoleGrant, UnitKind, User
from linbao.organisation.tree import tree
from linbao.training import quarters
from linbao.training.inputs import AddTopic, SaveCourse, SaveLecturer
from linbao.training.models import LEARNING, RUNNING, Course, Lecturer, Plan, Topic

MOST_TOPICS = 30


def home(user: User, unit_id: UUID | None = None) -> UUID:
    """The community that `user` plans for: `unit_id`, else their first. Raises `NotAllowed`."""
    mine = user.rights.communities(*RUNNING)
    result = unit_id if unit_id in mine else None if unit_id or not mine else min(mine, key=str)
    if result is None:
        raise NotAllowed(_("只有本社区的培训专员或管理部门负责人可以安排培训。"))
    return result


# --- the plan -------------------------------------------------------------------------------------


@transaction.atomic
def add_topic(user: User, community_id: UUID, quarter: date, data: AddTopic) -> Topic:
    """Put a topic on the quarter's plan; the plan is made with its first one. The same title again changes nothing.

    Raises `NotAllowed`, `Invalid`; `Conflict` for a quarter that is over and made up.
    """
    allow(user, "training.run", community_id)
    if quarters.after(quarters.after(quarter)) <= quarters.current(community_id):
        raise Conflict(_("这个季度已经过去，不能再修改计划。"))
    group = tree().get(data.group)
    if data.group and (
        group is None or group.kind != UnitKind.WORK_GROUP or community_id not in tree().communities(group.pk)
    ):
        raise Invalid(fields={"group": [_("没有这个工作小组。")]})
    plan, _made = Plan.objects.get_or_create(community_id=community_id, quarter=quarter, defaults={"created_by": user})
    Plan.objects.select_for_update().get(pk=plan.pk)
    if (known := plan.topics.filter(title=data.title).first()) is not None:
        return known
    if plan.topics.count() >= MOST_TOPICS:
        raise Conflict(_("一个季度最多安排 %(n)d 个主题。") % {"n": MOST_TOPICS})
    row = Topic.objects.create(
        plan=plan,
        subject=data.subject,
        title=data.title,
        why=data.why,
        group=group,
        added_by=user,
        check_kind=data.check_kind or "",
    )
    audit.record(
        user, "training.topic.add", row, unit_id=community_id, quarter=quarters.code(quarter), title=data.title
    )
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
def save_course(user: User, community_id: UUID, data: SaveCourse, course_id: UUID | None = None) -> Course:
    """A new course, or a change of one. Raises `NotFound`, `Invalid`."""
    row = _own(Course, user, course_id) if course_id else Course(community_id=community_id, created_by=user)
    allow(user, "training.run", row)
    row.title, row.outline, row.subject, row.active = data.title, data.outline, data.subject, data.active
    _save(row, title=_("已有同名课程。"))
    audit.record(user, "training.course", row, unit_id=row.community_id, title=row.title)
    return row


# --- lecturers --------------------------------------------------------------------------------------


@transaction.atomic
def save_lecturer(user: User, community_id: UUID, data: SaveLecturer, lecturer_id: UUID | None = None) -> Lecturer:
    """A new lecturer, or a change of one (5.1.2). Raises `NotFound`, `Invalid` beside the field."""
    row = _own(Lecturer, user, lecturer_id) if lecturer_id else Lecturer(community_id=community_id, created_by=user)
    allow(user, "training.run", row)
    colleague = colleagues(row.community_id).filter(pk=data.person).first() if data.person else None
    if data.person and colleague is None:
        raise Invalid(fields={"person": [_("请从列表中选择本社区的人员。")]})
    name = data.name or (colleague.name if colleague else "")
    if not name:
        raise Invalid(fields={"name": [_("请填写此项。")]})
    row.name, row.person, row.external, row.active = name, colleague, data.external, data.active
    row.organization, row.title, row.profile = data.organization, data.title, data.profile
    if data.phone:
        row.phone = data.phone
    _save(row, name=_("已有这位授课人。"))
    audit.record(user, "training.lecturer", row, unit_id=row.community_id, external=row.external)
    return row


def colleagues(community_id: UUID) -> Any:
    """People of the community who learn or teach there, active, by name."""
    units = {u.pk for u in tree().line(community_id)} | tree().within(community_id)
    grants = RoleGrant.objects.current().filter(unit__in=units, role__in=(*LEARNING, *RUNNING)).values("user")
    return User.objects.filter(pk__in=grants, is_active=True).order_by("name", "username")


# --- inside ------------------------------------------------------------------------------------------


def _own(model: Any, user: User, row_id: UUID) -> Any:
    row = model.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("没有找到，或您无权查看。"))
    return row


def _save(row: Any, **duplicate: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as e:
        raise Invalid(fields={name: [message] for name, message in duplicate.items()}) from e

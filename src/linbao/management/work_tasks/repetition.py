"""Tasks that come again: one for each period, however often the job runs (5.3.1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.management import people
from linbao.management.models import Rhythm, Series, Task, TaskFile
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import RepeatTask
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import queue


@transaction.atomic
def start(user: User, data: RepeatTask) -> Series:
    """Let a task come again daily, weekly or monthly; the first is made at once where its period runs.

    Raises `Invalid` beside the field, `NotAllowed`."""
    unit = tasks.unit_of(user, data)
    starts = data.starts or clock.today(people.zone(user))
    if data.ends is not None and not starts <= data.ends <= starts + timedelta(days=1830):
        raise Invalid(fields={"ends": [_("结束日期应在开始之后、五年之内。")]})
    chosen = tasks.receivers(data)
    series = Series.objects.create(
        unit_id=unit.pk,
        **tasks.description(data),
        rhythm=data.rhythm,
        day=data.day,
        hour=data.hour,
        starts=starts,
        ends=data.ends,
        given_by=user,
        whole_group=data.whole_group,
        people=[] if data.whole_group else sorted(chosen, key=str),
    )
    audit.record(user, "series.start", series, unit_id=unit.pk, rhythm=data.rhythm.value)
    make_due(series)
    return series


@transaction.atomic
def stop(user: User, series_id: UUID) -> Series:
    """No more of it; what was given already goes on. Repeating it changes nothing."""
    series = Series.objects.select_for_update().filter(pk=series_id).first()
    if series is None:
        raise NotFound(_("没有这项重复任务。"))
    allow(user, "task.lead", series)
    if series.stopped_at is None:
        series.stopped_at = clock.now()
        series.save(update_fields=["stopped_at"])
        audit.record(user, "series.stop", series, unit_id=series.unit_id)
    return series


def period(series: Series, today: date) -> tuple[date, date]:
    """First day of the running period, and the day in it on which the task is due."""
    if series.rhythm == Rhythm.DAILY:
        return today, today
    if series.rhythm == Rhythm.WEEKLY:
        first = clock.monday(today)
        return first, first + timedelta(days=series.day)
    first = today.replace(day=1)
    return first, first.replace(day=series.day)


def make_due(series: Series) -> Task | None:
    """The task of the running period, unless it stands already or its time is over. Daily ones skip days off."""
    calendar = tree().calendar(series.unit_id)
    now = clock.now()
    today = now.astimezone(calendar.zone).date()
    first, day = period(series, today)
    due_at = datetime.combine(day, time(series.hour), calendar.zone)
    if series.stopped_at or day < series.starts or (series.ends and day > series.ends) or due_at <= now:
        return None
    if series.rhythm == Rhythm.DAILY and not calendar.is_working_day(today):
        return None
    if Task.objects.filter(series=series, period=first).exists():
        return None
    # Those who left in the meantime get no share; where nobody is left, the period has none.
    working = {p.pk for p in people.working_in(series.unit_id)}
    chosen = people.of_group(series.unit_id) if series.whole_group else working & set(series.people)
    if not chosen:
        return None
    try:
        with transaction.atomic():
            task = Task.objects.create(
                unit_id=series.unit_id,
                title=series.title,
                requirements=series.requirements,
                checklist=series.checklist,
                whole_group=series.whole_group,
                given_by_id=series.given_by_id,
                due_at=due_at,
                series=series,
                period=first,
            )
            tasks.share(task, chosen)
            _copy_files(series, task)
    except IntegrityError:  # another worker was first
        return None
    return task


def _copy_files(series: Series, task: Task) -> None:
    TaskFile.objects.bulk_create(
        TaskFile(task=task, name=f.name, content_type=f.content_type, size=f.size, sha256=f.sha256, by_id=f.by_id)
        for f in series.files.all()
    )


def make_all() -> int:
    """The tasks that are due to be made now, over all series; safe to repeat. Returns how many were made."""
    series = Series.objects.filter(stopped_at__isnull=True).order_by("pk")
    return queue.each(list(series), lambda s: make_due(s) is not None)


def visible_to(user: User) -> list[Series]:
    """The running series that the person started or leads."""
    led = {u.pk for u in people.led_by(user)}
    rows = Series.objects.filter(stopped_at__isnull=True, unit__in_array=led).select_related("given_by")
    return list(rows.order_by("-given_at")[:100])

"""Archive: saved views and the rollups that dashboards read (2.2.1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models import Unit, User


class SavedView(models.Model):
    """A named set of filters of the archive."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("名称"), max_length=40)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="view_name_once")]


class Rollup(models.Model):
    """Daily sums per unit (community and all above), category and subcategory, kept by the jobs (performance.md rule
    6), on days of the community's own zone. `submitted`, `returned`, `urgent`, `judged`, `first_pass` count items by
    the day of reporting. The rest are events by their own day, whatever became of the item: closings (`closed`,
    `overdue`: handled after the limit, `close_hours` since the report), decisions of reviewers (`decisions`, of them
    `returns`), and evaluations: each of them by verdict, `unrated` those without one, `first_…` the first of each
    item, `last_…` those that no later one has replaced."""

    day = models.DateField()
    community = models.ForeignKey(Unit, models.CASCADE, related_name="+")  # or the unit above it
    category = models.CharField(max_length=12)
    subcategory = models.CharField(max_length=40)
    submitted = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    urgent = models.IntegerField(default=0)
    judged = models.IntegerField(default=0)
    first_pass = models.IntegerField(default=0)
    close_hours = models.FloatField(default=0)
    overdue = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    mostly_satisfied = models.IntegerField(default=0)
    unsatisfied = models.IntegerField(default=0)
    decisions = models.IntegerField(default=0)
    returns = models.IntegerField(default=0)
    unrated = models.IntegerField(default=0)
    first_answers = models.IntegerField(default=0)
    first_content = models.IntegerField(default=0)
    last_answers = models.IntegerField(default=0)
    last_content = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "community", "category", "subcategory"], name="rollup_once")
        ]
        indexes = [models.Index(fields=["community", "day"])]


class GridDay(models.Model):
    """Daily sums per grid, for the comparison of places inside a community."""

    day = models.DateField()
    community = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    grid = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    submitted = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "grid"], name="grid_day_once")]
        indexes = [models.Index(fields=["community", "day"])]

"""Tables that every area leans on: gapless counters, the version of reference data, keys, backups, failed
jobs, tallies of tries."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids


class Counter(models.Model):
    """Numbers without gaps: the row stays locked until the transaction that took the number ends."""

    scope = models.CharField(max_length=100, primary_key=True)
    value = models.BigIntegerField(default=0)


class ReferenceVersion(models.Model):
    """Raised by every change of catalogue, units or settings, so that processes drop their copies."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=1)


def next_number(scope: str, count: int = 1) -> int:
    """Take `count` numbers from `scope` and return the last one; one statement.

    Must run in the transaction that uses the numbers: rolled back, they were never taken.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_counter (scope, value) VALUES (%s, %s)"
            " ON CONFLICT (scope) DO UPDATE SET value = platform_counter.value + excluded.value"
            " RETURNING value",
            [scope, count],
        )
        return int(cursor.fetchone()[0])


class Purpose(models.TextChoices):
    """What a data key is for; one never serves another purpose."""

    FIELDS = "fields", _("个人信息栏目")
    FILES = "files", _("文件")
    INDEX = "index", _("查找索引")
    BACKUPS = "backups", _("备份")


class KeyState(models.TextChoices):
    CURRENT = "current", _("当前")
    OLDER = "older", _("旧密钥")
    RETIRED = "retired", _("已停用")


class DataKey(models.Model):
    """A key that seals values, itself wrapped by a key-encryption key (`keys`, `wrapping`)."""

    id = models.CharField(max_length=8, primary_key=True)  # hex; stands in every value that it sealed
    purpose = models.CharField(max_length=8, choices=Purpose)
    format = models.SmallIntegerField(default=2)  # of the values; 1: from before there were data keys
    state = models.CharField(max_length=8, choices=KeyState, default=KeyState.CURRENT)
    wrapper = models.CharField(max_length=300, blank=True)  # the key-encryption key's name
    wrapped = models.BinaryField(null=True)  # gone when retired
    made_at = models.DateTimeField(default=clock.now)
    demoted_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose"], condition=Q(state="current"), name="one_current_key"),
            models.CheckConstraint(
                condition=Q(state="retired", wrapped__isnull=True) | ~Q(state="retired") & Q(wrapped__isnull=False),
                name="retired_key_is_gone",
            ),
        ]


class Resealing(models.Model):
    """How far a column or the store has followed its current key (`resealing`)."""

    part = models.CharField(max_length=140, primary_key=True)
    target = models.CharField(max_length=20)  # ids of the keys it is going to
    position = models.CharField(max_length=100, blank=True)  # the last row or file looked at
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    faults = models.BigIntegerField(default=0)  # values that no key opens
    finished_at = models.DateTimeField(null=True)


class Backup(models.Model):
    """One backup made, and whether a trial restore was good (`backup`)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=clock.now)
    place = models.CharField(max_length=300)
    name = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)  # bytes
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    key = models.CharField(max_length=8, blank=True)  # the data key that opens it, besides the recovery key
    verified_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="backup_log")]


class RecoveryKey(models.Model):
    """The public half of the recovery key: backups are sealed for it, only the printed half opens them."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    public = models.CharField(max_length=80)  # an age recipient, `age1…`
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_recovery_key")]


class JobFault(models.Model):
    """How a job fails, or a periodic task (`queue`): by the fault's kind and place, never by its message."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    key = models.CharField(max_length=128, unique=True)  # the job's number, or a periodic task's name
    task = models.CharField(_("任务"), max_length=128)
    job = models.BigIntegerField(null=True)
    error = models.CharField(_("原因"), max_length=200)
    first_at = models.DateTimeField(_("最初"), default=clock.now)
    last_at = models.DateTimeField(_("最近"), default=clock.now)
    times = models.IntegerField(_("次数"), default=1)
    ended = models.BooleanField(default=False)  # it is not tried again by itself


class Tally(models.Model):
    """How often something was tried within a time, over all web processes (`count`)."""

    key = models.CharField(max_length=140, primary_key=True)
    tries = models.IntegerField(default=1)
    until = models.DateTimeField()


def count(key: str, seconds: int) -> int:
    """Count one more try of `key` and return how many there were within `seconds` of the first; one statement, in which
    two requests at once are two. Old rows go with `forget_tallies`."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_tally AS t (key, tries, until) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET"
            " tries = CASE WHEN t.until <= %s THEN 1 ELSE t.tries + 1 END,"
            " until = CASE WHEN t.until <= %s THEN excluded.until ELSE t.until END RETURNING tries",
            [key[:140], now + timedelta(seconds=seconds), now, now],
        )
        return int(cursor.fetchone()[0])


def forget_tallies() -> int:
    """Remove what has lapsed, of the shared cache too; returns how many tallies."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM platform_cache WHERE expires < %s", [clock.now()])
    return Tally.objects.filter(until__lt=clock.now()).delete()[0]

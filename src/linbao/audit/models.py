"""The audit log (6.1.1): who signed in, saw personal data, changed a setting, took something out; the chain of
blocks that shows every later change to it; and what the guards of the house have noticed (6.1.3)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import EncryptedText


class RecordQuerySet(models.QuerySet["Record"]):
    def visible_to(self, user: User) -> RecordQuerySet:
        """For auditors: what was done in their units, and what their units' people did; all of it on the root."""
        units = user.rights.units(Role.AUDITOR)
        if not units:
            return self.none()
        if units >= set(tree().by_id):
            return self.all()
        people = RoleGrant.objects.filter(unit__in_array=units).values("user")
        return self.filter(Q(unit_id__in=units) | Q(unit_id__isnull=True, actor_id__in=people))


class Record(models.Model):
    """One line of the log. Append-only: the database refuses update, delete and truncate (see migrations).

    Partitioned by month of `at`; the key in the database is (id, at). `mac` is made with a key that the
    database does not hold (`audit.keys`), so that a line written by anybody else is known for what it is. Lines that
    the database itself draws from the timeline of items (`item.…`) bear the mark of the session that wrote
    (`audit.sessions`), and after it the digest of the timeline's line.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=clock.now)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(_("人员"), max_length=40, blank=True)
    action = models.CharField(_("动作"), max_length=60)  # 'party.reveal', 'role.grant', 'export', …
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    unit_id = models.UUIDField(null=True)
    reason = models.CharField(_("事由"), max_length=300, blank=True)
    address = models.GenericIPAddressField(_("来源地址"), null=True)
    data = models.JSONField(default=dict)
    mac = models.BinaryField(null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        managed = False  # made by SQL in the migration: partitioned tables are beyond Django's schema editor
        db_table = "audit_record"
        ordering = ["-at", "-id"]


class Fact(models.Model):
    """What a row with evidence amounted to when it changed (`audit.facts`): a keyed digest of its columns, none when
    it was deleted, and the session's mark. Written by triggers alone, append-only, partitioned by month of `at`, kept
    as long as the chain. `seq` orders the facts of one row."""

    id = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    source = models.CharField(max_length=40)  # the table
    subject = models.UUIDField()  # the row's id
    digest = models.BinaryField(null=True)
    mac = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = "audit_fact"


class Key(models.Model):
    """What signs blocks (Ed25519) and marks lines (HMAC); both sealed with the installation's keys, so that
    whoever owns the database alone has neither. `public` (base64) goes out with every daily root."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    signing = EncryptedText()
    marking = EncryptedText()
    public = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        managed = False  # as the blocks that it signs
        db_table = "audit_key"


class Block(models.Model):
    """A link of the chain: the lines that one sealing took up, in their order, under one Merkle root.

    `leaves`: 32 bytes a line, in the order of `ids`. `hash` covers root, number, times and the hash of the block
    before; `signature` (Ed25519) is over `hash`. Append-only by trigger. See `audit.chain`.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    ids = ArrayField(models.UUIDField())
    leaves = models.BinaryField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    key = models.ForeignKey(Key, models.PROTECT, db_constraint=False, related_name="+", db_index=False)
    signature = models.BinaryField()

    class Meta:
        managed = False  # by SQL as the log itself: nothing but a migration may empty it
        db_table = "audit_block"


class Detachment(models.Model):
    """A month that retention has taken off the log (kept three years and more): how many lines of which block are
    gone for it, {number: [count, SHA-256 of their ids]}. The line `audit.detach` on the log vouches for it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    partition = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)
    rows = models.BigIntegerField()
    blocks = models.JSONField()


class Severity(models.TextChoices):
    LOW = "low", _("低")
    MIDDLE = "middle", _("中")
    HIGH = "high", _("高")


class Event(models.Model):
    """Something that the security officer should hear of (6.1.3): a lockout, a flood, a virus, a broken chain.

    Ordinary refusals stand in the security log only. `told_at` is set when the officer's room has taken it up.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=clock.now)
    action = models.CharField(max_length=60)
    severity = models.CharField(max_length=6, choices=Severity)
    address = models.GenericIPAddressField(null=True)
    user_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)  # without personal data
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="audit_event_untold", condition=Q(told_at__isnull=True)),
            models.Index(fields=["action", "address", "-at"], name="audit_event_repeat"),
        ]

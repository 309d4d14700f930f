"""The audit log: who signed in, saw personal data, changed a setting, took something out (6.1.1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.base import clock, ids
from linbao.units.models import Role, RoleGrant, User
from linbao.units.tree import tree


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
    """One line of the log. Append-only: the database refuses update and delete (see migration).

    Partitioned by month of `at`; the key in the database is (id, at).
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

    objects = RecordQuerySet.as_manager()

    class Meta:
        managed = False  # made by SQL in the migration: partitioned tables are beyond Django's schema editor
        db_table = "audit_record"
        ordering = ["-at", "-id"]

"""People, roles and tokens: who works where, as what, and since when."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

import rules
from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models.units import Unit
from linbao.organisation.rights import Rights
from linbao.organisation.roles import Role
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import EncryptedText


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: User) -> UserQuerySet:
        """People whom `viewer` needs to know (1.3.4): themselves; those who hold or held a role on a unit that
        the viewer administers, leads or reviews; for an administrator also those who never had a role."""
        rights, units = viewer.rights, tree()
        known = {Role.ADMINISTRATOR, Role.MANAGER, Role.REVIEWER} & set(rights.granted)
        if not known:
            return self.filter(pk=viewer.pk)
        seen = Q(pk=viewer.pk)
        grants = RoleGrant.objects.values("user")
        tops = {u.pk for u in units.roots()}
        if any(rights.granted[role] >= tops for role in known):
            seen |= Q(pk__in=grants)
        else:
            scope = rights.units(*known).union(*(units.within(c) for c in rights.communities(*known)))
            seen |= Q(pk__in=grants.filter(unit__in_array=scope))
        if Role.ADMINISTRATOR in known:
            seen |= ~Q(pk__in=grants)
        return self.filter(seen)


class People(UserManager["User"]):
    """Django's manager of accounts, and who may see whom."""

    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, viewer: User) -> UserQuerySet:
        return self.get_queryset().visible_to(viewer)


class User(AbstractBaseUser):
    """A person with an account. What they may do follows from their `RoleGrant`s alone."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    username = models.CharField(_("用户名"), max_length=40, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    email = models.EmailField(_("电子邮箱"), blank=True)
    phone = EncryptedText(_("手机"), null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(_("首次登录须修改口令"), default=False)
    language = models.CharField(_("语言"), max_length=10, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    class Meta:
        verbose_name = _("人员")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def rights(self) -> Rights:
        """What this person may do now; one query, kept for the life of this object (one request)."""
        granted: dict[str, set[UUID]] = defaultdict(set)
        if self.is_active:
            for role, unit in RoleGrant.objects.current().filter(user=self).values_list("role", "unit"):
                granted[role].add(unit)
        return Rights(dict(granted))

    @property
    def is_staff(self) -> bool:  # Django's own admin is not used.
        return False

    @property
    def is_superuser(self) -> bool:  # Nobody stands above the rules (三员分立).
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Ask `rules`; see each room's `permissions.py`."""
        return self.is_active and rules.has_perm(perm, self, obj)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def current(self, day: date | None = None) -> RoleGrantQuerySet:
        """Grants in force on `day` (today in the installation's zone)."""
        day = day or clock.today()
        return self.filter(Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day)


class RoleGrant(models.Model):
    """A role held by a person on a unit, and on everything below it, for a period."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("人员"))
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name=_("单位"))
    starts = models.DateField(_("自"), default=clock.today)
    ends = models.DateField(_("至"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("授予人"))
    granted_at = models.DateTimeField(default=clock.now, editable=False)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色授予")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "unit", "starts"], name="grant_once"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=models.F("starts")), name="grant_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"])]

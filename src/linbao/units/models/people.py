"""People, roles and tokens: who works where, as what, and since when."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

import rules
from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from linbao.base import clock, ids
from linbao.base.crypto import EncryptedText
from linbao.units.models.units import Unit
from linbao.units.rights import Rights
from linbao.units.roles import SEPARATED, Role
from linbao.units.tree import tree


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: User) -> UserQuerySet:
        """People whom `viewer` needs to know (1.3.4): themselves; those who hold or held a role on a unit that
        the viewer administers, leads or reviews; for an administrator also those who never had a role."""
        rights, units = viewer.rights, tree()
        known = {Role.ADMINISTRATOR, Role.MANAGER, Role.REVIEWER} & set(rights.held)
        if not known:
            return self.filter(pk=viewer.pk)
        seen = Q(pk=viewer.pk)
        held = RoleGrant.objects.values("user")
        tops = {u.pk for u in units.roots()}
        if any(rights.held[role] >= tops for role in known):
            seen |= Q(pk__in=held)
        else:
            scope = rights.units(*known).union(*(units.within(c) for c in rights.communities(*known)))
            seen |= Q(pk__in=held.filter(unit__in_array=scope))
        if Role.ADMINISTRATOR in known:
            seen |= ~Q(pk__in=held)
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
        held: dict[str, set[UUID]] = defaultdict(set)
        if self.is_active:
            for role, unit in RoleGrant.objects.current().filter(user=self).values_list("role", "unit"):
                held[role].add(unit)
        return Rights(dict(held))

    @property
    def is_staff(self) -> bool:  # Django's own admin is not used.
        return False

    @property
    def is_superuser(self) -> bool:  # Nobody stands above the rules (三员分立).
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Ask `rules`; see each room's `rules.py`."""
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


class ApiToken(models.Model):
    """A bearer token: only its digest is kept. Its rights are its owner's, cut down to `scopes`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("名称"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def make(cls, user: User, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiToken, str]:
        """A saved token and its secret, which is shown this once."""
        secret = "lb_" + secrets.token_urlsafe(32)
        row = cls.objects.create(
            user=user, name=name, scopes=scopes, digest=cls.digest_of(secret), expires_at=expires_at
        )
        return row, secret


class Phone(models.Model):
    """A browser or phone app that a person signed in with, as far as it can tell of itself (6.1.2); the person is told.

    `device` is a random id that the app keeps; one device may be used by several people. When it is reported lost or
    the account is closed, a wipe is asked for, and the app clears what it kept at its next contact.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    device = models.UUIDField()
    user = models.ForeignKey(User, models.CASCADE, related_name="phones", verbose_name=_("使用人"))
    platform = models.CharField(_("系统"), max_length=60, blank=True)
    screen = models.CharField(_("屏幕"), max_length=20, blank=True)
    storage_mb = models.IntegerField(_("已用存储（MB）"), null=True)
    standalone = models.BooleanField(_("以应用方式打开"), default=False)
    version = models.CharField(_("应用版本"), max_length=20, blank=True)
    first_at = models.DateTimeField(_("首次使用"), default=clock.now)
    last_at = models.DateTimeField(_("最近联系"), default=clock.now)
    wipe_asked_at = models.DateTimeField(_("要求清除"), null=True)
    whole = models.BooleanField(default=False)  # the device is lost: everybody's, not only this person's
    wiped_at = models.DateTimeField(_("已清除"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "user"], name="phone_once")]


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class RoleProposalQuerySet(models.QuerySet["RoleProposal"]):
    def visible_to(self, user: User) -> RoleProposalQuerySet:
        """For the officers who may confirm and the administrators who propose, of the unit or above."""
        return self.filter(unit__in_array=user.rights.units(*SEPARATED))

    def waiting(self) -> RoleProposalQuerySet:
        return self.filter(state=ProposalState.WAITING)


class RoleProposal(models.Model):
    """A role that an administrator wants to grant; in force only when a security officer confirms it (6.1.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="proposals", verbose_name=_("人员"))
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    starts = models.DateField(_("自"))
    ends = models.DateField(_("至"), null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    proposed_at = models.DateTimeField(_("提出时间"), default=clock.now)
    state = models.CharField(_("状态"), max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)

    objects = RoleProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色授予申请")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(state="waiting"), name="proposal_waiting_once"
            )
        ]
        indexes = [models.Index(fields=["unit", "-proposed_at", "-id"], name="proposal_unit")]


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    def visible_to(self, user: User) -> PasswordResetQuerySet:
        """What somebody may open: of people in their units, never their own nor what they asked for themselves."""
        ordinary = Q(officer=False, unit__in_array=user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER))
        officers = Q(officer=True, unit__in_array=user.rights.units(*SEPARATED))
        return self.filter(ordinary | officers).exclude(person=user).exclude(asked_by=user)

    def waiting(self) -> PasswordResetQuerySet:
        return self.filter(opened_at__isnull=True)


class PasswordReset(models.Model):
    """A one-time password in two halves (`password_resets`): the first is kept until a second person opens the other."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="password_resets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    officer = models.BooleanField(default=False)  # of one of the three officers
    first_half = EncryptedText(null=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)

    objects = PasswordResetQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["unit"], name="password_waiting", condition=Q(opened_at__isnull=True))]

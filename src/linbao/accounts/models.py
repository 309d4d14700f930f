"""Tokens, phones, proposals of roles, one-time passwords."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models.people import User
from linbao.organisation.models.units import Unit
from linbao.organisation.roles import SEPARATED, Role
from linbao.platform.encryption.crypto import EncryptedText


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
        """The digest under which a token is stored."""
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
    """The life of a proposal (`proposals.states.ROLE_PROPOSAL`)."""

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
    """A one-time password in two halves (`password_resets`): the first is kept until a second person opens the
    other."""

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

"""What leaves the system (`Delivery`) and what people are told inside it (`Notice`)."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import tree
from linbao.platform.encryption.crypto import EncryptedText


class DeliveryState(models.TextChoices):
    """The life of a delivery (`states.DELIVERY`)."""

    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已送达")
    FAILED = "failed", _("发送失败")  # given up, or refused for good
    UNCERTAIN = "uncertain", _("结果未知")  # handed over, but the server died before the answer was kept


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> DeliveryQuerySet:
        """Deliveries they caused, and those of units where they are manager, reviewer or administrator (on the root:
        all)."""
        units = user.rights.units("manager", "reviewer", "administrator")
        if units and units >= tree().by_id.keys():
            return self.all()
        return self.filter(Q(caused_by=user) | Q(unit__in=units))


class Delivery(models.Model):
    """A message to the outside, written with the fact that caused it, sent by a worker (design §2.3).

    `key` names the cause: a second delivery for the same cause cannot be written. `body` and `subject` hold no
    personal data; attachments are documents by id.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    key = models.CharField(max_length=140, unique=True)
    channel = models.CharField(_("渠道"), max_length=12)  # mail, sms, robot, webhook
    recipient = models.CharField(_("收件地址"), max_length=300)
    subject = models.CharField(_("主题"), max_length=200)
    body = models.TextField(blank=True)
    attachments = models.JSONField(default=list)  # [{"document": id, "form": "pdf"|"docx", "name": …}]
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    caused_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)

    state = models.CharField(_("状态"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, default=clock.now)
    handed_over = models.BooleanField(default=False)  # set just before the last byte: see outbox.mail
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(_("送达时间"), null=True)
    answer = models.CharField(_("对方回应"), max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="delivery_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["subject_id"], name="delivery_subject"),
            models.Index(fields=["unit", "-created_at", "-id"], name="delivery_unit"),
            models.Index(fields=["caused_by", "-created_at", "-id"], name="delivery_cause"),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(
                fields=["-created_at", "-id"], name="delivery_stopped", condition=Q(state__in=("failed", "uncertain"))
            ),
        ]


class StepKind(models.TextChoices):
    """What was done to a delivery."""

    TRY = "try", _("尝试发送")
    RESEND = "resend", _("决定再次发送")
    NOW = "now", _("决定立即重试")
    MARKED = "marked", _("确认已送达")


class StepOutcome(models.TextChoices):
    """How a try went."""

    SENT = "sent", _("对方已收下")
    LATER = "later", _("暂时不成，稍后再试")
    REFUSED = "refused", _("对方拒收")
    UNKNOWN = "unknown", _("结果未知")
    LOST = "lost", _("发送中断，尚未交出")
    GIVEN_UP = "given_up", _("多次未成，不再重试")


class DeliveryStep(models.Model):
    """One step on a delivery's way: a try of the worker with its answer, or a person's decision."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=StepKind, default=StepKind.TRY)
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=StepOutcome, blank=True)
    recipient = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]


ABOUT_ITEMS = ("items.item", "emergencies.urgentreport", "emergencies.alarm", "weekly_reports.weeklyreport")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def readable_by(self, user: User) -> NoticeQuerySet:
        """What `user` was told; what was told of items no longer, once none are entrusted to them (1.3.4)."""
        rows = self.filter(user=user)
        return rows if user.rights.informed else rows.exclude(subject_type__in=ABOUT_ITEMS)


class Notice(models.Model):
    """A line for one person inside the product; mail goes beside it where they have an address."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=60)
    text = models.CharField(max_length=300)  # without personal data
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)  # when it goes by mail unless it was read before; see `Preference`

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["mail_at"], name="notice_mail", condition=Q(mail_at__isnull=False)),
            models.Index(fields=["user", "-created_at", "-id"], name="notice_user"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]


class ByMail(models.TextChoices):
    """How notices that are not urgent go by mail."""

    AT_ONCE = "at_once", _("随时发")
    DIGEST = "digest", _("每天汇总一次")
    NEVER = "never", _("不发邮件")


class Preference(models.Model):
    """How one person wants to hear of what is not urgent; without a row: a digest each morning. Alarms never wait."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="notice_preference")
    by_mail = models.CharField(_("消息邮件"), max_length=8, choices=ByMail, default=ByMail.DIGEST)
    digest_at = models.TimeField(_("汇总时间"), default=time(8, 30))  # in the installation's zone
    quiet_from = models.TimeField(_("免打扰自"), null=True, blank=True)  # may cross midnight
    quiet_to = models.TimeField(_("免打扰至"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_whole",
            )
        ]


class ChannelKind(models.TextChoices):
    """The kinds of channels, by the address that each needs."""

    WECOM = "wecom", _("企业微信机器人")
    DINGTALK = "dingtalk", _("钉钉机器人")
    FEISHU = "feishu", _("飞书机器人")
    WEBHOOK = "webhook", _("网络钩子")
    OTHER = "other", _("短信网关等其他")


class Channel(models.Model):
    """A way out of a unit besides mail; the address is Apprise's form and holds a secret."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("种类"), max_length=10, choices=ChannelKind)
    address = EncryptedText(_("地址"))
    active = models.BooleanField(_("启用"), default=True)
    stand_in = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("失败时改用")
    )
    stands_in_only = models.BooleanField(_("只作替补"), default=False)
    tried_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)  # of the last try; empty: it went well

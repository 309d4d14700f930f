"""Review: claims, decisions with their four checks, findings by field, standard reasons (4.3.1, 4.3.2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.items.models import Item, in_words
from linbao.organisation.models import Unit, User


class Check(models.TextChoices):
    """The four questions of 4.3.1."""

    TRUTH = "truth", _("真实性")
    COMPLETENESS = "completeness", _("完整性")
    ACCURACY = "accuracy", _("准确性")
    FORMAT = "format", _("报告格式")


class StandardReason(models.Model):
    """A reason for return that a reviewer picks instead of typing; an administrator edits the list."""

    code = models.CharField(_("代码"), max_length=40, primary_key=True)
    check_kind = models.CharField(_("审核项"), max_length=12, choices=Check)
    text = models.CharField(_("内容"), max_length=200)
    text_en = models.CharField(_("英文"), max_length=200, blank=True)
    field = models.CharField(_("常见栏目"), max_length=60, blank=True)  # where one click puts it
    active = models.BooleanField(_("启用"), default=True)
    order = models.IntegerField(_("排序"), default=0)

    class Meta:
        ordering = ["check_kind", "order"]

    @property
    def shown(self) -> str:
        """The reason in the language of the page."""
        return in_words(self.text, self.text_en)


class Claim(models.Model):
    """A reviewer is judging this item; a claim lapses by itself."""

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="claim")
    reviewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    until = models.DateTimeField()


class Review(models.Model):
    """One decision on one submission; `answers` per check: {"pass": bool, "remark": str, "overruled": reason}.

    `snapshot` is the item as it was reviewed (without personal data: parties by a keyed digest), so that the next
    reviewer sees exactly what changed.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    round = models.SmallIntegerField(default=1)
    approved = models.BooleanField()
    answers = models.JSONField(default=dict)
    remark = models.CharField(max_length=500, blank=True)
    completeness_mark = models.SmallIntegerField(null=True)  # 1 to 5, read by appraisal (domain.md §6)
    analysis_mark = models.SmallIntegerField(null=True)
    snapshot = models.JSONField(default=dict)

    class Meta:
        ordering = ["at"]


class Finding(models.Model):
    """A field at fault and why (4.3.2: 明确指出问题所在)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="findings")
    field = models.CharField(max_length=60)  # 'title', 'details.course', 'parties', 'attachments'
    check_kind = models.CharField(max_length=12, choices=Check)
    reason = models.ForeignKey(StandardReason, models.PROTECT, null=True)
    note = models.CharField(max_length=300, blank=True)
    order = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]


class MergeSuggestion(models.Model):
    """Two items that look like one matter; stored so that a dismissed pair is not offered again."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    other = models.ForeignKey(Item, models.CASCADE, related_name="+")
    community = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    dismissed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "other"], name="merge_pair_once")]

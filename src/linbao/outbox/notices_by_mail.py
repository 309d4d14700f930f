"""Notices that are due by mail; what was read inside the product before is not sent (design §2.3)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linbao.core import clock
from linbao.organisation.models import User
from linbao.outbox import services
from linbao.outbox.models import Notice
from linbao.platform import queue

MOST_LINES = 50  # of one mail
MOST_PEOPLE = 200  # of one turn


def send_due() -> int:
    """Post one mail to each person for whom unread notices are due; returns how many. Safe to repeat."""
    due_now = Notice.objects.filter(mail_at__lte=clock.now())
    due_now.filter(read_at__isnull=False).update(mail_at=None)
    people = list(due_now.order_by().values_list("user", flat=True).distinct()[:MOST_PEOPLE])
    return queue.each(people, _post)


def _post(user_id: UUID) -> int:
    """The mail with all that is due for one person."""
    rows = Notice.objects.select_for_update(skip_locked=True).filter(user=user_id, mail_at__lte=clock.now())
    due_lines = list(rows.order_by("created_at", "id"))
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    readable = set(rows.readable_by(user).values_list("pk", flat=True)) if user is not None else set()
    lines = [n for n in due_lines if n.pk in readable]
    if user is not None and lines:
        with translation.override(user.language or settings.LANGUAGE_CODE):
            subject = ngettext("邻报：%(n)d 条消息", "邻报：%(n)d 条消息", len(lines)) % {"n": len(lines)}
            body = "\n".join(f"· {n.text}" for n in lines[:MOST_LINES])
            if len(lines) > MOST_LINES:
                body += "\n" + _("……另有 %(n)d 条") % {"n": len(lines) - MOST_LINES}
            body += "\n\n" + _("查看：%(address)s\n不想收到这类邮件，可在“消息”页的“提醒设置”里更改。") % {
                "address": settings.BASE_URL + reverse("notices")
            }
        services.post(
            key=f"notices:{lines[-1].pk}",
            channel="mail",
            recipient=user.email,
            subject=subject,
            body=body,
            unit_id=user.rights.home,
        )
    Notice.objects.filter(pk__in=[n.pk for n in due_lines]).update(mail_at=None)
    return bool(lines)

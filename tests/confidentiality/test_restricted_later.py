"""An item that becomes restricted after its words went into notices, mails and documents (1.3.4, 6.2.2)."""

from __future__ import annotations

import email
from datetime import timedelta
from email import policy
from typing import Any

import pytest

from linbao.core import clock
from linbao.emergencies import document
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, RecordCall
from linbao.handling.models import Verdict
from linbao.items import services as item_services
from linbao.items.models import Item
from linbao.management.meetings import services as meetings
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import reference
from linbao.outbox import mail, notices_by_mail
from linbao.outbox.models import Delivery, Notice
from linbao.review import services as review
from linbao.review.inputs import ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
from tests.loop import Town

pytestmark = pytest.mark.clause("1.3.4", "6.2.2")
WORD = "白泽踏雪"
FINDINGS = [{"field": "narrative", "check": "accuracy", "words": "请核对时间"}]


def restrict(town: Town, item: Item) -> None:
    """The reporter makes a returned item sensitive."""
    review.return_(town.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    item_services.change(town.reporter, item.pk, {"sensitivity": "sensitive"})


@pytest.fixture
def mailed(town: Town) -> Town:
    """Everybody reads mail, and the community has its mailbox."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.cn")
    Unit.objects.filter(pk=town.community.pk).update(mailbox="weekly@example.cn")
    reference.drop()
    return town


def letters() -> str:
    """What would leave now, of all that has not left yet."""
    return "\n".join(f"{d.subject}\n{d.body}" for d in Delivery.objects.exclude(state="sent"))


def test_mails_that_wait_for_the_server_lose_its_title(mailed: Town, time: Any) -> None:
    item = mailed.submitted(title=f"{WORD}家中争吵")
    review.return_(mailed.reviewer, item.pk, ReturnItem(findings=FINDINGS))
    time.shift(timedelta(days=1))
    assert notices_by_mail.send_due() and WORD in letters()
    item_services.change(mailed.reporter, item.pk, {"sensitivity": "sensitive"})
    assert WORD not in letters() and item.number and item.number in letters()


def test_alarms_that_wait_for_the_server_lose_its_title(mailed: Town, settings: Any) -> None:
    settings.NOTIFY_URLS = ["json://robot.example.com/"]
    item = mailed.submitted(title=f"{WORD}家中争吵", urgent=True)
    assert WORD in letters()
    restrict(mailed, item)
    assert WORD not in letters() and not [n.kind for n in Notice.objects.all() if WORD in n.text]


def test_the_mail_of_a_weekly_report_leaves_without_its_documents(mailed: Town, time: Any) -> None:
    item = mailed.submitted(title=f"{WORD}家中争吵")
    report = weekly_reports.assemble_week(mailed.reporter, clock.monday(clock.today()))
    weekly_reports.confirm(mailed.reporter, report.pk, ConfirmReport(reason="外出培训"))
    with clock.at(clock.now() + timedelta(minutes=30)):
        weekly_reports.send_due()
        weekly_reports.make_documents(report.pk, 1)
    row = Delivery.objects.get(key__startswith="weekly:")
    assert mail.message(row).data.count(b"Content-Disposition: attachment") == 2
    restrict(mailed, item)  # the server was away all the while
    data = mail.message(Delivery.objects.get(pk=row.pk)).data
    assert b"Content-Disposition: attachment" not in data


def test_the_mail_of_an_urgent_report_leaves_without_its_document(mailed: Town) -> None:
    item = mailed.submitted(
        urgent=True,
        category="event",
        subcategory="family",
        parties=[],
        title=f"{WORD}家中争吵",
        details={
            "course": "昨夜争吵到天亮",
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "present_state": "in_progress",
            "measures_taken": "已劝解",
            "none_involved": True,
        },
    )
    assert item.occurred_at is not None
    emergencies.record_call(mailed.reporter, item.pk, RecordCall(message="家中争吵", answered_by="值班员"))
    made = emergencies.write(
        mailed.reporter,
        item.pk,
        FileVersion(
            content={
                "kind": "dispute",
                "subcategory": "family",
                "occurred_at": item.occurred_at.isoformat(),
                "place": f"{WORD}巷三号院内",
                "course": "争吵升级，惊动四邻。",
                "dead": 0,
                "injured": 0,
                "missing": 0,
                "persons": 3,
                "households": 1,
                "area": "",
                "loss": "",
                "impact": "四邻不安",
                "measures": "已分开",
                "reported_to": ["police"],
                "present_state": "in_progress",
                "present": "仍有人激动",
                "help": "请派社工",
                "level": "general",
                "none_involved": True,
            }
        ),
    )
    document.make_document(made.pk)
    row = Delivery.objects.get(key__startswith="urgent:")
    assert b"Content-Disposition: attachment" in mail.message(row).data and WORD in row.body
    restrict(mailed, item)
    row.refresh_from_db()
    letter = email.message_from_bytes(mail.message(row).data, policy=policy.default)
    assert not list(letter.iter_attachments())
    body = letter.get_body()
    assert body is not None and WORD not in body.get_content() and "登录" in body.get_content()


def test_one_that_was_restricted_from_the_first_is_mailed_as_ever(mailed: Town) -> None:
    mailed.submitted(title=f"{WORD}家中争吵", sensitivity="sensitive")
    report = weekly_reports.assemble_week(mailed.reporter, clock.monday(clock.today()))
    weekly_reports.confirm(mailed.reporter, report.pk, ConfirmReport(reason="外出培训"))
    with clock.at(clock.now() + timedelta(minutes=30)):
        weekly_reports.send_due()
        weekly_reports.make_documents(report.pk, 1)
    row = Delivery.objects.get(key__startswith="weekly:")
    assert mail.message(row).data.count(b"Content-Disposition: attachment") == 2


def test_an_agenda_names_a_restricted_item_by_number_and_category(town: Town) -> None:
    item = town.submitted(sensitivity="sensitive")
    Item.objects.filter(pk=item.pk).update(verdict=Verdict.UNSATISFIED, work_group=town.group)
    (point,) = [p for p in meetings.open_points(town.community.pk) if p.subject_id == item.pk]
    assert point.title == f"{item.number} 环境卫生"

"""Background jobs that do not go on by themselves: what failed, what is being tried again, and an administrator's
decision on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.audit import services as audit
from linbao.core import text
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation.models import User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.platform.models import JobFault
from linbao.platform.observability import health
from linbao.shell.inputs import DiscardJob

STATES = {"ended": lazy("需要处理"), "going": lazy("正在自动重试")}
NAMES: dict[str, Any] = {
    "appraisal.count_open": lazy("考核：每夜重算"),
    "appraisal.close_expired_phases": lazy("考核：各阶段到期"),
    "appraisal.make_documents": lazy("考核：生成通知书"),
    "archive.rollups": lazy("统计：汇总"),
    "audit.check": lazy("审计：核对近两日"),
    "audit.check_all": lazy("审计：核对全部"),
    "audit.months": lazy("审计：按月分区"),
    "audit.seal": lazy("审计：封链"),
    "audit.send_root": lazy("审计：每日寄出链根"),
    "platform.backup": lazy("备份"),
    "platform.reseal": lazy("密钥：按新密钥重新加密"),
    "platform.reseal_left": lazy("密钥：检查未完成的重新加密"),
    "items.check_items": lazy("上报：自动核查"),
    "items.end_imports": lazy("导入：结束中断的导入"),
    "items.open_week": lazy("收集：开立本周任务"),
    "items.read_import": lazy("导入：读取表格"),
    "items.run_import": lazy("导入：写入"),
    "conduct.gather": lazy("奖惩：收取贡献"),
    "conduct.make_certificate": lazy("奖励：生成证书"),
    "conduct.make_decision": lazy("责任追究：生成决定书"),
    "conduct.settle": lazy("责任追究：期限到期"),
    "confidentiality.daily": lazy("保密：每日到期处理"),
    "confidentiality.make_agreement": lazy("保密：生成承诺书"),
    "confidentiality.trace": lazy("保密：比对泄露的内容"),
    "confidentiality.watch": lazy("保密：异常查看"),
    "duties.tick": lazy("期限：提醒与督办"),
    "handling.close_settled": lazy("办理：自动归档"),
    "handling.draw_call_backs": lazy("办理：抽取回访"),
    "management.leave": lazy("管理：请假与离岗交接"),
    "management.make_file": lazy("管理：生成工作档案"),
    "management.make_minutes": lazy("管理：生成会议纪要"),
    "management.open_month": lazy("管理：开立本月例会"),
    "management.retention": lazy("管理：到期档案"),
    "management.tasks": lazy("管理：周期任务"),
    "outbox.notices_by_mail": lazy("发送：消息邮件"),
    "outbox.send": lazy("发送：投递"),
    "outbox.sweep": lazy("发送：重试与清理"),
    "emergencies.alarms": lazy("紧急：警报催签"),
    "weekly_reports.make_documents": lazy("周报：生成文件并寄出"),
    "emergencies.make_document": lazy("紧急：生成书面报告并寄出"),
    "emergencies.make_missing": lazy("紧急：补生成缺的文件"),
    "weekly_reports.make_missing": lazy("周报：补生成缺的文件"),
    "weekly_reports.open_week": lazy("周报：开立与汇成"),
    "weekly_reports.send_due": lazy("周报：到时发出"),
    "review.escalate_unreviewable": lazy("审核：无人可审的督促"),
    "security.make_record": lazy("安全：生成记录"),
    "security.open_duties": lazy("安全：开立检查任务"),
    "security.read_host": lazy("安全：读取主机报告"),
    "training.make_record": lazy("培训：生成记录"),
    "training.open_quarter": lazy("培训：开立本季任务"),
}


def name(task: str) -> str:
    """What a task does, in words."""
    return str(NAMES.get(task, task))


LISTING = Listing(
    name="jobs",
    title=lazy("后台任务"),
    permission="jobs.manage",
    action="list.export",
    url="jobs",
    export_url="jobs-export",
    rows=lambda user, values: JobFault.objects.all(),
    filters=(
        Choice(
            "status",
            lazy("状态"),
            lambda rows, value: rows.filter(ended=value == "ended"),
            every=lazy("全部状态"),
            options=STATES.items(),
        ),
        Choice(
            "task",
            lazy("任务"),
            "task",
            every=lazy("全部任务"),
            options=lambda user: sorted(((k, str(v)) for k, v in NAMES.items()), key=lambda pair: pair[1]),
        ),
    ),
    columns=(
        Column("name", lazy("任务"), lambda r: name(r.task), 24),
        Column("state", lazy("状态"), lambda r: STATES["ended" if r.ended else "going"], 14),
        Column("error", lazy("原因"), lambda r: r.error, 40),
        Column("first", lazy("最初"), lambda r: r.first_at, 18, sort="first_at"),
        Column("last", lazy("最近"), lambda r: r.last_at, 18, sort="last_at"),
        Column("times", lazy("次数"), lambda r: r.times, 8, sort="times"),
    ),
    sort="-last",
)


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """What does not go on by itself, and the jobs behind it; `status` and `task` narrow the list."""
    allow(request.user, "jobs.manage")
    return _page(request)


def _page(request: AuthenticatedRequest, refused: UUID | None = None, problem: Invalid | None = None) -> HttpResponse:
    """The list; `problem` stands beside the reason typed for the job `refused`."""
    page = LISTING.page(request)
    for row in page.rows:
        row["refused"] = row.row.pk == refused
    context = {
        "troubles": [{"label": health.label(t), "advice": health.advice(t), "trouble": t} for t in health.troubles()],
        "page": page,
        "post": request.POST,
        "errors": problem.fields if problem else {},
    }
    return render(request, "shell/jobs.html", context, status=problem.status if problem else page.status)


@login_required
@require_GET
def export(request: AuthenticatedRequest) -> HttpResponseBase:
    """The same list as XLSX or CSV."""
    return LISTING.export(request)


@login_required
@require_POST
def decide(request: AuthenticatedRequest, fault_id: UUID) -> HttpResponse:
    """POST `verb`: `retry` a failed job now, or `discard` it with a `reason`."""
    user = request.user
    allow(user, "jobs.manage")
    if request.POST.get("verb") == "retry":
        retry(user, fault_id)
        messages.success(request, _("已重新排队，稍候刷新查看结果。"))
        return redirect("jobs")
    try:
        discard(user, fault_id, posted(DiscardJob, request.POST))
    except Invalid as e:
        return _page(request, fault_id, e)
    messages.success(request, _("已放弃，理由留在审计日志里。"))
    return redirect("jobs")


@transaction.atomic
def retry(user: User, fault_id: UUID) -> None:
    """Give a failed job its attempts anew; on the audit log. Raises `NotFound`, `Conflict` when it has not failed."""
    fault = _failed(fault_id)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'todo', attempts = 1, scheduled_at = NULL"
                " WHERE id = %s AND status = 'failed'",
                [fault.job],
            )
            if not cursor.rowcount:
                raise Conflict(_("这项任务已经不在队列里。"))
    except IntegrityError:  # its like waits already
        raise Conflict(_("同样的任务已在排队，稍候刷新查看结果。")) from None
    audit.record(user, "job.retry", task=fault.task)
    JobFault.objects.filter(pk=fault.pk).update(ended=False)


@transaction.atomic
def discard(user: User, fault_id: UUID, data: DiscardJob) -> None:
    """Take a failed job away; on the audit log with the reason. Raises as `retry` does."""
    fault = _failed(fault_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'failed'", [fault.job])
    audit.record(user, "job.discard", task=fault.task, reason=text.mask_within(data.reason))
    fault.delete()


def _failed(fault_id: UUID) -> JobFault:
    fault = JobFault.objects.select_for_update().filter(pk=fault_id).first()
    if fault is None:
        raise NotFound(_("没有这项任务。"))
    if not fault.ended or fault.job is None:
        raise Conflict(_("这项任务会自动重试，不需要处理。"))
    return fault

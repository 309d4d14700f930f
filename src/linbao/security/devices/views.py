"""Devices and media: register, hands, inspections with their lists, findings, loss and disposal (6.1.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linbao.accounts.models import Phone
from linbao.core import clock
from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Search
from linbao.core.permissions import allow
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.devices import services as devices
from linbao.security.devices.inputs import AssignDevice, ChangeDevice, DisposeOfDevice, RecoverDevice, RegisterDevice
from linbao.security.forms import AssignForm, DeviceForm, DisposeForm, NewDeviceForm, NoteForm
from linbao.security.models import MEDIA, Device, DeviceKind, DeviceState
from linbao.security.presentation import (
    Act,
    Badge,
    Line,
    Register,
    Section,
    ask,
    detail,
    inspected,
    officers_row,
    unit_name,
)

STATES = {
    DeviceState.IN_USE: ("done", "circle-check"),
    DeviceState.LOST: ("bad", "alert-triangle"),
    DeviceState.DISPOSED: ("neutral", "archive"),
}


def state_badge(row: Device) -> Badge:
    """The state of a device."""
    tone, icon = STATES[DeviceState(row.state)]
    return Badge(row.get_state_display(), tone, icon)


def overdue(row: Device) -> bool:
    """Whether a device was inspected neither in this period (quarter, or month for a medium) nor in the one before."""
    about_month = row.kind in MEDIA
    day = clock.today()
    first = staff.months_on((staff.month(day) if about_month else staff.quarter(day))[0], -1 if about_month else -3)
    seen = row.inspected_at or row.registered_at
    return row.state == DeviceState.IN_USE and clock.local(seen).date() < first


def _line(row: Device) -> Line:
    badges = [state_badge(row)]
    if overdue(row):
        badges.append(Badge(_("检查超期"), "bad", "clock-exclamation"))
    holder = row.holder.name if row.holder else _("单位保管")
    return Line(
        row.name,
        [row.get_kind_display(), row.number, holder, unit_name(row), inspected(row)],
        badges,
        href=reverse("security:device", args=[row.pk]),
    )


def _acts(user: User) -> list[Act]:
    if not user.has_perm("security.officer"):
        return []
    return [
        Act(reverse("security:device-new"), _("登记"), "plus", tone="primary"),
        Act(reverse("security:phones"), _("应用报告的设备"), "device-mobile"),
        Act(reverse("security:check-list", args=["device"]), _("检查表"), "list-check"),
    ]


REGISTER = Register(
    Listing(
        name="security-devices",
        title=lazy("设备和存储介质"),
        permission="security.look",
        action="security.export",
        url="security:devices",
        export_url="security:devices-export",
        rows=lambda user, values: Device.objects.visible_to(user).select_related("holder"),
        filters=(
            Search(
                "q",
                lazy("名称、编号或使用人"),
                lambda rows, q: rows.filter(
                    Q(name__icontains=q) | Q(number__icontains=q) | Q(holder__name__icontains=q)
                ),
            ),
            Choice("kind", lazy("种类"), "kind", every=lazy("全部种类"), options=DeviceKind.choices),
            Choice("state", lazy("状态"), "state", every=lazy("全部状态"), options=DeviceState.choices),
        ),
        columns=(
            Column("number", lazy("编号"), lambda r: r.number, sort="number"),
            Column("name", lazy("名称"), lambda r: r.name, sort="name"),
            Column("kind", lazy("种类"), lambda r: r.get_kind_display()),
            Column("unit", lazy("单位"), lambda r: unit_name(r)),
            Column("holder", lazy("使用人"), lambda r: r.holder.name if r.holder else ""),
            Column("state", lazy("状态"), lambda r: r.get_state_display()),
            Column(
                "registered_at", lazy("登记时间"), lambda r: r.registered_at, sort="registered_at", format="%Y-%m-%d"
            ),
            Column("inspected_at", lazy("最近检查"), lambda r: r.inspected_at, format="%Y-%m-%d"),
        ),
        sort="-registered_at",
    ),
    clause="6.1.2",
    subtitle=lazy("设备每季度检查一次，存储介质每月一次；从登记到处置都有记录。"),
    line=_line,
    icon="devices",
    empty=(lazy("还没有登记设备"), lazy("先登记工作手机、电脑和 U 盘；检查任务会按期自动生成。")),
    acts=_acts,
)
BACK = "security:devices"


index, export = REGISTER.views()


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Register a device; `?phone=` takes over what the app on it reported."""
    user = request.user
    allow(user, "security.officer")
    asked = as_uuid(request.GET.get("phone", ""))
    phone = devices.find_phone(user, asked) if asked else None
    initial = (
        {
            "kind": DeviceKind.PHONE,
            "holder": phone.user.username,
            "name": _("%(name)s的工作手机") % {"name": phone.user.name},
        }
        if phone
        else {}
    )
    form = NewDeviceForm(user, request.POST if request.method == "POST" else None, initial=initial)

    def do() -> str:
        row = devices.register(user, posted(RegisterDevice, request.POST, phone=asked))
        return reverse("security:device", args=[row.pk])

    return ask(
        request,
        form,
        do,
        title=_("登记设备或介质"),
        back=(reverse(BACK), _("设备和存储介质")),
        clause="6.1.2",
        submit=_("登记"),
        done=_("已登记。"),
        people=staff.proposed(staff.of(user.rights.units(Role.SECURITY_OFFICER))),
    )


@require_GET
@login_required
def phones(request: AuthenticatedRequest) -> HttpResponse:
    """What phones and browsers of people in one's units reported of themselves; those not registered can be."""
    user = request.user
    allow(user, "security.officer")
    people = staff.of(user.rights.units(Role.SECURITY_OFFICER)).values("pk")
    rows = list(Phone.objects.filter(user__in=people).select_related("user").order_by("-last_at")[:200])
    known = dict(Device.objects.filter(phone__in=[r.pk for r in rows]).values_list("phone", "pk"))
    lines = [_phone_line(r, known.get(r.pk)) for r in rows]
    return detail(
        request,
        title=_("应用报告的设备"),
        back=(reverse(BACK), _("设备和存储介质")),
        clause="6.1.2",
        note=_("应用在登录后报告系统、屏幕、存储、打开方式、版本和最近联系时间；本人在“信息安全”中看得到。"),
        sections=[Section(_("最近联系的 200 台"), "device-mobile", lines, _("还没有设备报告。"))],
    )


def _phone_line(row: Phone, device: UUID | None) -> Line:
    badges = [Badge(_("以应用方式打开") if row.standalone else _("浏览器"), "neutral", "device-mobile")]
    if row.wiped_at:
        badges.append(Badge(_("已清除"), "done", "circle-check"))
    elif row.wipe_asked_at:
        badges.append(Badge(_("等待清除"), "warn", "hourglass"))
    act = (
        Act(reverse("security:device", args=[device]), _("已登记"), "circle-check")
        if device
        else Act(f"{reverse('security:device-new')}?phone={row.pk}", _("登记"), "plus")
    )
    used = f"{row.storage_mb} MB" if row.storage_mb is not None else ""
    return Line(
        f"{row.user.name} · {row.platform or _('设备')}",
        [row.screen, used, row.version, row.last_at],
        badges,
        acts=[act],
    )


@require_GET
@login_required
def device(request: AuthenticatedRequest, device_id: UUID) -> HttpResponse:
    """One device: who uses and used it, inspections, loss and disposal."""
    user = request.user
    allow(user, "security.look")
    row = devices.get(user, device_id)
    phone = row.phone
    facts: list[tuple[Any, Any]] = [
        (_("种类"), row.get_kind_display()),
        (_("编号"), row.number),
        (_("单位"), unit_name(row)),
        (_("使用人"), row.holder.name if row.holder else _("单位保管")),
        (_("登记时间"), row.registered_at),
        (_("最近检查"), row.inspected_at),
        (_("报失时间"), row.lost_at),
    ]
    if phone is not None:
        message = _("等待清除") if phone.wipe_asked_at and not phone.wiped_at else _("已清除") if phone.wiped_at else ""
        facts += [(_("应用最近联系"), phone.last_at), (_("系统"), phone.platform), (_("清除"), message)]
    if row.state == DeviceState.DISPOSED and row.disposed_by and row.witness:
        facts += [
            (_("处置时间"), row.disposed_at),
            (_("处置方式"), devices.DISPOSALS.get(row.disposal, "")),
            (_("处置经过"), row.disposal_note),
            (_("办理人"), row.disposed_by.name),
            (_("监督人"), row.witness.name),
        ]
    inspections = row.inspections.select_related("by").prefetch_related("findings").order_by("-at")[:24]
    holdings = row.holdings.select_related("person").order_by("-starts")[:50]
    return detail(
        request,
        title=row.name,
        back=(reverse(BACK), _("设备和存储介质")),
        clause="6.1.2",
        badges=[state_badge(row)],
        acts=_row_acts(user, row),
        facts=facts,
        sections=[
            Section(_("检查记录"), "clipboard-check", [inspection_line(i) for i in inspections], _("还没有检查过。")),
            Section(
                _("使用人变动"),
                "users",
                [Line(h.person.name, [h.starts, "→", h.ends or _("至今")]) for h in holdings],
                _("没有交给个人使用过。"),
            ),
        ],
    )


def _row_acts(user: User, row: Device) -> list[Act]:
    if not user.has_perm("security.keep", row.unit) or row.state == DeviceState.DISPOSED:
        return []

    def act(name: str, label: str, icon: str, tone: str = "") -> Act:
        return Act(reverse(f"security:{name}", args=[row.pk]), label, icon, tone=tone)

    if row.state == DeviceState.LOST:
        return [act("device-found", _("已找回"), "check", "primary"), act("device-dispose", _("注销处置"), "trash")]
    return [
        act("device-inspect", _("检查"), "clipboard-check", "primary"),
        act("device-assign", _("交接"), "arrows-exchange"),
        act("device-edit", _("修改"), "pencil"),
        act("device-dispose", _("处置"), "trash"),
    ]


def inspection_line(row: Any) -> Line:
    """An inspection with its findings (prefetched) as a row of a list."""
    bad = list(row.findings.all())
    message = "\n".join(f.problem for f in bad)
    badge = (
        Badge(_("%(n)d 个问题") % {"n": len(bad)}, "warn", "alert-triangle")
        if bad
        else Badge(_("全部合格"), "done", "circle-check")
    )
    acts = [Act(reverse("security:finding", args=[f.pk]), _("问题"), "chevron-right") for f in bad[:3]]
    return Line(row.by.name, [row.at], [badge], body=message, acts=acts)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: AuthenticatedRequest, device_id: UUID) -> HttpResponseBase:
    """Correct kind, name or number."""
    user, row, here = officers_row(request, devices.get, device_id, "security:device")
    initial = {"kind": row.kind, "name": row.name, "number": row.number}
    form = DeviceForm(request.POST if request.method == "POST" else None, initial=initial)

    def do() -> str:
        devices.change(user, row.pk, posted(ChangeDevice, request.POST))
        return here

    return ask(request, form, do, title=_("修改设备"), back=(here, row.name), clause="6.1.2", done=_("已保存。"))


@require_http_methods(["GET", "POST"])
@login_required
def assign(request: AuthenticatedRequest, device_id: UUID) -> HttpResponseBase:
    """Hand it to a person, or take it back."""
    user, row, here = officers_row(request, devices.get, device_id, "security:device")
    form = AssignForm(
        request.POST if request.method == "POST" else None,
        initial={"holder": row.holder.username if row.holder else ""},
    )

    def do() -> str:
        devices.assign(user, row.pk, posted(AssignDevice, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=_("设备交接"),
        back=(here, row.name),
        clause="6.1.2",
        submit=_("交接"),
        done=_("已交接。"),
        people=staff.proposed(staff.of(tree().within(row.unit_id))),
    )


@require_http_methods(["GET", "POST"])
@login_required
def recover(request: AuthenticatedRequest, device_id: UUID) -> HttpResponseBase:
    """Write down that a lost device is back."""
    user, row, here = officers_row(request, devices.get, device_id, "security:device")
    form = NoteForm(request.POST if request.method == "POST" else None, label=_("如何找回，是否检查过"), most=300)

    def do() -> str:
        devices.recover(user, row.pk, posted(RecoverDevice, request.POST))
        return here

    return ask(request, form, do, title=_("设备找回"), back=(here, row.name), clause="6.1.2", done=_("已恢复在用。"))


@require_http_methods(["GET", "POST"])
@login_required
def dispose(request: AuthenticatedRequest, device_id: UUID) -> HttpResponseBase:
    """Take it off the register for good, watched by a second person."""
    user, row, here = officers_row(request, devices.get, device_id, "security:device")
    form = DisposeForm(request.POST if request.method == "POST" else None)

    def do() -> str:
        devices.dispose(user, row.pk, posted(DisposeOfDevice, request.POST))
        return here

    note = _("处置前先清除存储内容，并由办理人和使用人以外的一位同事在场监督。处置后记录不能再改。")
    return ask(
        request,
        form,
        do,
        title=_("设备处置"),
        back=(here, row.name),
        clause="6.1.2",
        submit=_("确认处置"),
        note=note,
        danger=True,
        done=_("已处置，记录已存档。"),
        people=staff.proposed(staff.of(tree().within(row.unit_id))),
    )

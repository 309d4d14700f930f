"""Places of sensitive information: register, who may enter, the entry log, and the door's own page (6.2.3)."""

from __future__ import annotations

from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core.fields import set_errors
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Period, Search
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.security import staff
from linbao.security.devices.views import inspection_line
from linbao.security.forms import AdmitForm, NewPlaceForm, PersonForm, PlaceForm, PurposeForm
from linbao.security.models import Entry, Place
from linbao.security.premises import services as places
from linbao.security.premises.inputs import Admit, ChangePlace, Enter, PermitEntry, RegisterPlace
from linbao.security.presentation import (
    Act,
    Badge,
    Line,
    Register,
    Section,
    ask,
    back_to,
    detail,
    inspected,
    officers_row,
    unit_name,
)

ENTRIES = 30  # of the log on one page


def _badge(row: Place) -> Badge:
    return Badge(_("启用"), "done", "circle-check") if row.active else Badge(_("停用"), "neutral", "circle-minus")


def _line(row: Place) -> Line:
    keeper = _("责任人 %(name)s") % {"name": row.keeper.name}
    return Line(
        row.name,
        [row.get_kind_display(), row.where, keeper, unit_name(row), inspected(row)],
        [_badge(row)],
        href=reverse("security:place", args=[row.pk]),
    )


def _acts(user: User) -> list[Act]:
    if not user.has_perm("security.officer"):
        return []
    return [
        Act(reverse("security:place-new"), _("登记"), "plus", tone="primary"),
        Act(reverse("security:check-list", args=["place"]), _("检查表"), "list-check"),
    ]


REGISTER = Register(
    Listing(
        name="security-places",
        title=lazy("重要场所"),
        permission="security.look",
        action="security.export",
        url="security:places",
        export_url="security:places-export",
        rows=lambda user, values: Place.objects.visible_to(user).select_related("keeper"),
        filters=(
            Search(
                "q",
                lazy("名称、位置或责任人"),
                lambda rows, q: rows.filter(
                    Q(name__icontains=q) | Q(where__icontains=q) | Q(keeper__name__icontains=q)
                ),
            ),
            Choice(
                "kind",
                lazy("种类"),
                "kind",
                every=lazy("全部种类"),
                options=[("room", lazy("房间")), ("cabinet", lazy("柜子"))],
            ),
        ),
        columns=(
            Column("name", lazy("名称"), lambda r: r.name, sort="name"),
            Column("kind", lazy("种类"), lambda r: r.get_kind_display()),
            Column("where", lazy("位置"), lambda r: r.where),
            Column("contents", lazy("存放或处理的内容"), lambda r: r.contents),
            Column("keeper", lazy("责任人"), lambda r: r.keeper.name),
            Column("unit", lazy("单位"), lambda r: unit_name(r)),
            Column("inspected_at", lazy("最近检查"), lambda r: r.inspected_at, format="%Y-%m-%d"),
            Column("active", lazy("启用"), lambda r: r.active),
            Column("made_at", lazy("登记时间"), lambda r: r.made_at, sort="made_at", format="%Y-%m-%d"),
        ),
        sort="-made_at",
    ),
    clause="6.2.3",
    subtitle=lazy("存放或处理敏感信息的房间和柜子：谁负责、谁可以进、谁进过。"),
    line=_line,
    icon="lock",
    empty=(lazy("还没有登记场所"), lazy("登记档案室、会议室、资料柜，打印二维码贴在门上即可登记进出。")),
    acts=_acts,
)


ENTRY_LOG = Listing(
    name="entries",
    title=lazy("进出记录"),
    permission="",  # of whoever sees the place, its keeper among them
    action="security.export",
    url="security:place",
    export_url="security:entries-export",
    size=ENTRIES,
    rows=lambda user, values: _with_people(Entry.objects.filter(place__in=Place.objects.visible_to(user))),
    filters=(
        Choice(
            "result",
            lazy("结果"),
            lambda rows, v: rows.filter(refused=v == "refused"),
            every=lazy("全部结果"),
            options=[("admitted", lazy("获准")), ("refused", lazy("未获准"))],
        ),
        Period("at", lazy("进入时间")),
    ),
    columns=(
        Column("at", lazy("进入时间"), lambda e: e.at, sort="at"),
        Column("person", lazy("人员"), lambda e: e.person.name if e.person else e.visitor),
        Column("kind", lazy("身份"), lambda e: _("本单位") if e.person else _("来访")),
        Column("purpose", lazy("事由"), lambda e: e.purpose),
        Column("escort", lazy("陪同人"), lambda e: e.escort.name if e.escort else ""),
        Column("result", lazy("结果"), lambda e: _("未获准") if e.refused else _("获准")),
        Column("left_at", lazy("离开时间"), lambda e: e.left_at),
        Column("by", lazy("登记人"), lambda e: e.by.name),
    ),
    sort="-at",
    zone=lambda user, entry: staff.zone_of(entry.place.unit_id),
)


def _with_people(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    return rows.select_related("person", "escort", "by", "place")


def _entries(place: Place) -> QuerySet[Entry]:
    return _with_people(place.entries.all())


index, export = REGISTER.views()


@require_http_methods(["GET", "POST"])
@login_required
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Put a place on the register."""
    user = request.user
    allow(user, "security.officer")
    form = NewPlaceForm(user, request.POST if request.method == "POST" else None)

    def do() -> str:
        row = places.register(user, posted(RegisterPlace, request.POST))
        return reverse("security:place", args=[row.pk])

    return ask(
        request,
        form,
        do,
        title=_("登记场所"),
        back=(reverse("security:places"), _("重要场所")),
        clause="6.2.3",
        submit=_("登记"),
        done=_("已登记，请打印二维码贴在门上。"),
        people=staff.proposed(staff.of(user.rights.units(Role.SECURITY_OFFICER))),
    )


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: AuthenticatedRequest, place_id: UUID) -> HttpResponseBase:
    """Change it, or take it out of use."""
    user, row, here = officers_row(request, places.get, place_id, "security:place")
    initial = {n: getattr(row, n) for n in ("kind", "name", "where", "contents", "active")} | {
        "keeper": row.keeper.username
    }
    form = PlaceForm(request.POST if request.method == "POST" else None, initial=initial)

    def do() -> str:
        places.change(user, row.pk, posted(ChangePlace, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=_("修改场所"),
        back=(here, row.name),
        clause="6.2.3",
        done=_("已保存。"),
        people=staff.proposed(staff.of(tree().within(row.unit_id))),
    )


@require_GET
@login_required
def place(request: AuthenticatedRequest, place_id: UUID) -> HttpResponse:
    """One place: who may enter, who is inside, the log; a constant number of statements."""
    user = request.user
    row = places.get(user, place_id)
    keeps, officer = places.keeps(user, row), user.has_perm("security.keep", row.unit)
    acts: list[Act] = []
    if keeps and row.active:
        acts.append(Act(reverse("security:admit", args=[row.pk]), _("登记进入"), "login", tone="primary"))
    if officer:
        acts += [
            Act(reverse("security:place-inspect", args=[row.pk]), _("检查"), "clipboard-check"),
            Act(reverse("security:place-edit", args=[row.pk]), _("修改"), "pencil"),
        ]
    if keeps:
        acts.append(Act(reverse("security:place-qr", args=[row.pk]), _("门上二维码"), "printer"))
    log = ENTRY_LOG.page(request, _entries(row))
    permits = list(row.permits.filter(ended_at__isnull=True).select_related("person", "by").order_by("person__name"))
    inspections = row.inspections.select_related("by").prefetch_related("findings").order_by("-at")[:12]
    return detail(
        request,
        title=row.name,
        status=log.status,
        back=back_to(user, "security:places", _("重要场所")),
        clause="6.2.3",
        badges=[_badge(row)],
        acts=acts,
        facts=[
            (_("种类"), row.get_kind_display()),
            (_("位置"), row.where),
            (_("单位"), unit_name(row)),
            (_("存放或处理的内容"), row.contents),
            (_("责任人"), row.keeper.name),
            (_("最近检查"), row.inspected_at),
        ],
        sections=[
            Section(
                _("进出记录"),
                "login",
                [_entry(row, e, keeps) for e in log.objects],
                _("还没有人进出。"),
                page=log,
                acts=[Act(f"{reverse('security:entries-export', args=[row.pk])}?format=xlsx", _("导出"), "download")]
                if log.rows
                else (),
            ),
            Section(_("检查记录"), "clipboard-check", [inspection_line(i) for i in inspections], _("还没有检查过。")),
        ],
        side=[
            Section(
                _("谁可以进"),
                "users",
                [
                    Line(
                        p.person.name,
                        [_("%(by)s准许") % {"by": p.by.name}, p.at],
                        acts=[
                            Act(
                                reverse("security:forbid", args=[row.pk, p.pk]),
                                _("取消"),
                                "x",
                                post=True,
                                confirm=_("取消%(name)s的准入？") % {"name": p.person.name},
                            )
                        ]
                        if officer
                        else (),
                    )
                    for p in permits
                ],
                _("除责任人外没有人获准进入。"),
                acts=[Act(reverse("security:permit", args=[row.pk]), _("增加"), "user-plus")] if officer else (),
            )
        ],
    )


def _entry(place: Place, row: Entry, keeps: bool) -> Line:
    who = row.person.name if row.person else _("来访：%(name)s") % {"name": row.visitor or ""}
    if row.refused:
        badges, acts = [Badge(_("未获准"), "bad", "ban")], []
    elif row.left_at is None:
        badges = [Badge(_("在内"), "work", "login")]
        acts = (
            [Act(reverse("security:let-out", args=[place.pk, row.pk]), _("登记离开"), "logout", post=True)]
            if keeps and place.active
            else []
        )
    else:
        badges, acts = [], []
    escort = _("陪同 %(name)s") % {"name": row.escort.name} if row.escort else ""
    left = (
        _("离开 %(at)s") % {"at": clock.local(row.left_at, staff.zone_of(place.unit_id)).strftime("%m-%d %H:%M")}
        if row.left_at
        else ""
    )
    by = _("%(name)s登记") % {"name": row.by.name} if row.by_id != row.person_id else _("扫码登记")
    return Line(who, [row.at, left, row.purpose, escort, by], badges, acts=acts)


@require_GET
@login_required
def entries_out(request: AuthenticatedRequest, place_id: UUID) -> HttpResponseBase:
    """The place's entry log as a sheet, for who sees the place; recorded on the audit log."""
    row = places.get(request.user, place_id)
    return ENTRY_LOG.export(request, _entries(row), subject=row, unit_id=row.unit_id)


@require_GET
@login_required
def qr(request: AuthenticatedRequest, place_id: UUID) -> HttpResponse:
    """The door's code, for printing."""
    user = request.user
    row = places.get(user, place_id)
    if not places.keeps(user, row):
        raise NotFound(_("没有这个场所。"))
    address = settings.BASE_URL + reverse("security:door", args=[row.code])
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=6, border=2, omitsize=True)
    return render(request, "security/qr.html", {"place": row, "qr": mark_safe(drawn), "address": address})


@require_http_methods(["GET", "POST"])
@login_required
def permit(request: AuthenticatedRequest, place_id: UUID) -> HttpResponseBase:
    """Let somebody enter from now on."""
    user, row, here = officers_row(request, places.get, place_id, "security:place")
    form = PersonForm(request.POST if request.method == "POST" else None)

    def do() -> str:
        places.permit(user, row.pk, posted(PermitEntry, request.POST))
        return here

    return ask(
        request,
        form,
        do,
        title=_("准许进入"),
        back=(here, row.name),
        clause="6.2.3",
        submit=_("准许"),
        done=_("已准许。"),
        people=staff.proposed(staff.of(tree().within(row.unit_id))),
    )


@require_POST
@login_required
def forbid(request: AuthenticatedRequest, place_id: UUID, permit_id: UUID) -> HttpResponse:
    """End a permit."""
    user, row, here = officers_row(request, places.get, place_id, "security:place")
    places.forbid(user, row.pk, permit_id)
    messages.success(request, _("已取消准入。"))
    return redirect(here)


@require_http_methods(["GET", "POST"])
@login_required
def admit(request: AuthenticatedRequest, place_id: UUID) -> HttpResponseBase:
    """The keeper writes down who enters: a colleague, or a visitor with an escort."""
    user = request.user
    row = places.get(user, place_id)
    if not places.keeps(user, row):
        raise NotFound(_("没有这个场所。"))
    here = reverse("security:place", args=[row.pk])
    form = AdmitForm(request.POST if request.method == "POST" else None)

    def do() -> str:
        made = places.admit(user, row.pk, posted(Admit, request.POST))
        if made.refused:
            messages.error(request, _("此人未获准进入，已记录；请勿放行。"))
        else:
            messages.success(request, _("已登记进入。"))
        return here

    note = _("本单位人员填第一栏；外来人员填来访人和陪同人。未获准的人员不得进入，系统会记录这次被拒。")
    return ask(
        request,
        form,
        do,
        title=_("登记进入"),
        back=(here, row.name),
        clause="6.2.3",
        submit=_("登记"),
        note=note,
        people=staff.proposed(staff.of(tree().within(row.unit_id))),
    )


@require_POST
@login_required
def let_out(request: AuthenticatedRequest, place_id: UUID, entry_id: UUID) -> HttpResponse:
    """The keeper writes down that somebody left."""
    user = request.user
    try:
        places.let_out(user, place_id, entry_id)
        messages.success(request, _("已登记离开。"))
    except Conflict as e:
        messages.error(request, e.message)
    return redirect("security:place", place_id)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def door(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What the code on the door leads to: enter, or be refused, or leave."""
    user = request.user
    row = places.at_door(code)
    inside = row.entries.filter(person=user, left_at__isnull=True, refused=False).first()
    leaving = request.POST.get("do") == "leave"
    form, refused = PurposeForm(request.POST if request.method == "POST" and not leaving else None), False
    if leaving:
        try:
            places.leave(user, code)
            messages.success(request, _("已登记离开。"))
        except Conflict as e:
            messages.error(request, e.message)
        return redirect("security:door", row.code)
    if request.method == "POST":
        try:
            refused = places.enter(user, code, posted(Enter, request.POST)).refused
        except Invalid as e:
            set_errors(form, e)
        else:
            if not refused:
                messages.success(request, _("已登记进入，离开时请再扫一次。"))
                return redirect("security:door", row.code)
    context = {"place": row, "inside": inside, "form": form, "refused": refused, "allowed": places.may_enter(user, row)}
    return render(request, "security/door.html", context, status=403 if refused else 422 if form.errors else 200)

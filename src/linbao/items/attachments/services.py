"""Photos, audio and documents of items and activities: adding, downloading, removing (3.3, 3.4, 1.3.4).

The original is stored encrypted as it came. People see `shown` and `thumb`, which carry nothing that
the camera wrote; where, when and with what it was taken lies encrypted in `exif`, for review.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, ids, text
from linbao.core.inputs import checked
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.items import masking, states, unchecked
from linbao.items.attachments import content, images
from linbao.items.attachments.inputs import MOST_CHARACTERS, AttachFile, DescribePhoto
from linbao.items.models import Activity, Attachment, AttachmentKind, Item, Status
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import bulk, files
from linbao.platform.encryption.crypto import CannotOpen

MOST = 30  # files of one item or activity
FINISHED = (Status.CLOSED, Status.WITHDRAWN, Status.MERGED)
ORIGINAL, SHOWN, THUMB = "original", "shown", "thumb"
STAGES = {"report": "item.attach", "progress": "item.handle", "result": "item.handle"}


def attach(user: User, data: AttachFile, *, file: bytes, name: str) -> Attachment:
    """Store a file with an item or an activity; `name` is what its sender called it.

    Idempotent by `id`: the same content again gives the same row, another content is a `Conflict`. A `sha256` must be
    that of `file`. `notice` of the row warns the sender of a file that is not what its name says. Raises `Invalid`,
    `TooLarge`, `Unsupported` (see `content.sniff`), `NotFound`, `NotAllowed`.
    """
    digest = hashlib.sha256(file).hexdigest()
    if data.sha256 and data.sha256.lower() != digest:
        raise Invalid(fields={"sha256": [_("文件在传输中损坏（校验值不符），请重新上传。")]})
    owner = _item(user, data.item, data.stage) if data.item else _activity(user, data.activity)
    normal = content.normalise(file)
    if normal is not file:
        file, digest = normal, hashlib.sha256(normal).hexdigest()
    known = Attachment.objects.filter(pk=data.id).first() if data.id else None
    if known is not None:
        return _same(known, user, owner, digest)
    sniffed = content.sniff(file, name)
    row = Attachment(
        id=data.id or ids.new(),
        item=owner if isinstance(owner, Item) else None,
        activity=owner if isinstance(owner, Activity) else None,
        stage=data.stage,
        owner=user,
        kind=sniffed.kind,
        name=content.safe_name(name, sniffed.extension),
        caption=_without_persons(data.caption, owner if isinstance(owner, Item) else None),
        content_type=sniffed.content_type,
        size=len(file),
        sha256=digest,
    )
    if sniffed.kind == AttachmentKind.PHOTO:
        zone = clock.zone(tree().setting(owner.community_id, "time_zone"))
        picture = images.prepare(file, zone)  # before the transaction: nothing waits while we decode
        row.width, row.height = picture.width, picture.height
        row.taken_at, row.fingerprint = picture.taken_at, picture.fingerprint
        row.exif = json.dumps(picture.exif) if picture.exif else None
        row.shown, row.thumb = files.put(picture.shown), files.put(picture.thumb)
    files.put(file)
    with transaction.atomic():
        siblings = Attachment.objects.filter(item=row.item, activity=row.activity)
        row.order = siblings.count()
        if row.order >= MOST:
            raise Invalid(fields={"file": [_("附件已达 %(most)d 个上限，请先删除不需要的。") % {"most": MOST}]})
        # Two sends of one file at once: one is written, the other finds it.
        Attachment.objects.bulk_create([row], ignore_conflicts=bool(data.id))
        if isinstance(owner, Item) and owner.status != Status.DRAFT and data.stage == "report":
            states.entry(owner, "attach", user, attachment=str(row.id), kind=str(sniffed.kind)).save()
            bulk.insert(unchecked.marks([owner]))
            unchecked.check_soon()
    if data.id:
        stored = Attachment.objects.get(pk=row.id)
        if stored.sha256 != digest or stored.item_id != row.item_id or stored.activity_id != row.activity_id:
            raise Conflict(_("这个编号已用于另一个文件。"))
    row.notice = content.mismatch(name, row.name)
    return row


def _without_persons(caption: str, item: Item | None) -> str:
    """A caption as it is stored: persons masked, as it goes out with documents (1.3.4)."""
    names = masking.names_in(item.parties.all()) if item is not None and caption else ()
    return text.mask_within(caption, names)[:MOST_CHARACTERS]


@transaction.atomic
def describe(user: User, attachment_id: UUID, data: DescribePhoto) -> Attachment:
    """Set the caption of a photo of one's own, or of an item that one may edit (3.3, 3.4).

    Possible until the item is closed, withdrawn or merged; documents that were issued keep the caption that they
    have. On the timeline unless the item is a draft. Raises `NotFound`, `Conflict`.
    """
    row = (
        Attachment.objects.select_for_update(of=("self",))
        .select_related("item", "activity")
        .filter(pk=attachment_id)
        .first()
    )
    if row is None or not (row.owner_id == user.pk or (row.item is not None and _amends(user, row.item))):
        raise NotFound(_("没有找到这个附件，可能已被删除。"))
    caption = _without_persons(data.caption, row.item)
    if caption == row.caption:
        return row
    if row.item is not None and row.item.status in FINISHED:
        raise Conflict(_("条目已经结束，照片说明不能再改。"))
    row.caption = caption
    row.save(update_fields=["caption"])
    if row.item is not None and row.item.status != Status.DRAFT:
        states.entry(row.item, "caption", user, attachment=str(row.pk)).save()
    return row


def describe_all(user: User, files_: QuerySet[Attachment], posted: Mapping[str, str]) -> None:
    """Set the captions of photos among `files_` that a form brings as `caption.<attachment id>`; others are ignored.

    Raises `Invalid`, `Conflict`."""
    data = {key.removeprefix("caption."): str(value) for key, value in posted.items() if key.startswith("caption.")}
    if data:
        for row in files_.filter(kind=AttachmentKind.PHOTO):
            typed = data.get(str(row.pk), row.caption)
            if typed != row.caption:
                describe(user, row.pk, checked(DescribePhoto, {"caption": typed}))


def captioned(user: User, item: Item, files_: Iterable[Attachment]) -> list[Attachment]:
    """The photos among an item's files whose captions `user` may set now."""
    photos = [row for row in files_ if row.kind == AttachmentKind.PHOTO]
    if not photos or item.status in FINISHED:
        return []
    mine = [row for row in photos if row.owner_id == user.pk]
    return photos if len(mine) < len(photos) and _amends(user, item) else mine


def _amends(user: User, item: Item) -> bool:
    return item.status in (Status.DRAFT, Status.RETURNED) and bool(user.has_perm("item.edit", item))


@transaction.atomic
def remove(user: User, attachment_id: UUID) -> None:
    """Delete a file of one's own while its item may be edited (or of one's own activity).

    Raises `NotFound`, `Conflict` during review, `NotAllowed`."""
    row = (
        Attachment.objects.select_for_update(of=("self",))
        .select_related("item", "activity")
        .filter(pk=attachment_id, owner=user)
        .first()
    )
    if row is None:
        raise NotFound(_("没有找到这个附件，可能已被删除。"))
    if row.item is not None:
        allow(user, STAGES.get(row.stage, "item.edit"), row.item)
        if row.item.status == Status.SUBMITTED:
            raise Conflict(_("条目正在审核，附件暂不能删除；如需更换，请先撤回或等待退回。"))
        if row.item.status != Status.DRAFT:
            states.entry(row.item, "detach", user, name=masking.within(row.item, row.name), sha256=row.sha256).save()
    digests = {row.sha256, row.shown, row.thumb} - {""}
    row.delete()
    transaction.on_commit(lambda: _forget(digests))


def _forget(digests: set[str]) -> None:
    """Delete contents that no attachment points to any more (one photo may serve two items)."""
    used = Attachment.objects.filter(Q(sha256__in=digests) | Q(shown__in=digests) | Q(thumb__in=digests))
    still = {d for row in used.values_list("sha256", "shown", "thumb") for d in row}
    for digest in digests - still:
        files.delete(digest)


@dataclass(frozen=True)
class Download:
    """A file as a browser gets it. `inline` only for what a browser shows without running anything."""

    data: bytes
    content_type: str
    name: str
    inline: bool


def download(user: User, attachment: Attachment, version: str, *, address: str | None = None) -> Download:
    """The content of one version for somebody who may see its item or activity (checked by the caller). `address`:
    the IP address of the caller.

    Originals hold what the camera wrote: only for the owner and for reviewers and managers of the community, each
    time on the audit log. Raises `NotAllowed`, `NotFound`.
    """
    photo = attachment.kind == AttachmentKind.PHOTO
    if version == ORIGINAL:
        allow(user, "attachment.original", attachment)
        if attachment.owner_id != user.pk:
            audit.record(user, "attachment.original", attachment, unit_id=_community(attachment), address=address)
        return Download(_read(attachment.sha256), attachment.content_type, _name(attachment), False)
    if photo:
        digest = attachment.thumb if version == THUMB else attachment.shown
        return Download(_read(digest), "image/jpeg", f"{attachment.pk}.jpg", True)
    if version == THUMB:
        raise NotFound(_("这种文件没有缩略图。"))
    return Download(
        _read(attachment.sha256), attachment.content_type, _name(attachment), attachment.kind == AttachmentKind.AUDIO
    )


def exif_of(attachment: Attachment) -> dict[str, Any]:
    """What the camera wrote (lat, lon, device, taken), opened for review; empty when there is nothing."""
    try:
        return json.loads(attachment.exif) if attachment.exif else {}
    except (CannotOpen, ValueError):
        return {}


def _name(attachment: Attachment) -> str:
    """What a download is called: no persons, though it may have been named after one (1.3.4)."""
    item = attachment.item
    return masking.within(item, attachment.name) if item is not None else text.mask_within(attachment.name)


def _read(digest: str) -> bytes:
    try:
        return files.get(digest)
    except FileNotFoundError as e:
        raise NotFound(_("文件不在存储中，请联系系统管理员。")) from e


def _community(attachment: Attachment) -> UUID:
    holder = attachment.item if attachment.item_id else attachment.activity
    assert holder is not None
    return holder.community_id


def _item(user: User, item_id: UUID, stage: str) -> Item:
    item = Item.objects.visible_to(user).filter(pk=item_id).first()
    if item is None:
        raise NotFound(_("没有找到这个条目，或您无权查看。"))
    allow(user, STAGES[stage], item)
    return item


def _activity(user: User, activity_id: UUID | None) -> Activity:
    activity = Activity.objects.visible_to(user).filter(pk=activity_id).first() if activity_id else None
    if activity is None:
        raise NotFound(_("没有找到这次收集活动，或您无权查看。"))
    allow(user, "activity.change", activity)
    return activity


def _same(known: Attachment, user: User, owner: Item | Activity, digest: str) -> Attachment:
    known_owner = known.item_id if isinstance(owner, Item) else known.activity_id
    if known.owner_id != user.pk or known_owner != owner.pk or known.sha256 != digest:
        raise Conflict(_("这个编号已用于另一个文件。"))
    return known

"""What the API answers of items, their files, activities and the catalogue (design §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from linbao.core.schemas import Answer, Cursor, Named
from linbao.items.models import (
    ActivityKind,
    AttachmentKind,
    Basis,
    Category,
    FieldKind,
    PartyRole,
    Sensitivity,
    Source,
    Status,
)

# `handling.models.Verdict`: the room of handling stands above this one.
Verdict = Literal["satisfied", "mostly_satisfied", "unsatisfied", "none"]
Stage = Literal["report", "progress", "result"]


class Place(Answer):
    """Where something is: in words, and as a point in WGS-84."""

    text: str
    lat: float | None = Field(description="Degrees north.")
    lon: float | None = Field(description="Degrees east.")


class ItemSource(Answer):
    """How the information was come by (2.1.1)."""

    method: Source | Literal[""] = Field(description="Empty while a draft does not say.")
    activity: UUID | None = Field(description="The visit, survey, forum or patrol it was collected on.")


class Party(Answer):
    """A person whom an item names. Masked, save for the author of an item that is still being written (1.3.4)."""

    id: UUID
    role: PartyRole
    name: str = Field(description="`张**` where masked.")
    phone: str = Field(description="`138****1234` where masked; empty without one.")


class Notice(Answer):
    """The legal basis of registering persons, and when they were informed (PIPL art. 13, 17)."""

    basis: Basis | Literal[""]
    informed_at: datetime | None


class Attachment(Answer):
    """A file of an item or activity; names and captions without the names of residents."""

    id: UUID
    kind: AttachmentKind
    name: str | None = Field(description="The file's name; null once it was removed (retention).")
    caption: str = Field(description="Printed below a photo; may be empty.")
    content_type: str = Field(description="The media type of the content, whatever the file's name says.")
    size: int = Field(ge=0, description="Bytes, of the file as it was received.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the file as it was received, in hexadecimal.")
    stage: Stage = Field(description="What it belongs to: the report, progress, or the result.")
    url: str = Field(description="Path of what people are shown: photos upright, at most 400 kB, without EXIF.")


class OwnedAttachment(Attachment):
    """A file with what it belongs to: an item or an activity."""

    item: UUID | None
    activity: UUID | None


class NewAttachment(OwnedAttachment):
    """A file as just added."""

    notice: str = Field(description="What its sender should know, e.g. that it is not what its name says; or empty.")


class Entry(Answer):
    """One line of an item's timeline; nobody changes or removes any."""

    at: datetime
    verb: str = Field(description="A transition of the item's life, or what else was done: `progress`, `remind` …")
    by: str = Field(description="Who did it, by name; empty: the system.")
    from_: Status | Literal[""] = Field(alias="from", description="The status before.")
    to: Status | Literal[""] = Field(description="The status after.")
    note: str = Field(alias="words", description="What the person wrote.")
    data: dict[str, Any] = Field(description="The rest, by verb: ids, fields, findings.")


class Item(Answer):
    """An information item (信息条目) with what belongs to it."""

    id: UUID
    number: str | None = Field(description="Given when it is submitted; null for a draft.")
    status: Status
    version: int = Field(ge=1, description="Raised by every change; a change made on another is refused (409).")
    category: Category
    subcategory: str = Field(description="Its code within the category (`GET /catalogue`); empty while unknown.")
    topic: str = Field(description="The department's topic; may be empty.")
    title: str
    narrative: str
    occurred_at: datetime | None = Field(description="When it happened.")
    seen_at: datetime | None = Field(description="When the reporter saw it.")
    reported_at: datetime | None = Field(description="When it was sent off, by the phone's clock; null for a draft.")
    arrived_at: datetime | None = Field(description="When the server received it; null for a draft.")
    place: Place
    grid: str | None = Field(description="Code of the grid.")
    source: ItemSource
    parties: list[Party]
    notice: Notice
    details: dict[str, Any] = Field(description="The fields of its category and subcategory (`GET /catalogue`).")
    key_points: list[str] = Field(max_length=5)
    analysis: str
    suggestion: str
    sensitivity: Sensitivity
    urgent: bool
    reporter: Named
    due_at: datetime | None = Field(description="By when it is to be handled (2.4.1); null until it is assigned.")
    result: str = Field(description="What was done (4.3.2); empty until then.")
    verdict: Verdict | None = Field(description="The resident's judgement (2.4.2).")
    adopted: bool = Field(description="It led to a measure, a decision or a notice upward (7.1.1).")
    merged_into: UUID | None = Field(description="The item that carries the matter on.")
    attachments: list[Attachment]
    timeline: list[Entry] = Field(description="The oldest first.")


class ItemLine(Answer):
    """An item in a list."""

    id: UUID
    number: str | None
    status: Status
    category: Category
    subcategory: str
    topic: str
    title: str
    urgent: bool
    sensitivity: Sensitivity
    reported_at: datetime | None
    occurred_at: datetime | None
    due_at: datetime | None
    source: Source | Literal[""]
    verdict: Verdict | Literal[""]
    grid: str | None = Field(description="Code of the grid.")
    place: Place
    lat: float | None = Field(description="As `place.lat`.")
    lon: float | None = Field(description="As `place.lon`.")
    reporter: str = Field(description="Name of the reporter.")
    snippet: str = Field("", description="HTML: where `q` was met, in `<mark>`; in answers to a search only.")


class ItemPage(Answer):
    """Items, urgent and open first, then the newest."""

    items: list[ItemLine]
    next: Cursor


class BatchCreated(Answer):
    """A row of a batch that was filed."""

    status: Literal[201]
    id: UUID
    number: str | None = Field(description="Null for a draft.")
    item_status: Status


class BatchRefused(Answer):
    """A row of a batch that was refused, as its own request would have been."""

    status: int = Field(ge=400, le=499)
    code: str = Field(description="The last part of a problem's `type`.")
    detail: str
    fields: dict[str, list[str]]


class BatchResult(Answer):
    """One answer for each row, in the order of the request."""

    results: list[BatchCreated | BatchRefused]
    created: int = Field(ge=0, description="How many rows were filed.")


class Activity(Answer):
    """A visit, survey, forum or patrol (2.1.1); numbers and names of residents masked."""

    id: UUID
    kind: ActivityKind
    reporter: Named
    starts_at: datetime
    minutes: int | None = Field(description="How long it took.")
    place: str
    people: int = Field(ge=0, description="How many residents took part.")
    notes: str
    grid: str | None = Field(description="Code of the grid.")
    created_at: datetime


class ActivityWithFiles(Activity):
    """An activity with its files."""

    attachments: list[Attachment]


class ActivityPage(Answer):
    """Activities, the newest first."""

    items: list[Activity]
    next: Cursor


class Option(Answer):
    """One of the answers that a field offers."""

    code: str
    label: str
    label_en: str = ""


class CatalogueField(Answer):
    """A field of `details`."""

    code: str = Field(description="Its key in `details`.")
    label: str
    label_en: str
    kind: FieldKind
    required: bool
    unless: str | None = Field(description="The field that, once answered, makes this one optional.")
    options: list[Option] = Field(description="For `choice` and `choices`, and the parts of `numbers`.")
    help: str


class CatalogueSubcategory(Answer):
    """A subcategory, as an administrator keeps it (3.1 to 3.4)."""

    code: str = Field(description="Within its category.")
    label: str
    label_en: str
    group: str
    emergency: bool = Field(description="Its items may be urgent by their nature (2.3.2).")
    handle_days: int = Field(description="Working days for handling.")
    gb30428: str = Field(description="Code of GB/T 30428.2; may be empty.")
    open311: str = Field(description="Service code of Open311; may be empty.")
    topic: str
    fields: list[CatalogueField]


class CatalogueCategory(Answer):
    """One of the four categories of chapter 3."""

    code: Category
    label: str
    fields: list[CatalogueField] = Field(description="Of every subcategory.")
    subcategories: list[CatalogueSubcategory]


class Catalogue(Answer):
    """What items can be about, and what is asked of each."""

    categories: list[CatalogueCategory]

"""What importing a spreadsheet on screen asks for (2.2.1)."""

from __future__ import annotations

from uuid import UUID

from linbao.core.inputs import Input


class UploadSheet(Input):
    """`community`: into which the rows go; whoever works in one alone need not name it."""

    community: UUID | None = None


class StartImport(Input):
    """Which column holds what, by its name; none at all leaves it as it was understood. `dry`: only try it."""

    number: str = ""
    title: str = ""
    text: str = ""
    time: str = ""
    user: str = ""
    place: str = ""
    urgent: str = ""
    dry: bool

    @property
    def mapping(self) -> dict[str, str]:
        return {name: column for name, column in self.model_dump(exclude={"dry"}).items() if column}

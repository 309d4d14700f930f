"""What importing a spreadsheet on screen asks for (2.2.1)."""

from __future__ import annotations

from uuid import UUID

from linbao.core.inputs import Input


class UploadSheet(Input):
    """`community`: into which the rows are filed; may be left out by those who work in one alone."""

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
        """The named columns by what they hold."""
        return {name: column for name, column in self.model_dump(exclude={"dry"}).items() if column}

"""What the inputs of this room's verbs share."""

from __future__ import annotations

from typing import Annotated

from linbao.core.inputs import Text

# A person as a form names them: by username, or by name where only one is called so (`staff.named`).
Person = Annotated[str, Text(80)]

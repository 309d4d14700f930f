"""What closing an alert asks for (6.1.3)."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_lazy as lazy

from linbao.core.inputs import Input, Text


class CloseAlert(Input):
    """`justified`: there was a good reason, where the kind of alert asks for a verdict."""

    outcome: Annotated[str, Text(1000, 4, lazy("请写明核查结果和采取的措施（4 至 1000 字）。"))]
    justified: bool | None = None

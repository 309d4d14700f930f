"""What follows filing an item."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(name="collection.check_items", queue="checks")
def check_items(items: list[str]) -> None:
    """Compute the hints of submitted items (design §3), so that the reviewer finds them ready."""
    from linbao.collection import checks

    checks.run(items)

from django.apps import AppConfig


class ItemsConfig(AppConfig):
    """The app of items (2.1, 3)."""

    name = "linbao.items"
    label = "items"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see shell/links.py.
    places: dict[str, tuple[str, bool]] = {"weekly_collection": ("items:activities", False)}
    # Pages of what notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {"items.item": "items:item"}

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from linbao.audit import wording
        from linbao.items.models import Status
        from linbao.items.states import ITEM
        from linbao.items.timeline import NAMES

        # Every line of an item's timeline is one of the audit log (migration 0011).
        verbs = {verb: t.name for verb, t in ITEM.transitions.items()} | NAMES
        names = {f"item.{verb}": name for verb, name in verbs.items()}
        wording.add(_("信息条目"), names | {"item.reword": _("匿名化时改写时间线")})
        wording.VALUES |= {"before": dict(Status.choices), "after": dict(Status.choices)}

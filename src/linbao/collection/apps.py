from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "linbao.collection"
    label = "collection"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see web/places.py.
    places: dict[str, tuple[str, bool]] = {"weekly_collection": ("collection:activities", False)}
    # Pages of what notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {"collection.item": "collection:item"}

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from linbao.audit import words
        from linbao.collection.lifecycle import TRANSITIONS
        from linbao.collection.models import Status
        from linbao.collection.timeline import NAMES

        # Every line of an item's timeline is one of the audit log (migration 0011).
        verbs = {verb: t.name for verb, t in TRANSITIONS.items()} | NAMES
        names = {f"item.{verb}": name for verb, name in verbs.items()}
        words.add(_("信息条目"), names | {"item.reword": _("匿名化时改写时间线")})
        words.VALUES |= {"before": dict(Status.choices), "after": dict(Status.choices)}

from django.apps import AppConfig


class HandlingConfig(AppConfig):
    name = "linbao.handling"
    label = "handling"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see shell/links.py.
    places: dict[str, tuple[str, bool]] = {
        "assign": ("handling:item", True),
        "handle": ("handling:item", True),
        "supervise": ("handling:supervision", True),
        "inform_resident": ("handling:inform", True),
        "inform_progress": ("handling:inform", True),
        "evaluate": ("handling:inform", True),
        "decide_unsatisfied": ("handling:item", True),
        "call_back": ("handling:callback", True),
    }

    def ready(self) -> None:
        from linbao.handling import limits  # noqa: F401  (connects what marks an item as urgent)

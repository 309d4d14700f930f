from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "linbao.review"
    label = "review"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see shell/links.py.
    places: dict[str, tuple[str, bool]] = {"review": ("review:desk", True)}

    def ready(self) -> None:
        from linbao.review import services  # noqa: F401  (connects what marks an item as urgent)

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "linbao.review"
    label = "review"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see web/places.py.
    places: dict[str, tuple[str, bool]] = {"review": ("review:desk", True)}

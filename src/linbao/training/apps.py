from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "linbao.training"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {
        "training_quarter": ("training:plan", False),
        "training_attend": ("training:list", False),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {"training.session": "training:session"}

    def ready(self) -> None:
        from linbao.training import compliance

        compliance.register()

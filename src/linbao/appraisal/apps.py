from django.apps import AppConfig


class AppraisalConfig(AppConfig):
    name = "linbao.appraisal"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {}
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {}

    def ready(self) -> None:
        from linbao.appraisal import proof

        proof.register()

from django.apps import AppConfig


class ConfidentialityConfig(AppConfig):
    name = "linbao.confidentiality"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {
        "agreement": ("confidentiality:agreement", False),
        "disclosure_decide": ("confidentiality:disclosure", True),
        "privacy_request": ("confidentiality:request", True),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {
        "confidentiality.papersignature": "confidentiality:paper",
        "confidentiality.disclosure": "confidentiality:disclosure",
        "confidentiality.privacyrequest": "confidentiality:request",
    }

    def ready(self) -> None:
        from linbao.confidentiality import compliance

        compliance.register()

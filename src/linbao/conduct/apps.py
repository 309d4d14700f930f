from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "linbao.conduct"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {
        "reward_decide": ("conduct:nomination", True),
        "case_statement": ("conduct:case", True),
        "case_decide": ("conduct:case", True),
        "appeal_decide": ("conduct:case", True),
        "reassign": ("accounts:person", True),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {
        "conduct.contribution": "conduct:contributions",
        "conduct.nomination": "conduct:nomination",
        "conduct.case": "conduct:case",
        "organisation.user": "accounts:person",
    }

    def ready(self) -> None:
        from linbao.conduct import compliance

        compliance.register()

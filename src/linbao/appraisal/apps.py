from django.apps import AppConfig


class AppraisalConfig(AppConfig):
    name = "linbao.appraisal"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places = {
        "appraisal_open": ("appraisal:list", False),
        "appraisal_self": ("appraisal:list", False),
        "appraisal_peer": ("appraisal:list", False),
        "appraisal_superior": ("appraisal:list", False),
        "appraisal_publish": ("appraisal:cycle", True),
        "appraisal_objection": ("appraisal:objection", True),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects = {
        "appraisal.cycle": "appraisal:cycle",
        "appraisal.appraisal": "appraisal:person",
        "appraisal.objection": "appraisal:objection",
    }

    def ready(self) -> None:
        import linbao.appraisal.permissions  # noqa: F401
        from linbao.appraisal import compliance

        compliance.register()

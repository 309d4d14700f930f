from django.apps import AppConfig


class EmergenciesConfig(AppConfig):
    name = "linbao.emergencies"
    label = "emergencies"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see shell/links.py.
    places: dict[str, tuple[str, bool]] = {
        "urgent_call": ("emergencies:urgent-report", True),
        "urgent_written": ("emergencies:urgent-report", True),
        "urgent_follow_up": ("emergencies:urgent-report", True),
        "alarm_acknowledge": ("emergencies:duty", False),
    }
    # Pages of what notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {"emergencies.urgentreport": "emergencies:urgent-report"}

    def ready(self) -> None:
        from linbao.emergencies import document, receivers  # noqa: F401  (receivers connects itself)
        from linbao.outbox import mail
        from linbao.platform.observability import health

        health.CHECKS.append(document.troubles)
        mail.MAY_LEAVE["emergencies.urgentreport"] = document.may_leave

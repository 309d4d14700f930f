from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "linbao.reporting"
    label = "reporting"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see web/places.py.
    places: dict[str, tuple[str, bool]] = {
        "weekly_report": ("reporting:list", False),
        "review_report": ("reporting:detail", True),
        "urgent_call": ("reporting:urgent-report", True),
        "urgent_written": ("reporting:urgent-report", True),
        "urgent_follow_up": ("reporting:urgent-report", True),
        "alarm_acknowledge": ("reporting:duty", False),
    }
    # Pages of what notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {
        "reporting.weeklyreport": "reporting:detail",
        "reporting.urgentreport": "reporting:urgent-report",
    }

    def ready(self) -> None:
        from linbao.base import health
        from linbao.outbox import mail
        from linbao.reporting import actions, receivers, urgent_document  # noqa: F401  (receivers connect themselves)

        health.CHECKS.append(actions.troubles)
        mail.MAY_LEAVE["reporting.weeklyreport"] = actions.may_leave
        mail.MAY_LEAVE["reporting.urgentreport"] = urgent_document.may_leave

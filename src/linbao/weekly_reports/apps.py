from django.apps import AppConfig


class WeeklyReportsConfig(AppConfig):
    name = "linbao.weekly_reports"
    label = "weekly_reports"
    # Where duties of these kinds are done: kind → (page, whether it takes the subject); see shell/links.py.
    places: dict[str, tuple[str, bool]] = {
        "weekly_report": ("weekly_reports:list", False),
        "review_report": ("weekly_reports:detail", True),
    }
    # Pages of what notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {"weekly_reports.weeklyreport": "weekly_reports:detail"}

    def ready(self) -> None:
        from linbao.outbox import mail
        from linbao.platform.observability import health
        from linbao.weekly_reports import services

        health.CHECKS.append(services.troubles)
        mail.MAY_LEAVE["weekly_reports.weeklyreport"] = services.may_leave

from django.apps import AppConfig


class ManagementConfig(AppConfig):
    name = "linbao.management"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {
        "task": ("management:task", True),
        "meeting": ("management:meetings", False),
        "problem": ("management:problem", True),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {
        "management.task": "management:task",
        "management.meeting": "management:meeting",
        "management.opinion": "management:opinion",
        "management.problem": "management:problem",
        "duties.leave": "management:leave",
    }

    def ready(self) -> None:
        from linbao.management import compliance
        from linbao.management.work_files import sections
        from linbao.management.work_files import services as work_file

        compliance.register()
        work_file.SECTIONS.extend(sections.SECTIONS)

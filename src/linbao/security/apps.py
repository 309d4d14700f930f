from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "linbao.security"
    # Where this room's duties are fulfilled: kind → (page, whether its address takes the duty's subject).
    places: dict[str, tuple[str, bool]] = {
        "device_inspection": ("security:device-inspect", True),
        "media_inspection": ("security:device-inspect", True),
        "place_inspection": ("security:place-inspect", True),
        "finding": ("security:finding", True),
        "rights_review": ("security:review-new", True),
        "security_check": ("security:check-record", True),
        "rule_confirm": ("security:rule", True),
        "incident": ("security:incident", True),
    }
    # Pages of what this room's notices speak of: model label → page taking the id.
    subjects: dict[str, str] = {
        "security.alert": "security:alert",
        "security.device": "security:device",
        "security.place": "security:place",
        "security.finding": "security:finding",
        "security.securityrule": "security:rule",
        "security.securitycheck": "security:check",
        "security.incident": "security:incident",
        "security.substitute": "security:substitute",
    }

    def ready(self) -> None:
        from linbao.platform.observability import doctor, health
        from linbao.security import compliance
        from linbao.security.alerts import intrusion
        from linbao.security.hosts import services as hosts

        compliance.register()
        intrusion.register()
        health.CHECKS.append(hosts.troubles)
        doctor.CHECKS.append(hosts.findings)

from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "linbao.units"
    label = "units"
    # Pages of what notices speak of: model label → page taking the id, or the list of such things; see web/places.py.
    subjects: dict[str, str] = {"units.roleproposal": "units:proposals"}

    def ready(self) -> None:
        from linbao.units import sign_in_log  # noqa: F401  (its receivers)

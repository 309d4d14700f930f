from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "linbao.accounts"
    label = "accounts"
    # Pages of what notices speak of: model label → page taking the id, or the list of such things; see shell/links.py.
    subjects: dict[str, str] = {"accounts.roleproposal": "accounts:proposals"}

    def ready(self) -> None:
        from linbao.accounts import sign_in_log  # noqa: F401  (its receivers)

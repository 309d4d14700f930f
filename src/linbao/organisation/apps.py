from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "linbao.organisation"
    label = "organisation"

"""Every address of the product, one line per room."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]

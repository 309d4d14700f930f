"""Addresses of the documents room."""

from django.urls import path

from linbao.documents import pages

app_name = "documents"
urlpatterns = [path("verify/", pages.verify, name="verify")]

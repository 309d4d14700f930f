"""Addresses of the audit room."""

from django.urls import path

from linbao.audit import views

app_name = "audit"
urlpatterns = [path("audit/", views.index, name="list"), path("audit/export", views.export, name="export")]

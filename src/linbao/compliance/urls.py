"""Addresses of the compliance pages (design §1)."""

from django.urls import path

from linbao.compliance import views as pages

app_name = "compliance"
urlpatterns = [
    path("compliance/", pages.index, name="index"),
    path("compliance/print/", pages.print_, name="print"),
    path("compliance/rows/", pages.rows, name="rows"),
    path("compliance/duties/", pages.duties, name="duties"),
    path("compliance/duties/<uuid:duty_id>/waive", pages.waive, name="waive"),
]

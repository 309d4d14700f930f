"""The register of places that may hold a person is whole (1.3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from linbao.confidentiality import personal_data
from linbao.platform.encryption.crypto import EncryptedText

pytestmark = pytest.mark.clause("1.3.4")
LONG = 80  # characters: a shorter field that nobody encrypts is a name, a code or a number of a thing


def may_hold_a_person(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, (EncryptedText, models.TextField, models.JSONField, SearchVectorField)):
        return True
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, (models.CharField, models.TextField)) and bool(
            (field.base_field.max_length or 999) >= LONG
        )
    return isinstance(field, models.CharField) and not field.choices and (field.max_length or 999) >= LONG


def registered() -> set[str]:
    return {f"{place.model}.{field}" for place in personal_data.PLACES for field in place.fields}


def test_every_field_that_may_hold_a_person_is_registered() -> None:
    wanted = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label not in personal_data.FRAMEWORK
        for field in model._meta.concrete_fields
        if may_hold_a_person(field)
    }
    assert sorted(wanted - registered() - personal_data.EXEMPT.keys()) == []


def test_every_line_of_the_register_is_a_field_and_says_how_it_ends() -> None:
    for place in personal_data.PLACES:
        model = apps.get_model(place.model)
        names = {f.name for f in model._meta.get_fields()}
        assert set(place.fields) <= names, place.model
        assert place.what and place.basis
        ways = [
            bool(place.item),
            bool(place.since and place.days),
            place.ends == personal_data.Ends.OWN and bool(place.note),
        ]
        assert ways.count(True) == 1, place.model
        if place.since:
            list(model._default_manager.none().filter(**{f"{place.since}__isnull": True}))
        if place.item not in ("", "subject"):
            list(model._default_manager.none().filter(**{place.item: None}))
    for name, reason in personal_data.EXEMPT.items():
        label, _dot, field = name.rpartition(".")
        assert reason and apps.get_model(label)._meta.get_field(field)
    assert not registered() & personal_data.EXEMPT.keys()

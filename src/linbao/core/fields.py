"""Fields of models and forms by their names, with the types that Django's own look-ups leave open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, Model
from django.forms import BaseForm, ChoiceField

from linbao.core.problems import Problem


def column(model: Model | type[Model], name: str) -> Field[Any, Any]:
    """The column `name` of a model. Raises `FieldDoesNotExist`, and `TypeError` for a relation from another table."""
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is no column")
    return field


def set_choices(form: BaseForm, name: str, choices: Iterable[Any]) -> None:
    """What the field `name` of a form offers: (value, label) pairs, or groups of them."""
    field = form.fields[name]
    if not isinstance(field, ChoiceField):
        raise TypeError(f"{name} offers no choices")
    field.choices = list(choices)


def set_errors(form: BaseForm, problem: Problem, **names: str) -> None:
    """Show what a verb refused: each message beside the field that it names (`names`: where the form calls it
    otherwise), the rest above them. What the form itself found before is replaced: the verb's input decides."""
    form.errors.clear()
    for name, messages in problem.fields.items():
        name = names.get(name, name)
        for message in messages:
            form.add_error(name if name in form.fields else None, message)
    if not problem.fields:
        form.add_error(None, problem.message)

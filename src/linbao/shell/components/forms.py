"""A field with its label, help and errors; what is wrong with a form."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, SelectMultiple
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

register = template.Library()


def _listed(value: Any) -> list[Any]:
    """One message or several as a list; `_("…")` in a template is a promise of a string, not one."""
    return [value] if isinstance(value, (str, Promise)) and value else list(value or [])


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, label: str = "", help: str = "", clause: str = "", hide_label: bool = False
) -> dict[str, Any]:
    """A Django form field: label with its required mark, control, help and error beside it."""
    widget = bound.field.widget
    css = {"class": _control_class(widget)}
    described = []
    name = bound.html_name
    if help or bound.help_text:
        described.append(f"help-{name}")
    if bound.errors:
        described.append(f"error-{name}")
        css["aria-invalid"] = "true"
        css["class"] += " is-invalid"
    if described:
        css["aria-describedby"] = " ".join(described)
    if bound.field.required:
        css["aria-required"] = "true"
    many = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    return {
        "control": bound.as_widget(attrs={**css}),
        "label": label or bound.label,
        "help": help or bound.help_text,
        "errors": bound.errors,
        "required": bound.field.required,
        "name": name,
        "id": bound.id_for_label,
        "clause": clause,
        "many": many,
        "check": isinstance(widget, CheckboxInput),
        "hide_label": hide_label,
        "hidden": bound.is_hidden,
    }


def _control_class(widget: Any) -> str:
    if isinstance(widget, (CheckboxInput, RadioSelect, CheckboxSelectMultiple)):
        return "form-check-input"
    return "form-select" if isinstance(widget, (Select, SelectMultiple)) else "form-control"


@register.simple_block_tag(end_name="endfieldbox")
def fieldbox(
    content: str,
    label: str = "",
    name: str = "",
    required: bool = False,
    help: str = "",
    errors: Any = (),
    clause: str = "",
    many: bool = False,
    id: str = "",
) -> SafeString:
    """The same frame around a control of one's own: `{% fieldbox label="标题" name="title" %}<input …>{% endfieldbox
    %}`.

    The control's id is `id_<name>` unless `id` says otherwise; ids of help and error: `help-<name>`, `error-<name>`.
    """

    return render_to_string(
        "components/field.html",
        {
            "control": content,
            "label": label,
            "help": help,
            "errors": _listed(errors),
            "required": required,
            "name": name,
            "id": id or f"id_{name}",
            "clause": clause,
            "many": many,
        },
    )


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any = None, errors: Any = (), title: str = "") -> dict[str, Any]:
    """What is wrong with a form, first: its own errors, and a link to each field at fault."""
    own = _listed(errors)
    fields = []
    if form is not None:
        own += list(form.non_field_errors())
        fields = [{"label": f.label, "id": f.id_for_label, "errors": f.errors} for f in form if f.errors]
    return {"own": own, "fields": fields, "title": title}

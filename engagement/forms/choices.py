"""Choosing one or several records in one field."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    ModelMultipleChoiceField = forms.ModelMultipleChoiceField


class SeveralField(ModelMultipleChoiceField):
    """Several of a query set. A key that is larger than any the database can hold is simply not there."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error


class PlainSelect(forms.Select):
    """Django's select, written at once: Django renders two templates for each of its options.

    For the filters of the public lists, which stand on every page of them.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        written = format_html_join(
            "\n",
            "{}",
            ((_group(group, _options(options)),) for group, options, _index in widget["optgroups"]),
        )
        return format_html(
            '<select name="{}"{}>\n{}\n</select>', widget["name"], flatatt(widget["attrs"]), written
        )


def _options(options: list[dict[str, Any]]) -> SafeString:
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((option["value"], flatatt(option["attrs"]), option["label"]) for option in options),
    )


def _group(name: Any, options: SafeString) -> SafeString:
    return format_html('<optgroup label="{}">\n{}\n</optgroup>', name, options) if name else options


def is_key(text: str | None) -> bool:
    """Can `text`, out of an address, be the key of a record? Databases hold keys of 18 digits at least."""
    return text is not None and text.isdecimal() and len(text) < 19

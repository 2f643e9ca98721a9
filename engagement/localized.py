"""One field for a text that a city enters in each of its languages: `{"en": "...", "fr": "..."}`."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.template.defaultfilters import floatformat
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from engagement import text


class LocalizedTextField(models.JSONField):
    """A JSON object from language code to text. Which languages there are is the city's setting."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        return LocalizedFormField(
            required=not self.blank,
            label=kwargs.get("label") or capfirst(self.verbose_name),
            help_text=kwargs.get("help_text", self.help_text),
        )


class LocalizedWidget(forms.MultiWidget):
    """One text box a language, each labelled with its language."""

    template_name = "components/localized_widget.html"

    def __init__(self, rows: int = 3, attrs: dict[str, Any] | None = None) -> None:
        self.codes = [code for code, _name in settings.LANGUAGES]
        widget: forms.Widget
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {}
        for code, name in settings.LANGUAGES:
            label = {"lang": code, "aria-label": str(name)}
            widget = (
                forms.TextInput(attrs=label) if rows == 1 else forms.Textarea(attrs={**label, "rows": rows})
            )
            boxes[code] = widget
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[str]:
        value = value or {}
        return [value.get(code, "") for code in self.codes]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for subwidget, (code, label) in zip(context["widget"]["subwidgets"], settings.LANGUAGES, strict=True):
            subwidget["language"] = code
            subwidget["language_name"] = label
        return context


class LocalizedFormField(forms.MultiValueField):
    """Reads one text a language. Required means: at least one language is filled in."""

    def __init__(self, *, rows: int = 3, required: bool = True, **kwargs: Any) -> None:
        self.codes = [code for code, _name in settings.LANGUAGES]
        super().__init__(
            [forms.CharField(required=False) for _code in self.codes],
            widget=LocalizedWidget(rows=rows),
            required=required,
            require_all_fields=False,
            **kwargs,
        )
        self.error_messages["required"] = _("Write this in at least one language.")

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {code: value for code, value in zip(self.codes, data_list or [], strict=False) if value}


def localized(texts: dict[str, str] | None, language: str | None = None) -> str:
    """The text in `language` (the page's own when not given), else in any other that is there."""
    return text.choose(texts, language or get_language() or settings.LANGUAGE_CODE)


def in_languages(words: str | dict[str, str] | None) -> dict[str, str]:
    """By language. What was kept before there was a text a language counts as one in the city's first."""
    if isinstance(words, str):
        return {settings.LANGUAGE_CODE: words} if words else {}
    return dict(words or {})


def said(texts: dict[str, str] | None) -> dict[str, str]:
    """What is written there, without the languages left empty."""
    return {language: words.strip() for language, words in (texts or {}).items() if words.strip()}


def money(amount: Decimal) -> str:
    """An amount in the reader's way of writing it, without cents where there are none."""
    places = 0 if amount == amount.to_integral_value() else 2
    number = number_format(amount, places, use_l10n=True, force_grouping=True)
    return pgettext("an amount of money", "$%(number)s") % {"number": number}


def percent(share: float | Decimal, places: int | str = 0) -> str:
    """A share in hundredths as the reader writes it: "23%", in French with a space that does not break.

    `places` as the filter `floatformat` takes them: -1 writes one decimal only where there is one.
    """
    return pgettext("a percentage", "%(number)s%%") % {"number": floatformat(share, places)}

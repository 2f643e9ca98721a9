"""Template words of Winnow's own."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language, pgettext

from engagement import text
from engagement.localized import money as written

register = template.Library()


@register.filter
def local(texts: dict[str, str] | None) -> str:
    """A city's text in the page's language; a fallback is marked with its own `lang`."""
    page = get_language() or "en"
    chosen = text.choose(texts, page)
    shown = text.language_shown(texts, page)
    if shown == page or not chosen:
        return chosen
    return format_html('<span lang="{}">{}</span>', shown, chosen)


@register.filter
def local_text(texts: dict[str, str] | None) -> str:
    """The same without markup, for attributes and titles."""
    return text.choose(texts, get_language() or "en")


@register.filter
def money(amount: Any) -> str:
    """An amount of money, from any number: `$1,200`."""
    return written(Decimal(str(amount)))


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


@register.simple_tag
def colon() -> str:
    """Between a word and what is said of it: French sets a space before it that does not break."""
    return pgettext("between a word and what is said of it", ": ")


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's query string with `changes`; None takes a parameter away."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            parameters.pop(key, None)
        else:
            parameters[key] = value
    encoded = parameters.urlencode()
    return f"?{encoded}" if encoded else "?"

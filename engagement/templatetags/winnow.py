"""Template words of Winnow's own."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_info, gettext, ngettext, pgettext

from engagement import localized, text

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
def language_name(code: str) -> str:
    """A language by its name in the page's, as it stands inside a sentence: French writes it small.

    One that nobody here knows the name of by its code.
    """
    try:
        name = str(gettext(get_language_info(code)["name_translated"]))
    except KeyError:
        return code
    return name[:1].lower() + name[1:] if (get_language() or "").startswith("fr") else name


@register.filter
def money(amount: Any) -> str:
    """An amount of money, from any number: `$1,200`."""
    return localized.money(Decimal(str(amount)))


@register.filter
def percent(share: Any, places: Any = 0) -> str:
    """A share in hundredths: `{{ 23|percent }}`; with decimals as `floatformat` takes them."""
    return localized.percent(share, places)


@register.filter
def ago(at: datetime) -> str:
    """How long ago, in whole days, as a part of a sentence."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    return gettext("today") if days <= 0 else ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


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

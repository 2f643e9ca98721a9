"""What every page needs to know about the city and its languages."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language


def _name(language: str | None) -> str:
    return str(settings.WINNOW_CITY_NAME_FR if language == "fr" else settings.WINNOW_CITY_NAME)


def city(request: HttpRequest) -> dict[str, Any]:
    """`city` and `language_switch` for templates. No query: both come from the settings."""
    language = get_language() or settings.LANGUAGE_CODE
    here = request.get_full_path()
    return {
        "city": {
            "name": _name(language),
            "logo_url": settings.WINNOW_LOGO or None,
            "email": settings.WINNOW_CONTACT_EMAIL,
            "reports_enabled": settings.WINNOW_REPORTS_ENABLED,
            "reports_url": settings.WINNOW_REPORTS_URL,
            "demonstration": settings.WINNOW_DEMONSTRATION,
        },
        "language_switch": [
            {"code": code, "name": name, "url": _in_language(here, code), "current": code == language}
            for code, name in _native_names()
        ],
    }


def _in_language(here: str, code: str) -> str:
    """This page in another language; where it leads on to another of ours, that one too."""
    address = urlsplit(translate_url(here, code))
    query = parse_qsl(address.query, keep_blank_values=True)
    if not any(key == "next" for key, _value in query):
        return address.geturl()
    onward = [
        (key, translate_url(value, code) if key == "next" and _is_ours(value) else value)
        for key, value in query
    ]
    return address._replace(query=urlencode(onward, safe="/")).geturl()


def _is_ours(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def _native_names() -> list[tuple[str, str]]:
    """Each language under its own name: a reader of French looks for "Français"."""
    own = {"en": "English", "fr": "Français"}
    return [(code, own.get(code, str(name))) for code, name in settings.LANGUAGES]

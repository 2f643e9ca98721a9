"""Which person this browser belongs to: a signed cookie, set when a mailed link was used in it."""

from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from engagement import links
from engagement.models import Person
from engagement.tracking import matches

COOKIE, SALT = "person", "engagement.person"
COOKIE_AGE = 180 * 24 * 3600
_Response = TypeVar("_Response", bound=HttpResponseBase)


def known_person(request: HttpRequest) -> Person | None:
    """The confirmed person of this browser; nobody where the cookie is missing, forged or ended."""
    given = str(request.get_signed_cookie(COOKIE, default="", salt=SALT) or "")
    key, _dot, token = given.partition(".")
    if not key.isdecimal():
        return None
    person = Person.objects.filter(pk=int(key), confirmed_at__isnull=False).first()
    return person if person is not None and matches(links.browser_token(person), token) else None


def remember(response: _Response, person: Person) -> _Response:
    response.set_signed_cookie(
        COOKIE,
        f"{person.pk}.{links.browser_token(person)}",
        salt=SALT,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def forget(response: _Response) -> _Response:
    response.delete_cookie(COOKIE, samesite="Lax")
    return response

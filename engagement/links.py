"""Addresses that may be sent to people: the private tracking page and the public page of a record.

Made when they are needed from the key outside the database and the record's nonce, never stored.
"""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from engagement import tracking
from engagement.models import Idea, MeetingLink, Person, Report


def _of_a_page(language: str) -> str:
    """An idea may be written in any language; pages are in those of the city."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def tracking_token(record: Idea | Report) -> str:
    return tracking.link_token(settings.WINNOW_LINK_KEY, record.reference, record.nonce)


def tracking_code(record: Idea | Report) -> str:
    """The 8 characters that with the reference open the tracking page, in two groups: `7K3M-Q9XD`."""
    code = tracking.code(settings.WINNOW_LINK_KEY, record.reference, record.nonce)
    return f"{code[:4]}-{code[4:]}"


def tracking_path(record: Idea | Report, language: str | None = None, page: str = "tracking") -> str:
    """The path of the private page, in the sender's language where no other is asked for.

    `page` names another address under the same link, such as `tracking_withdraw`.
    """
    with translation.override(_of_a_page(language or record.language)):
        return reverse(
            f"engagement:{page}", kwargs={"reference": record.reference, "token": tracking_token(record)}
        )


def tracking_url(record: Idea | Report, language: str | None = None) -> str:
    return f"{settings.WINNOW_BASE_URL}{tracking_path(record, language)}"


def public_path(record: Idea | Report, language: str | None = None) -> str:
    """The path of the page that everybody may read, once there is one."""
    name = "idea_detail" if isinstance(record, Idea) else "report_detail"
    with translation.override(_of_a_page(language or record.language)):
        return reverse(f"engagement:{name}", kwargs={"reference": record.reference})


KIT = "kit"


def kit_path(link: MeetingLink, language: str | None = None, page: str = "kit") -> str:
    """The path of a meeting's kit, for who types in there. `page` names another one under the same link."""
    token = tracking.dated_token(settings.WINNOW_LINK_KEY, KIT, str(link.pk), link.nonce, until=link.ends_at)
    with translation.override(language or settings.LANGUAGE_CODE):
        return reverse(f"engagement:{page}", kwargs={"pk": link.pk, "token": token})


def opens_kit(link: MeetingLink, token: str, at: datetime) -> bool:
    """Is this the token of this meeting's link, and does the link still live?"""
    key, nonce = settings.WINNOW_LINK_KEY, link.nonce
    return bool(nonce) and tracking.opens(token, key, KIT, str(link.pk), nonce, at=at)


# People ------------------------------------------------------------------------------------------


def wish_path(person: Person, wish: str, until: datetime) -> str:
    """The path that carries a wish out, mailed to the person's address and good until a moment."""
    key, who = settings.WINNOW_LINK_KEY, str(person.pk)
    token = tracking.dated_token(key, f"wish:{wish}", who, person.nonce, until=until)
    with translation.override(person.language):
        return reverse("engagement:wish", kwargs={"pk": person.pk, "wish": wish, "token": token})


def opens_wish(person: Person, wish: str, token: str, at: datetime) -> bool:
    key, who = settings.WINNOW_LINK_KEY, str(person.pk)
    return tracking.opens(token, key, f"wish:{wish}", who, person.nonce, at=at)


def stop_token(person: Person) -> str:
    """Ends the mails about what a person follows, for as long as the person is there."""
    return tracking.purpose_token(settings.WINNOW_LINK_KEY, "stop", str(person.pk), person.nonce)


def stop_path(person: Person) -> str:
    with translation.override(person.language):
        return reverse("engagement:stop", kwargs={"pk": person.pk, "token": stop_token(person)})


def browser_token(person: Person) -> str:
    """What a browser keeps that used a link of this person: a new nonce ends it."""
    return tracking.purpose_token(settings.WINNOW_LINK_KEY, "browser", str(person.pk), person.nonce)


def address_token(record: Idea | Report) -> str:
    """Shows that a sender's address is theirs: another than the private link, which the screen shows too."""
    return tracking.purpose_token(settings.WINNOW_LINK_KEY, "address", record.reference, record.nonce)


def address_path(record: Idea | Report, language: str | None = None) -> str:
    with translation.override(_of_a_page(language or record.language)):
        kwargs = {"reference": record.reference, "token": address_token(record)}
        return reverse("engagement:address", kwargs=kwargs)

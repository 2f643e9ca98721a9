"""Replayed and forged links, of each kind: compared in constant time; ended by time and by a new nonce."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import links, models, tracking
from engagement.models import Follow, Person, Support
from tests import factories
from tests.safety.public_forms import HOUR, PublicCity, build

pytestmark = pytest.mark.django_db


@dataclass
class Kind:
    """A kind of private link: its path, whose nonce signs it, and the same link to somebody else's."""

    path: str
    of: Any
    other: str
    opened: tuple[int, ...] = (200,)


def person(_city: PublicCity) -> Person:
    at = timezone.now()
    number = Person.objects.count()
    made: Person = Person.objects.create(
        email=f"{number}@mail.example", language="en", nonce=f"{number:032}", created_at=at, confirmed_at=at
    )
    return made


KINDS: dict[str, Callable[[PublicCity], Kind]] = {
    "tracking": lambda city: Kind(
        links.tracking_path(city.records["unsure"]),
        city.records["unsure"],
        links.tracking_path(city.records["asked"]),
    ),
    "confirm": lambda city: Kind(
        links.address_path(city.records["unsure"]),
        city.records["unsure"],
        links.address_path(factories.Idea(contact=factories.Contact(confirmed_at=None))),
    ),
    "follow": lambda city: Kind(
        links.wish_path(city.person, f"follow-{city.records['idea'].reference}", timezone.now() + HOUR),
        city.person,
        links.wish_path(person(city), f"follow-{city.records['idea'].reference}", timezone.now() + HOUR),
    ),
    "support": lambda city: Kind(
        links.wish_path(city.person, f"support-{city.records['idea'].reference}", timezone.now() + HOUR),
        city.person,
        links.wish_path(person(city), f"support-{city.records['idea'].reference}", timezone.now() + HOUR),
    ),
    "mine": lambda city: Kind(
        links.wish_path(city.person, "mine", timezone.now() + HOUR),
        city.person,
        links.wish_path(person(city), "mine", timezone.now() + HOUR),
    ),
    "unsubscribe": lambda city: Kind(
        links.stop_path(city.person), city.person, links.stop_path(person(city))
    ),
    "kit": lambda city: Kind(
        links.kit_path(city.records["kit"]), city.records["kit"], links.kit_path(_other_kit(city))
    ),
}
DATED = ("follow", "support", "mine", "kit")


def _other_kit(city: PublicCity) -> models.MeetingLink:
    own = city.records["kit"]
    made: models.MeetingLink = models.MeetingLink.objects.create(
        meeting=own.meeting, nonce="k" * 32, made_at=own.made_at, made_by=own.made_by, ends_at=own.ends_at
    )
    return made


def token_of(path: str) -> str:
    found = re.search(r"/((?:[0-9a-f]+-)?[0-9a-f]{32})/", path)
    assert found is not None, path
    return found.group(1)


def opens(path: str) -> bool:
    """Is the page of the link shown? All that a forged one gives is 404."""
    status = Client().get(path).status_code
    assert status in {200, 404}, (path, status)
    return status == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_opens_its_own_page_and_no_forged_one_does(kind: str) -> None:
    made = KINDS[kind](build())
    token = token_of(made.path)
    assert opens(made.path)
    for place in range(len(token)):
        forged = token[:place] + ("0" if token[place] != "0" else "1") + token[place + 1 :]
        assert not opens(made.path.replace(token, forged)), place
    for forged in (token.upper(), token[:-1], token + "0", "0" * 32, "x", "-", token[::-1]):
        assert forged == token or not opens(made.path.replace(token, forged)), forged
    assert not opens(made.path.replace(token, token_of(made.other))), "somebody else's link"


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_link_opens_another_kind(kind: str) -> None:
    city = build()
    made = {name: make(city) for name, make in KINDS.items() if name not in {"follow", "support"} - {kind}}
    for name, other in made.items():
        if name != kind:
            assert not opens(made[kind].path.replace(token_of(made[kind].path), token_of(other.path))), name


def test_the_wish_of_a_link_is_signed_with_it() -> None:
    """A link to follow does not support."""
    city = build()
    path = links.wish_path(city.person, f"follow-{city.records['idea'].reference}", timezone.now() + HOUR)
    assert not opens(path.replace("/follow-", "/support-"))
    assert not opens(path.replace("/follow-", "/both-"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_nonce_ends_every_link_that_was_given_out(kind: str) -> None:
    made = KINDS[kind](build())
    type(made.of).objects.filter(pk=made.of.pk).update(nonce=tracking.new_nonce())
    assert not opens(made.path)


@pytest.mark.parametrize("kind", DATED)
def test_a_dated_link_ends_and_its_date_cannot_be_moved(kind: str, monkeypatch: Any) -> None:
    made = KINDS[kind](build())
    later = timezone.now() + 2 * HOUR
    for module in ("persons", "kits"):
        clock = type("clock", (), {"now": staticmethod(lambda: later)})
        monkeypatch.setattr(f"engagement.views.{module}.timezone", clock)
    assert not opens(made.path)
    token = token_of(made.path)
    date, _, proof = token.partition("-")
    for moved in (f"{int(date, 16) + 7200:x}", "f" * 12, f"-{date}", f"0{date}"):
        assert not opens(made.path.replace(token, f"{moved}-{proof}"))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_compared_in_constant_time(kind: str, monkeypatch: Any) -> None:
    made = KINDS[kind](build())
    compared: list[tuple[bytes, bytes]] = []
    honest = hmac.compare_digest

    def watched(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return honest(one, other)

    monkeypatch.setattr(tracking.hmac, "compare_digest", watched)
    forged = "0" * 32 if kind not in DATED else f"{token_of(made.path).partition('-')[0]}-{'0' * 32}"
    assert not opens(made.path.replace(token_of(made.path), forged))
    assert forged.encode() in [part for pair in compared for part in pair]


def test_a_link_that_is_used_again_does_nothing_more() -> None:
    """Reading carries nothing out (mail programs look links up); pressing twice is as pressing once."""
    city = build()
    idea = city.records["idea"]
    path = links.wish_path(city.person, f"both-{idea.reference}", timezone.now() + HOUR)
    for _time in range(3):
        Client().get(path)
    assert not Follow.objects.exists()
    assert not Support.objects.exists()
    for _time in range(3):
        assert Client().post(path).status_code == 303
    assert (Follow.objects.count(), Support.objects.count()) == (1, 1)


def test_a_cookie_that_was_made_up_or_belongs_to_another_purpose_is_nobody() -> None:
    city = build()
    known = city.known()
    own = known.cookies["person"].value
    assert "zz-known" in known.get("/mine/").content.decode()
    for forged in (own[:-1], own.replace(".", "!"), own.replace(str(city.person.pk), "99", 1), "", "x" * 500):
        client = Client()
        client.cookies["person"] = forged
        assert "zz-known" not in client.get("/mine/").content.decode(), forged
    client = Client()
    client.cookies["support"] = own
    page = client.get(f"/ideas/{city.records['pressed'].reference}/").content.decode()
    assert "You support this idea" not in page


def test_what_the_reader_sees_of_a_dead_link_says_what_to_do() -> None:
    city = build()
    path = links.wish_path(city.person, "mine", timezone.now() - timedelta(seconds=1))
    page = Client().get(path)
    assert page.status_code == 404
    assert "/mine/" in page.content.decode(), "where to ask for a new one"

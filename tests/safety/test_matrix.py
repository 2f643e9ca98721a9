"""Every role at every address: let in where the table says so, and nowhere else, with nothing told."""

import logging
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest
from django.db import transaction
from django.http import SimpleCookie
from django.test import Client

from prioritisation.services.setup import ROLES
from tests.safety import table
from tests.safety.places import MEMBER_AS, SECRET, SENDER, City, Place, build, places

pytestmark = pytest.mark.django_db

PEOPLE = [
    "a resident",
    *ROLES,
    *(f"another programme's {role}" for role in MEMBER_AS),
    "staff without a role",
    "an inactive account",
    "an account that is not staff",
]
GROUPS = [PEOPLE[start::6] for start in range(6)]
STAFF = {*ROLES, *(f"another programme's {role}" for role in MEMBER_AS), "staff without a role"}
MEMBERS = {*MEMBER_AS, "administrator"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals, each of which Django would tell the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def line(method: dict[str, str], name: str) -> str | None:
    """Who the table lets in: an exact name first, else the longest pattern."""
    found = [
        (pattern == name, len(pattern), who)
        for who, names in method.items()
        for pattern in names.split()
        if fnmatchcase(name, pattern)
    ]
    return max(found)[2] if found else None


def allowed(method: dict[str, str], place: Place) -> set[str]:
    who = line(method, place.name) or table.NOBODY
    if who == table.NOBODY:
        return set()
    if who == table.EVERYBODY:
        return set(PEOPLE)
    roles = STAFF if who == table.STAFF else {one.strip() for one in who.split(",")}
    return roles | {f"another programme's {role}" for role in roles & set(MEMBER_AS) if not scoped(place)}


def scoped(place: Place) -> bool:
    return (
        place.name.startswith(table.SCOPED)
        and (bool(place.takes) or place.name in table.BY_THEIR_QUERY)
        and not place.name.startswith(table.NOT_OF_A_PROGRAMME)
    )


def let_in(answer: Any) -> bool:
    at_the_door = answer.status_code == 302 and "/admin/login/" in answer["Location"]
    return answer.status_code not in {403, 404, 405} and not at_the_door


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


def ask(city: City, who: str, clients: dict[str, tuple[Client, str]], method: str, place: Place) -> Any:
    """One request of one person, undone afterwards."""
    client, cookies = clients[who]
    client.cookies = SimpleCookie(cookies)
    with transaction.atomic():
        answer = getattr(client, method)(city.address(place), city.sent(place) if method == "post" else {})
        text = body(answer)
        transaction.set_rollback(True)
    return answer, text


def sign_in(city: City, people: list[str]) -> dict[str, tuple[Client, str]]:
    clients = {}
    for who in people:
        client = Client(raise_request_exception=False)
        if user := city.people[who]:
            client.force_login(user)
        clients[who] = (client, client.cookies.output(header="", sep=";"))
    return clients


@pytest.mark.walk
@pytest.mark.parametrize("people", GROUPS, ids=[", ".join(group) for group in GROUPS])
def test_every_role_at_every_address(people: list[str], now: datetime) -> None:
    city = build(now)
    clients = sign_in(city, people)
    wrong = []
    for place in places():
        if not place.name:
            continue
        for method, lines in (("get", table.GET), ("post", table.POST)):
            may = allowed(lines, place)
            for who in people:
                answer, text = ask(city, who, clients, method, place)
                at = f"{who}: {method} {place.name} gives {answer.status_code}"
                if answer.status_code >= 500 and place.name != "healthz":
                    wrong.append(at)
                if let_in(answer) != (who in may):
                    wrong.append(f"{at}, and the table says {'let in' if who in may else 'refused'}")
                if SECRET in text and who not in MEMBERS and not reads_it_as_theirs(place, who):
                    wrong.append(f"{at} and tells what is the programme's")
                if SENDER in text and not (let_in(answer) and may_see_senders(place, who, method)):
                    wrong.append(f"{at} and tells who sent it")
    assert not wrong, "\n".join(wrong)


def reads_it_as_theirs(place: Place, who: str) -> bool:
    """The department that would carry an initiative out checks its facts and replies to what is decided on
    it, without being a member; the sender of an idea reads, by its private link, what was made of it."""
    own = ("facts", "fact", "replies", "reply")
    as_department = who == "department" and place.name in {f"admin:prioritisation_{name}" for name in own}
    return as_department or place.name == "prioritisation:understood"


def may_see_senders(place: Place, who: str, method: str) -> bool:
    """Only where a look is asked for by POST, and written down."""
    return method == "post" and place.name.endswith("_contact") and who in {"moderator", "administrator"}


def test_every_address_has_a_line() -> None:
    assert [place.name for place in places() if place.name and line(table.GET, place.name) is None] == []


def test_every_line_names_an_address() -> None:
    names = [place.name for place in places()]
    for method in (table.GET, table.POST):
        left_over = [
            pattern
            for patterns in method.values()
            for pattern in patterns.split()
            if not any(fnmatchcase(name, pattern) for name in names)
        ]
        assert left_over == []


def test_addresses_without_a_name_lead_to_named_ones() -> None:
    """Django's own `<record>/` (to `<record>/change/`), its "add a slash", and "not there" of each API."""
    routes = {place.route for place in places() if not place.name}
    own = {route for route in routes if route.endswith("/<path:object_id>/")}
    not_there = {r"api/^v1(/[\s\S]*)?$", r"open311/^v2(?:/[\s\S]*)?$"}
    assert routes - own == {"admin/(?P<url>.*)$", *not_there}


def test_the_people_are_those_of_the_table(now: datetime) -> None:
    city = build(now)
    assert set(city.people) == set(PEOPLE)

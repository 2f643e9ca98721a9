"""Before a round is closed nothing about others' scores can be learned: two worlds that differ in these
scores alone give the same answers, byte for byte, at every address.

One city; the scores of its running round are changed in place and every address is asked again. What differs
by nature from request to request (form tokens) is masked. Statuses, headers, sizes and numbers of queries
count too: a page that is longer, or slower by a query, tells as much as one that says so.
"""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from engagement.models import Notice, User
from prioritisation import emails, services
from prioritisation.models import Assessment, Assignment, Round
from tests.safety.places import City, Place, build, places
from tests.safety.test_matrix import ask, let_in, sign_in

pytestmark = pytest.mark.django_db

WORLDS = ((0, "zz-poor"), (5, "zz-splendid"))
"""What the others gave and wrote, in the one world and in the other."""
TOKENS = re.compile(r'(name="csrfmiddlewaretoken" value=|name="form_key" value=|"csrfToken": |nonce=)"[^"]*"')
PER_REQUEST = {"Set-Cookie", "X-Request-ID", "Date", "Expires"}
FUNNEL = ("admin:prioritisation_", "prioritisation:", "api-", "admin:index", "admin:app_list", "home")
KNOWN_TO_THE_MANAGER = {"admin:prioritisation_disagreements"}
"""The manager may learn which initiatives are read very differently, and nothing else: see below."""
LOOKUPS = (
    "o=1",
    "o=-3",
    "o=4.-5",
    "q=5",
    "q=zz-splendid",
    "entries__assignments__assessment__scores__0=5",
    "entries__assignments__assessment__notes__icontains=splendid",
    "assignments__assessment__scores__0=5",
)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def city(now: datetime) -> City:
    """Every address of a round leads to the one that runs; its other assessors have handed everything in."""
    made = build(now)
    assessor = made.people["assessor"]
    running = Assignment.objects.get(assessor=assessor).entry.round
    decided = made.records["round"]
    initiative = running.entries.get().initiative
    for key, value in made.records.items():
        if key.endswith(" pk") and value == decided.pk:
            made.records[key] = running.pk
        if key.endswith("reference") and key.split()[0] in {"ranked", "reference", "disagreement"}:
            made.records[key] = initiative.reference
    made.records["round"] = running
    made.records["disagreement reference"] = initiative.reference
    for number, seat in enumerate(running.panel.exclude(user=assessor).select_related("user")):
        User.objects.filter(pk=seat.user_id).update(username=f"zz-panel-{number}", last_name=f"Zz-P{number}")
    for one in Assignment.objects.filter(entry__round=running).exclude(assessor=assessor):
        hand_in(one, 3, now)
    return made


def hand_in(assignment: Assignment, level: float, now: datetime, notes: str = "") -> None:
    keys = ["enabling", "strategy", "citizens", "return"]
    services.save_assessment(
        assignment=assignment,
        scores=dict.fromkeys(keys, level),
        notes=dict.fromkeys(keys, notes),
        by=assignment.assessor,
        at=now,
        submit=True,
    )


def set_world(city: City, level: float, note: str) -> None:
    """The others' scores and notes as they are in this world: everything else stays, to the second."""
    others = Assessment.objects.filter(assignment__entry__round=city.records["round"]).exclude(
        assignment__assessor=city.people["assessor"]
    )
    assert others.count() == 2
    for place, one in enumerate(others.order_by("pk")):
        # far apart in the second world and alike in the first, so that agreement differs too
        scores: list[float | None] = [level if place else 0] * 4
        missing = {} if level else {"return": "cannot_judge"}
        Assessment.objects.filter(pk=one.pk).update(
            scores=[*scores[:3], scores[3] if level else None],
            first_scores=scores,
            missing=missing,
            confidence=level or None,
            notes={"strategy": note},
        )


def asked(city: City, people: list[str], which: list[Place]) -> dict[str, str]:
    """Everything that can be seen of each answer, by who and where."""
    clients = sign_in(city, people)
    found = {}
    for place in which:
        listed = place.name.startswith(FUNNEL) and place.name.endswith("_changelist")
        queries = ["", *LOOKUPS] if listed else [""]
        own = city.records.get(f"?{place.name}", "")
        for query in queries:
            for who in people:
                if who in {"programme manager", "administrator"} and place.name in KNOWN_TO_THE_MANAGER:
                    continue
                city.records[f"?{place.name}"] = "&".join(part for part in (own, query) if part)
                with CaptureQueriesContext(connection) as counted:
                    answer, text = ask(city, who, clients, "get", place)
                headers = sorted((k, v) for k, v in answer.items() if k not in PER_REQUEST)
                body = TOKENS.sub(r"\1", text)
                queries_made = len(counted) if place.name.startswith(FUNNEL) else 0
                said = f"{answer.status_code} {queries_made} queries {headers}\n{body}"
                found[f"{who}: {place.name}?{query}"] = said
        city.records[f"?{place.name}"] = own
    return found


def compare(city: City, people: list[str], which: list[Place]) -> list[str]:
    """Where the two worlds can be told apart."""
    # what a process asks for once and keeps must not look like a difference between the worlds
    ContentType.objects.get_for_models(*apps.get_models())
    asked(city, people, named("admin:prioritisation_initiative_change"))
    seen = []
    for level, note in WORLDS:
        set_world(city, level, note)
        seen.append(asked(city, people, which))
    assert len(seen[0]) > 20
    return [f"{at}: {difference(line, seen[1][at])}" for at, line in seen[0].items() if seen[1][at] != line]


def difference(one: str, other: str) -> str:
    """Where two answers part, with a little of what stands around."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"…{one[max(0, at - 60) : at + 60]!r} | {other[max(0, at - 60) : at + 60]!r}"


def named(*parts: str) -> list[Place]:
    return [place for place in places() if place.name.startswith(parts)]


# What changes from one moment to the next whatever the scores are: health, and lists of jobs with a clock.
MOVING = ("healthz", "admin:jsi18n", "dev_mail", "admin:logout", "admin:engagement_job")


def test_an_assessor_learns_nothing_at_any_address(city: City) -> None:
    everywhere = [place for place in places() if place.name and not place.name.startswith(MOVING)]
    told = compare(city, ["assessor"], everywhere)
    assert not told, "\n".join(told)


@pytest.mark.walk
@pytest.mark.parametrize(
    "people",
    [
        ["a resident", "department", "another programme's assessor"],
        ["publisher", "another programme's programme manager"],
        ["programme manager", "administrator"],
    ],
    ids=lambda people: people[0],
)
def test_nobody_else_learns_anything_while_the_round_is_open(city: City, people: list[str]) -> None:
    told = compare(city, people, named(*FUNNEL))
    assert not told, "\n".join(told)


def test_the_two_worlds_would_be_told_apart(city: City, now: datetime) -> None:
    """The control: with everything handed in the calibration pages differ, and after closing the ranking."""
    own = Assignment.objects.get(assessor=city.people["assessor"])
    hand_in(own, 3, now)
    where = compare(city, ["assessor"], named("admin:prioritisation_", "api-"))
    assert {at.partition("?")[0] for at in where} == {
        "assessor: admin:prioritisation_calibration",
        "assessor: admin:prioritisation_calibration_one",
    }


def test_who_has_a_conflict_of_interest_learns_nothing(city: City, now: datetime) -> None:
    own = Assignment.objects.get(assessor=city.people["assessor"])
    hand_in(own, 3, now)
    services.declare_conflict(assignment=own, reason="my street", by=own.assessor, at=now)
    assert compare(city, ["assessor"], named("admin:prioritisation_", "api-")) == []


def test_the_managers_list_says_which_and_no_more(city: City) -> None:
    """Two ways of being far apart give the same page, and a manager on the panel sees no list."""
    pages = {}
    for who in ("programme manager", "administrator"):
        for level in (3, 5):
            set_world(city, level, f"zz-{level}")
            clients = sign_in(city, [who])
            answer, text = ask(city, who, clients, "get", named("admin:prioritisation_disagreements")[0])
            assert let_in(answer)
            assert city.records["disagreement reference"] in text
            pages[who, level] = TOKENS.sub("", text)
        assert pages[who, 3] == pages[who, 5]
    running: Round = city.records["round"]
    running.panel.create(user=city.people["programme manager"])
    clients = sign_in(city, ["programme manager"])
    _answer, text = ask(
        city, "programme manager", clients, "get", named("admin:prioritisation_disagreements")[0]
    )
    assert city.records["disagreement reference"] not in text


def test_mails_and_whom_they_reach_do_not_hang_on_scores(city: City, now: datetime) -> None:
    """A further opinion asks the same person at the same time in the same words, whatever was given."""
    running: Round = city.records["round"]
    fourth = User.objects.create(username="fourth", email="fourth@city.example", is_staff=True)
    running.panel.create(user=fourth)
    sent = []
    for level, note in WORLDS:
        set_world(city, level, note)
        with transaction.atomic():
            Notice.objects.all().delete()
            later = now + timedelta(hours=1)
            services.ask_opinion(entry=running.entries.get(), by=_manager(city), at=later)
            notices = list(Notice.objects.order_by("pk"))
            messages = [emails.compose(one, later) for one in notices]
            sent.append(
                [
                    (one.kind, one.user_id, one.context, one.next_try_at, message.subject, message.body)
                    for one, message in zip(notices, messages, strict=True)
                ]
            )
            transaction.set_rollback(True)
    assert sent[0] == sent[1]
    assert len(sent[0]) == 1
    assert mail.outbox == []


def test_why_one_is_asked_is_not_to_be_seen(city: City) -> None:
    """A further opinion looks like any other initiative of the queue."""
    place = named("admin:prioritisation_assess")
    seen = []
    for origin in (Assignment.Origin.FIRST, Assignment.Origin.OPINION):
        Assignment.objects.filter(assessor=city.people["assessor"]).update(origin=origin)
        seen.append(asked(city, ["assessor"], place))
    assert seen[0] == seen[1]


def test_after_closing_an_assessor_sees_nothing_by_name(city: City, now: datetime) -> None:
    own = Assignment.objects.get(assessor=city.people["assessor"])
    hand_in(own, 3, now)
    set_world(city, 5, "zz-splendid")
    running: Round = city.records["round"]
    running.refresh_from_db()
    services.close_round(round=running, by=_manager(city), at=now)
    clients = sign_in(city, ["assessor"])
    told = []
    for place in named(*FUNNEL):
        answer, text = ask(city, "assessor", clients, "get", place)
        if re.search(r"(?i)zz-p(anel-)?\d", text):
            told.append(place.name)
        if "zz-splendid" in text:
            assert place.name == "admin:prioritisation_calibration_one", place.name
        assert answer.status_code < 500
    assert told == []


def _manager(city: City) -> User:
    manager = city.people["programme manager"]
    assert manager is not None
    return manager

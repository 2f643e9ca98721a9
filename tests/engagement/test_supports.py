"""Supports: one a person, of nobody known who, and of joined ideas counted as a union."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement import services
from engagement.models import Event, Idea, Support
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def idea() -> Any:
    return factories.Idea(state="published", call=factories.Call(supports="token"))


def give(idea: Any, voter: str, now: Any, kind: str = "token", **by: Any) -> Any:
    return services.support_idea(idea=idea, voter=voter, kind=kind, at=now, **by)


def counts(*ideas: Any) -> list[tuple[int, int, int]]:
    found = Idea.objects.with_supporters().in_bulk([idea.pk for idea in ideas])
    return [
        (one.supporters_confirmed, one.supporters_token, one.supporters_paper)
        for one in (found[idea.pk] for idea in ideas)
    ]


def test_one_person_counts_once_and_may_take_it_back(idea: Any, now: Any) -> None:
    give(idea, "a", now)
    give(idea, "a", now)
    give(idea, "b", now)
    assert counts(idea) == [(0, 2, 0)]
    assert services.withdraw_support(idea=idea, voter="a", kind="token", at=now)
    assert not services.withdraw_support(idea=idea, voter="a", kind="token", at=now)
    assert counts(idea) == [(0, 1, 0)]
    give(idea, "a", now)
    assert counts(idea) == [(0, 2, 0)]
    assert not Event.objects.exists(), "a timeline of supports would be a list of people"


def test_who_it_was_is_kept_nowhere_and_not_without_the_key(idea: Any, now: Any, settings: Any) -> None:
    call = factories.Call(supports="confirmed")
    one, other = (factories.Idea(state="published", call=call) for _ in range(2))
    first = give(one, " Ana@Mail.example", now, "confirmed")
    assert give(other, "ana@mail.example", now, "confirmed").voter == first.voter
    assert "ana" not in first.voter
    key = services.voter_key(kind="confirmed", voter="ana@mail.example")
    assert key == first.voter != services.voter_key(kind="token", voter="ana@mail.example")
    settings.WINNOW_LINK_KEY = "another"
    assert services.voter_key(kind="confirmed", voter="ana@mail.example") != key


@pytest.mark.parametrize(
    ("idea_values", "call_values", "kind"),
    [
        ({"state": "received"}, {"supports": "token"}, "token"),
        ({"state": "declined"}, {"supports": "token"}, "token"),
        ({"state": "withdrawn"}, {"supports": "token"}, "token"),
        ({"eligible": False}, {"supports": "token"}, "token"),
        ({"text_hidden": True}, {"supports": "token"}, "token"),
        ({}, {"supports": "token", "kind": "in_reach"}, "token"),
        ({}, {"supports": "none"}, "token"),
        ({}, {"supports": "none"}, "paper"),
        ({}, {"supports": "token"}, "confirmed"),
        ({}, {"supports": "confirmed"}, "token"),
    ],
)
def test_only_open_public_ideas_where_the_invitation_asks(
    idea_values: Any, call_values: Any, kind: str, now: Any, administrator: Any
) -> None:
    idea = factories.Idea(**{"state": "published", "call": factories.Call(**call_values), **idea_values})
    with pytest.raises(services.Refused):
        give(idea, "a", now, kind, by=administrator)
    assert not Support.objects.exists()


def test_paper_is_typed_in_by_staff_and_counted_apart(
    idea: Any, now: Any, clerk: Any, moderator: Any
) -> None:
    for by in (None, moderator):
        with pytest.raises(services.Refused):
            give(idea, "Ana, 12 Elm", now, "paper", by=by)
    give(idea, "Ana, 12 Elm", now, "paper", by=clerk)
    give(idea, "ana,  12 elm", now, "paper", by=clerk)
    assert counts(idea) == [(0, 0, 1)]
    assert [event.public for event in Event.objects.filter(verb="support")] == [False]


VOTERS = st.sampled_from("abcd")
KINDS = st.sampled_from(["confirmed", "token", "paper"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(0, 3), st.tuples(KINDS, VOTERS)),
        st.tuples(st.just("take"), st.integers(0, 3), st.tuples(KINDS, VOTERS)),
        st.tuples(st.just("join"), st.integers(1, 3), st.none()),
        st.tuples(st.just("part"), st.integers(1, 3), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_supporters_of_joined_ideas_are_a_union(
    steps: Any, now: Any, administrator: Any, django_assert_num_queries: Any
) -> None:
    call = factories.Call(supports="token")
    ideas = [factories.Idea(state="published", call=call) for _ in range(4)]
    given_by: list[set[tuple[str, str]]] = [set() for _ in ideas]
    joined: set[int] = set()
    for what, n, who in steps:
        idea = Idea.objects.get(pk=ideas[n].pk)
        if what == "join" and n not in joined:
            services.link_duplicate(idea=idea, original=ideas[0], by=administrator, at=now)
            joined.add(n)
        elif what == "part" and n in joined:
            services.unlink_duplicate(idea=idea, by=administrator, at=now)
            joined.remove(n)
        elif what == "give":
            kind, voter = who
            call.supports = "confirmed" if kind == "confirmed" else "token"
            call.save()
            give(Idea.objects.get(pk=idea.pk), voter, now, kind, by=administrator)
            given_by[n].add(who)
        elif what == "take":
            kind, voter = who
            services.withdraw_support(idea=idea, voter=voter, kind=kind, at=now, by=administrator)
            given_by[n].discard(who)
    model = [given_by[0].union(*(given_by[n] for n in joined)), *given_by[1:]]
    with django_assert_num_queries(1):
        found = counts(*ideas)
    assert found == [
        tuple(sum(kind == wanted for kind, _voter in voters) for wanted in ("confirmed", "token", "paper"))
        for voters in model
    ]


# A list on paper at the desk -----------------------------------------------------------------------


@pytest.fixture
def desk() -> Any:
    client = Client()
    may = ["engagement.type_in_idea", "engagement.view_idea"]
    client.force_login(factories.staff("typist", permissions=may))
    return client


def paper(idea: Any) -> str:
    return f"/admin/engagement/idea/{idea.pk}/supports/"


LIST = "Ana Q, 12 Elm\r\n\r\nben@mail.example\r\nana q,  12 elm\r\n"


def test_a_list_goes_in_at_once_and_who_stands_twice_is_told_by_the_line(idea: Any, desk: Any) -> None:
    assert paper(idea) in desk.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    done = desk.post(paper(idea), {"voters": LIST, "note": "Tenants, shelf 4"}, follow=True)
    page = done.content.decode()
    assert "2 supports added." in page
    assert "not again: line 4." in page
    assert "2 supports. Tenants, shelf 4" in page
    again = desk.post(paper(idea), {"voters": LIST + "Cem", "note": ""}, follow=True).content.decode()
    assert "1 support added." in again
    assert "not again: lines 1, 3, 4." in again
    assert counts(idea) == [(0, 0, 3)]
    assert Event.objects.filter(verb="support", public=False).count() == 2


def test_what_was_typed_into_the_wrong_idea_is_taken_back(
    idea: Any, desk: Any, client: Any, now: Any
) -> None:
    give(idea, "ben@mail.example", now)
    desk.post(paper(idea), {"voters": LIST, "note": ""})
    Idea.objects.filter(pk=idea.pk).update(state="declined")
    page = desk.post(paper(idea), {"voters": LIST + "Cem", "note": "", "_take_back": "1"}, follow=True)
    assert "2 supports taken back." in page.content.decode()
    assert "Nobody to take back: lines 4, 5." in page.content.decode()
    assert counts(idea) == [(0, 1, 0)], "who supported in a browser stays"
    assert Event.objects.get(verb="withdraw_support").note == "2 supports."
    nobody = desk.post(paper(idea), {"voters": " ", "note": "", "_take_back": "1"})
    assert "Write who supports the idea." in nobody.content.decode()


def test_no_table_has_a_name_from_paper(idea: Any, desk: Any) -> None:
    desk.post(paper(idea), {"voters": LIST, "note": ""})
    desk.post(paper(idea), {"voters": LIST, "note": ""})
    rows = "".join(repr(list(model.objects.values())) for model in apps.get_models()).casefold()
    rows += "".join(repr(one.get_decoded()) for one in Session.objects.all()).casefold()
    assert "ana q" not in rows
    assert "ben@mail" not in rows
    assert Support.objects.count() == 2


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (" \n\t\n", "Write who supports the idea."),
        ("", "Write who supports the idea."),
        ("Ana\n" + "x" * 201, "Line 2 is too long to be one person"),
        ("Ana\n" * 501, "These are 501 lines."),
    ],
)
def test_what_is_no_list_is_told_and_kept(idea: Any, desk: Any, lines: str, told: str) -> None:
    page = desk.post(paper(idea), {"voters": lines, "note": "Shelf 4"})
    assert told in page.content.decode()
    assert "Shelf 4" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert not Support.objects.exists()


def test_the_page_is_for_who_types_in_and_the_idea_must_still_take_supports(
    idea: Any, desk: Any, moderator: Any
) -> None:
    other = Client()
    other.force_login(moderator)
    assert other.post(paper(idea), {"voters": "Ana"}).status_code == 403
    Idea.objects.filter(pk=idea.pk).update(state="received")
    assert paper(idea) not in desk.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    refused = desk.post(paper(idea), {"voters": "Ana", "note": ""}).content.decode()
    assert "This idea cannot be supported." in refused
    assert ">\nAna</textarea>" in refused
    assert not Support.objects.exists()

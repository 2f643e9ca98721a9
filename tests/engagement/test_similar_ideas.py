"""Ideas like the one that is written: found from the index, filtered by what may be shown now."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from engagement import services
from engagement.models import Event, Idea
from tests import factories

pytestmark = pytest.mark.django_db

WRITTEN = "There is no roof at the bus stop on Foundry Road and people wait in the rain"
MANY = 10_000_000


@pytest.fixture
def call() -> Any:
    return factories.Call(slug="ideas", opens_at=timezone.now() - timedelta(days=3))


def public_idea(call: Any, **values: Any) -> Any:
    words = "The bus stop on Foundry Road has no roof"
    return factories.Idea(
        **{"call": call, "state": "published", "public_title": words, "public_problem": f"{words}.", **values}
    )


def asked(client: Any, text: str, title: str = "") -> str:
    answer = client.post("/calls/ideas/similar/", {"problem": text, "title": title})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_text_is_answered_with_ideas_like_it_their_state_and_the_citys_answer(
    client: Any, call: Any
) -> None:
    declined = public_idea(call, state="declined")
    other = public_idea(call, public_title="More trees", public_problem="The square is hot in summer.")
    Event.objects.create(
        idea=declined,
        at=timezone.now(),
        actor="staff",
        by=factories.staff("decider"),
        verb="decline",
        text={"en": "The road is moved."},
    )
    text = asked(client, WRITTEN)
    assert declined.reference in text
    assert "The road is moved." in text
    assert "Declined" in text
    assert other.reference not in text
    assert asked(client, "Too short").strip() == asked(client, "\u202e\U0001f6ae").strip() == ""


def test_whose_idea_it_is_is_asked_once_for_the_whole_list(client: Any, call: Any) -> None:
    for number in range(3):
        first = public_idea(call)
        text = asked(client, WRITTEN)
        assert text.count("Did you send one of these yourself?") == text.count('href="/track/') == 1
        # With one alone its number is filled in; among several one is chosen by hand.
        assert (f"?reference={first.reference}" in text) == (number == 0)
    answer = client.post("/fr/calls/ideas/similar/", {"problem": WRITTEN})
    assert "L’une d’elles vient-elle de vous?" in answer.content.decode()


def test_before_and_after_the_worker_looked_the_same_is_found(client: Any, call: Any) -> None:
    idea = public_idea(call)
    assert idea.reference in asked(client, WRITTEN)
    assert services.refresh_similar() == 1
    assert services.refresh_similar() == 0
    services.forget_similar()
    assert idea.reference in asked(client, WRITTEN)
    later = public_idea(call)
    services.forget_similar()
    assert later.reference in asked(client, WRITTEN)


def test_a_restart_looks_at_no_text_again(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _each in range(3):
        public_idea(call)
    assert services.refresh_similar() == 3
    services.forget_similar()
    changed = Idea.objects.order_by("pk").last()
    assert changed is not None
    Idea.objects.filter(pk=changed.pk).update(version=7)
    assert services.refresh_similar() == 1


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": "withdrawn"},
        {"text_hidden": True},
        {"eligible": False},
        {"state": "received"},
        {"state": "correction"},
    ],
)
def test_what_nobody_may_read_leaves_at_once_whatever_the_files_hold(
    client: Any, call: Any, hidden: dict[str, Any]
) -> None:
    idea = public_idea(call)
    services.refresh_similar()
    assert idea.reference in asked(client, WRITTEN)
    Idea.objects.filter(pk=idea.pk).update(**hidden)
    text = asked(client, WRITTEN)
    assert idea.reference not in text
    assert "Foundry" not in text


def test_the_words_of_an_erased_idea_leave_the_files_too(client: Any, call: Any) -> None:
    idea = public_idea(call)
    services.refresh_similar()
    services.withdraw_idea(idea=idea, at=timezone.now())
    assert services.refresh_similar() == 1
    services.forget_similar()
    assert services.why_similar(text=WRITTEN, idea=idea) is None


def test_ideas_from_inside_the_city_are_never_suggested(client: Any, call: Any) -> None:
    inside = public_idea(factories.Call(kind="in_reach"))
    assert inside.reference not in asked(client, WRITTEN)


def test_many_that_may_not_be_shown_do_not_stand_in_the_way(client: Any, call: Any) -> None:
    for number in range(45):
        public_idea(call, state="received")
        public_idea(call, public_title=f"Number {number}", public_problem=f"Trees in square {number}.")
    shown = public_idea(call, public_problem="The bus stop on Foundry Road has no roof, my mother says.")
    services.refresh_similar()
    services.forget_similar()
    assert shown.reference in asked(client, WRITTEN)


def test_it_costs_few_queries_whatever_is_found(
    client: Any, call: Any, django_assert_max_num_queries: Any
) -> None:
    for _each in range(8):
        public_idea(call)
    asked(client, WRITTEN)
    with django_assert_max_num_queries(8):
        asked(client, WRITTEN)


def test_bad_input_is_answered_in_words(client: Any, call: Any) -> None:
    assert client.get("/calls/ideas/similar/").status_code == 405
    assert client.post("/calls/none/similar/", {"problem": WRITTEN}).status_code == 404
    too_long = client.post("/calls/ideas/send/", {"problem": "a" * MANY})
    assert too_long.status_code in (400, 413, 422)
    assert "<script>" not in asked(client, "<script>alert(1)</script> at the bus stop", "<script>")


def test_a_theme_that_the_text_names_is_suggested_and_never_ticked(client: Any, call: Any) -> None:
    theme = factories.Theme(key="parks", label={"en": "Parks and squares"})
    call.themes.set([theme])
    text = asked(client, "Benches are missing in all parks of the city")
    assert f'data-tick="{theme.pk}"' in text
    page = client.post("/calls/ideas/send/", {"problem": "No parks.", "preview": "1"}).content.decode()
    assert 'name="themes"' not in page


def test_a_fault_is_led_to_the_other_door_with_its_text(client: Any, call: Any) -> None:
    factories.ReportService(code="lamp", keywords="lamp, street light", name={"en": "Street lamp"})
    words = "The lamp in front of my house is dark"
    assert "This sounds like a problem report." in asked(client, words)
    start = client.post("/report/", {"carry": "1", "problem": words})
    assert start.status_code == 200
    assert words in start.content.decode()
    form = client.post("/report/lamp/", {"carry": "1", "description": words})
    assert words in form.content.decode()
    assert form.status_code == 200
    back = client.post("/calls/", {"carry": "1", "description": words})
    assert words in back.content.decode()
    idea = client.post("/calls/ideas/send/", {"carry": "1", "description": words})
    assert words in idea.content.decode()
    assert not Idea.objects.filter(problem=words).exists()

"""What everybody may read of ideas and invitations, and what nobody may."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from engagement import links, services
from engagement.models import Event, Idea, SimilarLink
from tests import factories

pytestmark = pytest.mark.django_db

HIDDEN_STATES = ["received", "correction", "split", "as_report"]


def read(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


@pytest.mark.parametrize("state", Idea.State.values)
def test_the_list_and_the_single_idea_agree_on_what_is_public(state: str) -> None:
    inside = factories.Call(kind="in_reach")
    for call in (factories.Call(), inside):
        for published_at in (None, factories.NOW):
            for eligible in (True, False):
                factories.Idea(state=state, call=call, published_at=published_at, eligible=eligible)
    public = set(Idea.objects.public())
    assert public == {idea for idea in Idea.objects.select_related("call") if idea.is_public}
    expected = {"received": 0, "correction": 0, "split": 0, "as_report": 0, "withdrawn": 1}.get(state, 2)
    assert len(public) == expected


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_what_is_not_public_has_no_page_and_no_line(client: Any, state: str) -> None:
    idea = factories.Idea(state=state, published_at=None)
    read(client, f"/ideas/{idea.reference}/", 404)
    assert idea.reference not in read(client, "/ideas/")


def test_in_reach_and_junk_have_no_page(client: Any) -> None:
    inside = factories.Idea(state="published", call=factories.Call(kind="in_reach"))
    junk = factories.Idea(state="declined", eligible=False)
    for idea in (inside, junk):
        read(client, f"/ideas/{idea.reference}/", 404)
        assert idea.reference not in read(client, "/ideas/")


def test_the_public_page_leaks_nothing_of_the_sender(client: Any, now: Any, moderator: Any) -> None:
    idea = services.submit_idea(
        call=factories.Call(questions=[{"key": "cost", "label": {"en": "Cost"}, "confidential": True}]),
        draft=services.IdeaDraft(
            problem="Write to ana@mail.example or 514 555 0199 about the dark lamp.",
            language="en",
            answers={"cost": "Secret ten dollars"},
            sender=services.Sender(name="Ana Example", email="ana@mail.example", phone="514 555 0199"),
        ),
        at=now,
    )
    services.publish_idea(idea=idea, by=moderator, at=now, note="Looks fine to me")
    text = read(client, f"/ideas/{idea.reference}/") + read(client, "/ideas/")
    secrets = ["ana@mail.example", "555", "Ana Example", "Secret ten", "Looks fine to me", "moderator"]
    for secret in [*secrets, links.tracking_token(idea), links.tracking_code(idea), idea.nonce]:
        assert secret not in text
    assert "about the dark lamp" in text


def test_the_senders_language_is_marked(client: Any) -> None:
    idea = factories.Idea(state="published", language="fr", title="Il manque un abri")
    assert '<h1 lang="fr" dir="auto">Il manque un abri</h1>' in read(client, f"/ideas/{idea.reference}/")
    assert '<blockquote lang="fr" dir="auto">' in read(client, f"/ideas/{idea.reference}/")


@pytest.mark.parametrize(("language", "reason"), [("", "Another government"), ("/fr", "Un autre palier")])
def test_why_an_idea_was_declined_stands_before_its_words(
    client: Any, now: Any, moderator: Any, language: str, reason: str
) -> None:
    text = {"en": "Another government looks after this.", "fr": "Un autre palier s’en occupe."}
    factories.Reason(code="not_city", label={"en": "Not ours", "fr": "Pas à nous"}, text=text)
    idea = factories.Idea(
        state="published", problem="The buses are late.", public_problem="The buses are late."
    )
    services.decline_idea(idea=idea, by=moderator, at=now, reason="not_city")
    said = read(client, f"{language}/ideas/{idea.reference}/")
    assert said.index("left-title") < said.index(reason) < said.index("The buses are late.")
    assert ("Declined: Not ours" if not language else "Pas à nous") in said
    private = read(client, f"{language}/t/{idea.reference}/{links.tracking_token(idea)}/")
    assert private.index("left-title") < private.index("timeline-title")
    other = factories.Idea(state="published")
    assert "left-title" not in read(client, f"{language}/ideas/{other.reference}/")


def test_what_was_withdrawn_or_hidden_says_so_without_the_text(client: Any, now: Any, moderator: Any) -> None:
    withdrawn = factories.Idea(state="published", title="My private sorrow")
    services.withdraw_idea(idea=withdrawn, at=now)
    factories.Reason(code="insult", hides_text=True)
    insult = factories.Idea(state="published", title="My private sorrow")
    services.decline_idea(idea=insult, by=moderator, at=now, reason="insult")
    for idea in (withdrawn, insult):
        text = read(client, f"/ideas/{idea.reference}/")
        assert "private sorrow" not in text
        assert "private sorrow" not in read(client, "/ideas/")
        assert idea.reference in text
    assert "took this idea back" in read(client, f"/ideas/{withdrawn.reference}/")
    assert "Another government looks after this." in read(client, f"/ideas/{insult.reference}/")


def test_the_timeline_says_who_and_why_in_the_readers_language(client: Any, now: Any, moderator: Any) -> None:
    factories.Reason()
    idea = services.submit_idea(
        call=factories.Call(), draft=services.IdeaDraft(problem="A dark lamp.", language="en"), at=now
    )
    services.decline_idea(idea=idea, by=moderator, at=now, reason="not_city", note="only for us")
    text = read(client, f"/ideas/{idea.reference}/")
    assert "Declined: Not the city&#x27;s task" in text
    assert "Another government looks after this." in text
    assert "the sender" in text
    assert "the city" in text
    assert "only for us" not in text
    assert "Un autre gouvernement s’en occupe." in read(client, f"/fr/ideas/{idea.reference}/")


def test_internal_events_stay_internal(client: Any, now: Any, moderator: Any) -> None:
    idea = factories.Idea(state="published")
    Event.objects.create(idea=idea, at=now, actor="system", verb="secret-verb", public=False)
    assert "secret-verb" not in read(client, f"/ideas/{idea.reference}/")


def test_joined_ideas_show_each_other_and_keep_both_texts(client: Any, now: Any, moderator: Any) -> None:
    original = factories.Idea(state="published", title="A roof at the stop")
    idea = factories.Idea(call=original.call, state="published", title="Shelter for who waits")
    hidden = factories.Idea(
        call=original.call, state="received", title="Nobody may read this", published_at=None
    )
    services.link_duplicate(idea=idea, original=original, by=moderator, at=now)
    SimilarLink.objects.create(
        idea=hidden, original=original, state_before="received", linked_at=now, linked_by=moderator
    )
    below = read(client, f"/ideas/{idea.reference}/")
    assert "Shelter for who waits" in below
    assert f"/ideas/{original.reference}/" in below
    above = read(client, f"/ideas/{original.reference}/")
    assert "Shelter for who waits, and people wait" in above
    assert "Nobody may read this" not in above
    services.unlink_duplicate(idea=idea, by=moderator, at=now)
    assert "Shelter for who waits" not in read(client, f"/ideas/{original.reference}/")


def test_the_outcome_stands_with_its_reason_and_link(client: Any, now: Any, administrator: Any) -> None:
    idea = factories.Idea(state="published")
    services.record_outcome(
        idea=idea,
        outcome=Idea.Outcome.SET_ASIDE,
        text={"en": "It cost too much for what it gave.", "fr": "Trop cher pour ce que cela donne."},
        link="/ideas/",
        by=administrator,
        at=now,
    )
    text = read(client, f"/ideas/{idea.reference}/")
    assert "Set aside" in text
    assert "It cost too much" in text
    french = read(client, f"/fr/ideas/{idea.reference}/")
    assert "Trop cher" in french
    assert 'href="/fr/ideas/">' in french


def test_a_link_of_an_outcome_that_leads_elsewhere_is_not_offered(client: Any) -> None:
    idea = factories.Idea(state="published", outcome="in_plan", outcome_link="javascript:alert(1)")
    assert "javascript:" not in read(client, f"/ideas/{idea.reference}/")


def test_markup_in_an_idea_is_only_text(client: Any) -> None:
    idea = factories.Idea(state="published", title="<script>alert(1)</script>")
    assert "<script>alert" not in read(client, f"/ideas/{idea.reference}/") + read(client, "/ideas/")


def test_filters_say_how_many_they_hide(client: Any) -> None:
    call, theme, district = factories.Call(), factories.Theme(), factories.District()
    wanted = factories.Idea(
        call=call,
        district=district,
        state="published",
        search=" 2026 le metro est ferme",
        title="Métro fermé",
    )
    wanted.themes.add(theme)
    for _number in range(3):
        factories.Idea(state="declined")
    every = read(client, "/ideas/")
    assert "<strong>4</strong> ideas" in every
    assert "hidden by filters" not in every
    for query in (
        "q=Métro",
        f"call={call.slug}",
        f"theme={theme.key}",
        f"district={district.code}",
        "state=published",
    ):
        text = read(client, f"/ideas/?{query}")
        assert "<strong>1</strong> of 4 shown, 3 hidden by filters" in text
        assert wanted.reference in text
    assert "No idea fits these filters" in read(client, "/ideas/?q=zzz")
    assert "<strong>4</strong>" in read(client, "/ideas/?state=nonsense&call=nonsense&page=99")


def test_the_newest_come_first_and_filters_hold_over_pages(client: Any) -> None:
    call = factories.Call()
    start = timezone.now() - timedelta(days=40)
    ideas = [
        factories.Idea(call=call, state="published", received_at=start + timedelta(days=n)) for n in range(25)
    ]
    first = read(client, f"/ideas/?call={call.slug}&order=newest")
    shown = re.findall(r'href="/ideas/(2026-\d+)/"', first)
    assert shown == [idea.reference for idea in reversed(ideas)][:20]
    assert f"call={call.slug}&amp;order=newest&amp;page=2" in first
    second = read(client, f"/ideas/?call={call.slug}&order=newest&page=2")
    assert re.findall(r'href="/ideas/(2026-\d+)/"', second) == [i.reference for i in reversed(ideas)][20:]


def test_queries_do_not_grow_with_the_rows(client: Any, django_assert_max_num_queries: Any) -> None:
    call = factories.Call()
    themes = [factories.Theme() for _number in range(5)]
    districts = [factories.District() for _number in range(5)]
    original = factories.Idea(call=call, state="published", outcome="in_plan")
    user = factories.User()
    for number in range(200):
        idea = factories.Idea(call=call, state="published", district=districts[number % 5])
        idea.themes.add(themes[number % 5])
        Event.objects.create(idea=original, at=factories.NOW, actor="resident", verb="receive")
        if number < 60:
            Idea.objects.filter(pk=idea.pk).update(state="duplicate")
            SimilarLink.objects.create(
                idea=idea,
                original=original,
                state_before="published",
                linked_at=factories.NOW,
                linked_by=user,
            )
    for path in (
        "/ideas/",
        f"/ideas/?q=shelter&call={call.slug}&theme={themes[0].key}&state=published",
        f"/ideas/{original.reference}/",
        f"/calls/{call.slug}/",
        "/calls/",
        f"/calls/{call.slug}/send/",
    ):
        with django_assert_max_num_queries(12):
            assert client.get(path).status_code == 200


def test_an_invitation_tells_dates_and_questions_by_which_answers_are_judged(client: Any) -> None:
    call = factories.Call(
        opens_at=timezone.now() - timedelta(days=1),
        planned_dates=[
            {"date": "2020-02-01", "label": {"en": "It opened"}},
            {"date": "2190-03-01", "label": {"en": "The council decides"}},
            {"date": "not a date", "label": {"en": "Broken"}},
        ],
        judging_questions=[{"en": "How many people gain?", "fr": "Combien de gens y gagnent?"}],
        consent={"en": "We keep it for two years."},
    )
    text = read(client, f"/calls/{call.slug}/")
    for words in (
        "It opened",
        "(past)",
        "The council decides",
        "How many people gain?",
        "two years",
        "/send/",
    ):
        assert words in text
    assert "Broken" not in text
    assert "Combien de gens" in read(client, f"/fr/calls/{call.slug}/")


def test_the_boundaries_are_compact_and_may_be_cached(client: Any) -> None:
    ring = [[-73.123456789, 45.1], [-73.0, 45.1], [-73.0, 45.2], [-73.123456789, 45.1]]
    factories.District(boundary={"type": "Polygon", "coordinates": [ring]}, population=999)
    factories.District(boundary=None)
    answer = client.get("/districts.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    assert "max-age" in answer["Cache-Control"]
    (feature,) = answer.json()["features"]
    assert feature["geometry"]["coordinates"][0][0] == [-73.12346, 45.1]
    assert b" " not in answer.content.replace(b"District ", b"")


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("name", ["about", "privacy", "accessibility"])
def test_plain_pages_answer(client: Any, language: str, name: str) -> None:
    assert "<h1>" in read(client, f"{language}/{name}/")


def test_an_address_and_a_title_cut_short_are_masked_too(client: Any, now: Any, moderator: Any) -> None:
    problem = "The lamps of our street are broken since the storm: call 514 555 0199 to see them any evening."
    idea = services.submit_idea(
        call=factories.Call(),
        draft=services.IdeaDraft(
            problem=problem,
            language="en",
            place=services.Place(address="12 Elm, ask for Ana at ana@mail.example"),
        ),
        at=now,
    )
    services.publish_idea(idea=idea, by=moderator, at=now)
    page = read(client, f"/ideas/{idea.reference}/")
    assert "ana@mail.example" not in page
    assert "12 Elm" in page
    for start in range(30, 80):
        words = f"{'x' * start} 514 555 0199 is where I am to be reached on most days of the week."
        cut = services.submit_idea(
            call=idea.call, draft=services.IdeaDraft(problem=words, language="en"), at=now, notify=False
        )
        assert "514" not in cut.public_title

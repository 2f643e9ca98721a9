"""The triage desk: the queue, one idea on its page, and the verbs in both."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engagement import services
from engagement.models import Event, Idea, SimilarLink
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/admin/engagement/idea/"


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def detail(idea: Idea) -> str:
    return f"{LIST}{idea.pk}/change/"


def do(verb: str) -> str:
    return reverse("admin:engagement_idea_do", args=[verb])


def selected(*ideas: Idea) -> str:
    return ",".join(f"{idea.pk}:{idea.version}" for idea in ideas)


@pytest.fixture
def desk(moderator: Any) -> Client:
    return sign_in(moderator)


def html(response: Any) -> str:
    return str(response.content.decode())


# The list ---------------------------------------------------------------------------------------


def test_opens_on_the_queue_oldest_first(desk: Client) -> None:
    newer = factories.Idea(received_at=factories.NOW)
    older = factories.Idea(received_at=factories.OPENED)
    done = factories.Idea(state="published")
    page = html(desk.get(LIST))
    assert page.index(older.reference) < page.index(newer.reference)
    assert done.reference not in page
    assert "<strong>2</strong> of 3 in all" in page
    everything = html(desk.get(LIST, {"state": "all"}))
    assert done.reference in everything
    assert "Back to the queue" in everything


@pytest.mark.parametrize(
    ("query", "found"),
    [("shelter", True), ("2026-00777", True), ("SHÉLTER", True), ("swimming", False)],
)
def test_search_by_folded_words_or_reference(desk: Client, query: str, found: bool) -> None:
    search = services.ideas.searchable("2026-00777", "No shelter at my stop")
    idea = factories.Idea(reference="2026-00777", search=search)
    assert (detail(idea) in html(desk.get(LIST, {"q": query}))) is found


def test_filters_narrow_the_list(desk: Client) -> None:
    theme, district = factories.Theme(), factories.District()
    match = factories.Idea(district=district, channel="paper", after_cutoff=True)
    match.themes.add(theme)
    other = factories.Idea()
    for name, value in {
        "call": match.call_id,
        "theme": theme.pk,
        "district": district.pk,
        "channel__exact": "paper",
        "cutoff": "after",
    }.items():
        page = html(desk.get(LIST, {name: value}))
        assert match.reference in page, name
        assert other.reference not in page, name


def queries_of_the_list(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(LIST, {"state": "all", "all": ""}).status_code == 200
    return len(queries)


def test_the_list_asks_as_few_questions_at_100_rows_as_at_50(desk: Client) -> None:
    call, district = factories.Call(), factories.District()
    factories.Idea.create_batch(50, call=call, district=district)
    desk.get(LIST)
    few = queries_of_the_list(desk)
    factories.Idea.create_batch(50, call=call, district=district)
    assert queries_of_the_list(desk) == few
    assert few <= 16


# Verbs in the list ------------------------------------------------------------------------------


def act(client: Client, verb: str, ideas: list[Idea], query: str = "") -> Any:
    keys = [str(idea.pk) for idea in ideas]
    return client.post(LIST + query, {"action": verb, "_selected_action": keys, "index": "0"})


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html(response))
    assert found, name
    return found.group(1).replace("&amp;", "&")


def test_bulk_decline_shows_what_was_chosen_and_fills_in_the_standard_text(desk: Client) -> None:
    factories.Reason()
    ideas = factories.Idea.create_batch(2)
    page = act(desk, "decline", ideas)
    assert all(idea.reference in html(page) for idea in ideas)
    form = {name: hidden(page, name) for name in ("selected", "next", "filters")}
    unread = desk.post(do("decline"), {**form, "reason": "not_city"})
    assert "Another government looks after this." in html(unread)
    assert "Read it" in html(unread)
    assert Idea.objects.filter(state="declined").count() == 0
    text = {"text_en": "Ask the region.", "text_fr": "Demandez à la région."}
    sent = desk.post(do("decline"), {**form, "reason": "not_city", **text}, follow=True)
    assert "2 ideas declined" in html(sent)
    events = Event.objects.filter(verb="decline")
    assert [event.text for event in events] == [{"en": "Ask the region.", "fr": "Demandez à la région."}] * 2


def test_the_standard_text_of_another_reason_is_not_sent(desk: Client) -> None:
    factories.Reason()
    factories.Reason(code="spam", text={"en": "This is advertising."})
    idea = factories.Idea()
    answer = desk.post(
        do("decline"),
        {"selected": selected(idea), "reason": "spam", "text_en": "Another government looks after this."},
    )
    idea.refresh_from_db()
    assert idea.state == "received"
    assert answer.status_code == 200


def test_filters_page_and_selection_survive_an_action(desk: Client) -> None:
    first, second = factories.Idea.create_batch(2, call=factories.Call())
    query = f"?state=all&call={first.call_id}"
    page = act(desk, "publish", [first], query)
    form = {name: hidden(page, name) for name in ("selected", "next", "filters")}
    back = desk.post(do("publish"), form)
    assert back.status_code == 302
    assert back["Location"] == f"{LIST}{query}&kept={first.pk}"
    listed = html(desk.get(back["Location"]))
    ticked = re.findall(r'value="(\d+)"[^>]*class="action-select"[^>]*checked', listed)
    assert ticked == [str(first.pk)]
    assert second.reference in listed


def test_all_or_listed(desk: Client, moderator: Any, now: Any) -> None:
    factories.Reason()
    ideas = factories.Idea.create_batch(4)
    seen = selected(*ideas)
    services.publish_idea(idea=Idea.objects.get(pk=ideas[0].pk), by=moderator, at=now)
    Idea.objects.filter(pk=ideas[1].pk).update(state="withdrawn", version=2)
    answer = desk.post(do("decline"), {"selected": seen, "reason": "not_city", "text_en": "No."})
    page = html(answer)
    assert "2 done, 2 not:" in page
    assert f"{ideas[0].reference}: {ideas[0].reference} was changed by somebody else" in page
    assert f"{ideas[1].reference}: This can" in page
    assert ">\nNo.</textarea>" in page
    assert Idea.objects.filter(state="declined").count() == 2
    left = hidden(answer, "selected")
    assert {pair.split(":")[0] for pair in left.split(",")} == {str(ideas[0].pk), str(ideas[1].pk)}


def test_too_many_at_once_are_refused_whole(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engagement.admin.verbs.AT_MOST", 1)
    ideas = factories.Idea.create_batch(2)
    page = desk.post(
        LIST,
        {"action": "publish", "_selected_action": [idea.pk for idea in ideas], "index": "0"},
        follow=True,
    )
    assert "At most 1" in html(page)
    assert not Idea.objects.filter(state="published").exists()


# One idea ---------------------------------------------------------------------------------------


def test_a_page_says_everything_about_an_idea(desk: Client, moderator: Any, now: Any) -> None:
    call = factories.Call(
        questions=[
            {"key": "size", "label": {"en": "How large?"}},
            {"key": "price", "label": {"en": "At what price?"}, "confidential": True},
        ]
    )
    idea = services.submit_idea(
        call=call,
        draft=services.IdeaDraft(
            problem="Call 514 555 0199 about the lamp.",
            language="en",
            answers={"size": "Very.", "price": "A lot."},
        ),
        at=now,
    )
    services.publish_idea(idea=idea, by=moderator, at=now, note="Checked with the lamp people")
    page = html(desk.get(detail(idea)))
    assert "<mark>514" in page
    assert "<mark>[phone]</mark>" in page
    for words in ("Very.", "A lot.", "Checked with the lamp people"):
        assert words in page


def test_confidential_answers_are_for_those_who_triage(now: Any) -> None:
    reader = sign_in(factories.staff("reader", permissions=["engagement.view_idea"]))
    call = factories.Call(questions=[{"key": "price", "label": {"en": "Price?"}, "confidential": True}])
    idea = factories.Idea(call=call, confidential_answers={"price": "A lot."})
    page = html(reader.get(detail(idea)))
    assert "A lot." not in page
    assert "/do/" not in page


def test_previous_and_next_follow_the_filtered_queue(desk: Client) -> None:
    call = factories.Call()
    ideas = [factories.Idea(call=call, received_at=factories.OPENED), factories.Idea(call=call)]
    factories.Idea()
    filters = f"call={call.pk}"
    first = html(desk.get(detail(ideas[0]), {"_changelist_filters": filters}))
    assert "1 of 2" in first
    assert f'rel="next" href="{detail(ideas[1])}?_changelist_filters=call%3D{call.pk}"' in first
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in html(desk.get(detail(ideas[1]), {"_changelist_filters": filters}))


def test_one_press_publishes_and_opens_the_next(desk: Client) -> None:
    ideas = factories.Idea.create_batch(2, received_at=factories.NOW)
    form = {"selected": selected(ideas[0]), "next": detail(ideas[0]), "filters": "q=", "_next": "1"}
    answer = desk.post(do("publish"), form)
    assert answer["Location"].startswith(detail(ideas[1]))
    ideas[0].refresh_from_db()
    assert ideas[0].state == "published"


def test_a_verb_from_the_page_returns_to_the_page(desk: Client) -> None:
    idea = factories.Idea()
    back = f"{detail(idea)}?_changelist_filters=state%3Dall"
    answer = desk.post(do("publish"), {"selected": selected(idea), "next": back})
    assert answer["Location"] == back


def test_never_returns_to_another_site(desk: Client) -> None:
    idea = factories.Idea()
    answer = desk.post(do("publish"), {"selected": selected(idea), "next": "https://evil.example/"})
    assert answer["Location"] == detail(idea)


def test_the_second_of_two_is_told_and_keeps_the_text(desk: Client, moderator: Any, now: Any) -> None:
    factories.Reason()
    idea = factories.Idea(state="published")
    seen = selected(idea)
    Idea.objects.filter(pk=idea.pk).update(version=2)
    form = {"selected": seen, "reason": "not_city", "text_en": "Long thought about.", "note": "Mine"}
    answer = desk.post(do("decline"), form)
    page = html(answer)
    assert answer.status_code == 200
    assert "was changed by somebody else" in page
    assert "Long thought about." in page
    assert "Mine" in page
    idea.refresh_from_db()
    assert idea.state == "published"
    again = desk.post(do("decline"), {**form, "selected": hidden(answer, "selected")})
    assert again.status_code == 302
    idea.refresh_from_db()
    assert idea.state == "declined"


def test_a_reason_and_a_text_are_required(desk: Client) -> None:
    idea = factories.Idea()
    answer = desk.post(do("decline"), {"selected": selected(idea)})
    assert html(answer).count("Write what the sender") >= 1
    idea.refresh_from_db()
    assert idea.state == "received"


def test_join_by_search_and_undo(desk: Client) -> None:
    call = factories.Call()
    search = services.ideas.searchable("2026-00901", "Roofs for bus stops")
    original = factories.Idea(call=call, state="published", reference="2026-00901", search=search)
    idea = factories.Idea(call=call)
    looked = html(
        desk.post(do("link_duplicate"), {"selected": selected(idea), "find": "roofs", "_search": "1"})
    )
    assert f'value="{original.pk}"' in looked
    assert "error-summary" not in looked
    desk.post(do("link_duplicate"), {"selected": selected(idea), "find": "2026-00901"})
    assert SimilarLink.objects.standing().get(idea=idea).original == original
    idea.refresh_from_db()
    page = html(desk.get(detail(original)))
    assert "1 idea joined with this one" in page
    desk.post(do("unlink_duplicate"), {"selected": selected(idea)})
    idea.refresh_from_db()
    assert idea.state == "received"


def test_only_verbs_that_the_state_allows_are_offered(desk: Client) -> None:
    page = html(desk.get(detail(factories.Idea(state="declined"))))
    assert do("decline") not in page
    assert do("reopen") not in page  # a moderator may not reopen
    assert do("publish") in html(desk.get(detail(factories.Idea())))


# Who may ----------------------------------------------------------------------------------------


def test_clerks_and_strangers_are_kept_out(clerk: Any) -> None:
    idea = factories.Idea()
    for client in (sign_in(clerk), Client()):
        for address in (LIST, detail(idea), do("decline") + f"?selected={selected(idea)}"):
            assert client.get(address).status_code in {302, 403}
        assert client.post(do("publish"), {"selected": selected(idea)}).status_code in {302, 403}
    idea.refresh_from_db()
    assert idea.state == "received"


def test_who_may_only_look_cannot_act() -> None:
    reader = sign_in(factories.staff("reader", permissions=["engagement.view_idea"]))
    idea = factories.Idea()
    assert reader.get(LIST).status_code == 200
    assert 'name="action"' not in html(reader.get(LIST))
    for verb in ("publish", "decline", "link_duplicate", "reopen"):
        assert reader.post(do(verb), {"selected": selected(idea)}).status_code == 403


def test_nothing_is_added_edited_or_deleted_by_django(administrator: Any) -> None:
    client, idea = sign_in(administrator), factories.Idea()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{idea.pk}/delete/").status_code == 403
    assert client.post(detail(idea), {"title": "x"}).status_code == 403
    page = act(client, "delete_selected", [idea])
    assert Idea.objects.filter(pk=idea.pk).exists()
    assert page.status_code in {200, 302}
    client.post(do("publish"), {"selected": selected(idea)})
    assert not LogEntry.objects.exists()
    assert client.get(f"{LIST}{idea.pk}/history/")["Location"] == detail(idea)


def test_looking_at_a_contact_is_written_down(moderator: Any) -> None:
    idea = factories.Idea(contact=factories.Contact(email="ana@mail.example"))
    address = reverse("admin:engagement_idea_contact", args=[idea.pk])
    assert sign_in(moderator).post(address).status_code == 403
    officer = factories.staff("officer", permissions=["engagement.view_idea", "engagement.view_contact"])
    client = sign_in(officer)
    assert "ana@mail.example" not in html(client.get(detail(idea)))
    assert client.get(address).status_code == 302
    assert not Event.objects.filter(idea=idea).exists()
    assert "ana@mail.example" in html(client.post(address))
    event = Event.objects.get(idea=idea, verb="view_contact")
    assert (event.by, event.public) == (officer, False)


@pytest.mark.parametrize(
    "column", ["confidential_answers__icontains", "nonce__startswith", "contact", "contact__email", "search"]
)
def test_an_address_asks_only_what_the_list_offers(column: str) -> None:
    reader = factories.staff("reader", permissions=["engagement.view_idea"])
    answer = sign_in(reader).get(LIST, {"state": "all", column: "1"})
    assert answer.status_code == 400
    assert sign_in(reader).get(LIST, {"state": "all", "channel__exact": "web"}).status_code == 200


@pytest.mark.parametrize("name", ["call", "theme", "district"])
def test_a_filter_passes_over_a_key_that_no_database_can_hold(desk: Client, name: str) -> None:
    idea = factories.Idea()
    assert idea.reference in html(desk.get(LIST, {name: "9" * 30}))

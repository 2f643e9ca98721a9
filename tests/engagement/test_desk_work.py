"""Working at the desk: the next free item, what others have in hand, undo, and what the pages cost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from engagement import services
from engagement.admin.hand import HandPages
from engagement.admin.keys import VERB_KEYS, WAYS
from engagement.models import Event, Idea, Notice, Report
from tests import factories
from tests.engagement.test_admin_ideas import LIST, act, detail, do, html, selected, sign_in

pytestmark = pytest.mark.django_db
NEXT = f"{LIST}next/"


@pytest.fixture
def desk(moderator: Any) -> Client:
    return sign_in(moderator)


@pytest.fixture
def colleague(db: Any) -> Any:
    return factories.staff("colleague", permissions=["engagement.view_idea", "engagement.triage_idea"])


# In hand --------------------------------------------------------------------------------------------


def test_next_free_item_opens_the_oldest_of_the_filtered_list(desk: Client, moderator: Any) -> None:
    call = factories.Call()
    factories.Idea(received_at=factories.OPENED)
    newer, older = (factories.Idea(call=call, received_at=factories.NOW - timedelta(days=n)) for n in (1, 2))
    filters = f"call={call.pk}"
    answer = desk.post(NEXT, {"filters": filters})
    assert answer["Location"] == f"{detail(older)}?_changelist_filters=call%3D{call.pk}"
    page = html(desk.get(answer["Location"]))
    assert "In hand with you until" in page
    assert "2</strong> wait" in page
    assert desk.post(NEXT, {"filters": filters, "after": older.pk})["Location"].startswith(detail(newer))
    older.refresh_from_db()
    assert older.claimed_by is None


def test_the_first_page_gives_out_the_next_free_item_where_one_waits(desk: Client) -> None:
    assert f'action="{NEXT}"' not in html(desk.get("/admin/"))
    factories.Idea()
    assert f'action="{NEXT}"' in html(desk.get("/admin/"))


def test_when_nothing_is_free_the_list_says_why(desk: Client, colleague: Any) -> None:
    idea = factories.Idea()
    services.claim(record=idea, by=colleague, at=timezone.now())
    page = html(desk.post(NEXT, {"filters": ""}, follow=True))
    assert "in other hands" in page
    assert "in hand: colleague" in page
    Idea.objects.update(state="published")
    assert "Nothing waits here any more." in html(desk.post(NEXT, {"filters": ""}, follow=True))


def test_the_list_is_filtered_by_who_has_what_in_hand(desk: Client, moderator: Any, colleague: Any) -> None:
    mine, theirs, free = factories.Idea.create_batch(3)
    at = timezone.now()
    services.claim(record=mine, by=moderator, at=at)
    services.claim(record=theirs, by=colleague, at=at)
    expected = {"mine": mine, "others": theirs, "nobody": free}
    for value, idea in expected.items():
        page = html(desk.get(LIST, {"hand": value}))
        assert {one.reference for one in expected.values() if one.reference in page} == {idea.reference}


def test_what_is_in_other_hands_can_be_decided_after_a_warning(desk: Client, colleague: Any) -> None:
    idea = factories.Idea()
    services.claim(record=idea, by=colleague, at=timezone.now())
    page = html(desk.get(detail(idea)))
    assert "In hand with colleague until" in page
    assert "You can still decide" in page
    assert "In hand with colleague" in html(desk.get(do("decline"), {"selected": selected(idea)}))
    desk.post(f"{LIST}{idea.pk}/put-back/", {"filters": ""})
    idea.refresh_from_db()
    assert idea.claimed_by == colleague
    desk.post(do("publish"), {"selected": selected(idea)})
    idea.refresh_from_db()
    assert (idea.state, idea.claimed_by) == ("published", None)


def test_taken_by_hand_and_put_back(desk: Client, moderator: Any) -> None:
    idea = factories.Idea()
    desk.post(f"{LIST}{idea.pk}/take/", {"filters": ""})
    idea.refresh_from_db()
    assert idea.claimed_by == moderator
    answer = desk.post(f"{LIST}{idea.pk}/put-back/", {"filters": "state=all"})
    assert answer["Location"] == f"{LIST}?state=all"
    idea.refresh_from_db()
    assert idea.claimed_by is None


def test_after_a_verb_the_next_free_item_opens(desk: Client, colleague: Any) -> None:
    first, held, last = (factories.Idea(received_at=factories.NOW + timedelta(minutes=n)) for n in range(3))
    services.claim(record=held, by=colleague, at=timezone.now())
    answer = desk.post(do("publish"), {"selected": selected(first), "_next": "1", "filters": ""})
    assert answer["Location"] == detail(last)
    page = html(desk.get(answer["Location"]))
    assert "<strong>1</strong> done today, <strong>2</strong> wait" in page


def test_a_decided_idea_does_not_lead_on(desk: Client) -> None:
    assert 'name="_next"' in html(desk.get(detail(factories.Idea())))
    assert 'name="_next"' not in html(desk.get(detail(factories.Idea(state="correction"))))


@pytest.mark.parametrize("page", ["next/", "{}/take/", "{}/put-back/", "undo/"])
def test_readers_strangers_and_links_hand_nothing_out(desk: Client, page: str) -> None:
    idea = factories.Idea()
    address = LIST + page.format(idea.pk)
    reader = sign_in(factories.staff("reader", permissions=["engagement.view_idea"]))
    assert desk.get(address).status_code == 403
    if page != "undo/":
        assert reader.post(address).status_code == 403
    assert Client().post(address).status_code in {302, 403}
    idea.refresh_from_db()
    assert idea.claimed_by is None
    assert "Next free item" not in html(reader.get(LIST))
    assert "Next free item" not in html(reader.get(detail(idea)))


@pytest.mark.parametrize("after", ["9" * 5000, "9" * 25, "\u0663", "-1", "\0", ""])
def test_what_is_no_key_is_nobodys_place_in_the_queue(desk: Client, after: str) -> None:
    assert desk.post(NEXT, {"after": after}).status_code == 302


# Undo -----------------------------------------------------------------------------------------------


def undo_button(page: str) -> tuple[str, str]:
    """The address and the records of the button in the message after a verb."""
    found = re.search(r'formaction="([^"]+)" name="selected" value="([^"]+)"', page)
    assert found, page
    return found[1], found[2]


def test_undo_in_the_message_takes_one_back_and_opens_it(desk: Client) -> None:
    idea = factories.Idea(contact=factories.Contact())
    page = html(desk.post(do("publish"), {"selected": selected(idea)}, follow=True))
    address, chosen = undo_button(page)
    assert 'form id="undo-form"' in page
    assert "Undo “Published”" in page
    answer = desk.post(address, {"selected": chosen})
    assert answer["Location"] == detail(idea)
    page = html(desk.get(answer["Location"]))
    assert "is as it was: nobody was told" in page
    assert "undone" in page
    idea.refresh_from_db()
    assert (idea.state, Notice.objects.get().state) == ("received", "cancelled")
    assert "cannot be undone" in html(desk.post(address, {"selected": chosen}, follow=True))


def test_a_bulk_verb_is_undone_as_a_whole(desk: Client) -> None:
    factories.Reason()
    ideas = factories.Idea.create_batch(3)
    sent = {"selected": selected(*ideas), "reason": "not_city", "text_en": "No.", "next": LIST}
    address, chosen = undo_button(html(desk.post(do("decline"), sent, follow=True)))
    back = desk.post(address, {"selected": chosen, "next": f"{LIST}?state=all"})
    assert back["Location"] == f"{LIST}?state=all"
    assert set(Idea.objects.values_list("state", flat=True)) == {"received"}


def test_what_could_not_be_undone_is_listed_with_the_reason(desk: Client) -> None:
    ideas = factories.Idea.create_batch(3)
    page = html(desk.post(do("publish"), {"selected": selected(*ideas), "next": LIST}, follow=True))
    address, chosen = undo_button(page)
    withdrawn = Idea.objects.get(pk=ideas[0].pk)
    services.withdraw_idea(idea=withdrawn, at=timezone.now())
    Event.objects.filter(idea=ideas[1]).update(at=timezone.now() - timedelta(minutes=9))
    page = html(desk.post(address, {"selected": chosen}))
    assert "1 step undone." in page
    assert "2 could not be undone" in page
    assert "The last step on this cannot be undone." in page
    assert "the time for it is over" in page
    assert [Idea.objects.get(pk=idea.pk).state for idea in ideas] == ["withdrawn", "published", "received"]


def test_problem_reports_have_the_same_desk(administrator: Any) -> None:
    client, report = sign_in(administrator), factories.Report(contact=factories.Contact())
    listed = "/admin/engagement/report/"
    page = f"{listed}{report.pk}/change/"
    assert client.post(f"{listed}next/", {"filters": ""})["Location"] == page
    start = reverse("admin:engagement_report_do", args=["start"])
    told = html(client.post(start, {"selected": f"{report.pk}:1", "next": page}, follow=True))
    address, chosen = undo_button(told)
    client.post(address, {"selected": chosen})
    assert Report.objects.get().state == "received"
    assert Report.objects.get().claimed_by == administrator


# What is shown --------------------------------------------------------------------------------------


def test_staff_read_no_more_of_what_was_withdrawn_than_anybody(desk: Client, now: Any) -> None:
    draft = services.IdeaDraft(title="A velvet bench", problem="Velvet everywhere, please.", language="en")
    idea = services.submit_idea(call=factories.Call(), draft=draft, at=now)
    services.withdraw_idea(idea=idea, at=now)
    assert Idea.objects.get().problem == "Velvet everywhere, please."  # until it is erased
    pages = [
        desk.get(detail(idea)),
        desk.get(LIST, {"state": "all"}),
        act(desk, "publish", [idea]),
        desk.get(do("publish"), {"selected": selected(idea)}),
    ]
    for page in pages:
        assert "elvet" not in html(page)
    assert idea.reference in html(pages[1])
    assert idea.reference not in html(desk.get(LIST, {"q": "velvet"}))
    assert idea.reference in html(desk.get(LIST, {"q": idea.reference}))


def test_a_withdrawn_report_is_not_read_either(administrator: Any, now: Any) -> None:
    report = factories.Report(description="A velvet lamp.", contact=factories.Contact())
    services.withdraw_report(report=report, at=now)
    page = html(sign_in(administrator).get(f"/admin/engagement/report/{report.pk}/change/"))
    assert "elvet" not in page


def test_a_reason_chosen_on_the_page_opens_the_form_with_its_text(desk: Client) -> None:
    factories.Reason()
    idea = factories.Idea()
    page = html(desk.get(detail(idea)))
    link = re.search(r'href="([^"]*reason=not_city[^"]*)"', page)
    assert link
    form = html(desk.get(link[1].replace("&amp;", "&")))
    assert re.search(r'value="not_city"[^>]*checked', form)
    assert "Another government looks after this.</textarea>" in form
    assert Idea.objects.get().state == "received"


def test_every_verb_has_a_key_of_its_own() -> None:
    ways = {key for key, _what in WAYS}
    for one in admin.site._registry.values():
        if not isinstance(one, HandPages):
            continue
        keys = [VERB_KEYS[verb.name] for verb in one.verbs]
        assert len({*keys, *ways}) == len(keys) + len(ways), one


def test_an_ideas_page_asks_as_few_questions_with_many_rows_as_with_few(desk: Client) -> None:
    call = factories.Call()
    idea = factories.Idea(call=call, title="Shelter bench light", received_at=factories.OPENED)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(detail(idea)).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for n in range(30):
        factories.Idea(call=call, title=f"Shelter bench light {n}", search=" shelter bench light")
    assert cost() <= few + 1  # the ideas that are alike name their invitation
    assert few <= 30

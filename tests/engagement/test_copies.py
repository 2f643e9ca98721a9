"""Copies in the queue are decided about at once, each with its own event, mail and undo."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement import services
from engagement.models import Idea, Notice
from engagement.similarity import copies as copies_module
from engagement.similarity import groups_of_copies
from tests import factories

LETTER = (
    "The library in Granite Hill is to close on Saturday afternoons. Saturday is the only day when people "
    "who work can bring their children. Please keep it open until five o'clock, all year round."
)
LIST = "/admin/engagement/idea/copies/"


def test_copies_are_found_with_own_words_added_and_nothing_else() -> None:
    texts = [
        (1, LETTER),
        (2, "There is no roof at the bus stop on Foundry Road, and people wait in the rain."),
        (3, LETTER.upper() + " My two boys learned to read there."),
        (4, "Dear city, " + LETTER),
        (5, "The library in Granite Hill has a leaking roof. Please mend it before the winter."),
        (6, ""),
        (7, "ok"),
    ]
    assert groups_of_copies(texts) == [[1, 3, 4]]
    assert groups_of_copies(texts[:2]) == []


def letters(template: int, own: int, count: int, start: int = 0) -> list[tuple[int, str]]:
    """Letters of so many words of a template and so many words of their own."""
    shared = " ".join(f"template{word}" for word in range(template))
    return [
        (key, f"{shared} " + " ".join(f"own{key}w{word}" for word in range(own)))
        for key in range(start, start + count)
    ]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each comparison of two texts, and by what was counted before it."""
    seen: list[int] = []
    likeness, nearest = copies_module._likeness, copies_module._nearest

    def compare(one: Any, other: Any) -> float:
        seen.append(1)
        return likeness(one, other)

    def look(owners: Any, size: int) -> Any:
        found = nearest(owners, size)
        seen.extend([1] * len(found))
        return found

    monkeypatch.setattr(copies_module, "_likeness", compare)
    monkeypatch.setattr(copies_module, "_nearest", look)
    return seen


def test_letters_that_share_a_template_are_hardly_compared(compared: list[int]) -> None:
    assert groups_of_copies(letters(80, 120, 200)) == []
    assert not compared


def test_what_a_longer_template_costs_grows_with_the_letters_not_with_their_square(
    compared: list[int],
) -> None:
    assert groups_of_copies(letters(120, 80, 200)) == []
    few = len(compared)
    compared.clear()
    assert groups_of_copies(letters(120, 80, 400)) == []
    assert 0 < len(compared) < 2.3 * few


def test_a_campaign_is_one_group_also_among_letters_that_share_its_words() -> None:
    campaign = letters(120, 10, 200, start=1000)
    assert groups_of_copies(campaign) == [list(range(1000, 1200))]
    assert groups_of_copies([*letters(120, 180, 100), *campaign]) == [list(range(1000, 1200))]


@pytest.mark.django_db
class TestDesk:
    @pytest.fixture
    def copies(self, moderator: Any) -> list[Idea]:
        """Five letters of a campaign by senders who asked to be told, and one idea of another sort."""
        call = factories.Call()
        factories.Idea(call=call, public_problem="There is no roof at the bus stop on Foundry Road.")
        return [
            factories.Idea(
                call=call,
                public_title="Keep the library open",
                public_problem=f"{LETTER} {own}".strip(),
                contact=factories.Contact(updates_consent_at=factories.NOW),
            )
            for own in ("", "", "My boys learned to read there.", "Please.", "Never close it.")
        ]

    @pytest.fixture
    def desk(self, client: Any, moderator: Any) -> Any:
        client.force_login(moderator)
        return client

    def group(self, copies: list[Idea]) -> str:
        return f"{LIST}{copies[0].pk}/"

    def test_the_queue_says_how_many_and_leads_to_them(self, desk: Any, copies: list[Idea]) -> None:
        queue = desk.get("/admin/engagement/idea/").content.decode()
        assert "1 group of copies: 5 ideas" in queue
        assert "5 copies" in desk.get(LIST).content.decode()
        page = desk.get(self.group(copies)).content.decode()
        assert all(idea.reference in page for idea in copies)
        assert page.count('name="selected"') == 5
        assert "word for word the same" in page
        assert "<mark>" in page

    def test_ticked_ones_are_published_those_left_out_wait(self, desk: Any, copies: list[Idea]) -> None:
        ticked = [f"{idea.pk}:{idea.version}" for idea in copies[:4]]
        answer = desk.post(self.group(copies), {"do": "publish", "selected": ticked})
        shown = desk.get(answer["Location"]).content.decode()
        assert "Publish (4)" in shown
        data = {"selected": ",".join(ticked), "next": LIST, "note": ""}
        assert desk.post("/admin/engagement/idea/do/publish/", data)["Location"] == LIST
        states = list(
            Idea.objects.filter(pk__in=[one.pk for one in copies]).order_by("pk").values_list("state")
        )
        assert states == [("published",)] * 4 + [("received",)]
        assert all(idea.events.filter(verb="publish").count() == 1 for idea in copies[:4])
        assert Notice.objects.filter(kind="engagement.idea_publish").count() == 4
        published = Idea.objects.get(pk=copies[1].pk)
        services.undo_move(record=published, by=published.events.last().by, at=published.changed_at)
        assert Idea.objects.filter(state="published").count() == 3, "each on its own"

    def test_joining_leaves_the_one_that_stays(self, desk: Any, copies: list[Idea]) -> None:
        ticked = [f"{idea.pk}:{idea.version}" for idea in copies]
        data = {"do": "link_duplicate", "selected": ticked, "original": str(copies[2].pk)}
        address = desk.post(self.group(copies), data)["Location"]
        page = desk.get(address)
        form = page.context["form"]
        assert str(form["original"].value()) == str(copies[2].pk)
        assert copies[2] not in page.context["records"]
        sent = {"selected": page.context["selected"], "original": str(copies[2].pk), "next": LIST}
        assert desk.post("/admin/engagement/idea/do/link_duplicate/", sent).status_code == 302
        assert copies[2].duplicates.standing().count() == 4
        assert Idea.objects.get(pk=copies[2].pk).state == "received"

    def test_one_decided_by_a_colleague_is_named_and_the_others_go_through(
        self, desk: Any, copies: list[Idea], moderator: Any
    ) -> None:
        ticked = ",".join(f"{idea.pk}:{idea.version}" for idea in copies)
        services.publish_idea(idea=copies[3], by=moderator, at=factories.NOW)
        page = desk.post("/admin/engagement/idea/do/publish/", {"selected": ticked, "next": LIST})
        said = page.content.decode()
        assert "4 done, 1 not" in said
        assert copies[3].reference in said
        assert Idea.objects.filter(state="published").count() == 5

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            ({"do": "publish"}, "Tick the ideas"),
            ({"do": "erase"}, "Choose what to do"),
            ({"do": "link_duplicate", "original": "999999"}, "Choose the idea that the others"),
        ],
    )
    def test_what_is_missing_is_said(
        self, desk: Any, copies: list[Idea], data: dict[str, str], fault: str
    ) -> None:
        page = desk.post(self.group(copies), data)
        assert page.status_code == 422
        assert fault in page.content.decode()

    def test_foreign_keys_are_left_out_and_a_group_that_is_gone_says_so(
        self, desk: Any, copies: list[Idea]
    ) -> None:
        other = factories.Idea()
        assert (
            desk.post(self.group(copies), {"do": "publish", "selected": [f"{other.pk}:1"]}).status_code == 422
        )
        Idea.objects.filter(pk__in=[one.pk for one in copies]).update(state="published")
        assert desk.get(self.group(copies))["Location"] == LIST

    def test_a_remembered_group_of_which_nothing_is_left_leads_back(
        self, desk: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "waiting_copies", lambda: [[999997, 999998, 999999]])
        assert desk.get(f"{LIST}999997/")["Location"] == LIST

    def test_who_does_not_decide_sees_none_of_it(self, client: Any, copies: list[Idea]) -> None:
        client.force_login(factories.staff("reader", permissions=["engagement.view_idea"]))
        assert client.get(LIST).status_code == 403
        assert client.get(self.group(copies)).status_code == 403
        assert "group of copies" not in client.get("/admin/engagement/idea/").content.decode()

    def test_queries_do_not_grow_with_the_group(self, desk: Any, copies: list[Idea]) -> None:
        desk.get(self.group(copies))
        with CaptureQueriesContext(connection) as five:
            desk.get(self.group(copies))
        for _n in range(6):
            factories.Idea(call=copies[0].call, public_problem=LETTER)
        desk.get(self.group(copies))
        with CaptureQueriesContext(connection) as eleven:
            page = desk.get(self.group(copies)).content.decode()
        assert page.count('name="selected"') == 11
        assert len(eleven) == len(five) <= 12

"""Initiatives in the admin: from an idea in one click, whose they are, and their list."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Idea
from prioritisation import services
from prioritisation.models import CostLine, Event, IdeaLink, Initiative
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation.initiatives.pages import (
    IDEAS,
    LIST,
    START,
    detail,
    do,
    edit,
    html,
    make,
    selected,
    sign_in,
)

pytestmark = pytest.mark.django_db

# From ideas to an initiative ----------------------------------------------------------------------


def act(client: Client, ideas: list[Idea], query: str = "?state=published") -> Any:
    keys = [str(idea.pk) for idea in ideas]
    return client.post(IDEAS + query, {"action": "work_up", "_selected_action": keys, "index": "0"})


def test_one_click_on_one_idea_starts_a_draft_and_comes_back_to_the_list(
    desk: Client, ideas: list[Idea]
) -> None:
    ideas[0].whole_city = True
    ideas[0].save()
    answer = act(desk, ideas[:1], "?channel__exact=web&state=published")
    made = Initiative.objects.get()
    assert list(made.ideas.all()) == ideas[:1]
    assert made.state == "draft"
    assert made.title == {"en": ideas[0].title}
    assert made.need == {}, "staff say the need in their own words: a sender's words can be erased"
    assert made.whole_city
    assert answer.status_code == 302
    assert answer["Location"] == f"{IDEAS}?channel__exact=web&state=published&kept={ideas[0].pk}"
    assert made.reference in html(desk.get(answer["Location"]))


def test_a_selection_asks_whether_it_becomes_one_or_several(desk: Client, ideas: list[Idea]) -> None:
    page = html(act(desk, ideas[:3]))
    assert all(idea.reference in page for idea in ideas[:3])
    assert Initiative.objects.count() == 0
    form = {"selected": selected(*ideas[:3]), "next": f"{IDEAS}?state=published"}
    unsaid = desk.post(START, form)
    assert "Choose whether they become one initiative or several." in html(unsaid)
    one = desk.post(START, {**form, "how": "all"})
    assert one["Location"] == f"{IDEAS}?state=published"
    assert Initiative.objects.get().ideas.count() == 3
    desk.post(START, {**form, "how": "each"})
    assert sorted(one.ideas.count() for one in Initiative.objects.all()) == [1, 1, 1, 3]


def test_the_button_on_an_ideas_page_leads_to_the_form(desk: Client, ideas: list[Idea]) -> None:
    page = html(desk.get(f"{IDEAS}{ideas[0].pk}/change/"))
    assert "Work up an initiative" in page
    assert f'action="{START}"' in page
    answer = desk.post(START, {"selected": selected(ideas[0]), "next": IDEAS, "at_once": "1"})
    made = Initiative.objects.get()
    assert answer["Location"] == edit(made)
    assert made.reference in html(desk.get(f"{IDEAS}{ideas[0].pk}/change/"))


def test_who_manages_several_programmes_is_asked(desk: Client, manager: Any, ideas: list[Idea]) -> None:
    other = factories.member(second := factories.Programme(), manager, Role.MANAGER) and second
    other.calls.add(ideas[0].call)
    page = html(desk.post(START, {"selected": selected(ideas[0]), "next": IDEAS, "at_once": "1"}))
    assert "Choose a programme" in page
    assert Initiative.objects.count() == 0
    desk.post(START, {"selected": selected(ideas[0]), "next": IDEAS, "programme": other.pk})
    assert Initiative.objects.get().programme == other


def test_only_published_ideas_of_its_invitations_are_taken(
    desk: Client, programme: Any, manager: Any, ideas: list[Idea]
) -> None:
    waiting = factories.Idea(call=programme.calls.get())
    answer = html(desk.post(START, {"selected": selected(waiting), "next": IDEAS}))
    assert f"{waiting.reference} is not published" in answer
    both = desk.post(START, {"selected": selected(ideas[0], waiting), "next": IDEAS, "how": "each"})
    assert "is not published" in html(both)
    assert Initiative.objects.count() == 0
    elsewhere = factories.Idea(state="published")
    assert "You manage no programme" in html(desk.get(START, {"selected": selected(elsewhere)}))
    with pytest.raises(services.initiatives.Refused, match="answers no invitation"):
        services.work_up(programme=programme, ideas=[elsewhere], by=manager, at=factories.NOW)


def test_the_list_of_ideas_knows_what_is_not_worked_up(
    desk: Client, programme: Any, initiative: Initiative, ideas: list[Idea]
) -> None:
    missing = html(desk.get(IDEAS, {"state": "published", "worked_up": f"no-{programme.pk}"}))
    assert ideas[0].reference not in missing
    assert ideas[2].reference in missing
    taken = html(desk.get(IDEAS, {"state": "published", "worked_up": f"yes-{programme.pk}"}))
    assert ideas[0].reference in taken
    assert ideas[2].reference not in taken


def test_who_manages_nothing_has_no_such_button(ideas: list[Idea], moderator: Any) -> None:
    client = sign_in(moderator)
    assert "Work up" not in html(client.get(f"{IDEAS}{ideas[0].pk}/change/"))
    assert "work_up" not in html(client.get(IDEAS, {"state": "published"}))
    assert client.post(START, {"selected": selected(ideas[0])}).status_code == 404
    assert client.post(IDEAS, {"action": "work_up", "_selected_action": [ideas[0].pk]}).status_code != 500
    assert Initiative.objects.count() == 0


# Whose it is --------------------------------------------------------------------------------------


def test_another_programmes_manager_sees_and_does_nothing(stranger: Client, initiative: Initiative) -> None:
    assert initiative.reference not in html(stranger.get(LIST))
    assert stranger.get(detail(initiative)).status_code in {302, 403, 404}
    assert initiative.reference not in html(stranger.get(detail(initiative), follow=True))
    for address in (edit(initiative), f"{LIST}{initiative.pk}/history/"):
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(edit(initiative), {"title_en": "Mine"}).status_code == 404
    before = (initiative.version, Event.objects.count(), IdeaLink.objects.count())
    for verb in (
        "mark_ready",
        "back_to_draft",
        "record_agreement",
        "link_ideas",
        "unlink_idea",
        "split",
        "merge",
        "set_aside",
        "reopen",
    ):
        chosen = {"selected": selected(initiative)}
        assert stranger.get(do(verb), chosen).status_code == 404, verb
        assert stranger.post(do(verb), {**chosen, "how": "x", "title_en": "x"}).status_code == 404, verb
    initiative.refresh_from_db()
    assert (initiative.version, Event.objects.count(), IdeaLink.objects.count()) == before


def test_a_member_who_is_no_manager_reads_and_does_not_write(programme: Any, initiative: Initiative) -> None:
    user = factories.staff("analyst", permissions=["prioritisation.view_initiative"])
    factories.member(programme, user, Role.ANALYST)
    client = sign_in(user)
    page = html(client.get(detail(initiative)))
    assert initiative.reference in page
    assert "Write and change" not in page
    assert do("mark_ready") not in page
    assert client.get(edit(initiative)).status_code == 404
    assert client.post(do("mark_ready"), {"selected": selected(initiative)}).status_code == 403


# The list -----------------------------------------------------------------------------------------


def test_filters_and_search_narrow_the_list(
    desk: Client, programme: Any, ideas: list[Idea], manager: Any
) -> None:
    owner, theme = factories.Department(), factories.Theme()
    match = make(programme, ideas[:1], manager, owner=owner, kind="pilot", timeframe_months=6)
    match.theme_impacts.create(theme=theme, impact=3)
    services.move_initiative(initiative=match, verb="mark_ready", by=manager, at=factories.NOW)
    other = make(programme, ideas[1:2], manager, title={"en": "Bicycle racks"})
    for name, value in {
        "state__exact": "ready",
        "theme": theme.pk,
        "owner": owner.pk,
        "kind__exact": "pilot",
        "band": "short",
        "q": "shelters at",
    }.items():
        page = html(desk.get(LIST, {name: value}))
        assert match.reference in page, name
        assert other.reference not in page, name
    assert other.reference in html(desk.get(LIST, {"owner": "none"}))
    assert other.reference in html(desk.get(LIST, {"agreed": "no"}))
    assert "<strong>1</strong> of 2 in all" in html(desk.get(LIST, {"q": "bicycle"}))


def queries_of_the_list(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST, {"all": ""}).status_code == 200
    return len(queries)


def test_the_list_asks_as_few_questions_at_280_rows_as_at_140(
    desk: Client, programme: Any, ideas: list[Idea], manager: Any
) -> None:
    owner = factories.Department()

    def more(first: int) -> None:
        for number in range(first, first + 140):
            made = factories.Initiative(programme=programme, owner=owner)
            CostLine.objects.create(initiative=made, amount=number)
            IdeaLink.objects.create(initiative=made, idea=ideas[number % 4], linked_at=factories.NOW)

    more(0)
    desk.get(LIST)
    few = queries_of_the_list(desk)
    more(140)
    assert queries_of_the_list(desk) == few
    assert few <= 15
    page = html(desk.get(LIST, {"all": ""}))
    assert "<strong>280</strong> of 280" in page
    assert "$279" in page

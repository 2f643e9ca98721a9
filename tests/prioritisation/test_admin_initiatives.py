"""Initiatives in the admin: from an idea in one click, everything about one, and the verbs."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engagement.models import Idea
from prioritisation import services
from prioritisation.models import CostLine, Decision, Event, IdeaLink, Initiative
from prioritisation.workflow import Role
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/admin/prioritisation/initiative/"
IDEAS = "/admin/engagement/idea/"
START = "/admin/prioritisation/initiative/start/"
PERMISSIONS = [
    "engagement.view_idea",
    "engagement.triage_idea",
    "prioritisation.view_initiative",
    "prioritisation.work_up_initiative",
]


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    return str(response.content.decode())


def detail(initiative: Initiative) -> str:
    return f"{LIST}{initiative.pk}/change/"


def edit(initiative: Initiative) -> str:
    return f"{LIST}{initiative.pk}/edit/"


def do(verb: str) -> str:
    return reverse("admin:prioritisation_initiative_do", args=[verb])


def selected(*records: Any) -> str:
    return ",".join(f"{record.pk}:{record.version}" for record in records)


@pytest.fixture
def manager() -> Any:
    return factories.staff("manager", permissions=PERMISSIONS)


@pytest.fixture
def programme(manager: Any) -> Any:
    programme = factories.Programme()
    programme.calls.add(factories.Call())
    factories.member(programme, manager, Role.MANAGER)
    return programme


@pytest.fixture
def ideas(programme: Any) -> list[Idea]:
    return factories.Idea.create_batch(4, call=programme.calls.get(), state="published")


@pytest.fixture
def desk(manager: Any) -> Client:
    return sign_in(manager)


@pytest.fixture
def initiative(programme: Any, ideas: list[Idea], manager: Any) -> Initiative:
    return make(programme, ideas[:2], manager)


def make(programme: Any, ideas: list[Idea], by: Any, **values: Any) -> Initiative:
    titled = {
        "title": {"en": "Shelters at stops", "fr": "Des abris aux arrêts"},
        "need": {"en": "People wait in the rain."},
        **values,
    }
    return services.work_up(programme=programme, ideas=ideas, by=by, at=factories.NOW, values=titled)


@pytest.fixture
def stranger() -> Client:
    """The manager of another programme."""
    user = factories.staff("stranger", permissions=PERMISSIONS)
    factories.member(factories.Programme(), user, Role.MANAGER)
    return sign_in(user)


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


# Writing it ---------------------------------------------------------------------------------------


def typed(initiative: Initiative, **changes: Any) -> dict[str, Any]:
    """The edit form as a browser would send it."""
    lines = {"costs-TOTAL_FORMS": "5", "costs-INITIAL_FORMS": str(initiative.cost_lines.count())}
    return {
        "version": str(initiative.version),
        "title_en": "Shelters",
        "title_fr": "Abris",
        "kind": "service",
        **lines,
        **changes,
    }


def test_everything_about_it_is_written_in_one_form(desk: Client, initiative: Initiative) -> None:
    owner, district, theme, no = (
        factories.Department(),
        factories.District(),
        factories.Theme(),
        factories.Theme(),
    )
    answer = desk.post(
        edit(initiative),
        typed(
            initiative,
            need_en="People wait in the rain.",
            districts=[district.pk],
            owner=owner.pk,
            champion="A. Person",
            timeframe_months="9",
            effort="3",
            risk="0",
            quick_win="on",
            **{
                f"theme_{theme.pk}": "3",
                f"theme_{no.pk}": "0",
                "costs-0-label_en": "Twelve shelters",
                "costs-0-label_fr": "Douze abris",
                "costs-0-amount": "12000.50",
                "costs-0-kind": "capital",
                "costs-0-year": "2027",
                "costs-0-funding": "sought",
            },
        ),
    )
    assert answer.status_code == 302, html(answer)
    initiative.refresh_from_db()
    assert initiative.title == {"en": "Shelters", "fr": "Abris"}
    assert (initiative.owner, initiative.effort, initiative.risk) == (owner, 3, 0)
    assert list(initiative.districts.all()) == [district]
    assert [(one.theme, one.impact) for one in initiative.theme_impacts.all()] == [(theme, 3)]
    line = initiative.cost_lines.get()
    assert (line.label, line.year, line.funding) == (
        {"en": "Twelve shelters", "fr": "Douze abris"},
        2027,
        "sought",
    )
    page = html(desk.get(detail(initiative)))
    for words in ("People wait in the rain.", "$12,000.50", "Twelve shelters", "A. Person", "0 of 5"):
        assert words in page, words


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(
    desk: Client, initiative: Initiative
) -> None:
    district = factories.District()
    answer = desk.post(
        edit(initiative),
        typed(
            initiative,
            title_en="",
            title_fr="",
            need_en="Typed and kept",
            whole_city="on",
            districts=[district.pk],
            **{"costs-1-label_en": "Without an amount", "costs-1-kind": "capital", "costs-1-funding": "none"},
        ),
    )
    page = html(answer)
    assert answer.status_code == 422
    assert "Write this in at least one language." in page
    assert "not both" in page
    assert "Line 2, Amount" in page
    assert "Typed and kept" in page
    assert "Without an amount" in page
    initiative.refresh_from_db()
    assert initiative.version == 1


def test_who_was_slower_is_told_and_keeps_the_text(
    desk: Client, initiative: Initiative, manager: Any
) -> None:
    slow = typed(initiative, need_en="My own words")
    services.save_initiative(
        initiative=initiative,
        values={"need": {"en": "Somebody else's words"}},
        themes={},
        districts=[],
        costs=[],
        by=manager,
        at=factories.NOW,
    )
    answer = desk.post(edit(initiative), slow)
    page = html(answer)
    assert answer.status_code == 409
    assert "was changed by somebody else" in page
    assert "My own words" in page
    assert "Somebody else&#x27;s words" in page
    initiative.refresh_from_db()
    assert initiative.need == {"en": "Somebody else's words"}
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    again = desk.post(edit(initiative), {**slow, "version": version.group(1)})
    assert again.status_code == 302
    initiative.refresh_from_db()
    assert initiative.need == {"en": "My own words"}


def test_another_owner_has_to_agree_anew(desk: Client, initiative: Initiative, manager: Any) -> None:
    first, second = factories.Department(), factories.Department()
    Initiative.objects.filter(pk=initiative.pk).update(owner=first)
    initiative.refresh_from_db()
    desk.post(do("record_agreement"), {"selected": selected(initiative), "how": "Letter of 3 May"})
    initiative.refresh_from_db()
    assert initiative.owner_agreement == "Letter of 3 May"
    desk.post(edit(initiative), typed(initiative, owner=second.pk))
    initiative.refresh_from_db()
    assert initiative.owner_agreed_at is None


# Verbs --------------------------------------------------------------------------------------------


def test_ready_needs_an_owner_and_the_refusal_is_told(desk: Client, initiative: Initiative) -> None:
    page = html(desk.post(do("mark_ready"), {"selected": selected(initiative)}))
    assert "It needs a title, a need and an owner department first." in page
    Initiative.objects.filter(pk=initiative.pk).update(owner=factories.Department())
    desk.post(do("mark_ready"), {"selected": selected(initiative)})
    initiative.refresh_from_db()
    assert initiative.state == "ready"
    desk.post(do("back_to_draft"), {"selected": selected(initiative)})
    initiative.refresh_from_db()
    assert initiative.state == "draft"


def test_a_verb_on_an_old_version_is_refused(desk: Client, initiative: Initiative, manager: Any) -> None:
    seen = selected(initiative)
    Initiative.objects.filter(pk=initiative.pk).update(owner=factories.Department())
    initiative.refresh_from_db()
    services.record_agreement(initiative=initiative, how="By phone", by=manager, at=factories.NOW)
    for verb, said in {
        "mark_ready": {},
        "record_agreement": {"how": "Typed and kept"},
        "set_aside": {"reason": "postponed", "text_en": "Typed and kept", "text_fr": "x"},
    }.items():
        page = html(desk.post(do(verb), {"selected": seen, **said}))
        assert "was changed by somebody else" in page or verb == "set_aside", verb
        assert ("Typed and kept" in page) == bool(said), verb
    initiative.refresh_from_db()
    assert initiative.owner_agreement == "By phone"
    assert initiative.state == "draft"


def test_ideas_are_found_and_added_and_taken_out(
    desk: Client, initiative: Initiative, ideas: list[Idea]
) -> None:
    search = services.initiatives.searchable(ideas[2].reference, {"title": {"en": ideas[2].title}})
    Idea.objects.filter(pk=ideas[2].pk).update(search=search)
    chosen = {"selected": selected(initiative)}
    page = html(desk.post(do("link_ideas"), {**chosen, "find": ideas[2].reference, "_search": "1"}))
    assert ideas[2].reference in page
    assert ideas[3].reference not in page
    assert initiative.ideas.count() == 2
    desk.post(do("link_ideas"), {**chosen, "ideas": [ideas[2].pk, ideas[3].pk]})
    assert initiative.ideas.count() == 4
    hers = make(initiative.programme, ideas[:1], initiative.events.get(verb="work_up").by)
    assert set(ideas[0].initiatives.all()) == {initiative, hers}
    nothing = html(desk.post(do("unlink_idea"), chosen))
    assert "Choose at least one idea." in nothing
    desk.post(do("unlink_idea"), {**chosen, "ideas": [ideas[2].pk, ideas[3].pk]})
    assert set(initiative.ideas.all()) == set(ideas[:2])


def test_ideas_of_other_invitations_cannot_be_added(desk: Client, initiative: Initiative) -> None:
    elsewhere = factories.Idea(state="published")
    desk.post(do("link_ideas"), {"selected": selected(initiative), "ideas": [elsewhere.pk]})
    assert elsewhere not in initiative.ideas.all()


def test_split_moves_some_ideas_but_not_all(desk: Client, initiative: Initiative, ideas: list[Idea]) -> None:
    chosen = {"selected": selected(initiative), "title_en": "The rest"}
    page = html(desk.post(do("split"), {**chosen, "ideas": [ideas[0].pk, ideas[1].pk]}))
    assert "Choose some of its ideas, but not all of them." in page
    assert "The rest" in page
    desk.post(do("split"), {**chosen, "ideas": [ideas[0].pk]})
    other = Initiative.objects.exclude(pk=initiative.pk).get()
    assert other.title == {"en": "The rest"}
    assert list(other.ideas.all()) == ideas[:1]
    assert list(initiative.ideas.all()) == ideas[1:2]


def test_merge_takes_the_ideas_along_and_keeps_the_reason(
    desk: Client, initiative: Initiative, ideas: list[Idea], programme: Any, manager: Any
) -> None:
    into = make(programme, ideas[2:3], manager, title={"en": "Stops for all"})
    outside = make(outer := factories.Programme(), [], factories.member(outer, manager, Role.MANAGER))
    chosen = {"selected": selected(initiative)}
    page = html(desk.post(do("merge"), {**chosen, "find": "stops for", "_search": "1"}))
    assert into.reference in page
    text = {"text_en": "Both ask for better stops.", "text_fr": "Les deux demandent de meilleurs arrêts."}
    refused = html(desk.post(do("merge"), {**chosen, **text, "into": outside.pk}))
    assert "Both ask for better stops." in refused
    desk.post(do("merge"), {**chosen, **text, "into": into.pk})
    initiative.refresh_from_db()
    assert initiative.merged_into == into
    assert set(into.ideas.all()) == set(ideas[:3])
    event = initiative.events.get(verb="merge")
    assert event.text["en"] == "Both ask for better stops."
    assert "Both ask for better stops." in html(desk.get(detail(initiative)))


def test_set_aside_asks_for_a_reason_of_the_rules_and_a_text(desk: Client, initiative: Initiative) -> None:
    chosen = {"selected": selected(initiative)}
    first = html(desk.post(do("set_aside"), {**chosen, "reason": "outside_powers"}))
    assert "Read it" in first
    initiative.refresh_from_db()
    assert initiative.state == "draft"
    desk.post(do("set_aside"), {**chosen, "reason": "outside_powers", "text_en": "The province decides."})
    initiative.refresh_from_db()
    assert initiative.state == "set_aside"
    decision = Decision.objects.get(initiative=initiative)
    assert (decision.outcome, decision.reason, decision.text) == (
        "set_aside",
        "outside_powers",
        {"en": "The province decides."},
    )
    desk.post(do("reopen"), {"selected": selected(initiative)})
    initiative.refresh_from_db()
    assert initiative.state == "draft"
    assert not Decision.objects.filter(initiative=initiative).exists()


def test_bulk_tells_what_was_done_and_what_not(
    desk: Client, programme: Any, ideas: list[Idea], manager: Any
) -> None:
    able = make(programme, ideas[:1], manager, owner=factories.Department())
    unable = make(programme, ideas[1:2], manager)
    page = html(desk.post(do("mark_ready"), {"selected": selected(able, unable)}))
    assert "1 done, 1 not:" in page
    assert f"{unable.reference}" in page
    able.refresh_from_db()
    assert able.state == "ready"


def test_a_decided_initiative_is_not_written_any_more(desk: Client, initiative: Initiative) -> None:
    Initiative.objects.filter(pk=initiative.pk).update(state="chosen")
    assert "Write and change" not in html(desk.get(detail(initiative)))
    answer = desk.post(edit(initiative), typed(initiative))
    assert answer.status_code == 302
    initiative.refresh_from_db()
    assert initiative.title["en"] == "Shelters at stops"
    assert "ideas are fixed" in html(
        desk.post(
            do("unlink_idea"), {"selected": selected(initiative), "ideas": [initiative.ideas.first().pk]}
        )
    )

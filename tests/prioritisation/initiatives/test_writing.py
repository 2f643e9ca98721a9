"""Initiatives in the admin: everything about one in one form, and the verbs."""

import re
from typing import Any

import pytest
from django.test import Client

from engagement.models import Idea
from prioritisation import services
from prioritisation.models import Decision, Initiative
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation.initiatives.pages import (
    detail,
    do,
    edit,
    html,
    make,
    selected,
)

pytestmark = pytest.mark.django_db

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
    assert "Before it is ready it needs: " in page
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

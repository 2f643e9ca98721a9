"""Public pages of a plan: every count is the document's, and every idea can be found again."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from engagement import services as engagement
from engagement.models import Idea
from prioritisation import services
from prioritisation.models import Initiative, PlanVersion
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db


def words(page: Any) -> str:
    """What a page says, without its markup and with single spaces."""
    text = re.sub(r"<(style|title|desc)\b.*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_home_shows_the_funnel_and_both_doors(
    client: Client, plan: PlanVersion, city: dict[str, Any]
) -> None:
    page = client.get("/")
    assert page.status_code == 200
    said = words(page)
    for expected in ("I have an idea", "I want to report a problem", "How 12 ideas led to 4 initiatives"):
        assert expected in said
    assert "9 ideas became 7 initiatives" in said
    assert 'href="/plans/the-plan/"' in page.content.decode()


def test_home_before_any_plan_says_what_will_happen(client: Client, db: Any) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "What happens with an idea" in words(page)
    assert "No invitation is open right now" in words(page)


def test_home_invites_only_to_open_public_invitations(client: Client, db: Any, now: datetime) -> None:
    factories.Call(slug="open", title={"en": "Open one"})
    factories.Call(slug="closed", title={"en": "Closed one"}, closes_at=now)
    factories.Call(slug="staff", title={"en": "Staff one"}, kind="in_reach")
    said = words(client.get("/"))
    assert "Open one" in said
    assert "Closed one" not in said
    assert "Staff one" not in said


def test_home_names_the_next_date_of_each_open_invitation(client: Client, db: Any) -> None:
    label = {"en": "Ideas are worked up", "fr": "Les idées sont travaillées"}
    dates = [{"date": "2001-01-01", "label": {"en": "Long ago"}}, {"date": "2090-06-15", "label": label}]
    factories.Call(planned_dates=dates)
    said = words(client.get("/"))
    assert "Next step: Ideas are worked up, June 15, 2090." in said
    assert "Long ago" not in said
    assert "15 juin 2090" in words(client.get("/fr/"))


def test_a_door_leads_straight_to_the_only_open_form(client: Client, db: Any) -> None:
    factories.Call(slug="only")
    assert 'href="/calls/only/send/"' in client.get("/").content.decode()
    factories.Call(slug="second")
    assert 'href="/calls/only/send/"' not in client.get("/").content.decode()


def test_a_day_beside_an_idea_says_what_happened_on_it(client: Client, db: Any) -> None:
    received, published = datetime(2026, 3, 1, 17, tzinfo=UTC), datetime(2026, 3, 4, 17, tzinfo=UTC)
    factories.Idea(state="published", received_at=received, published_at=published)
    assert "Published on March 4, 2026" in words(client.get("/"))
    assert "Received on March 1, 2026" in words(client.get("/ideas/"))
    assert "Publiée le 4 mars 2026" in words(client.get("/fr/"))
    assert "Reçue le 1 mars 2026" in words(client.get("/fr/ideas/"))


def test_every_reason_of_the_funnel_begins_as_a_line_does(client: Client, plan: PlanVersion) -> None:
    for language in ("", "/fr"):
        page = client.get(f"{language}/plans/the-plan/").content.decode()
        reasons = re.findall(r'class="flow-reason"[^>]*>([^<]+)<', page)
        listed = re.findall(r"<li>\d+ (\w)", page)
        # A long reason goes on in a second line: those begin as they like.
        assert sum(one[0].isupper() for one in reasons) >= 5
        assert listed
        assert all(one.isupper() for one in listed)


def test_home_never_shows_what_is_not_public(client: Client, db: Any) -> None:
    staff_call = factories.Call(kind="in_reach")
    factories.Idea(state="published", title="A public one")
    factories.Idea(state="published", title="Of staff", call=staff_call)
    factories.Idea(state="received", title="Not looked at")
    factories.Idea(state="published", title="Not eligible", eligible=False)
    factories.Idea(state="withdrawn", title="Taken back")
    factories.Idea(state="declined", title="Insult", text_hidden=True)
    said = words(client.get("/"))
    assert "A public one" in said
    for hidden in ("Of staff", "Not looked at", "Not eligible", "Taken back", "Insult"):
        assert hidden not in said


def test_counts_on_the_page_are_those_of_the_document(client: Client, plan: PlanVersion) -> None:
    said = words(client.get("/plans/the-plan/"))
    funnel = plan.document["funnel"]
    for stage in funnel["stages"]:
        assert stage["in"] == stage["out"] + stage["waiting"]
    assert "13 texts received" in said
    assert "12 eligible ideas" in said
    assert "9 ideas became 7 initiatives" in said
    assert "4 initiatives chosen" in said
    outcomes = funnel["ideas_by_outcome"]
    assert f"In the plan {outcomes['in_plan']}" in said
    assert f"In an initiative that was not chosen {outcomes['set_aside']}" in said
    assert f"Total {sum(outcomes.values())}" in said
    assert sum(outcomes.values()) == funnel["stages"][0]["in"] == 12


def test_the_page_stays_as_published(client: Client, plan: PlanVersion) -> None:
    """What staff change later changes no published page."""
    Initiative.objects.update(title={"en": "Renamed behind the scenes"})
    assert "Renamed" not in words(client.get("/plans/the-plan/"))


@pytest.mark.parametrize("second_person", [True, False])
def test_the_page_says_whether_a_second_person_published(
    client: Client, city: dict[str, Any], now: datetime, second_person: bool
) -> None:
    if not second_person:
        factories.member(city["programme"], city["manager"], Role.PUBLISHER)
        services.save_programme(
            by=city["manager"],
            at=now,
            programme=city["programme"],
            values={"second_person": False},
            calls=[city["call"]],
        )
        city["publisher"] = city["manager"]
    scene.publish(city, now)
    said = words(client.get("/plans/the-plan/"))
    assert ("A second person checked the decisions" in said) is second_person
    assert ("No second person checked them" in said) is not second_person


def test_what_was_not_chosen_has_its_reason(client: Client, plan: PlanVersion) -> None:
    said = words(client.get("/plans/the-plan/"))
    assert "What was not chosen, and why" in said
    for one in plan.document["initiatives"]:
        if one["outcome"] != "advance":
            assert one["reason_label"]["en"] in said
            assert " ".join(one["text"]["en"].split()) in said


def test_filters_say_how_many_they_hide(client: Client, plan: PlanVersion) -> None:
    said = words(client.get("/plans/the-plan/?theme=mobility"))
    assert "2 of 4 initiatives, 2 hidden by filters" in said
    assert "1 of 3 initiatives, 2 hidden by filters" in said
    west = words(client.get("/plans/the-plan/?district=west"))
    assert "Initiative 0" in west
    assert "Initiative 1" not in west, "it is in the east only"
    assert "Initiative 2" in west, "what is done in the whole city is done in the west, too"
    assert "hidden" not in words(client.get("/plans/the-plan/?theme=no-such-theme"))


def test_initiatives_are_found_by_words_and_both_lists_say_how_many(
    client: Client, plan: PlanVersion
) -> None:
    version = PlanVersion.objects.get(pk=plan.pk)
    chosen, other = (version.document["initiatives"][place] for place in (0, -1))
    chosen["need"] = {"en": "Shade", "fr": "De l’Ombre à l’été"}
    version.document["initiatives"][-1]["title"] = {"en": "The OMBRELLA, nightshade", "fr": "L’ombrelle"}
    PlanVersion.objects.filter(pk=plan.pk).update(document=version.document)
    for asked in ("ombre SHADE", "  Ombrê, shâde!"):
        page = client.get("/plans/the-plan/", {"q": asked})
        assert [row["entry"]["reference"] for row in page.context["chosen"]["rows"]] == [chosen["reference"]]
        assert not page.context["others"]["rows"]
        assert "1 of 4 initiatives, 3 hidden by filters" in words(page)
        assert "0 of 3 initiatives, 3 hidden by filters" in words(page)
    both = client.get("/plans/the-plan/", {"q": "ombre"})
    assert "1 that was not chosen fits, too" in words(both)
    assert 'value="ombre"' in both.content.decode()
    assert "1 qui n’a pas été retenue" in words(client.get("/fr/plans/the-plan/", {"q": "ombre"}))
    page = client.get("/plans/the-plan/", {"q": other["reference"][1:], "theme": "no-such-theme"})
    assert [row["entry"]["reference"] for row in page.context["others"]["rows"]] == [other["reference"]]
    assert client.get("/plans/the-plan/", {"q": "no such word"}).context["chosen"]["hidden"] == 4
    for nothing in ("\0", " ?!", "  "):
        page = client.get("/plans/the-plan/", {"q": nothing})
        assert (page.context["chosen"]["shown"], page.context["filtered"]) == (4, False)
    assert client.get("/plans/the-plan/", {"q": "x" * 3000}).context["chosen"]["shown"] == 0


def test_an_initiative_tells_its_whole_story(client: Client, plan: PlanVersion, city: dict[str, Any]) -> None:
    reference = city["initiatives"][0].reference
    said = words(client.get(f"/plans/the-plan/{reference}/"))
    assert "This initiative is in the plan" in said
    for idea in city["ideas"][:2]:
        assert idea.reference in said
        assert idea.public_title in said
    assert "$1,250,000 funding sought" in said
    assert "Rank 1 of 7" in said
    score = next(one for one in plan.document["initiatives"] if one["reference"] == reference)["score"]
    assert abs(sum(score["criteria"].values()) - score["points"]) <= 0.3, "rounded parts of a rounded sum"
    assert f"{score['criteria']['enabling']:g} of 20" in said


def test_what_is_for_staff_stays_with_staff(client: Client, plan: PlanVersion, city: dict[str, Any]) -> None:
    for initiative in city["initiatives"]:
        page = client.get(f"/plans/the-plan/{initiative.reference}/").content.decode()
        assert "Secret Champion" not in page
    assert "Secret Champion" not in client.get("/plans/the-plan/").content.decode()


def test_each_idea_is_found_with_its_outcome(client: Client, plan: PlanVersion, city: dict[str, Any]) -> None:
    said = words(client.get("/plans/the-plan/ideas/"))
    for idea in city["ideas"]:
        assert idea.reference in said
    assert city["junk"].reference not in said
    for key, count in plan.document["funnel"]["ideas_by_outcome"].items():
        page = client.get(f"/plans/the-plan/ideas/?outcome={key}")
        assert page.context["shown"] == count == len(plan.document["ideas"][key])
        assert page.context["hidden"] == 12 - count


def test_ideas_are_found_by_words_and_by_reference(
    client: Client, plan: PlanVersion, city: dict[str, Any], now: datetime
) -> None:
    wanted, hidden = city["ideas"][3], city["ideas"][6]
    Idea.objects.filter(pk=wanted.pk).update(search=" 2026 00004 a greenhouse on the roof")
    Idea.objects.filter(pk=hidden.pk).update(search=" greenhouse secret")
    engagement.withdraw_idea(idea=Idea.objects.get(pk=hidden.pk), at=now)
    Idea.objects.filter(pk=hidden.pk).update(search=" greenhouse secret")
    for words in ("Greenhouse roof", wanted.reference):
        page = client.get("/plans/the-plan/ideas/", {"q": words})
        assert [row["reference"] for row in page.context["rows"]] == [wanted.reference], words
        assert (page.context["shown"], page.context["hidden"]) == (1, 11)
    assert client.get("/plans/the-plan/ideas/", {"q": "secret"}).context["shown"] == 0
    found = client.get("/plans/the-plan/ideas/", {"q": "greenhouse", "outcome": "declined"})
    assert "No idea of this plan has these words" in found.content.decode()
    assert 'name="outcome" value="declined"' in found.content.decode()
    assert client.get("/plans/the-plan/ideas/", {"q": "\0"}).context["shown"] == 12


def test_a_declined_idea_says_why_in_the_list(client: Client, plan: PlanVersion) -> None:
    said = words(client.get("/plans/the-plan/ideas/?outcome=declined"))
    assert "Not the city's task" in said.replace("&#x27;", "'")
    assert "Another government looks after this." in said
    assert "Another government" not in words(client.get("/plans/the-plan/ideas/?outcome=in_plan"))


def test_an_idea_taken_back_keeps_its_place_but_not_its_words(
    client: Client, plan: PlanVersion, city: dict[str, Any], now: datetime
) -> None:
    idea = Idea.objects.get(pk=city["ideas"][3].pk)
    engagement.withdraw_idea(idea=idea, at=now)
    for path in ("/plans/the-plan/ideas/", f"/plans/the-plan/{city['initiatives'][2].reference}/"):
        said = words(client.get(path))
        assert idea.reference in said
        assert idea.public_title not in said


def test_french_pages_are_in_french_and_draw_their_bars(client: Client, plan: PlanVersion) -> None:
    page = client.get("/fr/plans/the-plan/").content.decode()
    assert "Le plan" in page
    assert "Ce que nous ferons." in page
    widths = re.findall(r'<rect class="bar" width="([^"]+)"', page)
    assert widths
    assert all("," not in width for width in widths), "a decimal comma is no number in a picture"
    translation.activate("en")


def test_what_is_not_there_is_404(
    client: Client, plan: PlanVersion, city: dict[str, Any], now: datetime
) -> None:
    for path in ("/plans/no-such-plan/", "/plans/the-plan/I2026-99999/", "/plans/no-such-plan/ideas/"):
        assert client.get(path).status_code == 404
    other = services.save_programme(
        by=city["manager"], at=now, values={"slug": "other", "title": {"en": "Other"}}, calls=[]
    )
    services.save_plan(
        programme=other, slug="unpublished", title={"en": "Secret"}, by=city["manager"], at=now
    )
    assert client.get("/plans/unpublished/").status_code == 404
    assert "Secret" not in words(client.get("/plans/"))


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/", 6), ("/plans/", 3), ("/plans/the-plan/", 2), ("/plans/the-plan/ideas/", 5)],
)
def test_pages_ask_the_database_little(
    client: Client,
    plan: PlanVersion,
    path: str,
    queries: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(queries):
        assert client.get(path).status_code == 200

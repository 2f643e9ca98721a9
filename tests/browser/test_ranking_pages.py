"""The ranking in a real browser: the list, two compared, disagreement, what if, adoption, how it was made."""

from typing import Any

import pytest

from prioritisation import services
from prioritisation.models import Assignment, Result, Round
from tests import factories, panels
from tests.browser.conftest import DESK, check_page
from tests.browser.test_decision_pages import both, pages_of, published
from tests.browser.test_panel_pages import TABLET, refused, tabbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCORES = [(5, 5), (4, 5), (5, 4), (0, 4), (5, 2), (1, 2), (0, 1)]
"""Levels on the first criterion and on the others: four places, and the first weight moves the line."""
TRIED = "?w_enabling=60&places=3&budget=90000"


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


@pytest.fixture
def round(panel: panels.Panel) -> Round:
    opened = panel.open()
    order = {one.pk: levels for one, levels in zip(panel.initiatives, SCORES, strict=True)}
    for number, one in enumerate(Assignment.objects.filter(entry__round=opened).select_related("entry")):
        first, others = order[one.entry.initiative_id]
        services.save_assessment(
            assignment=one,
            scores={**dict.fromkeys(panels.CRITERIA, others), "enabling": min(5, first + number % 2)},
            notes={"citizens": "Many would notice"},
            by=one.assessor,
            at=panel.now,
            submit=True,
        )
    return panel.close(opened)


def test_the_list_its_views_and_what_is_behind_it(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    one, other = panel.initiatives[0].reference, panel.initiatives[4].reference
    sign_in(panel.manager)
    [listed] = pages_of(round, "ranking")
    both(page, listed, f"{listed}?show=criteria", f"{listed}?show=figures&sort=spread&theme=none")
    both(page, f"{listed}{one}/", *pages_of(round, "method", "results"))
    [compared] = pages_of(round, "compare")
    both(page, compared, f"{compared}?with={one}&with={other}")


def test_what_if_and_the_page_that_adopts_it(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    sign_in(panel.manager)
    [trying] = pages_of(round, "what-if")
    both(page, trying, trying + TRIED, f"{trying}adopt/{TRIED}", *pages_of(round, "strike"))


def test_each_form_says_what_is_wrong(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    sign_in(panel.manager)
    trying, compared, strike = pages_of(round, "what-if", "compare", "strike")
    wrong = {"w_enabling": "400", "places": "0", "budget": "some"}
    for language in ("", "/fr"):
        page.goto(language + trying)
        for name, typed in wrong.items():
            page.locator(f"[name={name}]").fill(typed)
        page.locator("form[data-what-if] button").click()
        page.get_by_role("alert").wait_for()
        links = page.locator(".error-summary a").evaluate_all("all => all.map(one => one.hash)")
        assert links == ["#id_w_enabling", "#id_places", "#id_budget"]
        assert page.evaluate("document.activeElement.className") == "error-summary"
        assert page.locator("[name=w_strategy]").input_value() == "20.0", (
            "a slip takes nothing from the others"
        )
        check_page(page)
        page.goto(f"{language}{compared}?with=nothing&with=")
        assert page.locator(".error-summary a").count() == 2
        for viewport in (TABLET, DESK):
            page.set_viewport_size(viewport)
            check_page(page)
        page.locator(".error-summary a").last.click()
        assert page.evaluate("document.activeElement.id") == "id_second"
    page.goto(f"{trying}adopt/{TRIED}")
    refused(page, "Make the list again")
    page.goto(strike)
    refused(page, "Show what this person handed in")
    page.get_by_label("Assessor").select_option(index=1)
    page.get_by_role("button", name="Show what this person handed in").click()
    refused(page, "Leave these scores out")


def test_sort_filter_and_compare_by_the_names_on_the_page(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    sign_in(panel.analyst)
    page.goto(pages_of(round, "ranking")[0])
    page.get_by_role("link", name="Go to the line").click()
    assert page.url.endswith("#line")
    page.get_by_role("link", name="Show more figures").click()
    page.get_by_text("What the figures mean").click()
    assert page.get_by_text("had another panel scored").first.is_visible()
    page.get_by_role("link", name="Spread", exact=True).click()
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Spread")
    check_page(page)
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Comes to").select_option(index=1)
    page.get_by_role("button", name="Filter").click()
    assert page.get_by_text("hidden by the filters").is_visible()
    assert "sort=spread" in page.url
    page.get_by_role("link", name="Show all").click()
    for reference in (panel.initiatives[0].reference, panel.initiatives[4].reference):
        page.locator(f"[name=with][value={reference}]").check()
    page.get_by_role("button", name="Compare two").first.click()
    page.get_by_text("What tells them apart").wait_for()
    check_page(page)


def test_what_the_line_of_stability_says_is_seen_in_what_if(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    sign_in(panel.analyst)
    for path in pages_of(round, "ranking", "what-if"):
        page.goto(path)
        assert page.get_by_text(
            "changes first if “Impact on enabling infrastructure” goes from 20 to"
        ).count()
        page.get_by_role("link", name="See what would change").click()
        page.get_by_role("heading", name="1 comes in, 1 goes out").wait_for()
        check_page(page)


def press(page: Any, role: str, name: str) -> None:
    page.get_by_role(role, name=name).first.focus()
    page.keyboard.press("Enter")


def test_by_keyboard_from_the_ranking_to_the_adopted_list(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    """Every press is a key: try a weight, see who moves, adopt it with a reason, read it on the list."""
    sign_in(panel.manager)
    listed, trying = pages_of(round, "ranking", "what-if")
    for path in (listed, trying):
        page.goto(path)
        assert all(seen for element, seen in tabbed(page) if "w-" in element), path
    page.goto(listed)
    press(page, "link", "What if …")
    page.wait_for_url("**/what-if/")
    page.locator("[name=w_enabling]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 comes in, 1 goes out").wait_for()
    assert Result.objects.filter(round=round).count() == 1, "nothing is stored"
    press(page, "link", "Adopt this with a reason")
    page.get_by_label("Why the list is made again").focus()
    page.keyboard.type("Council gave networks more weight.")
    page.get_by_label("This becomes the list").focus()
    page.keyboard.press("Space")
    press(page, "button", "Make the list again")
    page.wait_for_url(f"**{listed}")
    assert page.get_by_text("Council gave networks more weight.").is_visible()
    check_page(page)
    made = services.latest_result(round)
    assert (made.parent is not None, made.made_by) == (True, panel.manager)
    press(page, "link", "All 2 lists of this round")
    page.wait_for_url("**/results/")
    check_page(page)


def test_without_script_a_weight_is_tried_and_adopted(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any, new_page: Any
) -> None:
    sign_in(panel.manager)
    bare = new_page(script=False)
    bare.context.add_cookies(page.context.cookies())
    bare.goto(pages_of(round, "what-if")[0])
    bare.locator("[name=w_enabling]").fill("60")
    bare.get_by_role("button", name="See what would change").click()
    assert bare.locator("[name=w_strategy]").input_value() == "10.0", "the others keep their proportions"
    assert bare.get_by_role("heading", name="1 comes in, 1 goes out").is_visible()
    bare.get_by_role("link", name="Adopt this with a reason").click()
    bare.get_by_role("button", name="Make the list again").click()
    assert bare.get_by_role("alert").is_visible()
    bare.get_by_label("Why the list is made again").fill("Networks first")
    bare.get_by_label("This becomes the list").check()
    bare.get_by_role("button", name="Make the list again").click()
    assert bare.get_by_text("Networks first").is_visible()
    assert services.latest_result(round).inputs["changes"]["weights"]["enabling"] == pytest.approx(0.6)


def test_analyst_and_publisher_read_and_try_but_adopt_nothing(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    trying, method, results, strike = pages_of(round, "what-if", "method", "results", "strike")
    for person in (panel.analyst, panel.publisher):
        sign_in(person)
        page.goto(trying + TRIED)
        assert page.locator("#outcome").is_visible()
        for hidden in ("Adopt this with a reason", "Leave out an assessor"):
            assert page.get_by_text(hidden).count() == 0, hidden
        assert page.goto(method).status == 200
        assert page.get_by_text("the same list").is_visible()
        assert page.get_by_text("Strict and lenient assessors").count() == 0
        page.goto(results)
        assert page.get_by_text("A conflict of interest came to light").count() == 0
        for forbidden in (f"{trying}?leave=A", f"{trying}adopt/{TRIED}", strike):
            assert page.goto(forbidden).status == 403, forbidden
    sign_in(factories.staff("stranger"))
    for path in pages_of(round, "ranking", "what-if", "method", "results", "compare"):
        assert page.goto(path).status in (403, 404), path


def test_after_publishing_nothing_is_adopted(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    published(panel, round)
    sign_in(panel.manager)
    trying, strike = pages_of(round, "what-if", "strike")
    page.goto(trying + TRIED)
    assert page.get_by_text("its ranking is not made again").is_visible()
    assert page.get_by_role("link", name="Adopt this with a reason").count() == 0
    check_page(page)
    page.goto(f"{trying}adopt/{TRIED}")
    assert "/adopt/" not in page.url
    page.goto(strike)
    page.get_by_role("link", name="Back").click()
    assert page.url.endswith("/results/")


def test_the_sign_in_page(page: Any) -> None:
    both(page, "/admin/login/")
    assert page.get_by_role("heading", level=1).count() == 1

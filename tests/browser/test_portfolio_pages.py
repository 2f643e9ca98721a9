"""Selections under rules, from the budget to the adopted one, in a real browser: by role, key and script."""

from decimal import Decimal
from typing import Any

import pytest

from engagement.models import District, Theme
from prioritisation import services, tasks
from prioritisation.models import Result, Round, Scenario
from tests import factories, panels
from tests.browser.conftest import DESK, PHONE, check_page
from tests.browser.test_panel_pages import START, TABLET, refused, tabbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEVELS = [5, 4, 4, 3, 3, 2, 2, 1]


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    """Eight initiatives in two districts and one theme, at 1,000 to 8,000 each; the last states no cost."""
    made = panels.make(now)
    made.manager.user_permissions.add(*factories.permissions_named("prioritisation.view_programme"))
    places = [factories.District(), factories.District()]
    theme = Theme.objects.get(key="open_data")
    for number, one in enumerate(made.work_up(8)):
        cost = {"label": {"en": "All"}, "amount": Decimal(1000 * (number + 1)), "kind": "capital"}
        services.save_initiative(
            initiative=one,
            values={"risk": 4 if number % 3 == 0 else 1, "timeframe_months": 6 if number % 2 else 24},
            themes={theme: 3},
            districts=[places[number % 2]],
            costs=[] if number == 7 else [{**cost, "funding": "none", "year": 2027}],
            by=made.manager,
            at=now,
        )
    services.save_budget_line(
        programme=made.programme,
        label={"en": "Works", "fr": "Travaux"},
        kind="capital",
        year=2027,
        amount=Decimal(20_000),
        reserve=10,
        by=made.manager,
        at=now,
    )
    return made


@pytest.fixture
def round(panel: panels.Panel) -> Round:
    opened = panel.open()
    panel.score(opened, lambda index: LEVELS[index])
    return panel.close(opened)


def started(panel: panels.Panel, round: Round, **rules: Any) -> Scenario:
    made = services.start_scenario(round=round, name="Within the money", by=panel.manager, at=panel.now)
    asked = {"count": {"number": 4, "exact": True}, "budget": True, **rules}
    return services.save_rules(scenario=made, rules=asked, by=panel.manager, at=panel.now)


def ticked(panel: panels.Panel, scenario: Scenario, *indexes: int) -> Scenario:
    chosen = [panel.initiatives[index].reference for index in indexes]
    return services.save_selection(scenario=scenario, selection=chosen, by=panel.manager, at=panel.now)


def of(scenario: Scenario, page: str = "") -> str:
    return f"{START}/scenario/{scenario.pk}/{page}"


def both(page: Any, *paths: str) -> None:
    """Each page in both languages, as wide as a desk and a tablet; on a phone nothing runs over the side."""
    for path in paths:
        for place in (path, f"/fr{path}"):
            assert page.goto(place).status == 200, place
            for viewport in (PHONE, TABLET, DESK):
                page.set_viewport_size(viewport)
                check_page(page)


def press(page: Any, name: str, role: str = "button") -> None:
    """By key, as who uses no mouse."""
    page.get_by_role(role, name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_every_page_of_a_selection(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    scenario = ticked(panel, started(panel, round, districts={District.objects.first().code: 2}), 0, 5, 6)
    reference = panel.initiatives[0].reference
    sign_in(panel.manager)
    both(
        page,
        f"{START}/programme/{panel.programme.pk}/budget/",
        f"{START}/round/{round.pk}/portfolio/",
        *(of(scenario, one) for one in ("", "rules/", "adopt/", f"initiative/{reference}/")),
    )
    services.queue_analysis(scenario=scenario, by=panel.manager, at=panel.now)
    tasks.run_jobs()
    both(page, of(scenario))
    page.goto(of(scenario))
    assert page.get_by_text("Selections within 1% of the best that differ most").is_visible()
    assert page.get_by_role("columnheader", name="Other weights").is_visible()


def test_each_form_says_what_is_wrong(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    scenario = ticked(panel, started(panel, round), 0, 5)
    sign_in(panel.manager)
    page.goto(f"{START}/round/{round.pk}/portfolio/")
    refused(page, "Start")
    page.goto(of(scenario, "rules/"))
    page.get_by_label("How many initiatives").fill("-3")
    refused(page, "Save the rules")
    page.goto(of(scenario, f"initiative/{panel.initiatives[0].reference}/"))
    page.get_by_label("always in").check()
    refused(page, "Save")
    page.goto(of(scenario, "adopt/"))
    page.get_by_label("What is ticked", exact=True).check()
    refused(page, "Adopt")
    page.goto("/fr" + of(scenario, "adopt/"))
    page.locator("[name=reason_fr]").fill("Le budget du conseil")
    page.locator("[name=own][value='1']").check()
    page.locator(".w-bar button").click()
    page.get_by_role("alert").wait_for()
    assert page.locator("[name=reason_fr]").input_value() == "Le budget du conseil"
    check_page(page)
    page.goto(f"{START}/programme/{panel.programme.pk}/budget/")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_role("alert").wait_for()
    check_page(page)


def test_what_fits_nothing_is_said_in_words_and_mended(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    scenario = started(panel, round, count={"number": 7, "exact": True})
    sign_in(panel.manager)
    both(page, of(scenario))
    page.goto(of(scenario))
    told = page.locator(".w-notice.bad").inner_text()
    assert "No selection keeps every rule" in told
    assert "raise “Budget: Works (at most $18,000)” by $10,000" in told
    page.get_by_role("link", name="Budget lines and capacities").click()
    page.get_by_role("link", name="Works").click()
    page.get_by_label("Amount").fill("31,200")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.goto(of(scenario))
    assert page.get_by_text("Proved: no selection that keeps these rules").is_visible()


def test_by_keyboard_from_a_scenario_to_the_adopted_selection(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    """Every press is a key: start, ask for more, tick, save, adopt what breaks a rule, with both reasons."""
    sign_in(panel.manager)
    page.goto(f"{START}/round/{round.pk}/portfolio/")
    page.get_by_label("Name").focus()
    page.keyboard.type("By hand")
    press(page, "Start")
    page.get_by_role("heading", name="By hand", level=1).wait_for()
    assert all(seen for element, seen in tabbed(page) if "w-" in element)
    press(page, "Change the rules", "link")
    page.get_by_label("How many initiatives").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    page.locator("[name=mix_time_frames]").focus()
    page.keyboard.press("Space")
    press(page, "Save the rules")
    page.get_by_text("The rules are saved.").wait_for()
    for index in (0, 5):
        page.get_by_label(f"Choose Initiative {index}", exact=True).focus()
        page.keyboard.press("Space")
    assert page.locator("[data-portfolio-sum]").inner_text().startswith("2 ticked")
    press(page, "Save what is ticked")
    page.get_by_text("2 are ticked.").wait_for()
    assert page.get_by_text("Initiatives in all (exactly 3): 1 too few").is_visible()
    press(page, "Adopt a selection", "link")
    page.locator("[name=own][value='1']").focus()
    page.keyboard.press("Space")
    for name, words in (("reason_en", "Council’s own"), ("despite_en", "The third is for next year")):
        page.locator(f"[name={name}]").focus()
        page.keyboard.type(words)
    page.locator("[name=accept]").focus()
    page.keyboard.press("Space")
    press(page, "Adopt")
    page.get_by_text("The selection is adopted and stays on record.").wait_for()
    kept = Result.objects.get(kind=Result.Kind.PORTFOLIO)
    assert kept.output["kept"]["selected"] == [panel.initiatives[index].reference for index in (0, 5)]
    assert kept.inputs["despite"] == {"en": "The third is for next year"}
    both(page, f"{START}/round/{round.pk}/portfolio/{kept.pk}/", f"{START}/round/{round.pk}/portfolio/")
    both(page, of(Scenario.objects.get()))


def test_without_script_a_selection_is_built_locked_and_adopted(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any, new_page: Any
) -> None:
    scenario = started(panel, round)
    sign_in(panel.manager)
    bare = new_page(script=False)
    bare.context.add_cookies(page.context.cookies())
    bare.goto(of(scenario))
    bare.get_by_role("link", name="Initiative 7", exact=True).first.click()
    bare.get_by_label("always in").check()
    bare.get_by_label("Why").fill("Promised in May")
    bare.get_by_role("button", name="Save", exact=True).click()
    assert "Promised in May" in bare.locator(f"#row-{panel.initiatives[7].reference}").inner_text()
    for index in (0, 1, 2, 7):
        bare.get_by_label(f"Choose Initiative {index}", exact=True).check()
    bare.get_by_role("button", name="Save what is ticked").click()
    assert bare.locator("[data-own=count]").inner_text() == "4"
    bare.get_by_role("button", name="Work it out").click()
    assert "/job/" in bare.url
    bare.goto(of(scenario, "adopt/"))
    bare.get_by_label("the best one under these rules").check()
    bare.locator("[name=reason_en]").fill("The best")
    bare.get_by_label("Draft decisions from this selection").check()
    bare.get_by_role("button", name="Adopt", exact=True).click()
    assert bare.get_by_text("it comes out the same").is_visible()
    assert round.decisions.count() == 8


def test_who_reads_and_who_changes(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    """Analyst and publisher read all, and change nothing; only the analyst has it worked out further."""
    scenario = ticked(panel, started(panel, round), 0, 1)
    for reader in (panel.analyst, panel.publisher):
        sign_in(reader)
        both(page, f"{START}/round/{round.pk}/portfolio/", of(scenario))
        page.goto(of(scenario))
        assert page.get_by_role("button", name="Save what is ticked").count() == 0
        assert page.get_by_role("link", name="Adopt a selection").count() == 0
        assert page.locator("input[name=selected]:enabled").count() == 0
        assert page.get_by_role("button", name="Remove this scenario").count() == 0
        asked = page.get_by_role("button", name="Work it out").count()
        assert asked == (1 if reader == panel.analyst else 0)
        assert page.goto(of(scenario, "adopt/")).status == 403


def test_the_ballots_pages_by_role_and_language(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    first, second = (one.reference for one in panel.initiatives[:2])
    rows = [f'{n},"{first} {second}"' for n in range(8)] + ["9,I-1999-1", "3," + first]
    file = services.read_ballots(
        round=round,
        name="votes.csv",
        content=("voter,approved\n" + "\n".join(rows)).encode(),
        by=panel.manager,
        at=panel.now,
    )
    at = f"{START}/round/{round.pk}/ballots/"
    sign_in(panel.manager)
    page.goto(f"{at}{file.pk}/")
    assert "is not on the shortlist" in page.locator("table").last.inner_text()
    page.get_by_label("Money to spend").fill("-1")
    refused(page, "Count the ballots")
    page.get_by_label("Money to spend").fill("2500")
    press(page, "Count the ballots")
    page.get_by_text("Counted, and kept.").wait_for()
    press(page, "Count again now, and compare", "link")
    page.get_by_text("Made again just now from the frozen inputs: the same list.").wait_for()
    counted = Result.objects.get(kind=Result.Kind.BALLOTS)
    pages = (at, f"{at}{file.pk}/", f"{at}result/{counted.pk}/")
    both(page, *pages)
    for reader in (panel.analyst, panel.publisher):
        sign_in(reader)
        both(page, *pages)
        page.goto(at)
        assert page.get_by_role("button", name="Read").count() == 0
        page.goto(pages[1])
        assert page.get_by_role("button", name="Count the ballots").count() == 0

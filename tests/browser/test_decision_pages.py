"""From a closed round to the amended plan, in a real browser: decide, draw, look through, publish, amend."""

from decimal import Decimal
from typing import Any

import pytest

from prioritisation import services
from prioritisation.models import BudgetLine, Decision, DecisionMeeting, Draw, PlanVersion, Round
from tests import factories, panels
from tests.browser.conftest import DESK, PHONE, check_page
from tests.browser.test_panel_pages import START, TABLET, refused, tabbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TIED = [5, 4, 3, 3, 3, 2, 1]


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=7)


@pytest.fixture
def round(panel: panels.Panel) -> Round:
    """Closed: two safe ones, three tied across a line of four places, two below it."""
    opened = panel.open()
    panel.score(opened, lambda index: TIED[index])
    return panel.close(opened)


def sitting(panel: panels.Panel) -> DecisionMeeting:
    return services.save_sitting(
        programme=panel.programme,
        body={"en": "City council", "fr": "Conseil municipal"},
        held_on=panel.now.date(),
        resolution="CM-12",
        by=panel.manager,
        at=panel.now,
    )


def decided(panel: panels.Panel, round: Round) -> None:
    """Every initiative is decided by the manager, and the plan has its name."""
    services.draft_decisions(round=round, by=panel.manager, at=panel.now)
    for place, initiative in enumerate(services.undecided(round).order_by("reference")):
        lost = {
            "reason": "below_line",
            "text": {"en": "Others scored higher.", "fr": "D’autres ont mieux fait."},
        }
        services.save_decision(
            round=round,
            initiative=initiative,
            outcome="advance" if place < 2 else "set_aside",
            by=panel.manager,
            at=panel.now,
            **(lost if place >= 2 else {}),
        )
    services.save_plan(
        programme=panel.programme,
        slug="the-plan",
        title={"en": "The plan", "fr": "Le plan"},
        by=panel.manager,
        at=panel.now,
    )


def published(panel: panels.Panel, round: Round) -> PlanVersion:
    decided(panel, round)
    return services.publish_round(round=round, by=panel.publisher, at=panel.now)


def both(page: Any, *paths: str) -> None:
    """Each page in both languages, as wide as a desk and a tablet; on a phone nothing runs over the side."""
    for path in paths:
        for place in (path, f"/fr{path}"):
            assert page.goto(place).status == 200, place
            for viewport in (PHONE, TABLET, DESK):
                page.set_viewport_size(viewport)
                check_page(page)


def pages_of(round: Round, *names: str) -> list[str]:
    return [f"{START}/round/{round.pk}/{name}/" for name in names]


def test_the_pages_before_publishing(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    sitting(panel)
    sign_in(panel.manager)
    both(page, *pages_of(round, "decisions", "lots", "conditions"))
    decided(panel, round)
    one = f"decisions/{panel.initiatives[5].reference}"
    both(page, *pages_of(round, "decisions", one, "sittings", "publish"))


def test_each_form_says_what_is_wrong(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    decided(panel, round)
    sign_in(panel.manager)
    decisions, sittings, publish = pages_of(round, "decisions", "sittings", "publish")
    for language in ("", "/fr"):
        page.goto(language + decisions)
        page.locator("button[value=texts]").click()
        page.get_by_role("alert").wait_for()
        check_page(page)
        page.goto(f"{language}{decisions}{panel.initiatives[5].reference}/")
        page.locator("[name=outcome][value=advance]").check()
        page.locator("button[value=save]").click()
        page.get_by_role("alert").wait_for()
        assert page.locator(".error-summary").count() == 1
        for viewport in (TABLET, DESK):
            page.set_viewport_size(viewport)
            check_page(page)
    page.goto(sittings)
    refused(page, "Save")
    page.goto(publish)
    page.locator("summary", has_text="change").click()
    page.locator("[name=slug]").fill("")
    refused(page, "Save the name")


def test_the_department_replies_and_is_told_which_language_lacks(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    decided(panel, round)
    speaker = factories.staff("department")
    speaker.department = panel.initiatives[5].owner
    speaker.save()
    sign_in(speaker)
    key = Decision.objects.get(initiative=panel.initiatives[5]).pk
    both(page, f"{START}/replies/", f"{START}/replies/{key}/")
    page.goto(f"{START}/replies/{key}/")
    assert page.get_by_text("D’autres").count() or page.get_by_text("Others scored higher").count()
    page.locator("[name=text_en]").fill("x" * 1001)
    refused(page, "Save the reply")
    page.locator("[name=text_en]").fill("We shall try again next year.")
    page.get_by_role("button", name="Save the reply").click()
    page.get_by_text("It says nothing in: French").wait_for()
    page.locator(".breadcrumbs a").last.click()
    check_page(page)


def test_a_draw_is_carried_through(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any, new_page: Any
) -> None:
    sign_in(panel.manager)
    [lots] = pages_of(round, "lots")
    page.goto(lots)
    refused(page, "Announce the draw")
    page.locator("[name=announce-seed_rule_en]").fill("The lottery of 12 May, its six figures")
    page.get_by_role("button", name="Announce the draw").click()
    page.get_by_text("public from now on").wait_for()
    both(page, lots)
    reader = new_page(viewport=PHONE)
    for place in ("/programmes/plan/draws/", "/fr/programmes/plan/draws/"):
        reader.goto(place)
        check_page(reader)
    page.goto(lots)
    refused(page, "Draw the lots")
    page.get_by_label("The seed, as it was published").fill("12 44 61")
    page.get_by_role("button", name="Draw the lots").click()
    page.get_by_text("the decisions drafted").wait_for()
    both(page, lots)
    draw = Draw.objects.get()
    reader.goto("/programmes/plan/draws/")
    assert reader.get_by_text(services.lots_shown(draw)[0]["lot"]).is_visible()
    check_page(reader)
    assert [one.outcome for one in draw.decisions.order_by("outcome")] == ["advance", "advance", "set_aside"]


def test_by_keyboard_from_deciding_to_publishing(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    """Every press is a key: draft, decide the ties, tick all, look through, publish."""
    decisions, publish = pages_of(round, "decisions", "publish")
    services.save_plan(
        programme=panel.programme, slug="plan", title={"en": "Plan"}, by=panel.manager, at=panel.now
    )

    def press(name: str, role: str = "button") -> None:
        page.get_by_role(role, name=name, exact=True).first.focus()
        page.keyboard.press("Enter")

    sign_in(panel.manager)
    page.goto(decisions)
    assert all(seen for element, seen in tabbed(page) if "w-" in element)
    press("Draft decisions")
    page.get_by_text("decisions drafted").wait_for()
    for left, outcome in ((2, "advance"), (1, "advance"), (0, "set_aside")):
        page.goto(decisions)
        page.locator(".w-notice.warn li a").first.focus()
        page.keyboard.press("Enter")
        page.locator(f"[name=outcome][value={outcome}]").focus()
        page.keyboard.press("Space")
        if outcome == "set_aside":
            page.get_by_label("Reason").focus()
            page.keyboard.press("ArrowDown")
            page.wait_for_function("document.querySelector('[name=text_en]').value !== ''")
        press("Save")
        page.get_by_text("Saved:").wait_for()
        assert services.undecided(round).count() == left
    sign_in(panel.publisher)
    page.goto(decisions)
    press("Tick all that are shown", "link")
    page.wait_for_url("**tick=all**")
    press("I looked those ticked through")
    page.get_by_text("7 decisions.").wait_for()
    assert page.locator("input[name=selected]:checked").count() == 0
    page.goto(publish)
    press("Publish")
    page.wait_for_url("**/published/")
    check_page(page)
    assert PlanVersion.objects.get().published_by == panel.publisher


def test_past_the_budget_it_is_published_with_a_tick_and_a_reason(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any
) -> None:
    panel.initiatives[0].cost_lines.create(
        label={"en": "Shelters"}, amount=Decimal(900_000), kind="capital", funding="secured"
    )
    services.save_budget_line(
        programme=panel.programme,
        label={"en": "Works", "fr": "Travaux"},
        kind=BudgetLine.Kind.CAPITAL,
        year=None,
        amount=Decimal(500_000),
        reserve=0,
        by=panel.manager,
        at=panel.now,
    )
    decided(panel, round)
    sign_in(panel.publisher)
    [publish] = pages_of(round, "publish")
    both(page, publish)
    page.goto(publish)
    assert page.get_by_text("$900,000").is_visible()
    refused(page, "Publish")
    page.get_by_label("Publish all the same").check()
    page.get_by_label("Why all the same").fill("A grant is promised.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/published/")


def test_without_script_a_publisher_publishes(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any, new_page: Any
) -> None:
    decided(panel, round)
    sign_in(panel.publisher)
    bare = new_page(script=False)
    bare.context.add_cookies(page.context.cookies())
    decisions, publish = pages_of(round, "decisions", "publish")
    bare.goto(decisions)
    bare.get_by_role("link", name="Tick all that are shown").click()
    bare.get_by_role("button", name="I looked those ticked through").click()
    assert Decision.objects.filter(checked_by=panel.publisher).count() == 7
    bare.goto(publish)
    bare.get_by_role("button", name="Publish", exact=True).click()
    bare.get_by_role("link", name="See the public plan").click()
    assert bare.get_by_role("heading", level=1).inner_text() == "The plan"


def amend(page: Any, plan: int, put_in: str, take_out: str) -> None:
    page.goto(f"{START}/plan/{plan}/amendment/")
    page.get_by_role("button", name="Begin an amendment").click()
    page.get_by_label("Find an initiative").fill("Initiative")
    page.get_by_role("button", name="Search").click()
    page.locator(f"[name=put_in][value={put_in}]").check()
    page.locator(f"[name=take_out][value={take_out}]").check()
    page.get_by_role("button", name="Take those ticked").click()


def test_an_amendment_is_adopted_by_the_second_person(
    panel: panels.Panel, round: Round, page: Any, sign_in: Any, new_page: Any
) -> None:
    version = published(panel, round)
    meeting = sitting(panel)
    sign_in(panel.manager)
    put_in, take_out = (panel.initiatives[index].reference for index in (5, 0))
    amend(page, version.plan_id, put_in, take_out)
    assert page.get_by_text("The reason is missing.").count() == 2
    both(page, f"{START}/plan/{version.plan_id}/amendment/")
    page.goto(f"{START}/plan/{version.plan_id}/amendment/")
    for reference in (put_in, take_out):
        page.locator(f"[name='{reference}-reason_en']").fill("Council wants it so.")
    page.get_by_label("Adopted in the sitting").select_option(str(meeting.pk))
    page.get_by_label("How the vote went").fill("7 to 4")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_text("The draft is saved").wait_for()
    assert page.get_by_role("button", name="Adopt and publish").count() == 0
    sign_in(panel.publisher)
    page.goto(f"{START}/plan/{version.plan_id}/amendment/")
    page.get_by_role("button", name="Adopt and publish").click()
    page.get_by_text("The amended plan is public").wait_for()
    check_page(page)
    reader = new_page(viewport=PHONE)
    for place in ("/plans/the-plan/", "/fr/plans/the-plan/"):
        reader.goto(place)
        assert reader.locator(".notice li").count() == 2, "what was put in and taken out is named"
        check_page(reader)


def test_what_the_public_reads(panel: panels.Panel, round: Round, page: Any) -> None:
    published(panel, round)
    lost = panel.initiatives[6].reference
    both(page, "/plans/", "/plans/the-plan/", "/plans/the-plan/method/", f"/plans/the-plan/{lost}/")
    page.goto("/plans/the-plan/method/")
    assert page.get_by_text("manage.py recompute").is_visible()


def test_an_analyst_looks_on(panel: panels.Panel, round: Round, page: Any, sign_in: Any) -> None:
    decided(panel, round)
    sign_in(panel.analyst)
    both(page, *pages_of(round, "decisions", "publish"))
    page.goto(pages_of(round, "decisions")[0])
    assert page.locator("input[name=selected]").count() == 0

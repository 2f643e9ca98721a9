"""The pages of a panel at work, in a real browser: rules, panel, facts, calibration, disagreement."""

from collections.abc import Iterator
from typing import Any

import pytest

from prioritisation import services
from prioritisation.models import Assignment, Round
from prioritisation.policies import catalogue
from tests import factories, panels
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 768, "height": 1024}
START = "/admin/prioritisation"


@pytest.fixture
def panel(now: Any) -> panels.Panel:
    return panels.make(now, initiatives=4, assessors=4, places=2)


def looked_at(page: Any, *paths: str) -> None:
    """Each page as wide as a desk, a tablet and a phone."""
    for viewport in (PHONE, TABLET, DESK):
        page.set_viewport_size(viewport)
        for path in paths:
            assert page.goto(START + path).status == 200, path
            check_page(page)


def refused(page: Any, button: str, fold: str = "") -> None:
    """Presses a button with nothing filled in: what is wrong stands in a list that has the focus."""
    if fold:
        page.locator("summary", has_text=fold).click()
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.className") == "error-summary"
    for viewport in (TABLET, DESK):
        page.set_viewport_size(viewport)
        check_page(page)


def apart(panel: panels.Panel, **terms: Any) -> Round:
    """An open round in which the first initiative is read from one end of the scale to the other."""
    round = panel.open(per_initiative=3, **terms)
    panel.score(round, lambda index: 3)
    for level, one in zip((0, 5, 2), of_first(panel, round), strict=False):
        services.save_assessment(
            assignment=one,
            scores=dict.fromkeys(panels.CRITERIA, level),
            notes={"strategy": f"Why {level}"},
            by=one.assessor,
            at=panel.now,
            submit=True,
        )
    return round


def of_first(panel: panels.Panel, round: Round) -> Any:
    mine = Assignment.objects.filter(entry__round=round, entry__initiative=panel.initiatives[0])
    return mine.select_related("entry__round", "assessor").order_by("pk")


def test_the_editor_of_the_rules(panel: panels.Panel, page: Any, sign_in: Any, now: Any) -> None:
    draft = services.adopt_policy(
        programme=panel.programme, document=catalogue.load("montreal-2015"), by=panel.manager, at=now
    )
    rights = ["prioritisation.view_policyversion", "prioritisation.manage_programme"]
    panel.manager.user_permissions.add(*factories.permissions_named(*rights))
    sign_in(panel.manager)
    looked_at(page, f"/policyversion/{draft.pk}/edit/", f"/policyversion/{draft.pk}/change/")
    page.goto(f"{START}/policyversion/{draft.pk}/edit/")
    page.locator("#criteria-1 > summary").click()
    page.locator("#criteria-1").get_by_role("button", name="Down").click()
    page.wait_for_url("**/edit/#criteria-2")
    assert page.locator("details.w-entry[open]").count() == 1
    assert page.locator("#criteria-2").bounding_box()["y"] < DESK["height"] / 2
    page.get_by_role("button", name="Add a group").click()
    page.wait_for_url("**/edit/#groups-0")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_role("alert").wait_for()
    assert page.url.endswith("/edit/"), (
        "the list of faults is what one sees, not the entry of the press before"
    )
    assert page.evaluate("document.activeElement.className") == "error-summary"
    for viewport in (TABLET, DESK):
        page.set_viewport_size(viewport)
        check_page(page)


def test_preparing_the_panel_and_checking_facts(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    prepared = panel.prepare(calibration=panel.initiatives[:1])
    sign_in(panel.manager)
    looked_at(page, f"/round/{prepared.pk}/panel/", f"/round/{prepared.pk}/edit/")
    page.goto(f"{START}/round/{prepared.pk}/panel/")
    refused(page, "Note it", "Note a conflict of interest")
    page.goto(f"{START}/round/{prepared.pk}/panel/")
    refused(page, "Assign as the file says", "Take a file in")
    page.goto(f"{START}/round/{prepared.pk}/edit/")
    page.get_by_label("Places").fill("-1")
    refused(page, "Save")
    checker = factories.staff("department")
    checker.department = panel.initiatives[0].owner
    checker.save()
    sign_in(checker)
    looked_at(page, "/facts/", f"/facts/{panel.initiatives[0].reference}/")
    page.get_by_label("Months to carry out").fill("-1")
    refused(page, "Save my corrections")


def test_the_monitor_and_the_panel_of_an_open_round(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    round = apart(panel, terms=services.Terms(top_up=1))
    sign_in(panel.manager)
    looked_at(
        page,
        f"/round/{round.pk}/change/",
        f"/round/{round.pk}/panel/",
        f"/round/{round.pk}/further/",
        f"/round/{round.pk}/disagreement/",
        f"/round/{round.pk}/calibration/",
        f"/round/{round.pk}/clarify/strategy/2/",
    )
    page.locator("textarea").first.fill("")
    refused(page, "Put in clearer words")
    page.goto(f"{START}/round/{round.pk}/panel/")
    refused(page, "Leaves the panel", "Somebody leaves the panel")


def test_calibration_and_an_assessors_list(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    round = apart(panel, calibration=panel.initiatives[:1])
    reference = panel.initiatives[0].reference
    sign_in(panel.assessors[0])
    looked_at(
        page,
        "/assess/",
        f"/round/{round.pk}/calibration/",
        f"/round/{round.pk}/calibration/{reference}/",
        f"/assess/round/{round.pk}/strategy/",
    )


def test_disagreement_after_closing_and_what_is_asked_again(
    panel: panels.Panel, page: Any, sign_in: Any
) -> None:
    round = apart(panel)
    panel.close(round)
    sign_in(panel.manager)
    one = f"/round/{round.pk}/disagreement/{panel.initiatives[0].reference}/"
    looked_at(page, f"/round/{round.pk}/disagreement/", one)
    refused(page, "Note it")
    page.get_by_label("to be scored again").check()
    page.get_by_label("Why").fill("Two of us read the level as the whole city.")
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("asked to look again").wait_for()
    check_page(page)
    asked = of_first(panel, round)[0]
    sign_in(asked.assessor)
    looked_at(page, "/assess/", f"/assess/{asked.pk}/")
    page.goto(f"{START}/assess/")
    assert page.get_by_text("asked again").is_visible()


def tabbed(page: Any) -> Iterator[tuple[str, bool]]:
    """What the tab key reaches, until it comes round: the element, and whether its focus is seen."""
    page.evaluate("document.activeElement.blur()")
    for _press in range(200):
        page.keyboard.press("Tab")
        found, seen = page.evaluate(
            """() => { const one = document.activeElement, style = getComputedStyle(one);
            return [one === document.body ? "" : one.outerHTML.slice(0, 80),
                    style.outlineStyle !== "none" || style.boxShadow !== "none"]; }"""
        )
        if not found:
            return
        yield found, seen
    raise AssertionError("the tab key does not come round")


def test_by_keyboard_the_focus_is_seen_and_leaves_again(panel: panels.Panel, page: Any, sign_in: Any) -> None:
    round = apart(panel)
    sign_in(panel.manager)
    for path in (f"/round/{round.pk}/change/", f"/round/{round.pk}/panel/"):
        page.goto(START + path)
        page.evaluate("document.querySelectorAll('#content details').forEach((one) => { one.open = true; })")
        reached = list(tabbed(page))
        assert len(reached) > 10
        inside = [element for element, seen in reached if not seen and "w-" in element]
        assert inside == []


def test_without_script_the_panel_changes_all_the_same(
    panel: panels.Panel, new_page: Any, sign_in: Any, page: Any
) -> None:
    prepared = panel.prepare()
    sign_in(panel.manager)
    bare = new_page(script=False)
    bare.context.add_cookies(page.context.cookies())
    bare.goto(f"{START}/round/{prepared.pk}/panel/")
    bare.locator("summary", has_text="Note a conflict of interest").click()
    bare.get_by_label("Assessor").select_option(index=1)
    bare.get_by_label("Initiative", exact=True).select_option(index=1)
    bare.get_by_label("Why").fill("A brother")
    bare.get_by_role("button", name="Note it").click()
    assert "A brother" in bare.locator("table").last.inner_text()
    bare.get_by_role("button", name="Take back").click()
    assert Assignment.objects.filter(conflict_at__isnull=False).count() == 0

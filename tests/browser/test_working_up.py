"""The pages where staff work up initiatives and edit scoring rules, in a real browser."""

from typing import Any

import pytest

from prioritisation import services
from prioritisation.models import Initiative, PolicyVersion
from prioritisation.policies import catalogue
from prioritisation.workflow import Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manager() -> Any:
    names = [
        "view_programme",
        "view_initiative",
        "work_up_initiative",
        "view_policyversion",
        "manage_programme",
    ]
    permissions = ["engagement.view_idea", *(f"prioritisation.{name}" for name in names)]
    return factories.staff("manager", permissions=permissions)


@pytest.fixture
def initiative(manager: Any) -> Initiative:
    programme = factories.Programme()
    programme.calls.add(factories.Call())
    factories.member(programme, manager, Role.MANAGER)
    factories.District.create_batch(3)
    factories.Theme.create_batch(3)
    idea = factories.Idea(call=programme.calls.get(), state="published")
    return services.work_up(programme=programme, ideas=[idea], by=manager, at=factories.NOW)


@pytest.fixture
def rules(initiative: Initiative, manager: Any) -> PolicyVersion:
    document = catalogue.load("montreal-2015")
    return services.adopt_policy(
        programme=initiative.programme, document=document, by=manager, at=factories.NOW
    )


def open_all(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_forms_are_sound_for_everybody_also_after_an_error(
    page: Any, sign_in: Any, violations: Any, manager: Any, rules: PolicyVersion, width: int
) -> None:
    sign_in(manager)
    page.set_viewport_size({"width": width, "height": 800})
    initiative = Initiative.objects.get()
    for address, box in (
        (f"/admin/prioritisation/initiative/{initiative.pk}/edit/", "#id_title_0"),
        (f"/admin/prioritisation/policyversion/{rules.pk}/edit/", "#id_criteria-0-label_0"),
    ):
        page.goto(address)
        open_all(page)
        assert violations() == [], address
        page.fill(box, "")
        with page.expect_navigation():
            page.click(".w-bar button >> nth=0")
        assert page.is_visible(".error-summary")
        open_all(page)
        assert violations() == [], f"{address} after an error"
        page.click(".error-summary a >> nth=0")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    "address",
    [
        "programme/{programme}/change/",
        "programme/{programme}/members/",
        "initiative/",
        "initiative/{initiative}/change/",
        "initiative/do/merge/?selected={initiative}:1",
        "initiative/start/",
        "policyversion/presets/",
        "policyversion/presets/boston-monum/",
        "policyversion/import/",
        "policyversion/{rules}/change/",
        "policyversion/{rules}/preview/",
    ],
)
def test_the_other_pages_too(
    page: Any, sign_in: Any, violations: Any, manager: Any, rules: PolicyVersion, address: str
) -> None:
    sign_in(manager)
    initiative = Initiative.objects.get()
    keys = {"programme": rules.programme_id, "initiative": initiative.pk, "rules": rules.pk}
    page.goto("/admin/prioritisation/" + address.format(**keys))
    open_all(page)
    assert violations() == []


def test_weights_follow_the_points_while_typing(
    page: Any, sign_in: Any, manager: Any, rules: PolicyVersion
) -> None:
    sign_in(manager)
    page.goto(f"/admin/prioritisation/policyversion/{rules.pk}/edit/")
    page.click("#criteria-0 summary")
    page.fill("#id_criteria-0-points", "600")
    shares = page.locator("output.w-share").all_inner_texts()
    assert shares == ["60%", "10%", "10%", "10%", "10%"]


def test_enter_in_a_box_saves_and_moves_nothing(
    page: Any, sign_in: Any, manager: Any, rules: PolicyVersion
) -> None:
    sign_in(manager)
    page.goto(f"/admin/prioritisation/policyversion/{rules.pk}/edit/")
    page.click("#criteria-1 summary")
    page.fill("#id_criteria-1-points", "40")
    with page.expect_navigation():
        page.press("#id_criteria-1-points", "Enter")
    rules.refresh_from_db()
    assert rules.document["criteria"][1]["points"] == 40
    assert [one["key"] for one in rules.document["criteria"]][:2] == ["enabling", "strategy"]

"""Residents' ballots in a real browser: a file with faults, its count, and the plan, without barriers."""

from decimal import Decimal
from typing import Any

import pytest

from prioritisation import services
from tests import panels
from tests.browser.conftest import PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_no_barriers_from_the_file_to_the_plan(now: Any, page: Any, sign_in: Any) -> None:
    panel = panels.make(now)
    made = panel.work_up(4)
    for number, one in enumerate(made):
        amount = Decimal(10_000 * (number + 2))
        line = {"label": {"en": "All"}, "amount": amount, "kind": "capital", "funding": "sought"}
        services.save_initiative(
            initiative=one, values={}, themes={}, districts=[], costs=[line], by=panel.manager, at=now
        )
    round = panel.open()
    panel.score(round, lambda index: 5 - index)
    panel.close(round)
    first, second, third, fourth = (one.reference for one in made)
    rows = [f'{n},"{first} {second} {third}"' for n in range(30)] + [f"{n},{fourth}" for n in range(28, 60)]
    content = "voter,approved\n" + "\n".join([*rows, "x,I-1999-1"])
    sign_in(panel.manager)
    page.goto(f"/admin/prioritisation/round/{round.pk}/ballots/")
    check_page(page)
    page.get_by_role("button", name="Read").click()
    check_page(page)
    file = {"name": "votes.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("File of ballots").set_input_files(file)
    page.get_by_role("button", name="Read").click()
    check_page(page)
    page.get_by_label("Money to spend").fill("90000")
    page.get_by_role("button", name="Count the ballots").click()
    page.get_by_text("The two rules, in full").click()
    for width in (1280, 768, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 900})
        check_page(page)
    services.draft_decisions(round=round, by=panel.manager, at=now)
    services.save_plan(
        programme=panel.programme, slug="p", title={"en": "P", "fr": "P"}, by=panel.manager, at=now
    )
    services.publish_round(round=round, by=panel.publisher, at=now)
    for path in ("/plans/p/#votes-title", "/fr/plans/p/#votes-title"):
        page.goto(path)
        check_page(page)

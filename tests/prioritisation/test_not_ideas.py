"""What was sent in and goes on otherwise than as one idea is named in the funnel, not lost."""

from typing import Any

import pytest

from engagement import services as engagement
from prioritisation.services import funnel
from tests import factories

pytestmark = pytest.mark.django_db


def reasons(programme: Any) -> dict[str, int]:
    return {one["code"]: one["count"] for one in funnel.count_funnel(programme)["not_eligible"]["reasons"]}


def test_letters_and_problem_reports_are_named(now: Any, moderator: Any) -> None:
    programme, call = factories.Programme(), factories.Call()
    programme.calls.add(call)
    letter, lamp, _plain = (factories.Idea(call=call, problem="A bench. A tree.") for _ in range(3))
    parts = [engagement.Quotation("A bench"), engagement.Quotation("A tree")]
    engagement.split_idea(idea=letter, parts=parts, by=moderator, at=now)
    engagement.take_as_report(idea=lamp, service=factories.ReportService(), by=moderator, at=now)
    counted = funnel.count_funnel(programme)
    assert (counted["received"], counted["stages"][0]["in"]) == (5, 3)
    assert reasons(programme) == {"as_report": 1, "split": 1}
    engagement.take_back_idea(idea=lamp, by=moderator, at=now)
    assert funnel.count_funnel(programme)["stages"][0]["in"] == 4
    assert reasons(programme) == {"split": 1}

"""“How this list was made”: staff and everybody read the same words; a published plan keeps them."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from prioritisation import services
from prioritisation.models import PlanVersion
from tests import panels

pytestmark = pytest.mark.django_db


def items(html: str) -> list[str]:
    """The words of every list item and table cell of the page's own part."""
    main = html.split("<main", 1)[-1].split("</main>", 1)[0]
    found = re.findall(r"<(?:li|td|th)\b[^>]*>(.*?)</(?:li|td|th)>", main, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


@pytest.fixture
def published(now: datetime) -> Any:
    """A plan whose round had a level clarified, and whose list was made again with other weights."""
    panel = panels.make(now, initiatives=6)
    round = panel.open()
    services.clarify_anchor(
        round=round,
        criterion="citizens",
        level=5,
        text={"en": "All of the city gains", "fr": "Toute la ville y gagne"},
        reason="“All” was read as “every street”.",
        by=panel.manager,
        at=now,
    )
    round.refresh_from_db()
    panel.score(round, lambda index: 5 - index % 5)
    panel.close(round)
    services.adopt_result(
        round=round,
        changes={"weights": {"citizens": 0.4}},
        reason="The council asked for it",
        by=panel.manager,
        at=now,
    )
    services.draft_decisions(round=round, by=panel.manager, at=now)
    services.save_plan(
        programme=panel.programme, slug="p", title={"en": "P", "fr": "P"}, by=panel.manager, at=now
    )
    for one in services.undecided(round):
        services.save_decision(
            round=round,
            initiative=one,
            outcome="hold",
            reason="",
            text={"en": "Later", "fr": "Plus tard"},
            override_reason="",
            merge_into=None,
            by=panel.manager,
            at=now,
            version=0,
        )
    version = services.publish_round(round=round, by=panel.publisher, at=now)
    return panel, round, version


def test_everybody_reads_what_staff_read(client: Client, published: Any) -> None:
    panel, round, _version = published
    public = client.get("/plans/p/method/").content.decode()
    assert "/plans/p/method/" in client.get("/plans/p/").content.decode()
    client.force_login(panel.analyst)
    staff = items(client.get(f"/admin/prioritisation/round/{round.pk}/method/").content.decode())
    # How an outsider checks it is for the public alone; staff have the command.
    told = items(public.partition("To check</h2>")[0])
    assert len(told) > 20
    assert [one for one in told if one not in staff] == []
    for words in ("The council asked for it", "was read as “every street”", "All of the city gains"):
        assert words in public


def test_what_single_assessors_do_is_not_in_the_plan(published: Any) -> None:
    _panel, _round, version = published
    method = version.document["method"]
    assert set(method["severity"]) == {"policy", "applied"}
    assert "letter" not in str(method)


def test_a_plan_without_it_has_no_such_page(client: Client, plan: PlanVersion) -> None:
    assert plan.document["method"]["places"] == 4
    document = {key: value for key, value in plan.document.items() if key != "method"}
    PlanVersion.objects.filter(pk=plan.pk).update(document=document)
    assert client.get("/plans/the-plan/method/").status_code == 404
    page = client.get("/plans/the-plan/")
    assert page.status_code == 200
    assert "/plans/the-plan/method/" not in page.content.decode()

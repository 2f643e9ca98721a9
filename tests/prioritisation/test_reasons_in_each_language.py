"""Why it was decided against the ranking is said in each language of the city, and read in one's own."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from prioritisation import services
from prioritisation.models import Decision, PlanVersion
from tests import panels
from tests.prioritisation.test_deciding_limits import panel, ready, round
from tests.staff_pages import signed_in, words

__all__ = ["panel", "round"]

BOTH = {"en": "A school bus stops there.", "fr": "Un autobus scolaire s’y arrête."}
BEFORE = [("prioritisation", "0011_draws_called_off_after_drawing")]


def step_by_step() -> MigrationExecutor:
    """The way of a city that was there before all steps were made at once."""
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False
    executor.loader.build_graph()
    return executor


def published(panel: panels.Panel, round: Any, why: dict[str, str]) -> PlanVersion:
    ready(panel, round, 0, 1)
    services.save_decision(
        round=round,
        initiative=panel.initiatives[6],
        outcome="advance",
        override_reason=why,
        by=panel.manager,
        at=panel.now,
    )
    return services.publish_round(round=round, by=panel.publisher, at=panel.now)


def test_the_plan_says_it_in_the_readers_language(panel: panels.Panel, round: Any, client: Any) -> None:
    version = published(panel, round, BOTH)
    at = f"/plans/plan/{panel.initiatives[6].reference}/"
    assert f"(rank 7, for 4 places): {BOTH['en']}" in words(client.get(at))
    french = words(client.get(f"/fr{at}"))
    assert BOTH["fr"] in french
    assert BOTH["en"] not in french
    told = client.get(f"/api/v1/plans/plan/initiatives/{panel.initiatives[6].reference}").json()
    assert told["override_reason"] == told["override"]["reason"] == BOTH
    table = client.get("/plans/plan/export.csv?all=1").getvalue().decode("utf-8-sig")
    assert "override_reason_en,override_reason_fr" in table
    assert BOTH["fr"] in table
    assert version.document["initiatives"][0]["override_reason"] in ({}, BOTH)


def test_a_language_left_empty_is_read_in_the_other_and_marked(
    panel: panels.Panel, round: Any, client: Any
) -> None:
    published(panel, round, {"fr": BOTH["fr"], "en": "  "})
    page = client.get(f"/plans/plan/{panel.initiatives[6].reference}/").content.decode()
    assert f'<span lang="fr">{BOTH["fr"]}</span>' in page
    staff = signed_in(panel.manager).get(f"/admin/prioritisation/round/{round.pk}/decisions/")
    assert f'<span lang="fr">{BOTH["fr"]}</span>' in staff.content.decode()


def test_a_plan_of_before_has_one_text_and_is_read_all_the_same(
    panel: panels.Panel, round: Any, client: Any
) -> None:
    version = published(panel, round, BOTH)
    for entry in version.document["initiatives"]:
        words_of_before = entry["override_reason"].get("en", "")
        entry["override_reason"] = words_of_before
        if entry["override"]:
            entry["override"]["reason"] = words_of_before
    PlanVersion.objects.filter(pk=version.pk).update(document=version.document)
    at = f"/plans/plan/{panel.initiatives[6].reference}/"
    assert BOTH["en"] in words(client.get(at))
    assert f'<span lang="en">{BOTH["en"]}</span>' in client.get(f"/fr{at}").content.decode()
    told = client.get(f"/api/v1/plans/plan/initiatives/{panel.initiatives[6].reference}").json()
    assert told["override"]["reason"] == {"en": BOTH["en"]}
    assert BOTH["en"] in client.get("/plans/plan/export.csv?all=1").getvalue().decode("utf-8-sig")


@pytest.mark.django_db(transaction=True)
def test_what_stands_there_is_kept_as_the_first_languages(now: Any) -> None:
    made = panels.make(now, initiatives=7)
    opened = made.open()
    made.score(opened, lambda index: max(0, 5 - index))
    published(made, made.close(opened), BOTH)
    there = {one.pk: one.override_reason for one in Decision.objects.all()}
    latest = [one for one in step_by_step().loader.graph.leaf_nodes() if one[0] == BEFORE[0][0]]
    try:
        step_by_step().migrate(BEFORE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, override_reason FROM prioritisation_decision")
            assert dict(cursor.fetchall()) == {key: texts.get("en", "") for key, texts in there.items()}
    finally:
        step_by_step().migrate(latest)
    kept = {one.pk: one.override_reason for one in Decision.objects.all()}
    assert kept == {key: {"en": texts["en"]} if texts else {} for key, texts in there.items()}

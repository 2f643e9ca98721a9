"""The same rows give the same inputs, fingerprints and figures on PostgreSQL and on SQLite, to the byte."""

import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from engagement.models import District, Theme
from prioritisation import services
from prioritisation.models import Assignment, Decision, Initiative, Result, Round
from tests import factories, panels
from tests.service.elsewhere import figures

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]

COSTS = [["0.10", "0.20"], ["1234567.89", "0.01", "33.33"], [], ["99999999999.99", "0.07"], ["19.99"] * 7]
"""Amounts whose sums are not what floats make of them; one initiative has none."""


@pytest.fixture
def city(now: datetime) -> panels.Panel:
    """A closed round with another list, a selection, ballots and a plan; much of it in an odd order."""
    panel = panels.make(now)
    panel.work_up(len(COSTS))
    themes = [factories.Theme(key=key) for key in ("Zoo", "be-a", "bea", "über")]
    districts = [factories.District(code=code) for code in ("St-Z", "etang", "école", "St-a")]
    for number, initiative in enumerate(panel.initiatives):
        _furnish(panel, initiative, COSTS[number], themes, districts)
    for year, amount in ((2027, "200000000000.10"), (None, "300000000000.95")):
        services.save_budget_line(
            programme=panel.programme,
            label={"en": "Money"},
            kind="capital",
            year=year,
            amount=Decimal(amount),
            reserve=5,
            by=panel.manager,
            at=now,
        )
    for code in ("Works", "parks", "école"):
        services.save_capacity(
            programme=panel.programme,
            department=factories.Department(code=code),
            initiatives=9,
            effort=None,
            by=panel.manager,
            at=now,
        )
    _assess(panel, now)
    return panel


def _furnish(
    panel: panels.Panel,
    initiative: Initiative,
    amounts: list[str],
    themes: list[Theme],
    districts: list[District],
) -> None:
    lines: list[dict[str, Any]] = [
        {"label": {"en": "All"}, "amount": Decimal(amount), "kind": "capital", "funding": "sought"}
        for amount in amounts
    ]
    services.save_initiative(
        initiative=initiative,
        values={"whole_city": False},
        themes=dict.fromkeys(reversed(themes), 2),
        districts=districts,
        costs=lines,
        by=panel.manager,
        at=panel.now,
    )


def _assess(panel: panels.Panel, now: datetime) -> None:
    round = panel.open(places=2)
    rows = Assignment.objects.filter(entry__round=round).select_related("entry__round", "assessor")
    for assignment in rows.order_by("-pk"):
        level = 1 + (assignment.pk * 7 + assignment.entry_id) % 5
        services.save_assessment(
            assignment=assignment,
            scores=dict.fromkeys(panels.CRITERIA[1:], level) | {"enabling": 1 + level % 5},
            cannot_judge={"return"} if level == 3 else set(),
            by=assignment.assessor,
            at=now,
            submit=True,
        )
    entry = round.entries.select_related("round__programme", "initiative").order_by("pk")[4]
    services.check_gate(
        entry=entry, gate="powers", verdict="pass", text={"en": "Yes."}, by=panel.manager, at=now
    )
    panel.close(round)
    by_hand = services.start_scenario(round=round, name="A", by=panel.manager, at=now)
    by_hand = services.save_rules(
        scenario=by_hand, rules={"count": {"number": 2, "exact": True}}, by=panel.manager, at=now
    )
    services.adopt_scenario(scenario=by_hand, own=False, reason={"en": "Best."}, by=panel.manager, at=now)
    services.adopt_result(
        round=round, changes={"weights": {"citizens": 1 / 3}}, reason="Tried.", by=panel.manager, at=now
    )
    votes = f"voter,approved\n1,{panel.initiatives[4].reference}\n2,{panel.initiatives[0].reference}\n"
    file = services.read_ballots(round=round, name="v.csv", content=votes.encode(), by=panel.manager, at=now)
    services.count_ballots(file=file, budget=Decimal("140.05"), by=panel.manager, at=now)
    _publish(panel, round, now)


def _publish(panel: panels.Panel, round: Round, now: datetime) -> None:
    services.draft_decisions(round=round, by=panel.manager, at=now)
    for initiative in services.undecided(round):
        services.save_decision(
            round=round, initiative=initiative, outcome="advance", by=panel.manager, at=now
        )
    assert Decision.objects.count() == len(COSTS)
    services.save_plan(programme=panel.programme, slug="p", title={"en": "P"}, by=panel.manager, at=now)
    services.publish_round(round=round, by=panel.publisher, at=now)


def on_sqlite(folder: Path) -> str:
    """The same rows, those of each table backwards, in a process and a database of its own."""
    file = folder / "city.json"
    call_command(
        "dumpdata",
        "engagement",
        "prioritisation",
        "auth.group",
        output=str(file),
        use_natural_foreign_keys=True,
    )
    rows = json.loads(file.read_text())
    models = list(dict.fromkeys(row["model"] for row in rows))
    rows.reverse()
    rows.sort(key=lambda row: models.index(row["model"]))
    file.write_text(json.dumps(rows))
    database = f"sqlite:///{folder / 'elsewhere.sqlite3'}"
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WINNOW_VAR": str(folder),
        "DATABASE_URL": database,
        "WINNOW_TEST_ON": "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.elsewhere", str(file)],
        cwd=settings.BASE_DIR,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Which parts differ, in few words: the whole is too long to be read."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [line for key in one for line in differences(one[key], other[key], f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for place, (a, b) in pairs for line in differences(a, b, f"{where}.{place}")]
    return [] if repr(one) == repr(other) else [f"{where}: {one!r} != {other!r}"]


def test_inputs_fingerprints_and_figures_are_the_same_on_sqlite(city: panels.Panel, tmp_path: Path) -> None:
    here, there = figures(), on_sqlite(tmp_path)
    assert differences(json.loads(here), json.loads(there)) == []
    assert here == there
    told = json.loads(here)
    first = Result.objects.order_by("pk")[0]
    assert told["rounds"][0]["sha256"] == first.inputs_sha256, "read anew, it is what was frozen"
    assert told["rounds"][0]["frozen again"] == told["rounds"][0]["inputs"]
    costs = [one["figures"]["cost_total"] for one in told["rounds"][0]["as stated"]["initiatives"]]
    assert costs == [0.3, 1234601.23, None, 100000000000.06, 139.93]
    assert {one.kind for one in Result.objects.all()} == {"ranking", "portfolio", "ballots"}


LETTERS = {
    "engagement_district": "code",
    "engagement_theme": "key",
    "engagement_department": "code",
    "prioritisation_initiative": "reference",
    "prioritisation_panelmember": "letter",
}


def test_a_database_that_sorts_letters_as_people_do_gives_the_same(city: panels.Panel) -> None:
    """Many a PostgreSQL is set up with the sorting of its country."""
    plain = figures()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table, column in LETTERS.items():
                cursor.execute(f'ALTER TABLE {table} ALTER {column} TYPE varchar COLLATE "en-x-icu"')
        assert next(iter(District.objects.values_list("code", flat=True))) == "école"
        as_people_do = figures()
        transaction.set_rollback(True)
    assert differences(json.loads(plain), json.loads(as_people_do)) == []

"""The main job on a real city's ideas: Barcelona's 2016 plan, half of its proposals (5,375).

Everything that the city declined is declined with its own reason; 232 initiatives are worked up from what
it accepted, assessed by a scripted panel, and 70 are published and exported.
"""

import csv
import gzip
import json
import random
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from django.core.management import call_command
from django.utils import timezone

from engagement import services as engagement
from engagement.models import Event, Idea, Notice
from prioritisation import services
from prioritisation.models import Assignment, Initiative
from prioritisation.policies import catalogue
from prioritisation.workflow import Role
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.trial, pytest.mark.walk]

ROWS, INITIATIVES, PLACES = 5375, 232, 70


@pytest.fixture
def proposals(trials: Path, tmp_path: Path) -> Path:
    """The real file, unpacked beside the test."""
    path = tmp_path / "proposals.csv"
    packed = trials / "barcelona-pam2016" / "proposals-half.csv.gz"
    with gzip.open(packed) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return path


def staff_of(programme: Any) -> tuple[Any, list[Any]]:
    publisher = factories.member(programme, factories.staff("publisher"), Role.PUBLISHER)
    return publisher, [factories.member(programme, factories.User(), Role.ASSESSOR) for _ in range(12)]


def import_twice(path: Path, call: Any) -> float:
    """Imports, imports again, and gives the seconds that the first time took."""
    started = time.monotonic()
    call_command("import_ideas", str(path), "--call", call.slug, "--language", "ca")
    seconds = time.monotonic() - started
    assert Idea.objects.count() == ROWS
    call_command("import_ideas", str(path), "--call", call.slug, "--language", "ca")
    assert Idea.objects.count() == ROWS
    assert not Notice.objects.exclude(user__isnull=False).exists()
    return seconds


def triage_as_the_city_did(path: Path, by: Any) -> dict[str, list[Idea]]:
    """Declines and publishes as the city did; gives the accepted ideas by kind and district."""
    now = timezone.now()
    # the file's rows and the imported ideas are in the same order
    ideas = list(Idea.objects.order_by("pk"))
    groups: dict[str, list[Idea]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row, idea in zip(csv.DictReader(file), ideas, strict=True):
            if row["status"] == "rejected":
                text = {"ca": row["staff_reason"]} if row["staff_reason"].strip() else {}
                engagement.decline_idea(idea=idea, by=by, at=now, reason="not_possible", text=text)
            else:
                engagement.publish_idea(idea=idea, by=by, at=now)
                groups.setdefault(f"{row['subcategory']} {row['district']}", []).append(idea)
    return groups


def work_up(programme: Any, groups: dict[str, list[Idea]], by: Any) -> list[Initiative]:
    now = timezone.now()
    owner = factories.Department()
    draws = random.Random(1)
    made = []
    biggest = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:INITIATIVES]
    assert len(biggest) == INITIATIVES
    for title, ideas in biggest:
        initiative = services.work_up(
            programme=programme,
            ideas=ideas,
            by=by,
            at=now,
            values={
                "title": {"en": title},
                "need": {"en": title},
                "owner": owner,
                "timeframe_months": draws.randint(2, 60),
            },
        )
        made.append(services.move_initiative(initiative=initiative, verb="mark_ready", by=by, at=now))
    return made


def assess(programme: Any, initiatives: list[Initiative], panel: list[Any], by: Any) -> Any:
    now = timezone.now()
    version = services.adopt_policy(
        programme=programme, document=catalogue.load("montreal-2015"), by=by, at=now
    )
    services.approve_policy(policy_version=version, by=by, at=now)
    round = services.prepare_round(
        programme=programme,
        policy_version=version,
        stage="plan",
        initiatives=initiatives,
        panel=panel,
        by=by,
        at=now,
        seed=70,
    )
    assert services.open_round(round=round, by=by, at=now) == []
    draws = random.Random(70)
    for assignment in Assignment.objects.select_related(
        "entry__round__policy_version", "entry__revision", "assessor"
    ):
        services.save_assessment(
            assignment=assignment,
            scores={key: draws.randint(0, 5) for key in ("enabling", "strategy", "citizens", "return")},
            by=assignment.assessor,
            at=now,
            submit=True,
        )
    services.close_round(round=round, by=by, at=now)
    services.draft_decisions(round=round, by=by, at=now)
    for initiative in services.undecided(round):
        services.save_decision(
            round=round,
            initiative=initiative,
            outcome="set_aside",
            reason="below_line",
            text={"en": "Tied for the last place."},
            by=by,
            at=now,
        )
    return round


def test_from_5375_proposals_to_a_plan_of_70(proposals: Path, tmp_path: Path, capsys: Any) -> None:
    services.install_city()
    manager = factories.staff("manager", superuser=True)
    call = factories.Call(slug="pam")
    seconds = import_twice(proposals, call)
    programme = services.save_programme(
        by=manager,
        at=timezone.now(),
        values={"slug": "pam", "title": {"en": "Plan"}, "places": PLACES},
        calls=[call],
    )
    publisher, panel = staff_of(programme)
    groups = triage_as_the_city_did(proposals, manager)
    declined = Event.objects.filter(verb="decline")
    assert declined.count() == Idea.objects.filter(state="declined").count() > 1000
    assert all(event.text for event in declined)
    initiatives = work_up(programme, groups, manager)
    round = assess(programme, initiatives, panel, manager)
    services.save_plan(programme=programme, slug="pam", title={"en": "Plan"}, by=manager, at=timezone.now())
    version = services.publish_round(round=round, by=publisher, at=timezone.now())

    funnel = version.document["funnel"]
    ideas, initiative_stage = funnel["stages"]
    assert ideas["in"] == ROWS == sum(funnel["ideas_by_outcome"].values())
    assert initiative_stage["in"] == INITIATIVES
    chosen = Counter(one["outcome"] for one in version.document["initiatives"])["advance"]
    assert PLACES - 5 <= chosen <= PLACES
    exports = export_in_four_formats(programme.slug, tmp_path)
    check_exports(exports, chosen)
    with capsys.disabled():
        print(f"\nimport of {ROWS} ideas: {seconds:.1f} s; outcomes: {funnel['ideas_by_outcome']}")


def test_new_york_s_projects_keep_their_garbled_accents(trials: Path, tmp_path: Path, capsys: Any) -> None:
    """1,491 projects, published with 28 garbled places: taken in as they are, and said so."""
    path = tmp_path / "projects.csv"
    with gzip.open(trials / "nyc-pb" / "participatory-budgeting-projects-1491.csv.gz") as source:
        path.write_bytes(source.read())
    call = factories.Call(slug="pb")
    call_command("import_ideas", str(path), "--call", "pb", "--language", "en")
    told = capsys.readouterr().out
    counts = {
        line.rsplit(None, 1)[0].strip(): int(line.split()[-1])
        for line in told.splitlines()
        if line.strip() and line.split()[-1].isdigit()
    }
    assert counts["read"] == counts["created"] + counts["already there"] + counts["refused"] == 1491
    assert Idea.objects.filter(call=call).count() == counts["created"] > 1400
    assert "garbled" in told.lower()


def export_in_four_formats(slug: str, folder: Path) -> dict[str, Path]:
    paths = {name: folder / f"plan.{name}" for name in ("csv", "xlsx", "json", "geojson")}
    for name, path in paths.items():
        call_command("export_shortlist", slug, "--all", "--format", name, "-o", str(path))
    return paths


def check_exports(paths: dict[str, Path], chosen: int) -> None:
    """Each file says the same number of chosen initiatives, read by a reader other than the writer."""
    with paths["csv"].open(encoding="utf-8-sig", newline="") as file:
        assert sum(row["outcome"] == "advance" for row in csv.DictReader(file)) == chosen
    sheet = openpyxl.load_workbook(paths["xlsx"], read_only=True).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert sum(row[header.index("Decision")] == "advance" for row in rows) == chosen
    assert (
        sum(row["outcome"] == "advance" for row in json.loads(paths["json"].read_bytes())["rows"]) == chosen
    )
    collection = json.loads(paths["geojson"].read_bytes())
    places = [one["geometry"] for one in collection["features"] if one["geometry"]]
    assert all(shapely.from_geojson(json.dumps(place)).is_valid for place in places)
    assert sum(one["properties"]["outcome"] == "advance" for one in collection["features"]) == chosen

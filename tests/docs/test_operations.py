"""The commands in docs/operations.md and in the README run, in their order, as far as a test can run them."""

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from django.core.management import get_commands

from config import health
from config.doctor import CHECKS
from tests.cities import ROOT, City, migrated
from tests.config.test_compose import services
from tests.evidence.taking import BOSTON, boston, written

OPERATIONS = (ROOT / "docs/operations.md").read_text()
PASSWORD = "correct-horse-battery-staple\n"


def commands(text: str) -> list[str]:
    """Every command line in the fenced blocks, continued lines joined."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    joined = "\n".join(blocks).replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip()]


def managed(line: str, city: City, folder: Path) -> list[str]:
    """The arguments of a `manage.py` line, with the test's own file names."""
    arguments = shlex.split(line.replace("/tmp/", f"{folder}/"))[2:]
    backups = sorted((city.var / "backups").glob("*.tar.gz"))
    arguments = [str(backups[-1]) if one == "BACKUP" else one for one in arguments]
    if "setup_city" in arguments:
        arguments.append("--password-stdin")
    return arguments


def test_every_line_is_of_a_kind_that_this_test_knows() -> None:
    known = (
        ".venv/bin/python manage.py ",
        "docker compose ",
        "make ",
        ".venv/bin/gunicorn ",
        ".venv/bin/celery ",
    )
    drill = ".venv/bin/python -m benchmarks.restore_drill"
    assert [line for line in commands(OPERATIONS) if not line.startswith(known) and line != drill] == []


@pytest.mark.walk
def test_the_commands_run_from_the_first_to_the_last(tmp_path: Path) -> None:
    """On SQLite, with mail as files: a doctor that finds faults there is as it should be."""
    city = City(
        tmp_path / "var", WINNOW_ENV_FILE=str(tmp_path / "city.env"), WINNOW_STATIC_ROOT=str(tmp_path / "s")
    )
    ran = 0
    for line in commands(OPERATIONS):
        if not line.startswith(".venv/bin/python manage.py "):
            continue
        arguments = managed(line, city, tmp_path)
        if arguments[0] == "restore" and "--replace" not in arguments:
            (city.var / "winnow.sqlite3").unlink()  # an empty installation
        done = city.run(sys.executable, "manage.py", *arguments, input=PASSWORD)
        may_fail = arguments[0] == "doctor"
        assert done.returncode == 0 or (may_fail and done.stdout), f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, line
        ran += 1
    assert ran >= 14


def test_what_a_service_manager_starts_is_what_containers_start() -> None:
    lines = [line for line in commands(OPERATIONS) if re.match(r"\.venv/bin/(gunicorn|celery)", line)]
    wanted = [" ".join(services()[name]["command"]) for name in ("web", "worker", "beat")]
    in_memory = " --worker-tmp-dir /dev/shm"
    assert [line.removeprefix(".venv/bin/") for line in lines] == [
        one.replace(in_memory, "") for one in wanted
    ]


def test_container_lines_name_services_and_commands_that_there_are() -> None:
    inline = re.findall(r"`(docker compose [^`]+)`", OPERATIONS)
    for line in [*(one for one in commands(OPERATIONS) if one.startswith("docker")), *inline]:
        _docker, _compose, verb, *rest = shlex.split(line)
        named = [one for one in rest if not one.startswith("-")]
        if verb in {"exec", "run"}:
            assert named[0] in services(), line
            if named[1:3] == ["python", "manage.py"]:
                assert named[3] in get_commands()
        else:
            assert verb in {"build", "up"}, line


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in commands(OPERATIONS):
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE), line


def table(head: str) -> set[str]:
    """The names in the first column of the table whose head begins so."""
    rows = OPERATIONS.partition(f"\n| {head} |")[2].partition("\n\n")[0]
    return set(re.findall(r"`([^`]+)`", " ".join(row.split("|")[1] for row in rows.splitlines()[2:])))


def test_every_line_of_healthz_and_of_the_doctor_is_explained() -> None:
    assert table("part") == {"database", "broker", *health.PARTS}
    assert table("line") == {"tables", *(check.name for check in CHECKS)}


# --- README: from the demonstration to a real city ------------------------------------------------

RING = [[-79, 45], [-78.9, 45], [-78.9, 45.1], [-79, 45.1], [-79, 45]]
NORTH = {
    "type": "Feature",
    "properties": {"name": "North"},
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}
DISTRICTS = json.dumps({"type": "FeatureCollection", "features": [NORTH]})
BY_HAND = """
from tests import factories
from tests.prioritisation import scene
now = factories.NOW
city = scene.make_city(now)
scene.publish(city, now)
"""


@pytest.fixture
def fresh(tmp_path: Path) -> City:
    return migrated(City(tmp_path / "var", WINNOW_ENV_FILE=str(tmp_path / "city.env")))


@pytest.mark.walk
def test_the_readme_s_way_to_a_real_city(fresh: City, tmp_path: Path) -> None:
    """What a person does by hand in between, in the admin, is made by factories."""
    (tmp_path / "districts.geojson").write_text(DISTRICTS)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["Description"], ["No bench at the stop."], ["No light in the lane."]):
        book.active.append(row)
    book.save(tmp_path / "ideas.xlsx")
    (tmp_path / "requests.csv.gz").write_bytes(gzip.compress(written(BOSTON, boston(1)).encode()))
    section = (ROOT / "README.md").read_text().partition("## From the demonstration")[2].partition("\n## ")[0]
    lines = [line for line in commands(section) if line.startswith(".venv/bin/python manage.py")]
    assert [shlex.split(line)[2] for line in lines] == [
        *("migrate", "setup_city", "import_districts", "import_ideas", "import_reports", "export_shortlist")
    ]
    for line in lines:
        arguments = managed(line, fresh, tmp_path)
        arguments = [
            str(tmp_path / one) if (tmp_path / one).is_file() or one == "shortlist.csv" else one
            for one in arguments
        ]
        if arguments[0] == "import_ideas":
            fresh.python("from tests import factories; factories.Call(slug='idea-box')")
        if arguments[0] == "export_shortlist":
            fresh.python(BY_HAND)
        done: subprocess.CompletedProcess[str] = fresh.run(
            sys.executable, "manage.py", *arguments, input=PASSWORD
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "shortlist.csv").read_text(encoding="utf-8-sig").count("\n") == 5
    assert "City of Example" in (tmp_path / "city.env").read_text()

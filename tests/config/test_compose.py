"""docker-compose.yml and Dockerfile, read as files: no engine runs here."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from gunicorn.config import Config

from config.env import NAMES_READ

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {"release", "web", "worker", "beat", "backup"}
LASTING = {"web", "worker", "beat", "db", "redis"}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def services() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]
    return found


def test_the_services_are_those_that_a_city_needs() -> None:
    assert set(services()) == OURS | LASTING


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_command_is_one_that_there_is(name: str) -> None:
    command = services()[name]["command"]
    if command[:2] == ["python", "manage.py"]:
        assert command[2] in get_commands()
    elif command[0] == "gunicorn":
        parser = Config().parser()
        assert parser.parse_args(command[1:]).args == ["config.wsgi:application"]
    else:
        assert command[:4] == ["celery", "-A", {"beat": "config.beat"}.get(name, "config"), "--quiet"]
        assert command[4] == name


@pytest.mark.parametrize("name", sorted(LASTING))
def test_each_lasting_service_has_a_health_check_and_a_limit(name: str) -> None:
    service = services()[name]
    kind, *rest = service["healthcheck"]["test"]
    assert kind in {"CMD", "CMD-SHELL"}
    assert rest
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


def test_all_wait_for_the_release_and_none_for_what_it_can_do_without() -> None:
    there = services()
    for name, service in there.items():
        for other, rule in service.get("depends_on", {}).items():
            assert other in there, f"{name} waits for {other}"
            healthy = rule["condition"] == "service_healthy"
            assert not healthy or "healthcheck" in there[other]
    for name in ("web", "worker", "beat"):
        needs = {other: rule["condition"] for other, rule in there[name]["depends_on"].items()}
        assert needs == {"release": "service_completed_successfully", "redis": "service_started"}
    assert there["release"]["depends_on"] == {"db": {"condition": "service_healthy"}}


def test_every_name_in_the_environment_is_a_setting() -> None:
    known = {*NAMES_READ, "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
    for name, service in services().items():
        assert set(service.get("environment", {})) <= known, name
    image = re.findall(r"\b(WINNOW_[A-Z_]+)=", (ROOT / "Dockerfile").read_text())
    assert set(image) <= set(NAMES_READ)
    used = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    documented = (ROOT / ".env.example").read_text()
    assert all(name in documented for name in used)


def test_ours_write_only_where_data_is_and_hold_no_rights() -> None:
    volumes = set(compose()["volumes"])
    for name in OURS:
        service = services()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {volume.split(":")[0] for volume in service["volumes"]} <= volumes
        assert "privileged" not in service
    assert services()["web"]["ports"] == ["127.0.0.1:8000:8000"]  # the proxy's, nobody else's


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    steps = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    run = [rest for name, rest in steps if name == "RUN"]
    assert any("--require-hashes -r requirements/signon.txt" in one for one in run)
    for command in re.findall(r"python manage\.py (\w+)", text):
        assert command in get_commands()
    for _name, rest in (step for step in steps if step[0] == "COPY"):
        *sources, _target = rest.split()
        assert all((ROOT / source).exists() for source in sources)
    names = [name for name, _rest in steps]
    assert names.index("USER") > max(index for index, name in enumerate(names) if name == "RUN")
    assert dict(steps)["USER"] == "winnow"
    assert shlex.split(dict(steps)["CMD"].strip("[]").replace(",", " ")) == services()["web"]["command"]


def test_database_and_pg_dump_are_of_one_version() -> None:
    """Debian bookworm's client is 15; a server that is newer refuses it."""
    image = services()["db"]["image"]
    assert re.search(r"^FROM python:\S+-bookworm$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert image == "postgres:15-bookworm"
    assert "postgresql-client" in (ROOT / "Dockerfile").read_text()


def test_what_the_image_does_not_need_stays_out() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", "var", ".venv", "tests"} <= set(ignored)

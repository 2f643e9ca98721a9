"""From an empty database to a city: by two commands, safe to run again, with clear refusals."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from config.env import read_env_file
from engagement.models import District, Reason, User
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a long sentence about birds"
SQUARE = [[-73.6, 45.5], [-73.5, 45.5], [-73.5, 45.6], [-73.6, 45.6], [-73.6, 45.5]]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".env"
    monkeypatch.setenv("WINNOW_ENV_FILE", str(path))
    return path


def set_up(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **options: Any) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    out = io.StringIO()
    given = {
        "name": "City of Birchwood",
        "name_fr": "Ville de Boisbouleau",
        "languages": "en,fr",
        "time_zone": "America/Toronto",
        "administrator": "ada",
        "email": "ada@city.example",
        "password_stdin": True,
        **options,
    }
    call_command("setup_city", stdout=out, **given)
    return out.getvalue()


def test_an_empty_database_becomes_a_city(env: Path, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    said = set_up(monkeypatch)
    assert str(env) in said
    assert read_env_file(env) == {
        "WINNOW_CITY_NAME": "City of Birchwood",
        "WINNOW_CITY_NAME_FR": "Ville de Boisbouleau",
        "WINNOW_LANGUAGES": "en,fr",
        "WINNOW_TIME_ZONE": "America/Toronto",
    }
    assert env.stat().st_mode & 0o077 == 0
    assert (
        client.post("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
        .headers["Location"]
        .endswith("/admin/")
    )
    assert Group.objects.get(name="moderator").permissions.filter(codename="triage_idea").exists()
    assert {"decline", "ask_correction", "pass_on", "close"} == set(
        Reason.objects.values_list("action", flat=True)
    )
    assert PASSWORD not in env.read_text() + said


def test_every_standard_reason_speaks_both_languages(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch)
    for reason in Reason.objects.all():
        assert set(reason.text) == set(reason.label) == {"en", "fr"}, reason.code
    junk = set(Reason.objects.filter(eligible=False).values_list("code", flat=True))
    assert {"advertising", "test", "sent_twice"} <= junk


def test_a_second_run_changes_nothing(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch)
    before = (env.read_text(), Reason.objects.count(), User.objects.get().password)
    Reason.objects.filter(code="not_city").update(text={"en": "Our own words."})
    said = set_up(monkeypatch, password="another long sentence")
    assert (env.read_text(), Reason.objects.count(), User.objects.get().password) == before
    assert "left as it is" in said
    assert Reason.objects.get(code="not_city").text == {"en": "Our own words."}


def test_what_env_says_otherwise_is_not_overwritten_and_nothing_is_made(
    env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '# ours\nWINNOW_CITY_NAME="Elsewhere"\nEMAIL_HOST=mail.city.example\n'
    env.write_text(text)
    with pytest.raises(CommandError, match="WINNOW_CITY_NAME=Elsewhere"):
        set_up(monkeypatch)
    assert env.read_text() == text
    assert not User.objects.exists()
    set_up(monkeypatch, force=True)
    assert env.read_text().startswith('# ours\nWINNOW_CITY_NAME="City of Birchwood"\nEMAIL_HOST=')


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"languages": "en,de"}, "there are en, fr"),
        ({"languages": ""}, "there are en, fr"),
        ({"time_zone": "Toronto"}, "not known"),
        ({"email": "ada"}, "not an e-mail address"),
        ({"password": "12345"}, "too short"),
        ({"name": "Two\nlines"}, "line breaks"),
        ({"address": "ideas.city.example"}, "begin with https://"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_written(
    env: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        set_up(monkeypatch, **wrong)
    assert not env.exists()
    assert not User.objects.exists()


def test_an_account_without_those_rights_is_not_raised(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.staff("ada")
    with pytest.raises(CommandError, match="is no administrator"):
        set_up(monkeypatch)
    assert not User.objects.get().is_superuser


def test_the_demonstration_never_becomes_a_city(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.User(email="a.fontevrel@rowanbridge.example")
    with pytest.raises(CommandError, match="made-up demonstration"):
        set_up(monkeypatch)
    assert not env.exists()


def districts_file(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "districts.geojson"
    shapes = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [[[x + number, y] for x, y in SQUARE]]},
        }
        for number, properties in enumerate(features)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    return path


def import_districts(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_districts", str(path), stdout=out, **options)
    return out.getvalue()


def test_districts_come_in_once_and_are_updated(tmp_path: Path) -> None:
    first = districts_file(tmp_path, {"nom_arr": "Nord", "hab": 100}, {"nom_arr": "Sud", "hab": 200})
    assert "2 new, 0 updated" in import_districts(first, name="nom_arr", population="hab", language="fr")
    District.objects.filter(code="nord").update(name={"fr": "Nord", "en": "North"}, quintile=3)
    again = districts_file(tmp_path, {"nom_arr": "Nord", "hab": 150})
    said = import_districts(again, name="nom_arr", population="hab", language="fr")
    assert "0 new, 1 updated" in said
    assert "left as they are: sud" in said
    north = District.objects.get(code="nord")
    assert (north.name, north.population, north.quintile) == ({"fr": "Nord", "en": "North"}, 150, 3)
    assert District.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"{}", b'{"type": "FeatureCollection", "features": []}']
)
def test_a_file_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "districts.geojson"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"districts\.geojson: "):
        import_districts(path)
    assert not District.objects.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        import_districts(tmp_path / "none.geojson")

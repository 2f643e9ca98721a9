"""The watch on writes (tests/writes.py) sees what it should, and only that."""

import types
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from engagement.models import Idea, Theme, User
from tests import factories
from tests.writes import ROOT, WriteGuard

pytestmark = pytest.mark.django_db


def code_at(place: str, body: str) -> Any:
    """A function `act(thing)` that seems to stand in the file `place` of the project."""
    module = types.ModuleType("planted")
    source = f"def act(thing):\n    {body}\n"
    exec(compile(source, str(ROOT / place), "exec"), module.__dict__)
    return module.__dict__["act"]


@pytest.fixture
def seen() -> Any:
    """What the watch says during this test, kept from failing it."""
    kept = WriteGuard._seen
    with WriteGuard.watching() as broken:
        yield broken
    WriteGuard._seen = kept


@pytest.mark.parametrize(
    "place",
    [
        "engagement/views/planted.py",
        "engagement/admin/planted.py",
        "engagement/management/commands/planted.py",
        "engagement/tasks.py",
        "prioritisation/views/planted.py",
        "config/views/planted.py",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        "thing.save()",
        "type(thing).objects.filter(pk=thing.pk).update(title='x')",
        "thing.delete()",
        "thing.themes.clear()",
        "type(thing).objects.bulk_update([thing], ['title'])",
    ],
)
def test_code_outside_services_cannot_write(seen: list[str], place: str, body: str) -> None:
    idea = factories.Idea()
    idea.themes.add(factories.Theme())
    act = code_at(place, body)
    with pytest.raises(AssertionError, match="only services write"):
        act(idea)
    assert place in seen[0]


def test_it_is_told_even_when_the_code_swallows_it(seen: list[str]) -> None:
    act = code_at(
        "engagement/views/planted.py", "\n    try: thing.save()\n    except Exception: pass".strip()
    )
    act(factories.Idea())
    assert len(seen) == 1


@pytest.mark.parametrize("place", ["engagement/services/planted.py", "prioritisation/services/planted.py"])
def test_services_write(seen: list[str], place: str) -> None:
    idea = factories.Idea()
    code_at(place, "thing.save()")(idea)
    service = code_at(place, "thing.save()")
    view = code_at("engagement/views/planted.py", "thing()")
    view(lambda: service(idea))
    assert seen == []


def test_reading_is_free(seen: list[str]) -> None:
    factories.Idea()
    assert code_at("engagement/views/planted.py", "return list(thing.objects.all())")(Idea)
    assert seen == []


def test_signing_in_is_djangos_own_business(seen: list[str], client: Client) -> None:
    factories.staff("ada", superuser=True)
    client.post("/admin/login/", {"username": "ada", "password": "sesame-sesame"})
    assert User.objects.get().last_login is not None
    assert seen == []


def test_the_stock_admin_form_edits_reference_data_and_nothing_else(seen: list[str], rf: Any) -> None:
    from django.contrib.admin import ModelAdmin, site

    theme, idea = factories.Theme(), factories.Idea()
    ModelAdmin(Theme, site).save_model(rf.post("/"), theme, form=None, change=True)
    assert seen == []
    with pytest.raises(AssertionError, match="the stock admin form wrote to engagement_idea"):
        ModelAdmin(Idea, site).save_model(rf.post("/"), idea, form=None, change=True)


def test_the_project_is_where_the_watch_looks_for_it() -> None:
    assert (ROOT / "engagement/services").is_dir()
    assert Path(__file__).is_relative_to(ROOT)

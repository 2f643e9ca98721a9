"""A city that ran the previous landing starts with this one: nothing is lost, and its pages answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cities import KINDS, City, a_database

PREVIOUS = Path(__file__).parent
DJANGO_S_OWN = ("django_", "auth_permission", "sqlite_")
"""Tables that a migration fills by itself."""
PAGES = (
    "/",
    "/ideas/",
    "/ideas/2026-00001/",
    "/fr/ideas/2026-00001/",
    "/calls/",
    "/plans/the-plan/",
    "/fr/plans/the-plan/",
    "/api/v1/plans",
    "/api/v1/ideas",
    "/admin/",
    "/admin/engagement/idea/",
    "/admin/engagement/report/",
    "/admin/prioritisation/initiative/",
)


@pytest.fixture(params=KINDS)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    with a_database(request.param) as url:
        city = City(tmp_path / "var", url, WINNOW_DEBUG="on")
        city.load((PREVIOUS / f"7fd4f85.{request.param}.sql").read_text())
        yield city


LOOK = """
from config.backups import tables
counts = tables.counts()
"""
WORK = f"""
from django.test import Client
from engagement import services
from engagement.models import Contact, Idea, Report, User
from prioritisation.models import PlanVersion
{LOOK}
user = User.objects.create_superuser("upgrader", password="sesame-sesame")
client = Client(headers={{"host": "127.0.0.1"}})
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
plan = PlanVersion.objects.order_by("pk").first().document
told = {{
    "counts": counts,
    "pages": {{path: client.get(path).status_code for path in {PAGES!r}}},
    "idea": Idea.objects.get(reference="2026-00001").problem,
    "sender": Contact.objects.get(email="ottilie@mail.example").name,
    "chosen": [one["outcome"] for one in plan["initiatives"]].count("advance"),
}}
idea = Idea.objects.get(problem="The bench at the pond is gone.")
services.erase_sender(idea=idea, at=timezone.now(), keep_text=False)
report = Report.objects.exclude(description="").order_by("pk").last()
services.erase_report_sender(report=report, at=timezone.now(), keep_text=True)
told["register"] = [one.what for one in services.read_register()]
"""


def ours(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if not name.startswith(DJANGO_S_OWN)}


@pytest.mark.walk
def test_nothing_is_lost_pages_answer_and_services_go_on(earlier: City) -> None:
    before = ours(earlier.python(f"{LOOK}\ntold = counts"))
    empty = {name for name, count in before.items() if not count and name.startswith(("eng", "prio"))}
    assert empty == set(), "the dump is too thin"
    earlier.manage("migrate", "-v0")
    told = earlier.python(WORK)
    after = ours(told["counts"])
    assert {name: after.get(name) for name in before} == before
    assert told["pages"] == dict.fromkeys(PAGES, 200)
    assert told["idea"].endswith("people wait in the rain.")
    assert told["sender"] == "Ottilie Brackenshaw"
    assert told["chosen"] == 4
    assert told["register"] == ["all", "sender"]

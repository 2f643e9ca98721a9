"""The shortlist as files: the same rows in every format, no formulas, nobody's personal data."""

import csv
import io
import json
import re
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory

from engagement.models import Event as IdeaEvent
from prioritisation import exports
from prioritisation.models import Event, PlanVersion
from prioritisation.views.exports import staff_export
from prioritisation.workflow import Role
from tests import factories
from tests.prioritisation import scene

pytestmark = pytest.mark.django_db
FORMATS = ["csv", "xlsx", "json", "geojson"]
STAFF_ONLY = ("effort", "risk", "champion", "owner_agreed_on", "owner_agreement", "contacts")


def fetched(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"]), "a download cut off half way is noticed"
    return content


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def export(tmp_path: Path, kind: str, *more: str) -> Path:
    target = tmp_path / f"list.{kind}"
    call_command("export_shortlist", "plan", "--format", kind, "-o", str(target), *more)
    return target


def test_the_shortlist_is_what_was_chosen(client: Client, plan: PlanVersion) -> None:
    rows = csv_rows(fetched(client, "/plans/the-plan/export.csv"))
    assert [row["outcome"] for row in rows] == ["advance"] * 4
    assert {row["outcome"] for row in csv_rows(fetched(client, "/plans/the-plan/export.csv?all=1"))} > {
        "advance"
    }


def test_the_rows_are_those_of_the_document(client: Client, plan: PlanVersion) -> None:
    rows = csv_rows(fetched(client, "/plans/the-plan/export.csv?all=1"))
    entries = plan.document["initiatives"]
    assert [row["reference"] for row in rows] == [entry["reference"] for entry in entries]
    first, entry = rows[0], entries[0]
    assert first["title_fr"] == entry["title"]["fr"]
    assert float(first["points"]) == entry["score"]["points"]
    assert float(first["points_citizens"]) == entry["score"]["criteria"]["citizens"]
    assert (first["cost_capital"], first["cost_operating"], first["cost_total"]) == (
        "1250000.00",
        "0.00",
        "1250000.00",
    )
    assert first["ideas"] == "; ".join(entry["ideas"])
    assert first["fingerprint"] == plan.sha256
    unknown = rows[2]
    assert unknown["cost_total"] == unknown["funding"] == "", "no cost is known: not zero"
    assert all(row["reason_text_en"] for row in rows if row["outcome"] != "advance")


def test_every_format_says_the_same(client: Client, plan: PlanVersion, tmp_path: Path) -> None:
    told = json.loads(fetched(client, "/plans/the-plan/export.json?all=1"))
    features = json.loads(fetched(client, "/plans/the-plan/export.geojson?all=1"))["features"]
    rows = csv_rows(fetched(client, "/plans/the-plan/export.csv?all=1"))
    assert [feature["properties"] for feature in features] == told["rows"]
    assert told["count"] == len(rows) == 7
    assert list(rows[0]) == [column["key"] for column in told["columns"]]
    with zipfile.ZipFile(io.BytesIO(fetched(client, "/plans/the-plan/export.xlsx?all=1"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall(r"<row ", sheet)) == 8


def test_the_command_writes_what_the_page_gives(client: Client, plan: PlanVersion, tmp_path: Path) -> None:
    for kind in ("csv", "json", "geojson"):
        address = f"/plans/the-plan/export.{kind}"
        assert export(tmp_path, kind).read_bytes() == fetched(client, address)
        assert export(tmp_path, kind, "--all").read_bytes() == fetched(client, f"{address}?all=1")
    assert zipfile.is_zipfile(export(tmp_path, "xlsx"))


def test_nothing_of_staff_and_no_person_goes_out(client: Client, plan: PlanVersion) -> None:
    for kind in ("csv", "json", "geojson"):
        content = fetched(client, f"/plans/the-plan/export.{kind}").decode()
        assert "Secret Champion" not in content
        assert "@" not in content
    assert not set(STAFF_ONLY) & set(csv_rows(fetched(client, "/plans/the-plan/export.csv"))[0])


def test_no_cell_is_a_formula(client: Client, city: dict[str, Any], now: datetime, tmp_path: Path) -> None:
    """A title that a spreadsheet would run."""
    plan = scene.publish(city, now)
    plan.document["initiatives"][0]["title"] = {"en": '=HYPERLINK("http://x","y")', "fr": "@SUM(1+1)"}
    PlanVersion.objects.filter(pk=plan.pk).update(document=plan.document)
    first = csv_rows(fetched(client, "/plans/the-plan/export.csv"))[0]
    assert first["title_en"].startswith("'=")
    assert first["title_fr"].startswith("'@")
    with zipfile.ZipFile(export(tmp_path, "xlsx")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=HYPERLINK" in sheet
    assert "<f>" not in sheet


def test_geojson_follows_the_right_hand_rule(client: Client, plan: PlanVersion) -> None:
    features = json.loads(fetched(client, "/plans/the-plan/export.geojson"))["features"]
    both, east, whole = (feature["geometry"] for feature in features[:3])
    assert whole is None
    assert both["type"] == east["type"] == "MultiPolygon"
    assert len(both["coordinates"]) == 1, "neighbours become one area"
    for geometry in (both, east):
        for polygon in geometry["coordinates"]:
            ring = polygon[0]
            assert ring[0] == ring[-1]
            doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert doubled > 0, "outer rings run counter-clockwise"
    xs = [x for x, _y in both["coordinates"][0][0]]
    assert (min(xs), max(xs)) == (-79.0, -78.8)


def test_the_dictionary_names_every_column(client: Client, plan: PlanVersion) -> None:
    told = csv_rows(fetched(client, "/plans/the-plan/export.dictionary.csv"))
    heads = list(csv_rows(fetched(client, "/plans/the-plan/export.csv"))[0])
    assert [row["key"] for row in told] == heads
    assert all(row["label"] and row["description"] for row in told)


def test_unknown_formats_and_unpublished_plans_are_404(client: Client, plan: PlanVersion) -> None:
    assert client.get("/plans/the-plan/export.pdf").status_code == 404
    assert client.get("/plans/no-plan/export.csv").status_code == 404
    assert client.get("/plans/no-plan/export.dictionary.csv").status_code == 404


# --- The command refuses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "no programme"),
        (["plan", "--contacts"], "only go with --staff"),
        (["plan", "--staff"], "--user"),
        (["plan", "--staff", "--user", "nobody"], "--user"),
    ],
)
def test_the_command_says_what_is_wrong(
    plan: PlanVersion, tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("export_shortlist", *arguments, "--format", "csv", "-o", str(tmp_path / "x.csv"))
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_before_anything_is_published(city: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not published"):
        export(tmp_path, "csv")


def test_the_command_cannot_write_where_there_is_no_folder(plan: PlanVersion, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be written"):
        export(tmp_path / "nowhere", "csv")


def test_a_failed_export_leaves_the_old_file(
    plan: PlanVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = export(tmp_path, "csv")
    before = target.read_bytes()

    def broken(self: exports.Shortlist) -> Any:
        yield from ()
        raise OSError("disk full")

    monkeypatch.setattr(exports.Shortlist, "rows", broken)
    with pytest.raises(CommandError, match="disk full"):
        export(tmp_path, "csv")
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


# --- The file for staff ---------------------------------------------------------------------------


def agree(city: dict[str, Any], index: int, now: datetime) -> Any:
    """The sender of one idea agrees to be asked."""
    contact = city["ideas"][index].contact
    contact.questions_consent_at = now
    contact.save()
    return contact


def test_the_staff_file_adds_what_staff_know_and_is_recorded(
    plan: PlanVersion, city: dict[str, Any], tmp_path: Path
) -> None:
    first = csv_rows(export(tmp_path, "csv", "--staff", "--user", "manager").read_bytes())[0]
    assert (first["effort"], first["risk"], first["champion"]) == ("4", "2", "Secret Champion")
    assert "contacts" not in first
    event = Event.objects.get(verb="export_staff_file")
    assert event.by == city["manager"]
    assert not event.public


def test_contacts_need_a_permission(
    plan: PlanVersion, city: dict[str, Any], now: datetime, tmp_path: Path
) -> None:
    agree(city, 0, now)
    with pytest.raises(CommandError, match="not allowed to export contacts"):
        export(tmp_path, "csv", "--staff", "--user", "manager", "--contacts")
    assert not Event.objects.filter(verb="export_staff_file").exists(), "nothing was handed out"
    assert not list(tmp_path.iterdir())


def test_contacts_are_those_who_agreed_and_each_is_recorded(
    plan: PlanVersion, city: dict[str, Any], now: datetime, tmp_path: Path
) -> None:
    asked = agree(city, 0, now)
    analyst = factories.staff("analyst", permissions=["engagement.export_contact"])
    factories.member(city["programme"], analyst, Role.ANALYST)
    rows = csv_rows(export(tmp_path, "csv", "--staff", "--user", "analyst", "--contacts").read_bytes())
    assert rows[0]["contacts"] == f"{city['ideas'][0].reference} {asked.email}"
    assert all(not row["contacts"] for row in rows[1:])
    event = IdeaEvent.objects.get(verb="export_contact")
    assert (event.idea, event.by, event.public) == (city["ideas"][0], analyst, False)


def test_an_assessor_gets_no_staff_file(plan: PlanVersion, city: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not allowed"):
        export(tmp_path, "csv", "--staff", "--user", city["assessors"][0].username)


def ask(user: Any, method: str = "get", data: dict[str, str] | None = None) -> Any:
    request = getattr(RequestFactory(), method)("/", data or {})
    request.user = user
    return staff_export(request, "plan", "csv")


def test_a_link_gives_staff_no_contacts(plan: PlanVersion, city: dict[str, Any], now: datetime) -> None:
    agree(city, 0, now)
    boss = factories.staff("boss", superuser=True)
    heads = csv_rows(b"".join(ask(boss, data={"contacts": "1"}).streaming_content))[0]
    assert "contacts" not in heads
    assert not IdeaEvent.objects.filter(verb="export_contact").exists()
    heads = csv_rows(b"".join(ask(boss, "post", {"contacts": "1"}).streaming_content))[0]
    assert "contacts" in heads
    assert IdeaEvent.objects.filter(verb="export_contact").count() == 1


def test_strangers_to_the_programme_find_no_staff_file(plan: PlanVersion) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.http import Http404

    with pytest.raises(Http404):
        ask(factories.staff("stranger"))
    assert ask(AnonymousUser()).status_code == 302

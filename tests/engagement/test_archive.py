"""The archive: whole files or nothing, each once, gone when removed; and what they say together."""

import errno
import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from engagement import services, tasks
from engagement.models import ArchiveFile, Job, Report
from engagement.services import Refused, archive
from engagement.services.archive import Figures, keeping, report_figures, report_services
from tests import factories
from tests.evidence import taking
from tests.evidence.taking import boston, written

pytestmark = pytest.mark.django_db

SQUARE = {"type": "Polygon", "coordinates": [[[-72, 42], [-71, 42], [-71, 43], [-72, 43], [-72, 42]]]}
FIRST, LAST = date(2015, 1, 1), date(2015, 3, 31)
IN_SQUARE = {"LATITUDE": "42.5", "LONGITUDE": "-71.5"}


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """An archive of its own for each test."""
    settings.VAR = tmp_path
    for name in ("uploads", "exports", "incoming"):
        (tmp_path / name).mkdir()
    return tmp_path / "archive"


def bring(tmp_path: Path, *records: dict[str, str], header: str = taking.BOSTON, **more: Any) -> Any:
    path = tmp_path / "a-city.csv"
    path.write_text(written(header, *records), "utf-8")
    at = more.pop("at", factories.NOW)
    return archive.import_reports(path=path, name=more.pop("name", "a-city.csv"), at=at, **more)


def ask(*names: str, districts: list[str] | None = None, first: date = FIRST, last: date = LAST) -> Figures:
    return report_figures(services=names or ["Pothole"], districts=districts, first=first, last=last)


# Figures -------------------------------------------------------------------------------------------------


def test_when_what_and_where(tmp_path: Path) -> None:
    factories.District(code="centre", boundary=SQUARE)
    records = [
        boston(1, "01/14/2015 03:04:41 PM", **IN_SQUARE),
        boston(2, "01/14/2015 03:59:59 PM", **IN_SQUARE, CLOSURE_REASON="duplicate of 1"),
        boston(3, "03/31/2015 11:59:59 PM", **IN_SQUARE),
        boston(4, "03/02/2015 12:00:00 AM", **IN_SQUARE),
        boston(5, "01/14/2015 03:04:41 PM", LATITUDE="50", LONGITUDE="-71.5"),
        boston(6, "01/14/2015 03:04:41 PM"),
        boston(7, "01/14/2015 03:04:41 PM", TYPE="Graffiti", **IN_SQUARE),
        boston(8, "04/01/2015 12:00:01 AM", **IN_SQUARE),
        boston(9, "12/31/2014 11:59:59 PM", **IN_SQUARE),
    ]
    bring(tmp_path, *records, licence="PDDL")
    inside = ask(districts=["centre"])
    assert (inside.total, inside.without_place, inside.date_only, inside.duplicates) == (4, 1, 1, 1)
    assert inside.by_month == [("2015-01", 2), ("2015-02", 0), ("2015-03", 2)]
    hours = {
        (day, hour): n for day, row in enumerate(inside.by_hour_of_week) for hour, n in enumerate(row) if n
    }
    assert hours == {(2, 15): 2, (1, 23): 1}
    assert inside.files == [("a-city.csv", "PDDL")]
    everywhere = ask()
    assert (everywhere.total, everywhere.without_place) == (6, 1)
    assert ask("Pothole", "Graffiti").total == 7
    nowhere = ask(districts=[])
    assert (nowhere.total, nowhere.without_place, nowhere.files) == (0, 1, [])
    assert Figures.from_json(json.loads(json.dumps(inside.as_json()))) == inside


def test_services_are_found_by_words_whatever_case_and_accents(tmp_path: Path) -> None:
    names = ["Dépôt illégal", "Dépôt illégal", "Nid-de-poule"]
    bring(tmp_path, *(boston(n, TYPE=name) for n, name in enumerate(names)))
    found = [(one.name, one.reports, one.first) for one in report_services()]
    assert found == [("Dépôt illégal", 2, date(2015, 1, 14)), ("Nid-de-poule", 1, date(2015, 1, 14))]
    assert [one.name for one in report_services("ILLEGAL depot")] == ["Dépôt illégal"]
    assert [one.name for one in report_services("", 1)] == ["Dépôt illégal"]
    assert report_services("'; DROP") == []


def test_without_an_archive_there_are_no_reports() -> None:
    assert report_services() == []
    nothing = ask()
    assert (nothing.total, nothing.by_month[0], len(nothing.archive)) == (0, ("2015-01", 0), 64)


def test_a_request_in_two_files_counts_once_as_the_newer_says(tmp_path: Path) -> None:
    bring(tmp_path, boston(1), boston(2), boston(3, "03/01/2015 09:00:00 AM"), name="old")
    later = factories.NOW + timedelta(days=1)
    bring(tmp_path, boston(2, TYPE="Graffiti"), boston(3), boston(4), name="new", at=later)
    assert (ask().total, ask("Graffiti").total) == (3, 1)
    assert ask().by_month == [("2015-01", 3), ("2015-02", 0), ("2015-03", 0)]
    assert {one.name: one.reports for one in report_services()} == {"Pothole": 3, "Graffiti": 1}
    archive.remove_archive_file(file=ArchiveFile.objects.get(name="new"), by=None, at=later)
    assert (ask().total, ask("Graffiti").total) == (3, 0)
    assert ask().by_month[2] == ("2015-03", 1)


def test_requests_without_a_number_are_known_by_what_they_say_and_cities_apart(tmp_path: Path) -> None:
    one = {"Creation Date": "2015-01-02 00:38:26", "Service Request Type": "Pothole", "Status": "Open"}
    other = {**one, "Creation Date": "2015-01-03 10:00:00"}
    bring(tmp_path, one, one, header=taking.TORONTO)  # two at the same second are two
    assert ask().total == 2
    bring(tmp_path, {**one, "Status": "Closed"}, {**one, "Status": "Closed"}, other, header=taking.TORONTO)
    assert ask().total == 3
    bring(tmp_path, boston(1, "01/02/2015 12:38:26 AM"))
    assert ask().total == 4


# Keeping -------------------------------------------------------------------------------------------------


def test_a_second_run_says_so_and_doubles_nothing(tmp_path: Path, folder: Path) -> None:
    first = bring(tmp_path, boston(1), boston(1))
    again = bring(tmp_path, boston(1), boston(1), name="the same by another name")
    assert (first.already, again.already, again.file) == (False, True, first.file)
    assert (first.file.rows, first.file.kept, first.file.refused) == (2, 1, 1)
    assert first.file.reasons == {"same_id": {"count": 1, "first": [2]}}
    assert ask().total == 1
    assert [path.name for path in folder.iterdir()] == [f"{first.file.sha256}.parquet"]


@pytest.mark.parametrize("name", ["*.csv", "[a]-city.csv", "reports.csv.gz", "year=2015.csv"])
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    """DuckDB would read every file that `*` stands for, and unpack what `.gz` promises."""
    for other, records in (("a-city.csv", [boston(8), boston(9)]), (name, [boston(1)])):
        (tmp_path / other).write_text(written(taking.BOSTON, *records))
    imported = archive.import_reports(path=tmp_path / name, name=name, at=factories.NOW)
    assert imported.file.rows == 1


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CommandError, match="This is no plain file"):
        run(tmp_path / "pipe")


def test_removed_it_counts_no_more_goes_a_day_later_and_can_come_back(tmp_path: Path, folder: Path) -> None:
    file = bring(tmp_path, boston(1)).file
    stored = folder / f"{file.sha256}.parquet"
    archive.remove_archive_file(file=file, by=None, at=factories.NOW)
    assert ask().total == 0
    assert archive.sweep_archive(at=factories.NOW + timedelta(hours=23)) == 0
    assert stored.exists()
    with pytest.raises(Refused, match="removed before"):
        archive.remove_archive_file(file=file, by=None, at=factories.NOW)
    assert archive.sweep_archive(at=factories.NOW + timedelta(hours=25)) == 1
    assert not stored.exists()
    assert not bring(tmp_path, boston(1)).already
    assert ask().total == 1
    assert ArchiveFile.objects.count() == 1
    assert archive.sweep_archive(at=factories.NOW + timedelta(days=9)) == 0
    assert stored.exists()


def test_what_a_killed_import_leaves_is_swept_and_what_is_young_is_not(tmp_path: Path, folder: Path) -> None:
    kept = bring(tmp_path, boston(1)).file
    half = folder / "unfinished-x"
    half.mkdir()
    (half / "stage.parquet").write_bytes(b"half")
    orphan = folder / f"{'0' * 64}.parquet"
    orphan.write_bytes(b"renamed, but never named by a row")
    assert archive.sweep_archive(at=timezone.now()) == 0
    assert archive.sweep_archive(at=timezone.now() + timedelta(days=2)) == 2
    assert [path.name for path in folder.iterdir()] == [f"{kept.sha256}.parquet"]


def test_a_lost_file_is_told_not_left_out(tmp_path: Path, folder: Path) -> None:
    file = bring(tmp_path, boston(1)).file
    (folder / f"{file.sha256}.parquet").write_bytes(b"broken")
    with pytest.raises(Refused, match="lost or broken"):
        ask()
    (folder / f"{file.sha256}.parquet").unlink()
    with pytest.raises(Refused, match="lost or broken"):
        report_services()


def test_nothing_stays_when_it_stops_in_the_middle(tmp_path: Path, folder: Path) -> None:
    for stop in (0, 30, 70, 95):

        def tell(done: int, total: int, stop: int = stop) -> None:
            if done >= stop:
                raise services.Cancelled

        with pytest.raises(services.Cancelled):
            bring(tmp_path, boston(1), tell=tell)
        assert list(folder.iterdir()) == []
    with pytest.raises(ZeroDivisionError):
        bring(tmp_path, boston(1), before_commit=lambda imported: 1 // 0)
    assert not ArchiveFile.objects.exists()
    assert bring(tmp_path, boston(1)).file.kept == 1


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, folder: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keeping, "_sync", full)
    with pytest.raises(Refused, match="disk is full") as caught:
        bring(tmp_path, boston(1))
    assert caught.value.code == "disk_full"
    assert list(folder.iterdir()) == []


# From the terminal, from a page ---------------------------------------------------------------------------


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_reports", str(path), *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_all(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(written(taking.BOSTON, boston(1), boston(1), boston(2, "soon"), boston(3)))
    beside = tmp_path / "why.csv"
    said = run(path, "--licence", "PDDL", "--source", "https://data.example", "--refused", str(beside))
    for words in ("Format: boston", "rows               4", "kept               2", "refused            2"):
        assert words in said
    assert "a date that cannot be read (records 3)" in said
    assert beside.read_text().splitlines()[1:] == [
        "2,same_id,1,Pothole,2015-01-14 20:04:41,",
        "3,bad_date,2,Pothole,soon,",
    ]
    assert "has this file already, as “b.csv”" in run(path)
    file = ArchiveFile.objects.get()
    assert (file.licence, file.source, file.format) == ("PDDL", "https://data.example", "boston")
    assert {job.state for job in Job.objects.all()} == {"done"}
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="has these columns: a, b") as caught:
        run(path)
    assert "Nothing was imported" in str(caught.value)
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nowhere.csv")


@pytest.mark.django_db(transaction=True)
def test_by_upload_the_worker_does_it(client: Any, tmp_path: Path) -> None:
    clerk = factories.staff("clerk", permissions=["engagement.import_report", "engagement.view_archivefile"])
    client.force_login(clerk)
    page = "/admin/engagement/archivefile/import/"
    assert b"Choose a file" in client.post(page, {"format": "auto"}).content
    text = written(taking.BOSTON, boston(1), boston(1)).encode()
    sent = {"format": "auto", "licence": "PDDL", "file": SimpleUploadedFile("b.csv", text)}
    answer = client.post(page, sent)
    tasks.run_jobs()
    job = Job.objects.get()
    assert (job.state, job.error) == ("done", "")
    shown = client.get(answer["Location"]).content.decode()
    assert "a number that an earlier record has" in shown
    file = ArchiveFile.objects.get()
    assert (file.name, file.imported_by, file.licence) == ("b.csv", clerk, "PDDL")
    assert list((tmp_path / "uploads").iterdir()) == []
    refused = client.get(f"/admin/engagement/job/{job.pk}/files/refused/")
    assert b"same_id" in b"".join(refused.streaming_content)
    (tmp_path / "incoming/lies-there.csv").write_bytes(b"a,b\n1,2\n")
    assert "lies-there.csv" in client.get(page).content.decode()
    client.post(page, {"format": "auto", "incoming": "lies-there.csv"})
    tasks.run_jobs()
    failed = Job.objects.get(state="failed")
    assert "No known format has these columns: a, b" in failed.error
    assert (tmp_path / "incoming/lies-there.csv").exists()


def test_who_may_not_sees_and_does_nothing(client: Any, tmp_path: Path) -> None:
    file = bring(tmp_path, boston(1)).file
    reader = factories.staff("reader", permissions=["engagement.view_archivefile"])
    client.force_login(reader)
    page = f"/admin/engagement/archivefile/{file.pk}/change/"
    assert client.get(page).status_code == 200
    assert b"Remove from the archive" not in client.get(page).content
    assert client.post(f"/admin/engagement/archivefile/{file.pk}/remove/").status_code == 403
    assert client.get("/admin/engagement/archivefile/import/").status_code == 403
    for verb in (
        lambda: archive.remove_archive_file(file=file, by=reader, at=factories.NOW),
        lambda: archive.queue_report_import(by=reader, at=factories.NOW, incoming="x"),
        lambda: bring(tmp_path, boston(2), by=reader),
    ):
        with pytest.raises(Refused, match="not allowed"):
            verb()
    clerk = factories.staff("clerk", permissions=["engagement.import_report"])
    with pytest.raises(Refused, match="Choose a file"):
        archive.queue_report_import(by=clerk, at=factories.NOW, incoming="../../etc/passwd")


def test_pages_show_figures_and_remove(client: Any, tmp_path: Path) -> None:
    file = bring(tmp_path, boston(1), boston(1)).file
    names = ["engagement.import_report", "engagement.view_archivefile"]
    client.force_login(factories.staff("clerk", permissions=names))
    listed = client.get("/admin/engagement/archivefile/").content.decode()
    assert "a-city.csv" in listed
    assert "Boston" in listed
    page = f"/admin/engagement/archivefile/{file.pk}"
    assert "a number that an earlier record has" in client.get(f"{page}/change/").content.decode()
    assert "no longer counted" in client.get(f"{page}/remove/").content.decode()
    assert client.post(f"{page}/remove/").status_code == 302
    file.refresh_from_db()
    assert file.removed_at is not None


# The city's own reports ------------------------------------------------------------------------------------


def test_the_citys_own_reports_are_there_month_by_month_and_follow_changes(folder: Path) -> None:
    district = factories.District(code="centre", boundary=SQUARE)
    service = factories.ReportService(name={"en": "Pothole", "fr": "Nid-de-poule"})
    hidden = factories.ReportService(name={"en": "Pothole"}, private=True)
    may = datetime(2026, 4, 30, 23, 30, tzinfo=timezone.get_default_timezone())
    first = factories.Report(service=service, received_at=may, latitude=42.5, longitude=-71.5)
    later = {"service": service, "received_at": may + timedelta(hours=1)}
    second = factories.Report(**later, district=district, parent=first)
    factories.Report(**{**later, "service": hidden})
    now = factories.NOW + timedelta(days=30)
    assert archive.archive_own_reports(at=now) == 2
    assert archive.archive_own_reports(at=now) == 0
    spring = {"first": date(2026, 4, 1), "last": date(2026, 5, 31)}
    said = ask(districts=["centre"], **spring)
    assert (said.by_month, said.duplicates) == ([("2026-04", 1), ("2026-05", 1)], 1)
    assert (said.by_hour_of_week[3][23], said.by_hour_of_week[4][0]) == (1, 1)
    assert said.files == [("Winnow 2026-04 … 2026-05", "")]
    changes = {"state": Report.State.WITHDRAWN, "changed_at": now}
    Report.objects.filter(pk=second.pk).update(**changes)
    assert archive.archive_own_reports(at=now) == 0
    assert ask(**spring).total == 1
    Report.objects.filter(pk=first.pk).update(received_at=may - timedelta(days=2), changed_at=now)
    assert archive.archive_own_reports(at=now) == 1
    assert ask(**spring).total == 1
    archive.sweep_archive(at=now + timedelta(days=2))
    assert len(list(folder.iterdir())) == ArchiveFile.objects.count() == 1
    with pytest.raises(Refused, match="city's own"):
        archive.remove_archive_file(file=ArchiveFile.objects.get(), by=None, at=now)


def test_moments_are_utc_in_the_manifest(tmp_path: Path) -> None:
    file = bring(tmp_path, boston(1), boston(2, "06/30/2015 11:59:00 PM")).file
    assert file.first_at == datetime(2015, 1, 14, 20, 4, 41, tzinfo=UTC)
    assert file.last_at == datetime(2015, 7, 1, 3, 59, tzinfo=UTC)

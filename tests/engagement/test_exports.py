"""Exports: what goes out and what never does, who may have it, and that a file is what was said of it."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement import exports, tasks
from engagement.models import Event, Idea, Job, Notice
from engagement.services import Refused, cancel_job, jobs
from engagement.tables import writing
from tests import factories

pytestmark = pytest.mark.django_db

IDEAS_PAGE = "/admin/engagement/idea/export/"
REPORTS_PAGE = "/admin/engagement/report/export/"


def staff(*permissions: str, username: str = "analyst") -> Any:
    return factories.staff(username, permissions=[f"engagement.{name}" for name in permissions])


@pytest.fixture(autouse=True)
def _no_files_yet() -> None:
    for file in jobs.files.made().iterdir():
        file.unlink()


@pytest.fixture
def analyst() -> Any:
    return staff("view_idea", "view_report", "export_idea", "export_report")


def sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def rows_of(data: bytes, kind: str) -> list[dict[str, Any]]:
    """The rows of a file, as a reader of that format sees them."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    if kind == "json":
        return list(json.loads(data)["rows"])
    if kind == "geojson":
        return [feature["properties"] for feature in json.loads(data)["features"]]
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    _head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip([column.key for column in exports.IDEAS.columns()], row, strict=True)) for row in rows]


def written(what: exports.What, kind: str, ideas: Any, by: Any = None) -> tuple[bytes, exports.Written]:
    file = io.BytesIO()
    keys = [one.pk for one in ideas]
    told = exports.write(file, what, kind, keys=keys, by=by, at=timezone.now())
    return file.getvalue(), told


# What goes out ------------------------------------------------------------------------------------------

SECRET = "a text that nobody may read"


def not_public() -> list[Any]:
    """One idea of each sort that the public must not read."""
    kept: dict[str, Any] = {"problem": SECRET, "public_problem": SECRET, "public_title": SECRET}
    return [
        factories.Idea(state="received", **kept),
        factories.Idea(state="correction", published_at=None, **kept),
        factories.Idea(state="withdrawn", **kept),
        factories.Idea(state="withdrawn", published_at=None, **kept),
        factories.Idea(state="declined", text_hidden=True, **kept),
        factories.Idea(state="declined", eligible=False, **kept),
        factories.Idea(state="published", call=factories.Call(kind="in_reach"), **kept),
        factories.Idea(state="split", **kept),
        factories.Idea(state="as_report", **kept),
    ]


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_the_public_file_holds_what_the_public_reads_and_nothing_else(kind: str) -> None:
    shown = factories.Idea(
        state="published",
        title="Call ana@mail.example",
        public_title="Call […]",
        problem="Phone 514 555 0199.",
        public_problem="Phone […].",
        confidential_answers={"price": "12345 dollars"},
        contact=factories.Contact(name="Ana Sender", email="ana@mail.example"),
        latitude=45.5,
        longitude=-73.6,
    )
    shown.themes.add(factories.Theme(key="shade"))
    data, told = written(exports.IDEAS, kind, [*not_public(), shown])
    rows = rows_of(data, kind)
    assert [row["reference"] for row in rows] == [shown.reference]
    assert (told.rows, told.asked) == (1, 10)
    assert "shade" in str(rows[0]["themes"])
    for secret in (SECRET, "ana@mail.example", "514 555", "12345 dollars", "Ana Sender", shown.nonce):
        assert secret not in str(rows)
    if kind == "geojson":
        place = json.loads(data)["features"][0]["geometry"]
        assert place == {"type": "Point", "coordinates": [-73.6, 45.5]}


def test_what_is_hidden_after_it_was_asked_for_is_not_in_the_file(analyst: Any) -> None:
    idea = factories.Idea(state="published")
    exports.queue_export(what=exports.IDEAS, kind="csv", keys=[idea.pk], by=analyst, at=timezone.now())
    Idea.objects.filter(pk=idea.pk).update(text_hidden=True)
    tasks.run_jobs()
    job = Job.objects.get()
    assert (job.state, job.result["rows"], job.result["asked"]) == ("done", 0, 1)


def test_contacts_are_those_who_agreed_and_each_is_written_down() -> None:
    agreed = factories.Contact(name="Ana", phone="1", questions_consent_at=factories.NOW)
    asked = factories.Idea(contact=agreed)
    factories.Idea(contact=factories.Contact(name="Bo"))
    factories.Idea()
    user = staff("export_contact")
    data, told = written(exports.CONTACTS, "csv", Idea.objects.order_by("pk"), by=user)
    rows = rows_of(data, "csv")
    assert [(row["name"], row["email"]) for row in rows] == [("Ana", agreed.email)]
    assert (told.rows, told.asked) == (1, 3)
    line = Event.objects.get()
    assert (line.idea, line.verb, line.by, line.public) == (asked, "export_contact", user, False)


def test_contacts_come_without_the_words_that_their_sender_took_back() -> None:
    agreed = factories.Contact(name="Ana", questions_consent_at=factories.NOW)
    factories.Idea(contact=agreed, state="withdrawn", title="A secret")
    data, _told = written(exports.CONTACTS, "csv", Idea.objects.all(), by=staff("export_contact"))
    assert [(row["name"], row["title"]) for row in rows_of(data, "csv")] == [("Ana", "")]


def test_contacts_are_not_written_down_where_no_file_came_out(monkeypatch: Any) -> None:
    """The disk is full after the rows were written: neither a file nor a line in a timeline."""
    factories.Idea(contact=factories.Contact(questions_consent_at=factories.NOW))
    user = staff("export_contact")
    keys = list(Idea.objects.values_list("pk", flat=True))
    job = exports.queue_export(what=exports.CONTACTS, kind="csv", keys=keys, by=user, at=timezone.now())

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engagement.tables.writing.os.fsync", full)
    tasks.run_jobs()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "The disk is full" in job.error
    assert not Event.objects.exists()
    assert not list(jobs.files.made().glob(f"*job-{job.pk}-*"))


def test_reports_go_out_in_the_columns_of_georeport_bulk() -> None:
    road = factories.Department(code="roads", name={"en": "Roads", "fr": "Voirie"})
    service = factories.ReportService(name={"en": "Dark lamp", "fr": "Lampadaire"}, department=road)
    closed = factories.Report(
        service=service, state="closed", closed_at=factories.NOW, latitude=45.5, longitude=-73.6
    )
    user = factories.User()
    Event.objects.create(
        report=closed, at=factories.NOW, actor="staff", by=user, verb="close", text={"en": "Mended."}
    )
    kept = {"description": SECRET, "public_description": SECRET}
    hidden = [
        factories.Report(state="withdrawn", **kept),
        factories.Report(service=factories.ReportService(private=True), **kept),
    ]
    data, told = written(exports.REPORTS, "csv", [closed, *hidden])
    (row,) = rows_of(data, "csv")
    assert (told.rows, told.asked) == (1, 3)
    assert SECRET not in data.decode()
    assert list(row)[:4] == ["service_request_id", "requested_datetime", "updated_datetime", "closed_date"]
    assert (row["status_description"], row["status_notes"]) == ("closed", "Mended.")
    assert (row["service_name"], row["agency_responsible"]) == ("Dark lamp", "Roads")
    assert (row["lat"], row["long"]) == ("45.5", "-73.6")


def test_what_happened_to_cells_is_told() -> None:
    long = factories.Idea(state="published", public_problem="ab" * 17_000)
    smileys = factories.Idea(state="published", public_problem="😀" * 17_000)
    formula = factories.Idea(state="published", public_title="=HYPERLINK(A1)")
    markup = factories.Idea(state="published", public_title="<r>bold & broken</r>")
    data, told = written(exports.IDEAS, "xlsx", [long, smileys, formula, markup])
    rows = rows_of(data, "xlsx")
    assert told.cut == 2
    assert all(row["problem"].endswith("[…]") for row in rows[:2])
    assert rows[2]["title"] == "=HYPERLINK(A1)"
    assert rows[3]["title"].strip() == "<r>bold & broken</r>"
    data, told = written(exports.IDEAS, "csv", [long, formula])
    assert (told.cut, told.guarded) == (0, 1)
    assert rows_of(data, "csv")[1]["title"] == "'=HYPERLINK(A1)"


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_memory_and_queries_grow_with_chunks_only(
    kind: str, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    ideas = factories.Idea.create_batch(30, state="published")
    monkeypatch.setattr("engagement.exports.files.CHUNK", 10)
    with django_assert_max_num_queries(9):
        data, told = written(exports.IDEAS, kind, ideas)
    assert [row["reference"] for row in rows_of(data, kind)] == [idea.reference for idea in ideas]
    assert told.rows == 30


# The pages ----------------------------------------------------------------------------------------------


def test_the_list_goes_out_as_it_is_filtered(analyst: Any) -> None:
    wanted = factories.Idea(state="published", call=factories.Call(slug="wanted"))
    factories.Idea(state="published")
    client = sign_in(analyst)
    listed = client.get("/admin/engagement/idea/", {"state": "all", "call": wanted.call.pk})
    page = listed.content.decode()
    assert "Export this list" in page
    filters = f"state=all&call={wanted.call.pk}"
    assert (
        "1 row: the list as you filtered it"
        in client.get(IDEAS_PAGE, {"_changelist_filters": filters}).content.decode()
    )
    answer = client.post(IDEAS_PAGE, {"what": "ideas", "format": "csv", "filters": filters})
    assert "no-store" in answer["Cache-Control"]
    assert [row["reference"] for row in rows_of(body(answer), "csv")] == [wanted.reference]


def test_the_rows_that_were_ticked_go_out(analyst: Any) -> None:
    one, _two, three = factories.Idea.create_batch(3, state="published")
    client = sign_in(analyst)
    ticked = {"action": "export_chosen", "_selected_action": [one.pk, three.pk], "index": "0"}
    page = client.post("/admin/engagement/idea/?state=all", ticked).content.decode()
    assert "2 rows that you ticked" in page
    keys = page.partition('name="keys" value="')[2].partition('"')[0]
    answer = client.post(IDEAS_PAGE, {"what": "ideas", "format": "json", "keys": keys})
    assert {row["reference"] for row in rows_of(body(answer), "json")} == {one.reference, three.reference}


def test_a_large_export_is_a_job_and_the_mail_holds_a_link_only(analyst: Any, settings: Any) -> None:
    settings.WINNOW_EXPORT_INLINE_ROWS = 2
    factories.Idea.create_batch(3, state="published")
    client = sign_in(analyst)
    asked = {"what": "ideas", "format": "xlsx", "filters": "state=all"}
    assert (
        "the worker writes the file"
        in client.get(IDEAS_PAGE, {"_changelist_filters": "state=all"}).content.decode()
    )
    sent = client.post(IDEAS_PAGE, asked)
    job = Job.objects.get()
    assert sent["Location"] == f"/admin/engagement/job/{job.pk}/change/"
    tasks.run_jobs()
    tasks.send_notices()
    job.refresh_from_db()
    (message,) = mail.outbox
    assert message.attachments == []
    assert f"/admin/engagement/job/{job.pk}/change/" in message.body
    page = client.get(sent["Location"]).content.decode()
    address = reverse("admin:engagement_job_file", args=[job.pk, "export"])
    assert address in page
    answer = client.get(address)
    assert "no-store" in answer["Cache-Control"]
    assert len(rows_of(body(answer), "xlsx")) == job.result["rows"] == 3
    assert Client().get(address).status_code == 302  # to the sign-in


def test_a_cancelled_export_leaves_no_file(analyst: Any, monkeypatch: Any) -> None:
    ideas = factories.Idea.create_batch(3, state="published")
    keys = [idea.pk for idea in ideas]
    job = exports.queue_export(what=exports.IDEAS, kind="csv", keys=keys, by=analyst, at=timezone.now())
    rows = exports.ideas._public_rows

    def cancelled_meanwhile(keys: Any, by: Any, at: Any) -> Any:
        cancel_job(job=Job.objects.get(), by=analyst, at=timezone.now())
        yield from rows(keys, by, at)

    monkeypatch.setitem(
        exports.jobs.WHATS,
        "ideas",
        exports.What("ideas", "", "engagement.export_idea", list, cancelled_meanwhile),
    )
    tasks.run_jobs()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Notice.objects.exists()
    jobs.forget_job_files(at=timezone.now())
    assert not list(jobs.files.made().glob(f"*job-{job.pk}-*"))


def test_an_export_that_fails_says_so(analyst: Any, monkeypatch: Any) -> None:
    idea = factories.Idea(state="published")
    monkeypatch.setattr(writing, "_XLSX_ROWS", 1)
    client = sign_in(analyst)
    answer = client.post(IDEAS_PAGE, {"what": "ideas", "format": "xlsx", "keys": str(idea.pk)})
    assert answer.status_code == 422
    assert "Choose CSV" in answer.content.decode()
    job = exports.queue_export(what=exports.IDEAS, kind="xlsx", keys=[idea.pk], by=analyst, at=timezone.now())
    tasks.run_jobs()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "A spreadsheet holds a million rows at most. Choose CSV.")
    assert "There is no file." in client.get(f"/admin/engagement/job/{job.pk}/change/").content.decode()


def test_who_lost_the_right_meanwhile_gets_no_file(analyst: Any) -> None:
    keys = [factories.Idea(state="published").pk]
    job = exports.queue_export(what=exports.IDEAS, kind="csv", keys=keys, by=analyst, at=timezone.now())
    analyst.user_permissions.clear()
    tasks.run_jobs()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "not allowed" in job.error


# Who may ------------------------------------------------------------------------------------------------


def test_files_of_others_are_for_administrators_with_the_permission(analyst: Any, administrator: Any) -> None:
    keys = [factories.Idea(state="published").pk]
    job = exports.queue_export(what=exports.IDEAS, kind="csv", keys=keys, by=analyst, at=timezone.now())
    tasks.run_jobs()
    address = reverse("admin:engagement_job_file", args=[job.pk, "export"])
    colleague = staff("export_idea", "view_job", username="colleague")
    chief = staff("view_job", "change_job", username="chief")
    assert sign_in(colleague).get(f"/admin/engagement/job/{job.pk}/change/").status_code == 200
    assert sign_in(colleague).get(address).status_code == 403
    assert sign_in(chief).get(address).status_code == 403
    assert sign_in(administrator).get(address).status_code == 200
    assert sign_in(analyst).get(address).status_code == 200


def test_a_file_of_contacts_is_for_who_asked_alone(administrator: Any) -> None:
    """Of nobody else it would be written down whose contacts they read."""
    keys = [factories.Idea(contact=factories.Contact(questions_consent_at=factories.NOW)).pk]
    user = staff("export_contact", "view_job")
    job = exports.queue_export(what=exports.CONTACTS, kind="csv", keys=keys, by=user, at=timezone.now())
    tasks.run_jobs()
    address = reverse("admin:engagement_job_file", args=[job.pk, "export"])
    assert sign_in(administrator).get(address).status_code == 404
    assert sign_in(user).get(address).status_code == 200


def test_without_the_permission_there_is_neither_page_nor_button_nor_file() -> None:
    factories.Idea(state="published")
    client = sign_in(staff("view_idea", "view_report", "triage_idea"))
    asked = {"what": "ideas", "format": "csv", "filters": "state=all"}
    assert "Export" not in client.get("/admin/engagement/idea/?state=all").content.decode()
    for page in (IDEAS_PAGE, REPORTS_PAGE):
        assert client.get(page).status_code == client.post(page, asked).status_code == 403


def test_contacts_need_their_own_permission(analyst: Any) -> None:
    idea = factories.Idea(contact=factories.Contact(questions_consent_at=factories.NOW))
    asked = {"what": "contacts", "format": "csv", "keys": str(idea.pk)}
    answer = sign_in(analyst).post(IDEAS_PAGE, asked)
    assert answer.status_code == 422
    with pytest.raises(Refused):
        exports.queue_export(what=exports.CONTACTS, kind="csv", keys=[idea.pk], by=analyst, at=timezone.now())
    assert not Event.objects.exists()


# In the terminal ----------------------------------------------------------------------------------------


def command(*args: str) -> str:
    out = io.StringIO()
    call_command("export_ideas", *args, stdout=out)
    return out.getvalue()


def test_the_command_writes_the_same_file_and_leaves_a_job(tmp_path: Path) -> None:
    shown = factories.Idea(state="published", call=factories.Call(slug="box"))
    factories.Idea(call=shown.call)
    factories.Idea(state="published")
    target = tmp_path / "ideas.csv"
    said = command("-o", str(target), "--format", "csv", "--call", "box")
    assert "1 rows written" in said
    assert "1 of those chosen is not in the file" in said
    assert [row["reference"] for row in rows_of(target.read_bytes(), "csv")] == [shown.reference]
    assert (Job.objects.get().state, Job.objects.get().result["rows"]) == ("done", 1)


def test_the_command_says_what_is_wrong_and_leaves_no_file(tmp_path: Path) -> None:
    target = str(tmp_path / "contacts.csv")
    with pytest.raises(CommandError, match="no invitation “nothing”"):
        command("-o", target, "--format", "csv", "--call", "nothing")
    with pytest.raises(CommandError, match="who takes the contacts away"):
        command("-o", target, "--format", "csv", "--contacts")
    user = staff("export_idea")
    with pytest.raises(CommandError, match="not allowed"):
        command("-o", target, "--format", "csv", "--contacts", "--user", user.username)
    with pytest.raises(CommandError, match="could not be written"):
        command("-o", str(tmp_path / "no/such/folder.csv"), "--format", "csv")
    assert not Path(target).exists()


def test_a_file_is_gone_after_a_week(analyst: Any) -> None:
    keys = [factories.Idea(state="published").pk]
    job = exports.queue_export(what=exports.IDEAS, kind="csv", keys=keys, by=analyst, at=timezone.now())
    tasks.run_jobs()
    client = sign_in(analyst)
    address = reverse("admin:engagement_job_file", args=[job.pk, "export"])
    assert client.get(address).status_code == 200
    jobs.forget_job_files(at=timezone.now() + timedelta(days=8))
    assert client.get(address).status_code == 404
    assert "no longer kept" in client.get(f"/admin/engagement/job/{job.pk}/change/").content.decode()

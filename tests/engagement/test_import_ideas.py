"""Ideas out of files: each once, every refusal told, and nothing half-imported."""

import csv
import gzip
import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement import services
from engagement.models import Event, Idea, Job, Notice
from engagement.services.imports import MappingError, guess, read_mapping, settle
from tests import factories

pytestmark = pytest.mark.django_db

HEAD = "id,title,summary,category,district,created_at,votes\n"
ROWS = (
    '1,Shade,"No shade at the school, says Zoé",Living well,North,2016-01-22,3\n'
    "2,Buses,The bus is late,Nowhere,Atlantis,2016-02-03,5\n"
    "3,,,Living well,North,2016-02-03,5\n"
    "4,Lamps,The lamp is dark,,,3 May,5\n"
    "2,Buses again,The bus is late again,,,2016-02-04,5\n"
)


@pytest.fixture
def call() -> Any:
    return factories.Call(slug="box")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "ideas.csv"
    path.write_text(HEAD + ROWS, "utf-8")
    return path


def run(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_ideas", str(path), "--call", "box", *options, stdout=out)
    return out.getvalue()


def test_each_idea_once_and_each_refusal_with_its_reason(call: Any, table: Path) -> None:
    theme = factories.Theme(key="living", label={"en": "Living well"})
    district = factories.District(name={"en": "North", "fr": "Nord"})
    said = run(table)
    assert list(Idea.objects.order_by("pk").values_list("title", "problem")) == [
        ("Shade", "No shade at the school, says Zoé"),
        ("Buses", "The bus is late"),
    ]
    first, second = Idea.objects.order_by("pk")
    assert (first.district, list(first.themes.all())) == (district, [theme])
    assert (second.district, second.themes.count()) == (None, 0)
    assert first.received_at.date() == date(2016, 1, 22)
    assert (first.state, first.channel) == ("received", "import")
    assert Idea.objects.matching("zoe").get() == first
    assert Idea.objects.matching(first.reference).get() == first
    assert "District “Atlantis” is not known here: 1 ideas" in said
    assert "Theme “Nowhere” is not known here: 1 ideas" in said
    assert "Columns not used: votes" in said
    beside = list(csv.DictReader(Path(f"{table}.refused.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["record"], row["id"]) for row in beside] == [("3", "3"), ("4", "4"), ("5", "2")]
    assert "no text" in beside[0]["reason"]
    assert "“3 May” in column “created_at” is not a date" in beside[1]["reason"]
    assert "Record 2 has the same number" in beside[2]["reason"]


def test_history_says_where_it_came_from_and_nobody_is_mailed(call: Any, table: Path) -> None:
    run(table)
    events = Event.objects.order_by("idea")
    assert [(event.verb, event.actor, event.to_state) for event in events] == [
        ("receive", "system", "received")
    ] * 2
    assert all("ideas.csv" in event.note for event in events)
    assert not Notice.objects.exists()


def test_twice_is_once(call: Any, table: Path) -> None:
    run(table)
    said = run(table)
    assert Idea.objects.count() == 2
    assert "created                 0" in said
    assert "already there           2" in said
    assert Event.objects.count() == 2


def test_without_numbers_what_is_said_decides(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text,district\nNo shade,North\nNo shade,South\nNo  SHADE,north\n", "utf-8")
    assert "It says the same as record 1" in run(path) + Path(f"{path}.refused.csv").read_text("utf-8-sig")
    assert Idea.objects.count() == 2
    run(path)
    assert Idea.objects.count() == 2


def test_the_same_file_for_another_invitation_is_other_ideas(call: Any, table: Path) -> None:
    factories.Call(slug="other")
    run(table)
    call_command("import_ideas", str(table), "--call", "other", stdout=io.StringIO())
    assert Idea.objects.count() == 4


def test_a_dry_run_tells_the_same_and_writes_nothing(call: Any, table: Path) -> None:
    said = run(table, "--dry-run")
    assert "would be created        2" in said
    assert "refused                 3" in said
    assert not Idea.objects.exists()
    assert services.next_reference(series="", year=2026).endswith("00001")


def test_columns_can_be_named(call: Any, table: Path) -> None:
    run(table, "--map", "problem=title", "title=", "district=")
    assert Idea.objects.order_by("pk").values_list("problem", flat=True)[0] == "Shade"
    with pytest.raises(CommandError, match=r"no column “nonsense”.*summary"):
        run(table, "--map", "problem=nonsense")
    with pytest.raises(CommandError, match="not FIELD=COLUMN"):
        run(table, "--map", "colour=title")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["Titre", "Résumé", "Arrondissement"], {"title": 0, "problem": 1, "district": 2}),
        (["ID", "Títol", "Descripció", "Districte"], {"id": 0, "title": 1, "problem": 2, "district": 3}),
        (["Título", "Descripción", "Propuesta"], {"title": 0, "problem": 1, "proposal": 2}),
        (["Project Number", "Title"], {"problem": 1}),
    ],
)
def test_usual_names_are_recognized(columns: list[str], expected: dict[str, int]) -> None:
    assert guess(columns) == {field: columns[place] for field, place in expected.items()}


def test_a_mapping_says_what_is_wrong() -> None:
    with pytest.raises(MappingError, match="mapping_problem"):
        settle(["a", "b"], {})
    assert read_mapping(["problem = Long text"]) == {"problem": "Long text"}


def test_a_spreadsheet_with_cells_of_every_kind(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "ideas.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "text", "date"])
        sheet.write_row(1, 0, [1, "No shade"])
        sheet.write_datetime(1, 2, date(2016, 1, 22), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_row(2, 0, [2])
        sheet.write_formula(2, 1, '=CMD("x")')
    run(path)
    idea = Idea.objects.get()
    assert (idea.problem, idea.received_at.date()) == ("No shade", date(2016, 1, 22))
    assert "formula" in Path(f"{path}.refused.csv").read_text("utf-8-sig")


def test_other_encodings_are_read_and_garbled_words_counted(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("text\nÉcole sans ombre\nÃ©cole\n".encode("cp1252"))
    said = run(path)
    assert "Windows-1252" in said
    assert "1 ideas hold characters that look garbled" in said
    assert Idea.objects.filter(problem__in=["École sans ombre", "Ã©cole"]).count() == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "No column could be recognized"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "type OLE, not a table"),
        (b"PK\x03\x04nonsense", "damaged"),
        (b"text\nNo shade\nNo \0 light\n", "NUL"),
    ],
)
def test_a_bad_file_is_refused_whole(call: Any, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=rf"(?s)({words}).*Nothing was imported"):
        run(path)
    assert not Idea.objects.exists()


def test_an_import_in_the_terminal_is_a_job_like_any_other(call: Any, table: Path) -> None:
    run(table)
    run(table, "--dry-run")
    job = Job.objects.get()
    assert job.state == "done"
    assert (job.result["created"], job.result["refused"]) == (2, 3)


def test_a_failure_half_way_leaves_nothing(call: Any, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("engagement.services.imports.writing._event", fail)
    with pytest.raises(RuntimeError):
        run(table)
    assert not Idea.objects.exists()
    assert Job.objects.get().state == "failed"


def test_personal_data_are_masked_in_what_is_shown(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "ideas.csv"
    path.write_text("title,text\nAsk ana@mail.example,Call 514 555 0199\n", "utf-8")
    run(path)
    idea = Idea.objects.get()
    assert "555" in idea.problem
    assert "555" not in idea.public_problem
    assert "ana@" not in idea.public_title


def test_published_elsewhere_stays_published(call: Any, table: Path) -> None:
    run(table, "--state", "published")
    idea = Idea.objects.public().first()
    assert idea is not None
    assert idea.published_at == idea.received_at


def test_only_who_may_import_imports(call: Any, table: Path, clerk: Any, moderator: Any) -> None:
    with pytest.raises(CommandError, match="not allowed"):
        run(table, "--by", moderator.username)
    run(table, "--by", clerk.username)
    assert set(Event.objects.values_list("by", "actor")) == {(clerk.pk, "staff")}


def test_unknown_invitation_names_the_known(call: Any, table: Path) -> None:
    with pytest.raises(CommandError, match="box"):
        call_command("import_ideas", str(table), "--call", "nothing")


def test_a_long_title_is_cut_and_kept(call: Any, tmp_path: Path) -> None:
    title = "Shade " * 50
    path = tmp_path / "ideas.csv"
    path.write_text(f"title,text\n{title},It is hot.\n,{'x' * 8001}\n", "utf-8")
    run(path)
    idea = Idea.objects.get()
    assert len(idea.title) <= 200
    assert idea.problem == f"{title.strip()}\n\nIt is hot."


def test_queries_grow_with_chunks_not_with_ideas(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("id,text\n" + "".join(f"{n},Problem {n}\n" for n in range(400)), "utf-8")
    with CaptureQueriesContext(connection) as queries:
        run(path)
    assert Idea.objects.count() == 400
    assert len(queries) < 60


@pytest.mark.trial
def test_a_real_consultation_is_taken_in(call: Any, tmp_path: Path) -> None:
    packed = Path(os.environ["WINNOW_TRIALS"]) / "barcelona-pam2016/proposals-half.csv.gz"
    path = tmp_path / "proposals.csv"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    run(path, "--language", "ca")
    assert Idea.objects.count() == 5375
    run(path, "--language", "ca")
    assert Idea.objects.count() == 5375

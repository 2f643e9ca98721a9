"""Imported ideas are flagged as those sent on the web are: told to staff, nothing blocked, nothing lost."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Call, Flag, Idea
from tests import factories

pytestmark = pytest.mark.django_db

SHADE = "There is no shade at the school"
SIN = "046 454 286"


@pytest.fixture
def call() -> Any:
    return factories.Call(slug="box", word_list="casino", moderation=Call.Moderation.FLAGGED)


def take(folder: Path, rows: str, *options: str) -> str:
    path = folder / "ideas.csv"
    path.write_text(f"id,title,text\n{rows}", "utf-8")
    out = io.StringIO()
    call_command("import_ideas", str(path), "--call", "box", *options, stdout=out)
    return out.getvalue()


def flags() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for title, kind, detail in Flag.objects.values_list("idea__title", "kind", "detail").order_by("pk"):
        found.setdefault(title, []).append((kind, detail))
    return found


def test_each_reason_stands_with_the_idea_and_is_counted(call: Any, tmp_path: Path) -> None:
    said = take(
        tmp_path,
        f"1,Plain,{SHADE}\n"
        f'2,Same,"  {SHADE.upper()}!"\n'
        f"3,Number,My number is {SIN}.\n"
        "4,ana@mail.example,A bench for the old people\n"
        "5,Links,See https://a.example and www.b.example\n"
        "6,Casino,It is loud\n",
    )
    first = Idea.objects.get(title="Plain")
    assert flags() == {
        "Same": [("near_duplicate", first.reference)],
        "Number": [("personal", "sin")],
        "ana@mail.example": [("personal", "email")],
        "Links": [("links", "2")],
        "Casino": [("word", "casino")],
    }
    assert Idea.objects.count() == 6
    assert "Flagged because another idea says the same: 1." in said
    assert "Flagged because they hold personal data, masked for the public: 2." in said


def test_a_text_that_was_there_before_is_named_and_a_withdrawn_one_is_not(call: Any, tmp_path: Path) -> None:
    there = factories.Idea(call=call, title="Trees", problem=SHADE, proposal="")
    factories.Idea(call=call, state="withdrawn", problem="The lamp is dark", proposal="")
    factories.Idea(problem="The bus is late", proposal="")
    take(tmp_path, f"1,Shade,{SHADE}\n2,Lamp,The lamp is dark\n3,Bus,The bus is late\n")
    assert flags() == {"Shade": [("near_duplicate", there.reference)]}


def test_texts_that_say_nothing_are_no_copies_of_one_another(call: Any, tmp_path: Path) -> None:
    take(tmp_path, "1,One,???\n2,Two,!!!\n")
    assert flags() == {}


def test_twice_is_flagged_once_and_a_dry_run_tells_the_same(call: Any, tmp_path: Path) -> None:
    rows = f"1,One,{SHADE}\n2,Two,{SHADE}\n"
    assert "another idea says the same: 1." in take(tmp_path, rows, "--dry-run")
    assert not Flag.objects.exists()
    take(tmp_path, rows)
    assert "another idea says" not in take(tmp_path, rows)
    assert Flag.objects.count() == 1


@pytest.mark.parametrize(
    ("moderation", "state"), [("flagged", "received"), ("before", "published"), ("after", "published")]
)
def test_what_was_public_elsewhere_waits_only_where_the_invitation_says_so(
    call: Any, tmp_path: Path, moderation: str, state: str
) -> None:
    Call.objects.update(moderation=moderation)
    said = take(tmp_path, f"1,Number,My number is {SIN}.\n2,Plain,{SHADE}\n", "--state", "published")
    doubtful, plain = Idea.objects.order_by("pk")
    assert (doubtful.state, plain.state, plain.published_at) == (state, "published", plain.received_at)
    assert (doubtful.published_at is None) == (state == "received")
    assert doubtful.flags.get().kind == "personal"
    assert ("so they wait for a decision as the invitation says: 1." in said) == (state == "received")
    assert "046" not in doubtful.public_problem


def test_nobody_finds_out_a_number_by_searching_for_it(call: Any, tmp_path: Path) -> None:
    take(tmp_path, f"1,Number,My number is {SIN}.\n", "--state", "published")
    idea = Idea.objects.get()
    assert idea.problem == f"My number is {SIN}."
    assert "454" not in idea.search
    assert Idea.objects.matching("insurance").get() == idea


def test_the_desk_shows_the_reason_in_both_languages(
    call: Any, tmp_path: Path, client: Any, moderator: Any
) -> None:
    take(tmp_path, f"1,One,{SHADE}\n2,Two,{SHADE}\n")
    one, two = Idea.objects.order_by("pk")
    client.force_login(moderator)
    listed = client.get("/admin/engagement/idea/?state=all&flag=near_duplicate").content.decode()
    assert (two.reference in listed, one.reference in listed) == (True, False)
    page = f"/admin/engagement/idea/{two.pk}/change/"
    assert "nearly the same as another text" in client.get(page).content.decode()
    french = client.get(f"/fr{page}").content.decode()
    assert "presque identique à un autre texte" in french
    assert one.reference in french


def test_looking_for_copies_is_one_query(call: Any, tmp_path: Path) -> None:
    def asked(rows: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            take(tmp_path, rows)
        return sum('FROM "engagement_idea"' in one["sql"] for one in queries)

    few = asked("1,One,A\n")
    factories.Idea.create_batch(20, call=call)
    many = asked("".join(f"{n},Title {n},Lamp number {n} is dark\n" for n in range(2, 200)))
    assert many == few

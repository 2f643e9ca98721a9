"""A published list can be checked from outside: from its files, and beside the last one chosen."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from prioritisation import plan_documents
from prioritisation.models import PlanVersion
from tests.prioritisation.test_public_plan import words

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).parents[2] / "docs"
PLAN = "/plans/the-plan/"


def changed(plan: PlanVersion, change: Any) -> dict[str, Any]:
    """The plan's document after `change(entries by rank, figures)`, as it then stands in the database."""
    document: dict[str, Any] = PlanVersion.objects.get(pk=plan.pk).document
    entries = sorted(plan_documents.entries(document), key=lambda one: one["rank"] or 99)
    change(entries, document["figures"]["initiatives"])
    PlanVersion.objects.filter(pk=plan.pk).update(document=document)
    return document


# --- From the files alone ---------------------------------------------------------------------------


def again(client: Client, folder: Path, change: Any = None) -> tuple[int, str]:
    """The documentation's program, run on the published file by a Python that knows nothing of Winnow."""
    program = re.search(r"```python\n(.*?)```", (DOCS / "work-it-out-again.md").read_text(), flags=re.DOTALL)
    assert program is not None
    (folder / "again.py").write_text(program.group(1))
    answer = client.get(f"{PLAN}figures.json")
    figures = json.loads(b"".join(answer.streaming_content))
    if change:
        change(figures)
    (folder / "figures.json").write_text(json.dumps(figures))
    run = subprocess.run(
        [sys.executable, "-I", "-S", "again.py", "figures.json"], cwd=folder, capture_output=True, text=True
    )
    assert not run.stderr
    return run.returncode, run.stdout


def test_an_outsider_makes_the_published_ranking_again(
    client: Client, plan: PlanVersion, tmp_path: Path
) -> None:
    assert again(client, tmp_path) == (0, "7 ranks made again, 0 held back, 0 faults\n\n")


def test_what_is_held_back_keeps_its_rank_and_hides_no_other_fault(
    client: Client, plan: PlanVersion, tmp_path: Path
) -> None:
    def hold_back(figures: Any) -> None:
        one = figures["initiatives"][0]
        one["utility"] = None
        for sums in one["criteria"].values():
            sums.update(mean=None, value=None)

    assert again(client, tmp_path, hold_back) == (0, "6 ranks made again, 1 held back, 0 faults\n\n")


@pytest.mark.parametrize("what", ["rank", "utility", "score"])
def test_a_figure_that_was_changed_is_found(
    client: Client, plan: PlanVersion, tmp_path: Path, what: str
) -> None:
    def tamper(figures: Any) -> None:
        one = figures["initiatives"][2]
        if what == "score":
            one["scores"] = {"A": [one["criteria"][key]["mean"] for key in figures["assessed"]]}
            one["scores"]["A"][0] -= 1
        else:
            one[what] += 1 if what == "rank" else 0.00001

    code, said = again(client, tmp_path, tamper)
    assert code == 1
    assert ": the " in said


@pytest.mark.parametrize("language", ["", "/fr"])
def test_the_page_says_how_and_leads_to_the_files(client: Client, plan: PlanVersion, language: str) -> None:
    page = client.get(f"{language}{PLAN}method/").content.decode()
    for address in (
        f"{language}{PLAN}figures.json",
        f"{language}{PLAN}figures.csv",
        f"{language}{PLAN}figures.dictionary.csv",
    ):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    assert "docs/work-it-out-again.md" in page
    for name in ("work-it-out-again.md", "work-it-out-again.fr.md"):
        assert "figures.json" in (DOCS / name).read_text()


# --- Beside the last one chosen -----------------------------------------------------------------------


def beside(client: Client, reference: str, language: str = "") -> Any:
    return client.get(f"{language}{PLAN}{reference}/")


def test_why_not_this_one_is_told_beside_the_last_one_chosen(client: Client, plan: PlanVersion) -> None:
    by_rank = sorted(plan_documents.entries(plan.document), key=lambda one: one["rank"])
    last, other = by_rank[3], by_rank[-1]
    assert (last["outcome"], other["outcome"]) == ("advance", "set_aside")
    page = beside(client, other["reference"])
    said = words(page)
    assert "Beside the last one chosen" in said
    assert f"Rank {other['rank']} {last['rank']} Points, of 100" in said
    assert f"{other['score']['points']:.1f} {last['score']['points']:.1f}" in said
    shares = [one["score"]["criteria"]["citizens"] for one in (other, last)]
    assert f"at most 20 {shares[0]:g} {shares[1]:g}" in said
    assert f"brought into the plan: {last['title']['en']} ." in said
    assert "differ by less" not in said
    assert "À côté de la dernière retenue" in words(beside(client, other["reference"], "/fr"))
    assert "Beside the last" not in words(beside(client, last["reference"])), "it is in the plan"


def test_who_came_in_by_people_is_not_the_last_by_rank(client: Client, plan: PlanVersion) -> None:
    def by_people(entries: Any, _figures: Any) -> None:
        entries[3]["override_reason"] = {"en": "The council wants it."}
        entries[2]["recommended"] = {"outcome": "set_aside"}

    document = changed(plan, by_people)
    by_rank = sorted(plan_documents.entries(document), key=lambda one: one["rank"])
    found = plan_documents.last_chosen(document, by_rank[-1])
    assert found is not None
    assert found["reference"] == by_rank[1]["reference"]


def test_a_rank_above_the_last_is_not_said_to_be_why(client: Client, plan: PlanVersion) -> None:
    def left_out(entries: Any, _figures: Any) -> None:
        entries[0].update(outcome="set_aside", reason="money", text={"en": "No money."})

    document = changed(plan, left_out)
    first = min(plan_documents.entries(document), key=lambda one: one["rank"])
    assert "ranked higher: it was not the rank that decided. The reason is above." in words(
        beside(client, first["reference"])
    )


def test_points_that_look_the_same_are_said_to_differ(client: Client, plan: PlanVersion) -> None:
    def close(entries: Any, _figures: Any) -> None:
        entries[-1]["score"]["points"] = entries[3]["score"]["points"]

    document = changed(plan, close)
    other = max(plan_documents.entries(document), key=lambda one: one["rank"])
    said = words(beside(client, other["reference"], "/fr"))
    assert "Leurs points diffèrent de moins que ce qui est montré ici." in said


def test_what_is_held_back_is_not_told_beside_another(client: Client, plan: PlanVersion) -> None:
    def held(entries: Any, _figures: Any) -> None:
        entries[3]["score"] = None

    document = changed(plan, held)
    other = max(plan_documents.entries(document), key=lambda one: one["rank"])
    said = words(beside(client, other["reference"]))
    assert f"Points, of 100 {other['score']['points']:.1f} not published" in said


def test_a_rank_of_another_round_is_not_compared(client: Client, plan: PlanVersion) -> None:
    def earlier(entries: Any, figures: Any) -> None:
        figures[:] = [one for one in figures if one["reference"] != entries[-1]["reference"]]

    document = changed(plan, earlier)
    other = max(plan_documents.entries(document), key=lambda one: one["rank"])
    assert "Beside the last" not in words(beside(client, other["reference"]))


# --- What the method page leaves out no more ------------------------------------------------------------


def test_who_has_no_rank_is_named_with_the_reason(client: Client, plan: PlanVersion) -> None:
    def without(entries: Any, figures: Any) -> None:
        rows = {one["reference"]: one for one in figures}
        gate, unknown = (rows[one["reference"]] for one in entries[-2:])
        gate.update(status="gate", rank=None)
        unknown.update(status="needs_assessment", rank=None)
        unknown["criteria"]["citizens"]["number"] = 0

    changed(plan, without)
    said = words(client.get(f"{PLAN}method/"))
    assert "2 of the 7 assessed initiatives have no rank:" in said
    assert "it does not meet a condition, so its points do not count." in said
    assert "too little of it is known. Nobody judged: Impact on residents." in said
    assert "2 des 7 initiatives évaluées" in words(client.get(f"/fr{PLAN}method/"))


def test_what_nobody_judges_is_said_to_have_no_agreement(client: Client, plan: PlanVersion) -> None:
    said = words(client.get(f"{PLAN}method/"))
    assert "There is no agreement figure for “Time needed to implement”" in said
    assert "have no rank" not in said
    assert "has no rank" not in said
    assert "pas de mesure de l’accord" in words(client.get(f"/fr{PLAN}method/"))

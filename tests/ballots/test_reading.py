"""Files of ballots: what is kept, what is refused by which line, and that nobody is in what is kept."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation import ballots

PB = """META
key;value
description;Parc de l’étang
num_projects;3
num_votes;6
budget;1000
vote_type;approval
max_length;2
min_length;1
PROJECTS
project_id;cost;votes;name
I-2026-001;400;3;Bancs
I-2026-002;700;2;Étang
I-2026-003;;1;No cost
I-2026-009;100;0;Not on the list
VOTES
voter_id;vote;age;sex;neighborhood
77001;I-2026-001,I-2026-002;34;F;Outremont
77002;I-2026-001;51;M;Verdun
77002;I-2026-002;51;M;Verdun
77003;I-2026-001,I-2026-009;19;F;Lachine
77004;I-2026-003;19;F;Lachine
77005;;70;M;Lachine
;I-2026-001;70;M;Lachine
"""
SHORTLIST = {"I-2026-001": "1", "I-2026-002": "2", "I-2026-003": None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_pb_file_line_by_line(encoding):
    sheet = ballots.read(PB.encode(encoding), SHORTLIST)
    # the cost on the ballot goes before the shortlist's own
    assert sheet.costs == {"I-2026-001": "400", "I-2026-002": "700"}
    assert sheet.ballots == {frozenset(SHORTLIST) - {"I-2026-003"}: 1, frozenset({"I-2026-001"}): 1}
    assert sheet.refused == [
        (20, "double", ""),
        (21, "unknown", "I-2026-009"),
        (22, "missing_cost", "I-2026-003"),
        (23, "too_few_choices", "0"),
        (24, "no_voter", ""),
    ]
    assert sheet.unfit == [(14, "missing_cost", "I-2026-003"), (15, "unknown", "I-2026-009")]
    assert sheet.voters + len(sheet.refused) == sheet.rows == 7
    assert (sheet.budget, sheet.declared) == ("1000", 6)


def test_nothing_about_a_voter_is_kept():
    kept = repr(ballots.read(PB.encode(), SHORTLIST))
    for personal in ("77001", "34", "51", "Outremont", "Verdun", "Lachine", "'F'"):
        assert personal not in kept


def test_csv_one_row_a_ballot_with_and_without_voters():
    plain = "approved\nI-2026-001 I-2026-002\n\nI-2026-001\n"
    found = ballots.read(plain.encode(), {"I-2026-001": "5", "I-2026-002": "7"})
    assert found.ballots == {frozenset({"I-2026-001", "I-2026-002"}): 1, frozenset({"I-2026-001"}): 1}
    named = 'Voter,approved\na,"i-2026-001,I-2026-002"\nb,I-2026-001\nb,I-2026-002\n'
    found = ballots.read(named.encode(), {"I-2026-001": "5", "I-2026-002": "7"}, most=1)
    assert found.ballots == {frozenset({"I-2026-001"}): 1}
    assert found.refused == [(2, "too_many_choices", "2"), (4, "double", "")]


@pytest.mark.parametrize("cost", ["1e-400000000", "0e99999999", "-1", "NaN", "sNaN", "1e308", "inf"])
def test_a_cost_that_is_none_is_said_and_never_written_out(cost):
    """The first of them has 400 MB of zeros."""
    sheet = ballots.read(PB.replace(";700;", f";{cost};").encode(), SHORTLIST)
    assert (sheet.costs, sheet.unfit[0].code) == ({"I-2026-001": "400"}, "bad_cost")


def test_a_stray_quotation_mark_costs_one_line():
    lines = 'voter;approved\na;"A\nb;A\nc;' + "A," * 60_000 + "\nd;A\n"
    found = ballots.read(lines.encode(), {"A": "5"})
    assert found.refused == [(2, "broken", ""), (4, "too_long", "")]
    assert found.voters == 2


def test_what_stood_in_the_wrong_column_is_not_shown():
    found = ballots.read(b"approved\nmarie@example.org\n", {"A": "5"})
    assert found.refused == [(2, "unknown", "")]


@pytest.mark.parametrize(
    ("text", "shortlist", "code", "line"),
    [
        ("", {"A": "1"}, "no_ballots", 1),
        ("approved\n", {"A": "1"}, "no_ballots", 1),
        ("voter;age\n1;3\n", {"A": "1"}, "columns", 1),
        ("approved\nA\n", {"A": None}, "no_projects", 1),
        ("approved\nA\n", None, "no_projects", 1),
        (PB.replace("approval", "ordinal"), SHORTLIST, "vote_type", 7),
        (PB.replace("vote_type;approval\n", ""), SHORTLIST, "vote_type", 2),
        (PB.replace("project_id", "id"), SHORTLIST, "columns", 11),
        (PB.replace("VOTES\n", ""), SHORTLIST, "section", 1),
        (PB, {"B": "1"}, "no_projects", 11),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text, shortlist, code, line):
    with pytest.raises(ballots.BallotsError) as refused:
        ballots.read(text.encode(), shortlist)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert code in ballots.FAULTS


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400) | st.text(alphabet='META\nPROJECTS;VOTESabc,"1 ', max_size=400).map(str.encode)
)
def test_any_bytes_are_read_or_refused(content):
    try:
        sheet = ballots.read(content, {"a": "1", "b": "2"})
    except ballots.BallotsError:
        return
    assert sheet.voters + len(sheet.refused) == sheet.rows
    assert {one.code for one in sheet.refused + sheet.unfit} <= ballots.REFUSALS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.sampled_from("ABCD")), min_size=1, max_size=12), st.randoms())
def test_the_order_of_ballots_and_a_way_through_a_file_change_nothing(votes, shuffler):
    sheet = ballots.Sheet({"A": "3", "B": "4.50", "C": "5", "D": "6"}, Counter(map(frozenset, votes)))
    inputs = ballots.inputs_of(sheet, Decimal(9), "f")
    turned = list(votes)
    shuffler.shuffle(turned)
    again = ballots.read(ballots.write(inputs, "Any; title\n").encode(), {**sheet.costs})
    assert again.ballots == sheet.ballots
    assert ballots.inputs_of(again, Decimal(9), "f") == inputs
    other = ballots.Sheet(sheet.costs, Counter(map(frozenset, turned)))
    assert ballots.inputs_of(other, Decimal(9), "f") == inputs


def test_what_ballots_buy_by_hand():
    """Nine ballots of 10 each: A and B at 5 each from six, D at 10 each from three. With 5 more each, the six
    would hold 15 and buy C too, which is more than there is: 4 more is the last step."""
    sheet = ballots.Sheet(
        {"A": "30", "B": "30", "C": "30", "D": "30", "E": "91"},
        Counter({frozenset("ABC"): 6, frozenset("D"): 3}),
    )
    found = ballots.count(ballots.inputs_of(sheet, Decimal(90), "f"))
    assert found == json.loads(json.dumps(found))
    by_name = {row["reference"]: row for row in found["rows"]}
    assert [row["reference"] for row in found["rows"]] == ["A", "B", "C", "D", "E"]
    assert found["greedy"] == {"count": 3, "spent": "90", "left": "0", "served": 6}
    assert (found["equal"]["spent"], found["equal"]["served"], found["equal"]["raised"]) == ("90", 9, 4)
    assert found["equal"]["before"] == ["A", "B", "D"]
    assert found["equal"]["too_dear"] == ["E"]
    assert (by_name["D"]["greedy"], by_name["D"]["equal"], by_name["D"]["by"]) == (None, 3, "equal")


@pytest.mark.parametrize(
    ("budget", "voters", "unit"), [(1000, 10, "1"), (9999, 10, "1"), (10_000, 10, "10"), (10**7, 10, "10000")]
)
def test_the_unit_is_a_round_part_of_a_share(budget, voters, unit):
    sheet = ballots.Sheet({"A": "1"}, Counter({frozenset("A"): voters}))
    assert ballots.inputs_of(sheet, Decimal(budget), "f")["unit"] == unit


@pytest.mark.trial
def test_real_elections(trials: Path, tmp_path: Path):
    """Every approval election is read whole; others are refused by the line of their vote type."""
    import tarfile

    packed = next((trials / "pabulib").glob("*.tar.gz"))
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    kinds = Counter()
    for path in sorted(tmp_path.rglob("*.pb")):
        try:
            sheet = ballots.read(path.read_bytes())
        except ballots.BallotsError as fault:
            kinds[fault.code] += 1
            continue
        kinds["read"] += 1
        assert sheet.voters == sheet.rows == sheet.declared, path.name
        if sheet.voters < 500:
            found = ballots.count(ballots.inputs_of(sheet, Decimal(sheet.budget or 0), "f"))
            assert all(Decimal(found[rule]["left"]) >= 0 for rule in ("greedy", "equal"))
    assert kinds == {"read": 136, "vote_type": 33}

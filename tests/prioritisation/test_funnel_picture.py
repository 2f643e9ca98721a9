"""The funnel's picture: no two labels meet, nothing leaves the page, widths are in proportion."""

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.funnel_picture import (
    HAIR,
    NARROW,
    WIDE,
    Funnel,
    Layout,
    Picture,
    Reason,
    Stage,
    Words,
    draw,
    steps,
)
from prioritisation.text_lines import text_width, wrap

Box = tuple[float, float, float, float]

labels = st.one_of(
    st.sampled_from(
        [
            "Against the law",
            "Ne relève pas de la compétence de la ville, mais du gouvernement provincial",
            "Anticonstitutionnellement",
            "MWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMWMW",
            "Under way in another plan",
        ]
    ),
    st.text(alphabet="abcdéilmoWM -'", min_size=1, max_size=90).filter(str.strip),
)
counts = st.one_of(st.just(0), st.integers(0, 40), st.integers(0, 250_000))


@st.composite
def funnels(draw_: st.DrawFn) -> Funnel:
    """Balanced funnels of 1 to 6 stages with 0 to 8 reasons for each loss; the unit may change once."""

    def reasons() -> list[Reason]:
        found = draw_(st.lists(st.tuples(labels, counts), max_size=8))
        return [{"code": str(n), "label": label, "count": count} for n, (label, count) in enumerate(found)]

    number = draw_(st.integers(1, 6))
    change = draw_(st.integers(1, 6))
    stages: list[Stage] = []
    out = draw_(counts)
    for n in reversed(range(number)):
        lost, waiting = reasons(), draw_(counts)
        came = out + waiting + sum(reason["count"] for reason in lost)
        unit = "initiatives" if n >= change else "ideas"
        stages.insert(
            0,
            {
                "key": str(n),
                "unit": unit,
                "label": draw_(labels),
                "in": came,
                "out": out,
                "waiting": waiting,
                "reasons": lost,
            },
        )
        out = draw_(counts) if n == change else came
    first = reasons()
    not_eligible = sum(reason["count"] for reason in first)
    return {
        "received": stages[0]["in"] + not_eligible,
        "not_eligible": {"count": not_eligible, "reasons": first},
        "stages": stages,
        "seams": [],
        "outcome": draw_(labels),
    }


def meet(a: Box, b: Box) -> bool:
    slack = 0.11  # positions are rounded to a tenth
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def text_boxes(picture: Picture) -> list[tuple[str, Box]]:
    return [(line.text, line.box) for line in picture.lines]


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@settings(max_examples=150, deadline=None)
@given(funnel=funnels())
def test_no_two_labels_meet_and_none_lies_on_a_flow(layout: Layout, funnel: Funnel) -> None:
    picture = draw(funnel, layout)
    boxes = text_boxes(picture)
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not meet(a, b), f"{one!r} meets {other!r}"
    for text, box in boxes:
        for flow in picture.flows:
            assert not meet(box, flow.box), f"{text!r} lies on a flow"


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@settings(max_examples=150, deadline=None)
@given(funnel=funnels())
def test_nothing_leaves_the_picture(layout: Layout, funnel: Funnel) -> None:
    picture = draw(funnel, layout)
    for text, (left, top, right, bottom) in text_boxes(picture):
        assert left >= -0.1, text
        assert top >= -0.1, text
        assert right <= picture.width + 0.1, text
        assert bottom <= picture.height + 0.1, text
    for flow in picture.flows:
        assert flow.box[2] <= layout.branch_x
        assert flow.box[3] <= picture.height + 0.1


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@settings(max_examples=150, deadline=None)
@given(funnel=funnels())
def test_branches_do_not_cross(layout: Layout, funnel: Funnel) -> None:
    """Each branch of a node ends below the one before, leaves no further out, bends only under its bar."""
    branches = [flow for flow in draw(funnel, layout).flows if flow.kind in {"lost", "waiting"}]
    for branch in branches:
        turn = re.search(r"V([\d.]+)A", branch.path)
        assert turn is not None
        assert float(turn[1]) >= branch.box[1] - 0.1
    for one, other in pairwise(branches):
        if other.box[1] == one.box[1]:  # of the same node
            assert other.box[3] > one.box[3]
            assert other.box[0] <= one.box[0] + HAIR


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@settings(max_examples=100, deadline=None)
@given(funnel=funnels())
def test_every_count_that_is_not_zero_is_written(layout: Layout, funnel: Funnel) -> None:
    words = Words()
    picture = draw(funnel, layout)
    written = [line.text for line in picture.lines if line.kind in {"number", "count"}]
    for row in steps(funnel, words):
        for count in [row.count, *(reason["count"] for reason in row.reasons), row.waiting]:
            if count:
                assert words.number(count) in written
    assert [line.text for line in picture.lines if line.kind == "count"][-1] == words.number(
        funnel["stages"][-1]["out"]
    )


def example() -> Funnel:
    return {
        "received": 268,
        "not_eligible": {"count": 36, "reasons": [{"code": "a", "label": "Sent twice", "count": 36}]},
        "stages": [
            {
                "key": "ideas",
                "unit": "ideas",
                "label": "ideas to work up",
                "in": 232,
                "out": 190,
                "waiting": 4,
                "reasons": [{"code": "b", "label": "Done already", "count": 38}],
            },
            {
                "key": "initiatives",
                "unit": "initiatives",
                "label": "initiatives to assess",
                "in": 140,
                "out": 70,
                "waiting": 3,
                "reasons": [{"code": "c", "label": "Too dear", "count": 67}],
            },
        ],
        "seams": [{"from_unit": "ideas", "out": 190, "to_unit": "initiatives", "in": 140}],
    }


def test_widths_are_in_proportion_to_counts() -> None:
    picture = draw(example(), WIDE)
    assert [bar.width for bar in picture.bars] == pytest.approx(
        [count * WIDE.trunk_width / 268 for count in (268, 232, 190, 140, 70)], abs=0.06
    )


def test_what_leaves_takes_its_own_share_of_the_bar() -> None:
    """Ideas 232: 190 go on, then come the 4 that wait, then the 38 that were set aside."""
    flows = [flow for flow in draw(example(), WIDE).flows if flow.kind in {"lost", "waiting"}]
    unit = WIDE.trunk_width / 268
    assert [flow.kind for flow in flows] == ["lost", "lost", "waiting", "lost", "waiting"]
    assert [flow.box[0] - WIDE.trunk_x for flow in flows] == pytest.approx(
        [232 * unit, 194 * unit, 190 * unit, 73 * unit, 70 * unit], abs=0.01
    )


def test_both_counts_are_said_where_ideas_become_initiatives() -> None:
    for layout in (WIDE, NARROW):
        seam = [line.text for line in draw(example(), layout).lines if line.kind == "seam"]
        assert " ".join(seam) == "190 ideas became 140 initiatives"


def test_the_seam_is_drawn_apart_and_goes_from_the_one_width_to_the_other() -> None:
    (seam,) = [flow for flow in draw(example(), WIDE).flows if flow.kind == "seam"]
    assert seam.box[2] - seam.box[0] == pytest.approx(190 * WIDE.trunk_width / 268, abs=0.1)


def test_every_row_balances() -> None:
    for row in steps(example(), Words()):
        assert row.count == row.out + row.waiting + row.left


def test_a_funnel_of_nothing_has_words_and_no_flows() -> None:
    empty: Funnel = {
        "received": 0,
        "not_eligible": {"count": 0, "reasons": []},
        "stages": [
            {"key": "a", "unit": "ideas", "label": "x", "in": 0, "out": 0, "waiting": 0, "reasons": []}
        ],
        "seams": [],
    }
    picture = draw(empty, NARROW)
    assert not picture.flows
    assert [line.text for line in picture.lines if line.kind == "count"] == ["0", "0", "0"]


def test_only_waiting_is_not_called_a_loss() -> None:
    funnel = example()
    funnel["stages"][1]["reasons"] = []
    funnel["stages"][1]["waiting"] = 70
    lines = draw(funnel, WIDE).lines
    assert [line.text for line in lines if line.kind == "heading"] == ["36 not eligible", "38 did not go on"]
    assert [line.text for line in lines if line.kind == "reason"][-1] == "Still waiting"


@given(text=labels, room=st.floats(40, 400))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: float) -> None:
    lines = wrap(text, room, 16)
    assert all(text_width(line, 16) <= room for line in lines)
    assert "".join(lines).replace("-", "").replace(" ", "") == text.replace("-", "").replace(" ", "")

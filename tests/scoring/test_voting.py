import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.scoring import voting
from prioritisation.scoring.voting import equal_shares


def test_a_minority_gets_its_part_by_hand():
    """Nine voters hold 10 each. Six buy two of their three projects at 5 each; the other three buy theirs
    at 10 each. Counting votes alone would give all the money to the six."""
    ballots = [{0, 1, 2}] * 6 + [{3}] * 3
    assert equal_shares([30] * 4, ballots, 90) == ([0, 1, 3], 0)
    assert equal_shares([30] * 4, ballots, 90, "cardinality") == ([0, 1, 3], 0)


def test_utility_decides_between_large_and_cheap():
    """Ten voters hold 10 each; project 0 costs 100 and all want it, project 1 costs 10 and nine want it."""
    ballots = [{0, 1}] * 9 + [{0}]
    assert equal_shares([100, 10], ballots, 100, "cost") == ([0], 0)  # 1/10 a unit of cost against 1/9
    assert equal_shares([100, 10], ballots, 100, "cardinality") == ([1], 90)  # 10/9 each against 10 each


def test_the_poor_give_what_they_have_and_the_rest_pay_alike():
    # 4 voters hold 6 each. Project 0 takes 3 from voters 0 and 1; then 3, 3 and 6 are left for project 1.
    ballots = [{0, 1}, {0, 1}, {1}, set()]
    assert equal_shares([6, 11], ballots, 24, "cardinality") == ([0, 1], 7)
    assert equal_shares([6, 12], ballots, 24, "cardinality") == ([0, 1], 6)
    assert equal_shares([6, 13], ballots, 24, "cardinality") == ([0], 18)
    # at 3 each project 1 comes before project 0 at 4 each, and leaves only 3 and 3 for it
    assert equal_shares([8, 9], ballots, 24, "cardinality") == ([1], 15)


def test_ties_go_to_the_cheaper_then_to_the_lower_number():
    assert equal_shares([6, 4, 6, 4], [{0, 1, 2, 3}] * 2, 14, "cost") == ([1, 3, 0], 0)


def test_thirds_are_exact():
    """Three voters hold 1/3 each: in floats three thirds of a tenth do not add up."""
    costs = [Decimal("0.1")] * 10
    assert equal_shares(costs, [set(range(10))] * 3, 1) == (list(range(10)), 0)
    assert equal_shares([0.1] * 10, [set(range(10))] * 3, 1.0) == (list(range(10)), 0)
    assert equal_shares([Fraction(1, 3)], [{0}], 1).leftover == pytest.approx(2 / 3)


def test_nothing_to_buy():
    assert equal_shares([5], [], 10) == ([], 10)
    assert equal_shares([], [set()], 10) == ([], 10)
    assert equal_shares([5], [set(), set()], 10) == ([], 10)
    assert equal_shares([11], [{0}], 10) == ([], 10)
    assert equal_shares([1], [{0}], 0) == ([], 0)


def test_a_free_project_needs_one_approval():
    assert equal_shares([0, 0, 3], [{1, 2}], 3) == ([1, 2], 0)


def test_leftover_is_a_plain_number():
    assert type(equal_shares([5], [{0}], 10).leftover) is int
    assert equal_shares([2.5], [{0}], 10).leftover == 7.5


@pytest.mark.parametrize(
    ("costs", "ballots", "budget", "utility"),
    [
        ([-1], [{0}], 1, "cost"),
        ([float("nan")], [{0}], 1, "cost"),
        ([1], [{0}], float("inf"), "cost"),
        (["much"], [{0}], 1, "cost"),
        ([1], [{0}], -1, "cost"),
        ([1], [{1}], 1, "cost"),
        ([1], [{-1}], 1, "cost"),
        ([1], [{0}], 1, "votes"),
    ],
)
def test_votes_that_make_no_sense_are_refused(costs, ballots, budget, utility):
    with pytest.raises(ValueError, match=r"costs|budget|ballots|utility"):
        equal_shares(costs, ballots, budget, utility)


def plain_loop(costs, ballots, budget, utility):
    """The rule of the module's docstring, voter by voter and project by project, without any shortcut."""
    money = [Fraction(budget, len(ballots)) for _ in ballots]
    selected = []
    while True:
        offers = []
        for project, cost in enumerate(costs):
            wanting = [v for v, ballot in enumerate(ballots) if project in ballot]
            if project in selected or not wanting or sum(money[v] for v in wanting) < cost:
                continue
            # the equal payment is the one for which the capped payments add up to the cost
            tries = []
            for poor in [set(), *({v for v in wanting if money[v] <= money[w]} for w in wanting)]:
                rich = [v for v in wanting if v not in poor]
                if rich:
                    tries.append((Fraction(cost) - sum(money[v] for v in poor)) / len(rich))
                else:
                    tries.append(max(money[v] for v in wanting))
            most = min(t for t in tries if sum(min(money[v], t) for v in wanting) == cost)
            offers.append((most / Fraction(cost) if utility == "cost" else most, cost, project, most))
        if not offers:
            return selected, budget - sum(costs[p] for p in selected)
        _, _, project, most = min(offers)
        selected.append(project)
        for v, ballot in enumerate(ballots):
            if project in ballot:
                money[v] -= min(money[v], most)


ELECTIONS = st.integers(1, 6).flatmap(
    lambda projects: st.tuples(
        st.lists(st.integers(1, 30), min_size=projects, max_size=projects),
        st.lists(st.sets(st.integers(0, projects - 1)), min_size=1, max_size=8),
        st.integers(0, 100),
    )
)


@settings(max_examples=300, deadline=None)
@given(ELECTIONS, st.sampled_from(["cost", "cardinality"]))
def test_it_buys_what_a_plain_loop_buys(election, utility):
    assert equal_shares(*election, utility) == plain_loop(*election, utility)


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
@pytest.mark.parametrize("seed", range(40))
def test_long_elections_buy_what_a_plain_loop_buys(seed, utility):
    """Many rounds, so that prices rise while projects wait, and many equal prices."""
    draw = random.Random(seed)
    ballots = [set(draw.sample(range(12), draw.randint(1, 5))) for _ in range(15)]
    election = [draw.choice([4, 6, 8, 12]) for _ in range(12)], ballots, 60
    assert equal_shares(*election, utility) == plain_loop(*election, utility)


@settings(max_examples=200, deadline=None)
@given(ELECTIONS, st.sampled_from(["cost", "cardinality"]))
def test_many_voters_in_floats_buy_the_same(election, utility):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "MOST_EXACT", 0)
        in_floats = equal_shares(*election, utility)
    assert in_floats == equal_shares(*election, utility)


@settings(max_examples=100, deadline=None)
@given(ELECTIONS, st.randoms())
def test_the_order_of_ballots_does_not_matter(election, shuffler):
    costs, ballots, budget = election
    turned = list(ballots)
    shuffler.shuffle(turned)
    assert equal_shares(costs, turned, budget) == equal_shares(costs, ballots, budget)


def test_more_voters_than_are_counted_exactly():
    ballots = [{0, 1}] * 4000 + [{1, 2}] * 3000 + [{2}] * 2000
    # 10 each: 7,000 voters pay 30/7 for project 1, 5,000 pay 4 for project 2, and 40/7 x 4,000 is too little
    assert equal_shares([40_000, 30_000, 20_000], ballots, 90_000) == ([1, 2], 40_000)


def test_by_votes_passes_over_what_is_too_dear():
    """Votes 3, 2, 2, 1, 0. Money 10: 6 for the first; 5 is too dear; of the two with 2 votes 4 is cheaper."""
    ballots = [{0, 1, 2}, {0, 1, 2}, {0, 3}]
    assert voting.votes(5, ballots) == [3, 2, 2, 1, 0]
    assert voting.greedy([6, 5, 4, 1, 0], ballots, 10) == ([0, 2], 0)
    assert voting.greedy([6, 4, 4, 1, 0], ballots, 11) == ([0, 1, 3], 0)
    assert voting.greedy([1, 1], [], 10) == ([], 10)


def test_completion_by_hand():
    """Two ballots of 10. Project 0 (8) is bought by the first voter. Project 1 (13) needs the second alone:
    3 units more make 13, and 8 + 13 = 21 is more than 20, so 2 units is the last step."""
    assert voting.equal_shares([8, 13], [{0}, {1}], 20) == ([0], 12)
    assert voting.complete([8, 13, 12], [{0}, {1}], 20) == ([0], 1, 2, 12, [])
    # by 2 units more the second voter has 12, which 8 + 12 = 20 pays for
    assert voting.complete([8, 12], [{0}, {1}], 20) == ([0, 1], 2, 2, 0, [])
    # what costs more than the whole budget takes no part, and does not stop the raising
    assert voting.complete([8, 12, 21], [{0, 2}, {1, 2}], 20) == ([0, 1], 2, 2, 0, [2])
    # 4 to each: 2 is bought at once, and 1 unit more would buy all for 10; by votes 3 is the cheapest left
    assert voting.complete([3, 5, 2], [{0, 2}, {1}], 8) == ([2, 0], 1, 0, 3, [])


def test_completion_without_ballots_or_supporters_ends():
    assert voting.complete([5], [], 10) == ([], 0, 0, 10, [])
    assert voting.complete([5], [set()], 10) == ([], 0, 0, 10, [])
    with pytest.raises(ValueError, match="unit"):
        voting.complete([5], [{0}], 10, unit=0)


def plain_completion(costs, ballots, budget, utility):
    """The rule once more, step by step with the plain loop."""
    fits = [p for p, cost in enumerate(costs) if cost <= budget]
    narrow = [ballot & set(fits) for ballot in ballots]
    share, best = 0, []
    for raised in range(200):
        share = budget + raised * len(ballots)
        tried = plain_loop(costs, narrow, share, utility)[0]
        if sum(costs[p] for p in tried) > budget:
            break
        best = tried
        if len(best) == len(set().union(*narrow)):
            break
    left, more = budget - sum(costs[p] for p in best), []
    wanted = {p: sum(p in ballot for ballot in ballots) for p in fits}
    for p in sorted(set(fits) - set(best), key=lambda p: (-wanted[p], costs[p], p)):
        if wanted[p] and costs[p] <= left:
            more.append(p)
            left -= costs[p]
    return best, more


@settings(max_examples=120, deadline=None)
@given(ELECTIONS, st.sampled_from(["cost", "cardinality"]))
def test_completion_is_what_the_rule_says(election, utility):
    found = voting.complete(*election, utility)
    best, more = plain_completion(*election, utility)
    assert (found.selected, found.equal) == (best + more, len(best))
    assert found.leftover >= 0


def test_numbers_of_any_kind_and_nothing_is_changed():
    costs = np.array([0.1, 0.2], dtype=np.float32)
    costs.setflags(write=False)
    ballots = [frozenset({np.int64(0), np.int64(1)})]
    assert equal_shares(costs, ballots, np.int64(1)).selected == [0, 1]
    assert equal_shares([0.1, 0.2], {frozenset({0, 1}): 1}, 1).leftover == pytest.approx(0.7)
    for wrong in ([{0.5}], [{"a"}], {frozenset({0}): 0}):
        with pytest.raises(ValueError, match=r"ballots|voters"):
            equal_shares([1], wrong, 1)

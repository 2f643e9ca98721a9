from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritisation.scoring.assignment import assign


def loads(lists, assessors):
    counted = Counter(a for chosen in lists for a in chosen)
    return [counted[a] for a in range(assessors)]


def test_the_measured_round_232_initiatives_3_of_12():
    lists = assign(232, 12, 3)
    assert [len(set(chosen)) for chosen in lists] == [3] * 232
    assert loads(lists, 12) == [58] * 12
    pairs = Counter(pair for chosen in lists for pair in combinations(chosen, 2))
    assert len(pairs) == 66
    assert min(pairs.values()) >= 9
    assert max(pairs.values()) <= 12


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 9), st.data(), st.integers(0, 2**64))
def test_loads_differ_by_at_most_one(initiatives, assessors, data, seed):
    per = data.draw(st.integers(0, assessors))
    lists = assign(initiatives, assessors, per, seed=seed)
    assert [len(set(chosen)) for chosen in lists] == [per] * initiatives
    assert [sorted(chosen) for chosen in lists] == lists
    load = loads(lists, assessors)
    assert max(load) - min(load) <= 1


@pytest.mark.parametrize("seed", range(8))
def test_many_pairs_do_not_upset_the_loads(seed):
    """With few assessors the same pairs meet often, and avoiding them must not cost even loads."""
    for assessors, per in [(5, 2), (4, 3), (7, 4)]:
        load = loads(assign(401, assessors, per, seed=seed), assessors)
        assert max(load) - min(load) <= 1
    # one assessor may see only 40 of 100: nearly all of them, or the others carry more than their part
    load = loads(assign(100, 5, 2, conflicts=[(i, 0) for i in range(60)], seed=seed), 5)
    assert max(load) - min(load) <= 2


def most_places(initiatives, assessors, per, conflicts, capacity):
    """The greatest number of places any assignment fills, by trying every one."""
    options = []
    for i in range(initiatives):
        free = [a for a in range(assessors) if (i, a) not in conflicts]
        options.append([c for size in range(per + 1) for c in combinations(free, size)])
    best = 0
    for choice in product(*options):
        load = Counter(a for chosen in choice for a in chosen)
        if all(load[a] <= capacity[a] for a in load):
            best = max(best, sum(load.values()))
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_no_other_assignment_fills_more_places(initiatives, assessors, data):
    per = data.draw(st.integers(1, min(2, assessors)))
    pairs = st.tuples(st.integers(0, initiatives - 1), st.integers(0, assessors - 1))
    conflicts = data.draw(st.sets(pairs, max_size=8))
    capacity = data.draw(st.lists(st.integers(0, 4), min_size=assessors, max_size=assessors))
    lists = assign(initiatives, assessors, per, conflicts, capacity, seed=data.draw(st.integers(0, 99)))
    assert not {(i, a) for i, chosen in enumerate(lists) for a in chosen} & conflicts
    assert all(load <= limit for load, limit in zip(loads(lists, assessors), capacity, strict=True))
    assert all(len(set(chosen)) == len(chosen) <= per for chosen in lists)
    assert sum(map(len, lists)) == most_places(initiatives, assessors, per, conflicts, capacity)


def test_a_tight_capacity_is_used_to_the_last_place():
    conflicts = [(i, (i * 7 + j) % 12) for i in range(232) for j in range(2)]
    lists = assign(232, 12, 3, conflicts, capacity=58, seed=5)
    assert loads(lists, 12) == [58] * 12
    assert not {(i, a) for i, chosen in enumerate(lists) for a in chosen} & set(conflicts)


def test_an_initiative_everyone_knows_too_well_stays_short():
    assert assign(2, 3, 2, conflicts=[(0, 0), (0, 1)]) in ([[2], [0, 1]], [[2], [0, 2]], [[2], [1, 2]])


def test_the_seed_decides_and_is_all_that_decides():
    assert assign(30, 6, 3, seed=4) == assign(30, 6, 3, seed=4)
    assert assign(30, 6, 3, seed=4) != assign(30, 6, 3, seed=5)
    assert assign(30, 6, 3, seed=4, conflicts=iter([(0, 1)])) == assign(30, 6, 3, [(0, 1)], seed=4)


def test_nothing_to_assign():
    assert assign(0, 5, 3) == []
    assert assign(0, 0, 3) == []
    assert assign(2, 0, 0) == [[], []]
    assert assign(2, 5, 0) == [[], []]
    assert assign(2, 3, 2, capacity=0) == [[], []]


@pytest.mark.parametrize(
    "arguments",
    [
        {"initiatives": -1},
        {"assessors": 1.5},
        {"per_initiative": 4},
        {"per_initiative": -1},
        {"conflicts": [(5, 0)]},
        {"conflicts": [(0, -1)]},
        {"capacity": -1},
        {"capacity": [1, 1]},
        {"capacity": [1, 1, -1]},
        {"seed": -3},
    ],
)
def test_arguments_that_name_nobody_are_refused(arguments):
    with pytest.raises(ValueError, match=r"."):
        assign(**{"initiatives": 5, "assessors": 3, "per_initiative": 2, **arguments})


def test_capacity_per_assessor_is_kept():
    lists = assign(10, 4, 2, capacity=np.array([10, 2, 4, 4]))
    assert loads(lists, 4) == [10, 2, 4, 4]


@settings(max_examples=60)
@given(st.integers(1, 12), st.integers(2, 6), st.data())
def test_what_stands_already_stays_and_loads_are_evened_around_it(initiatives, assessors, data):
    cells = st.tuples(st.integers(0, initiatives - 1), st.integers(0, assessors - 1))
    given_pairs = data.draw(st.sets(cells, max_size=10))
    wanted = [data.draw(st.integers(0, assessors)) for _ in range(initiatives)]
    lists = assign(initiatives, assessors, wanted, seed=data.draw(st.integers(0, 99)), given=given_pairs)
    assert given_pairs <= {(i, a) for i, chosen in enumerate(lists) for a in chosen}
    standing = Counter(i for i, _a in given_pairs)
    assert [len(set(chosen)) for chosen in lists] == [max(wanted[i], standing[i]) for i in range(initiatives)]


def test_a_newcomer_takes_what_is_added():
    first = assign(20, 4, 2, seed=3)
    stand = [(i, a) for i, chosen in enumerate(first) for a in chosen]
    more = assign(20, 5, 3, seed=3, given=stand)
    assert loads(more, 5)[4] >= 10
    assert all(set(old) < set(new) for old, new in zip(first, more, strict=True))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation.scoring.meetings import connecting, pairs, parts


def test_pairs_by_hand():
    assert pairs([[0, 1], [1, 2], [1]], 4).tolist() == [
        [1, 1, 0, 0],
        [1, 3, 1, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
    ]
    assert parts([[0, 1], [1, 2], [3]], 5).tolist() == [0, 0, 0, 1, -1]


@given(st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=3), min_size=1, max_size=8))
def test_what_is_proposed_joins_all_with_one_pair_a_part(chosen):
    before = int(parts(chosen, 6).max()) + 1
    added = connecting(chosen, 6)
    assert len(added) == before - 1
    for row, one in added:
        assert one not in chosen[row]
        chosen[row].add(one)
    assert int(parts(chosen, 6).max()) == 0


def test_conflicts_and_full_assessors_are_never_proposed():
    assert connecting([[0], [1]], 2, conflicts=[(0, 1)]) == [(1, 0)]
    assert connecting([[0], [1]], 2, conflicts=[(0, 1)], full=[0]) == []
    with pytest.raises(ValueError, match="does not exist"):
        pairs([[7]], 2)
    assert np.array_equal(parts([], 2), [-1, -1])

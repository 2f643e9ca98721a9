"""Nothing is collected while much is made, and the collector runs again afterwards, come what may."""

import gc

import pytest

from prioritisation.collecting import uncollected


def test_the_collector_stands_still_and_runs_again():
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_runs_again_after_a_fault():
    @uncollected()
    def broken():
        raise ValueError(gc.isenabled())

    with pytest.raises(ValueError, match="False"):
        broken()
    assert gc.isenabled()


def test_whoever_finds_it_stopped_leaves_it_so():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()

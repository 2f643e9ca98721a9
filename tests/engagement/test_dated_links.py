"""Links that end: what opens them, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.tracking import dated_token, new_nonce, opens

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def token(**changes: str) -> str:
    asked = {"key": "k", "purpose": "confirm", "reference": "7", "nonce": "n", **changes}
    return dated_token(**asked, until=NOON)


def test_it_opens_just_what_it_was_made_for_until_its_moment() -> None:
    assert opens(token(), "k", "confirm", "7", "n", at=NOON)
    assert not opens(token(), "k", "confirm", "7", "n", at=NOON + timedelta(seconds=1))


@pytest.mark.parametrize("change", [{"key": "o"}, {"purpose": "mine"}, {"reference": "8"}, {"nonce": "m"}])
def test_a_token_for_something_else_opens_nothing(change: dict[str, str]) -> None:
    assert not opens(token(**change), "k", "confirm", "7", "n", at=NOON - DAY)


def test_its_date_cannot_be_moved() -> None:
    _date, _, proof = token().partition("-")
    later = f"{int((NOON + 30 * DAY).timestamp()):x}-{proof}"
    assert not opens(later, "k", "confirm", "7", "n", at=NOON)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_refused_and_breaks_nothing(typed: str) -> None:
    assert not opens(typed, "k", "confirm", "7", new_nonce(), at=NOON)


@pytest.mark.parametrize("typed", ["", "-", "zz-0", "f" * 40 + "-0", "-1-0", "é-1"])
def test_broken_tokens_are_refused(typed: str) -> None:
    assert not opens(typed, "k", "confirm", "7", "n", at=NOON)

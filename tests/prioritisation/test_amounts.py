"""Amounts are read as people write them, and never guessed."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from prioritisation.amounts import NotAnAmountError, plain_amount
from prioritisation.forms.initiatives import CostForm


@pytest.mark.parametrize(
    ("typed", "language", "read"),
    [
        ("1,250,000", "en", "1250000"),
        ("1,250", "en", "1250"),
        ("$1,250,000.50", "en", "1250000.50"),
        ("1 250 000", "fr", "1250000"),
        ("1\u00a0250\u202f000,50", "fr", "1250000.50"),
        ("1 250 000,50 $", "fr", "1250000.50"),
        ("1.250.000,5", "fr", "1250000.5"),
        ("1250.50", "fr", "1250.50"),
        ("1250,5", "en", "1250.5"),
        ("12000.50", "en", "12000.50"),
        ("1 250 000", "en", "1250000"),
        ("-5", "en", "-5"),
    ],
)
def test_amounts_as_people_write_them(typed: str, language: str, read: str) -> None:
    assert plain_amount(typed, language) == read


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("1,250", "fr"),  # a thousand, or one and a quarter?
        ("1.250", "fr"),
        ("1.250", "en"),
        ("12,50,000", "en"),
        ("1,2,3", "en"),
        ("ten", "en"),
        ("", "en"),
        ("1e6", "en"),
        (".", "en"),
        ("1,250,000,5000", "en"),
        ("1.5-", "en"),
        ("٣٤", "en"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(typed: str, language: str) -> None:
    with pytest.raises(NotAnAmountError):
        plain_amount(typed, language)


@given(st.decimals(min_value=0, max_value=10**11, places=2), st.sampled_from(["en", "fr"]))
def test_every_amount_written_out_is_read_back(amount: Decimal, language: str) -> None:
    written = f"{amount:,.2f}"
    if language == "fr":
        written = written.translate(str.maketrans(",.", "\u00a0,"))
    assert Decimal(plain_amount(written, language)) == amount


def test_the_form_reads_and_shows_amounts_in_the_language_of_its_reader() -> None:
    for language, typed, shown in (
        ("en", "1,250,000", "1,250,000"),
        ("fr", "1 250 000,50", "1\u00a0250\u00a0000,50"),
    ):
        with translation.override(language):
            form = CostForm({"amount": typed, "label_0": "x"})
            form.is_valid()
            assert "amount" not in form.errors
            stored = form.cleaned_data["amount"]
            assert CostForm(initial={"amount": stored})["amount"].value() == shown
            again = CostForm({"amount": shown}, initial={"amount": stored})
            assert "amount" not in again.changed_data
    unclear = CostForm({"amount": "1.250"})
    assert not unclear.is_valid()
    assert unclear["amount"].value() == "1.250"

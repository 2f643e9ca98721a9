"""Whatever colour a city chooses, words in it and on it can be read, on light and on dark pages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.accent import DARK_GROUND, LIGHT_GROUND, contrast, parse, stylesheet

colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)


@given(colours)
def test_every_accent_can_be_read(colour: str) -> None:
    found = re.findall(r"--accent:(#\w{6});--on-accent:(#\w{6})", stylesheet(colour))
    assert len(found) == 2
    for (accent, words), ground in zip(found, (LIGHT_GROUND, DARK_GROUND), strict=True):
        assert contrast(parse(accent), ground) >= 4.5
        assert contrast(parse(accent), parse(words)) >= 4.5


def test_a_colour_that_reads_well_is_kept() -> None:
    assert stylesheet("#0b5c6b").startswith(":root{--accent:#0b5c6b;--on-accent:#ffffff}")


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345g", "#fff;} body{display:none", "#1234567"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        parse(text)

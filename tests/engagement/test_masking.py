"""What is personal is hidden however people set the blanks in it; what only looks like it stays readable."""

import pytest

from engagement.privacy import mask

GAPS = ["", " ", "  ", "\u00a0", "\u202f", "-", " - ", "\u2011", "\u2013", ".", "/"]


@pytest.mark.parametrize("gap", [*GAPS, "\n", "\r\n", "-\n"])
def test_phone_numbers(gap: str) -> None:
    assert mask(f"Ana, {gap.join(('514', '555', '0199'))}.") == "Ana, [phone]."
    assert mask(f"Ana, +1{gap}514{gap}555{gap}0199.") == "Ana, [phone]."


def test_phone_numbers_of_elsewhere() -> None:
    assert mask("Zoé, +33\u00a06\u00a012\u00a034\u00a056\u00a078") == "Zoé, [phone]"


@pytest.mark.parametrize("gap", ["", " ", "\u00a0", "\u2009", "-", "\u2011"])
def test_card_and_insurance_numbers(gap: str) -> None:
    assert mask(gap.join(("4111", "1111", "1111", "1111"))) == "[card number]"
    assert mask(gap.join(("046", "454", "286"))) == "[insurance number]"


@pytest.mark.parametrize(
    "text",
    [
        "1\u00a0250\u00a0000 $ de 2020 à 2024",
        "235 000 $\n120 000 $",
        "le 12/05/2026 à 14 h 30",
        "2026-05-04 16:00, H2X 1Y4",
        "514\n\n555\n\n0199",
        "pages 210-215, 2020",
    ],
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert mask(text) == text

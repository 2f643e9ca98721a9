"""The tokens of the style sheets reach WCAG AA in both schemes: 4.5 for words, 3 for edges and focus."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static/css"
SITE = (CSS / "site.css").read_text()
HEX = re.compile(r"(--[\w-]+):\s*(#[0-9a-f]{3,6})\b")

WORDS = [
    (words, ground)
    for ground in ("--page", "--surface", "--sunk")
    for words in ("--text", "--quiet", "--accent", "--bad", "--good", "--warn", "--info")
] + [(f"--{tone}", f"--{tone}-bg") for tone in ("good", "warn", "bad", "info")]
TEXT_ON_TONE = [("--text", f"--{tone}-bg") for tone in ("good", "warn", "bad", "info")]
EDGES = [(edge, ground) for edge in ("--edge", "--focus") for ground in ("--page", "--surface", "--sunk")]


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2 of #rgb or #rrggbb."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.005)


def tokens(scheme: str) -> dict[str, str]:
    light, rest = SITE.split("@media (prefers-color-scheme: dark)", 1)
    dark = rest.split("@media", 1)[0]
    found = dict(HEX.findall(light))
    return found if scheme == "light" else found | dict(HEX.findall(dark))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), [*WORDS, *TEXT_ON_TONE, ("--on-accent", "--accent")])
def test_words_can_be_read(scheme: str, words: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[words], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[edge], colours[ground]) >= 3


def test_dark_changes_every_colour_but_none_is_new() -> None:
    light, dark = tokens("light"), tokens("dark")
    assert dark.keys() == light.keys()
    assert not [name for name in light if light[name] == dark[name]]

"""The tokens of the style sheets reach WCAG AA in both schemes: 4.5 for words, 3 for edges and focus."""

import re
from pathlib import Path

import pytest

from engagement.accent import contrast, parse

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


def tokens(scheme: str) -> dict[str, str]:
    light, rest = SITE.split("@media (prefers-color-scheme: dark)", 1)
    dark = rest.split("@media", 1)[0]
    found = dict(HEX.findall(light))
    return found if scheme == "light" else found | dict(HEX.findall(dark))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), [*WORDS, *TEXT_ON_TONE, ("--on-accent", "--accent")])
def test_words_can_be_read(scheme: str, words: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(parse(colours[words]), parse(colours[ground])) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    colours = tokens(scheme)
    assert contrast(parse(colours[edge]), parse(colours[ground])) >= 3


def test_dark_changes_every_colour_but_none_is_new() -> None:
    light, dark = tokens("light"), tokens("dark")
    assert dark.keys() == light.keys()
    assert not [name for name in light if light[name] == dark[name]]

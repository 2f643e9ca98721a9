"""The guide for staff: its labels stand on the screen, its pictures are there, its keys are right."""

import re
from pathlib import Path

from PIL import Image

from engagement.admin.idea_verbs import IDEA_VERBS
from engagement.admin.keys import VERB_KEYS, WAYS
from tests.architecture.messages import all_messages

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "staff-guide.md").read_text()
README = (DOCS.parent / "README.md").read_text()
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
WIDEST, LARGEST = 1280, 150_000


def said(text: str) -> str:
    """Without markup, line ends and capitals: an admin's list writes its name with one of its own."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split()).casefold()


def bold(text: str) -> list[str]:
    return [said(one) for one in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)]


def screen() -> set[str]:
    return {said(text) for one in all_messages() for text in (one.text, one.plural) if text}


def test_every_label_in_bold_stands_on_the_screen() -> None:
    """Whole, or as a piece of a sentence that has a place for a number or a name beside it."""
    whole = screen()
    pieces = {piece.strip(" .,:“”") for text in whole for piece in PLACE.split(text) if PLACE.search(text)}
    labels = bold(GUIDE)
    assert len(labels) > 60
    assert [one for one in labels if one.rstrip(".:,") not in whole | pieces] == []


def test_the_keys_are_those_of_the_desk() -> None:
    rows = re.findall(r"^\| <kbd>(.)</kbd> \| (.+) \|$", GUIDE, re.MULTILINE)
    shown = {key.casefold(): what for key, what in rows}
    labels = {VERB_KEYS[verb.name]: said(str(verb.label)) for verb in IDEA_VERBS}
    for key, what in shown.items():
        if bold(what):
            assert labels[key] == bold(what)[0]
        else:
            assert key == "?" or dict(WAYS)[key] == what
    assert set(labels) <= set(shown), "a key that the guide does not name"


def test_every_picture_is_there_small_and_used_and_says_what_it_shows() -> None:
    named = re.findall(r"!\[([^\]]*)\]\((?:docs/)?pictures/([\w-]+\.png)\)", GUIDE + README)
    assert {name for _words, name in named} == {path.name for path in (DOCS / "pictures").glob("*.png")}
    for words, name in named:
        path = DOCS / "pictures" / name
        assert len(words) > 20, name
        assert path.stat().st_size < LARGEST, name
        with Image.open(path) as picture:
            assert picture.width <= WIDEST, name


def test_links_inside_the_guide_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).casefold().replace(" ", "-")
        for line in GUIDE.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        found = target[1:] in headings if target.startswith("#") else (DOCS / target).is_file()
        assert found, target

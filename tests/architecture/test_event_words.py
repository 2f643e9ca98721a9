"""Every verb that a service writes on a timeline is said in words, to staff of either app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engagement import emails
from engagement.admin.words import HAPPENED as ENGAGEMENT
from engagement.admin.words import mail_words
from engagement.workflow import IDEA_MOVES, REPORT_MOVES
from prioritisation import emails as plan_emails
from prioritisation.admin.words import HAPPENED as PRIORITISATION
from prioritisation.workflow import DELIVERY_MOVES, INITIATIVE_MOVES

ROOT = Path(__file__).resolve().parents[2]


def recorded(source: str) -> Iterator[str]:
    """Verbs written out: `Event(verb="...")`, `Event.objects.create(verb="...")`, `record(x, "...")`, and
    the lines for staff."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = [one.value for one in node.keywords if one.arg == "verb"]
        if called in {"record", "staff_line", "write_staff_line"} and len(node.args) > 1:
            given.append(node.args[1])
        elif called not in {"Event", "Event.objects.create"}:
            continue
        for value in given:
            if isinstance(value, ast.Constant):
                yield str(value.value)


def verbs(app: str) -> set[str]:
    files = (ROOT / app / "services").rglob("*.py")
    return {verb for file in files for verb in recorded(file.read_text(encoding="utf-8"))}


def test_verbs_are_found_in_code() -> None:
    code = (
        "record(p, 'a', at=1)\nEvent.objects.create(verb='b')\nEvent(verb='c')\ntell(verb='d')\nrecord(p, v)"
        "\nstaff_line(r, 'e', by=u)\nwrite_staff_line(r, 'f', by=u)"
    )
    assert list(recorded(code)) == ["a", "b", "c", "e", "f"]


@pytest.mark.parametrize(
    ("app", "moves", "words"),
    [
        ("engagement", {*IDEA_MOVES, *REPORT_MOVES}, ENGAGEMENT),
        ("prioritisation", {*INITIATIVE_MOVES, *DELIVERY_MOVES}, PRIORITISATION),
    ],
)
def test_every_verb_has_words_and_no_words_are_left_over(
    app: str, moves: set[str], words: dict[str, object]
) -> None:
    found = verbs(app)
    assert len(found) > 4
    assert (found | moves) - set(words) == set()
    assert set(words) - found - moves == set()


def test_every_mail_is_listed_in_words() -> None:
    kinds = [*emails.KINDS, *plan_emails.KINDS]
    words = {kind: mail_words(kind) for kind in kinds}
    assert [kind for kind, told in words.items() if told == kind] == []
    assert len(set(words.values())) == len(kinds)

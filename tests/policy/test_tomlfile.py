from __future__ import annotations

import contextlib
import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritisation.policies import tomlfile
from prioritisation.policies.catalogue import FOLDER, load
from prioritisation.policies.schema import PolicyError, digest

MONTREAL = load("montreal-2015")
TEXT = (FOLDER / "montreal-2015.toml").read_text(encoding="utf-8")


def faults(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(PolicyError) as caught:
        tomlfile.loads(text)
    return [(fault.line, fault.path, fault.reason) for fault in caught.value.faults]


def line_of(fragment: str, nth: int = 1) -> int:
    lines = [number for number, line in enumerate(TEXT.splitlines(), start=1) if fragment in line]
    return lines[nth - 1]


def test_broken_toml_names_the_line():
    ((line, path, reason),) = faults("format = 1\nkey = \n")
    assert (line, path) == (2, "")
    assert reason == "is not valid TOML: Invalid value"


def test_broken_toml_at_the_end_names_the_last_line():
    ((line, _, reason),) = faults('format = 1\nkey = """')
    assert line == 2
    assert reason.startswith("is not valid TOML")


@pytest.mark.parametrize(
    ("old", "new", "nth", "path", "reason"),
    [
        ('kind = "time"', 'kind = "hours"', 1, "criteria[4].kind", "must be one of"),
        ("keep = 70", "keep = 0", 1, "stages[1].keep", "between 1"),
        ('key = "strategy"', 'key = "enabling"', 1, "criteria[1].key", "used twice"),
        ("3 = { en = ", "3 = { de = ", 3, "criteria[2].anchors.3.en", "is missing"),
    ],
)
def test_a_fault_of_the_rules_names_its_line(old, new, nth, path, reason):
    number = line_of(old, nth)
    lines = TEXT.splitlines()
    lines[number - 1] = lines[number - 1].replace(old, new)
    found = {(line, at): why for line, at, why in faults("\n".join(lines))}
    assert reason in found[number, path]


def test_a_text_of_several_lines_is_not_read_as_fields():
    label = 'en = """\n[[criteria]]\nkind = \'x\'\n\'\'\' = 1\n"""\nfr = "T"'
    text = "[title]\n" + label + '\n[[criteria]]\nkind = "hours"\n'
    lines = tomlfile._lines(text)
    assert lines["criteria[0].kind"] == text.splitlines().index('kind = "hours"') + 1
    assert lines["title.fr"] == 7


def test_a_missing_field_names_the_line_of_its_table():
    text = TEXT.replace('code = "postponed"\n', "")
    (found,) = [one for one in faults(text) if one[1].startswith("reasons")]
    lines = text.splitlines()
    header = next(index for index, line in enumerate(lines) if "Postponed" in line) - 2
    assert lines[header] == "[[reasons]]"
    assert found == (header + 1, "reasons[6].code", "is missing")


def test_a_document_of_another_spelling_has_its_lines_too():
    text = tomlfile.dumps(MONTREAL).replace('kind = "time"', 'kind = "hours"')
    ((line, path, _),) = faults(text)
    assert path == "criteria[4].kind"
    assert text.splitlines()[line - 1] == 'kind = "hours"'


def test_a_document_that_is_no_policy_is_not_written():
    broken = copy.deepcopy(MONTREAL)
    del broken["reasons"]
    with pytest.raises(PolicyError):
        tomlfile.dumps(broken)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_any_text_survives_the_round_trip(title):
    document = copy.deepcopy(MONTREAL)
    document["title"]["en"] = title
    again = tomlfile.loads(tomlfile.dumps(document))
    assert again == document
    assert digest(again) == digest(document)


@given(st.text(max_size=40), st.integers(0, len(TEXT)))
def test_torn_files_never_raise_anything_else(noise, at):
    with contextlib.suppress(PolicyError):  # anything else fails the test
        document = tomlfile.loads(TEXT[:at] + noise + TEXT[at:])
        assert tomlfile.loads(tomlfile.dumps(document)) == document


@pytest.mark.parametrize("text", ["[a" + ".a" * 400_000 + "]", "\n" + "a." * 400_000 + "a = 1"])
def test_keys_of_very_many_parts_are_not_even_read(text, monkeypatch):
    monkeypatch.setattr(tomlfile.tomllib, "loads", lambda _text: pytest.fail("it would take minutes"))
    ((line, _path, said),) = faults(text)
    assert (line, said) == (1 + text.count("\n"), "is nested too deeply")


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "9" * 5000], ids=["deep", "digits"])
def test_files_made_to_break_readers_are_refused(text):
    assert faults(text)

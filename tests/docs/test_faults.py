"""The tests that docs/faults.md names are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = re.findall(r"`(tests/\S+)::(test_\w+)`", (ROOT / "docs/faults.md").read_text("utf-8"))


def test_every_fault_names_a_test() -> None:
    rows = re.findall(r"^\| \d+ \|.*$", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 16
    assert all("::test_" in row for row in rows)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_it_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text("utf-8")

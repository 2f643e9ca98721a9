"""docs/threat-model.md names a test in each line, and each of them is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_line_names_a_test_that_is_there() -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith("|---")]
    lines = [line for line in lines if not line.endswith("| Shown by |")]
    assert len(lines) > 35
    for line in lines:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", line)
        assert named, line
        for file, test in named:
            assert test in names_in(ROOT / file), (file, test)

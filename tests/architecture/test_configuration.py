"""docs/configuration.md lists every setting, and nothing that is none."""

import re
from pathlib import Path

from config.env import NAMES_READ

ROOT = Path(__file__).resolve().parent.parent.parent


def documented() -> dict[str, str]:
    """Name and default of each line of the tables in docs/configuration.md."""
    rows = re.findall(
        r"^\| `([A-Z0-9_]+)` \| (.*?) \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE
    )
    return {name: default.strip("`") for name, default in rows}


def test_the_list_is_complete_and_true() -> None:
    assert sorted(documented()) == sorted(NAMES_READ)


def test_defaults_are_those_of_the_code() -> None:
    """Where the default is a plain value; those that depend on other settings are told in words."""
    from config.settings import DEBUG, VAR

    for name, default in documented().items():
        real = NAMES_READ[name]
        if (
            not default
            or str(VAR) in real
            or default.startswith(("as ", "in ", "beside", "on where", "off, ", "from "))
        ):
            continue
        assert default == real, f"{name}; tests run with WINNOW_DEBUG={DEBUG}"


def test_the_example_names_only_settings_that_exist() -> None:
    names = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(names) > 10
    assert set(names) <= {*NAMES_READ, "POSTGRES_PASSWORD"}

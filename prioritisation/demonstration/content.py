"""Reads what was written for the demonstration: TOML files beside this module. Pure: no Django."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"
MAIL_DOMAIN = "@rowanbridge.example"


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def city() -> dict[str, Any]:
    return _read("city")


def people() -> list[dict[str, Any]]:
    return list(_read("people")["people"])


def calls() -> list[dict[str, Any]]:
    return list(_read("calls")["calls"])


def meetings() -> list[dict[str, Any]]:
    return list(_read("meetings")["meetings"])


def extras() -> list[dict[str, Any]]:
    """Texts that are not eligible: tests, advertising, the same text sent twice."""
    return list(_read("extra")["extra"])


def reports() -> dict[str, Any]:
    return _read("reports")


def _all(prefix: str, key: str) -> list[dict[str, Any]]:
    rows = [row for path in sorted(FOLDER.glob(f"{prefix}-*.toml")) for row in _read(path.stem)[key]]
    return sorted(rows, key=lambda row: int(row["n"]))


def ideas() -> list[dict[str, Any]]:
    """The eligible ideas, by number."""
    return _all("ideas", "ideas")


def initiatives() -> list[dict[str, Any]]:
    """What staff worked up, by number."""
    return _all("initiatives", "initiatives")


def second_ideas() -> list[dict[str, Any]]:
    """What came to the second idea box, which is still open."""
    return list(_read("second-ideas")["ideas"])


def second_initiatives() -> list[dict[str, Any]]:
    """What staff worked up for the second round."""
    return list(_read("second-initiatives")["initiatives"])


def evidence() -> list[dict[str, Any]]:
    """Which problem reports speak about which initiative."""
    return list(_read("evidence")["evidence"])


def letters() -> dict[str, Any]:
    """What came to the second idea box and was not one idea: a letter of several, and a problem report."""
    return _read("letters")


def checklist(programme: str) -> list[dict[str, Any]]:
    """The steps of the "first" or the "second" programme."""
    return list(_read("checklists")[programme])


def money() -> dict[str, Any]:
    """Budget lines and capacities of the "first" and the "second" programme; of the first also scenarios."""
    return _read("money")


def ballots() -> dict[str, Any]:
    """The shortlist on which residents voted, with how many approved each."""
    return _read("ballots")


def council() -> dict[str, Any]:
    """What people did with the first ranking."""
    return _read("council")


def delivery() -> list[dict[str, Any]]:
    """What became of the first plan, in the order in which it was told."""
    return list(_read("delivery")["steps"])


def second_rules() -> dict[str, Any]:
    """Teams, groups and what is counted in the second programme's scoring rules."""
    return _read("second-rules")


def second_round() -> dict[str, Any]:
    """Who sits where in the second round, and what came up on the way."""
    return _read("second-round")


def notes() -> dict[str, Any]:
    """By criterion what assessors write beside a low and a high score."""
    return _read("notes")

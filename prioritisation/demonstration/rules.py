"""The scoring rules of both programmes: Montréal's, under the city's own themes."""

from typing import Any

from prioritisation.demonstration import content
from prioritisation.policies import catalogue

SOURCE = "montreal-2015"


def first() -> dict[str, Any]:
    document = catalogue.load(SOURCE)
    document["themes"] = [
        {"key": theme["key"], "kind": theme["kind"], "label": theme["name"]}
        for theme in content.city()["themes"]
    ]
    return document


def second() -> dict[str, Any]:
    """The same with teams, with groups that have weights of their own, and with residents' support."""
    document, added = first(), content.second_rules()
    document["teams"], document["groups"] = added["teams"], added["groups"]
    for criterion in document["criteria"]:
        if criterion["key"] in added["judges"]:
            criterion["team"] = added["judges"][criterion["key"]]
    document["criteria"] += added["criteria"]
    return document

"""The scoring rules that come with the product, one TOML file each, beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prioritisation.policies import tomlfile
from prioritisation.policies.schema import LocalizedText, parse

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class ShippedPolicy:
    """What a list of presets shows: `published` is what the city made public, `ours` what was added."""

    key: str
    title: LocalizedText
    source: str
    published: LocalizedText
    ours: LocalizedText


def shipped() -> list[ShippedPolicy]:
    """Every shipped policy, by key; the empty one for a city that starts afresh comes last."""
    keys = sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda key: (key == "blank", key))
    return [_summary(key) for key in keys]


def load(key: str) -> dict[str, Any]:
    """The document of a shipped policy, the caller's own copy. KeyError if there is none of this key."""
    path = FOLDER / f"{key}.toml"
    if path not in set(FOLDER.glob("*.toml")):
        raise KeyError(key)
    return tomlfile.loads(path.read_text(encoding="utf-8"))


def _summary(key: str) -> ShippedPolicy:
    policy = parse(load(key))
    source = policy.source
    return ShippedPolicy(policy.key, policy.title, source.title, source.published, source.ours)

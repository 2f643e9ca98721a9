"""Whether two policies ask, weigh and decide alike, whatever their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from prioritisation.policies.schema.policy import Policy

COUNTS_AS_MEANING = {"unit"}
"""Texts that are more than words: "months" instead of "years" is another figure."""


def same_meaning(a: Policy, b: Policy) -> bool:
    """Do `a` and `b` differ in words alone? Keys, kinds, scale, weights, gates, stages, mix and reasons
    must be the same, and in the same order; the texts that people read may differ."""
    return bool(_bones(a) == _bones(b))


def _bones(value: Any) -> Any:
    """The value without its localized texts. That there is a text at all, or none, still counts."""
    if is_dataclass(value):
        return {
            one.name: _said(getattr(value, one.name))
            if "LocalizedText" in str(one.type) and one.name not in COUNTS_AS_MEANING
            else _bones(getattr(value, one.name))
            for one in fields(value)
        }
    if isinstance(value, tuple | list):
        return [_bones(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _bones(one) for key, one in value.items()}
    return value


def _said(text: Mapping[str, str] | None) -> bool:
    return text is not None

"""The one schema of policies: read with `parse`, fingerprint with `digest`, improve with `warnings`."""

from prioritisation.policies.schema.advice import Alike, much_alike, stale_weights, warnings, without_range
from prioritisation.policies.schema.documents import canonical, digest
from prioritisation.policies.schema.faults import Fault, PolicyError
from prioritisation.policies.schema.meaning import same_meaning
from prioritisation.policies.schema.parsing import FORMAT, LANGUAGES, parse
from prioritisation.policies.schema.policy import (
    Band,
    Criterion,
    Gate,
    Group,
    Level,
    LocalizedText,
    MixGroup,
    MixRule,
    Policy,
    Rankable,
    Reason,
    Scale,
    Source,
    Stage,
    Team,
    Theme,
)

__all__ = [
    "FORMAT",
    "LANGUAGES",
    "Alike",
    "Band",
    "Criterion",
    "Fault",
    "Gate",
    "Group",
    "Level",
    "LocalizedText",
    "MixGroup",
    "MixRule",
    "Policy",
    "PolicyError",
    "Rankable",
    "Reason",
    "Scale",
    "Source",
    "Stage",
    "Team",
    "Theme",
    "canonical",
    "digest",
    "much_alike",
    "parse",
    "same_meaning",
    "stale_weights",
    "warnings",
    "without_range",
]

"""From ideas to a published plan: programmes, initiatives, rounds, decisions."""

from prioritisation.models.decisions import Decision, Plan, PlanText, PlanVersion, Result
from prioritisation.models.events import Event
from prioritisation.models.initiatives import (
    CostLine,
    IdeaLink,
    Initiative,
    InitiativeRevision,
    ThemeImpact,
)
from prioritisation.models.programmes import ChecklistItem, Membership, PolicyVersion, Programme
from prioritisation.models.rounds import (
    Assessment,
    Assignment,
    Entry,
    EvidenceFigures,
    EvidenceLink,
    GateCheck,
    PanelMember,
    Round,
)

__all__ = [
    "Assessment",
    "Assignment",
    "ChecklistItem",
    "CostLine",
    "Decision",
    "Entry",
    "Event",
    "EvidenceFigures",
    "EvidenceLink",
    "GateCheck",
    "IdeaLink",
    "Initiative",
    "InitiativeRevision",
    "Membership",
    "PanelMember",
    "Plan",
    "PlanText",
    "PlanVersion",
    "PolicyVersion",
    "Programme",
    "Result",
    "Round",
    "ThemeImpact",
]

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
from prioritisation.models.programmes import Membership, PolicyVersion, Programme
from prioritisation.models.rounds import Assessment, Assignment, Entry, GateCheck, PanelMember, Round

__all__ = [
    "Assessment",
    "Assignment",
    "CostLine",
    "Decision",
    "Entry",
    "Event",
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

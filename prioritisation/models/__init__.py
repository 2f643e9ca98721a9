"""From ideas to a published plan: programmes, initiatives, rounds, decisions."""

from prioritisation.models.choosing import BallotFile, Scenario
from prioritisation.models.decisions import (
    Amendment,
    Decision,
    DecisionMeeting,
    Draw,
    Plan,
    PlanText,
    PlanVersion,
    Result,
)
from prioritisation.models.delivery import DeliveryStep
from prioritisation.models.events import Event
from prioritisation.models.initiatives import (
    CostLine,
    FactCheck,
    IdeaLink,
    Initiative,
    InitiativeRevision,
    Relation,
    ThemeImpact,
    Understanding,
)
from prioritisation.models.programmes import (
    BudgetLine,
    Capacity,
    ChecklistItem,
    Membership,
    PolicyVersion,
    Programme,
)
from prioritisation.models.rounds import (
    Assessment,
    Assignment,
    Clarification,
    Discussion,
    Entry,
    EvidenceFigures,
    EvidenceLink,
    GateCheck,
    PanelMember,
    Round,
)

__all__ = [
    "Amendment",
    "Assessment",
    "Assignment",
    "BallotFile",
    "BudgetLine",
    "Capacity",
    "ChecklistItem",
    "Clarification",
    "CostLine",
    "Decision",
    "DecisionMeeting",
    "DeliveryStep",
    "Discussion",
    "Draw",
    "Entry",
    "Event",
    "EvidenceFigures",
    "EvidenceLink",
    "FactCheck",
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
    "Relation",
    "Result",
    "Round",
    "Scenario",
    "ThemeImpact",
    "Understanding",
]

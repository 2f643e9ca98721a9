"""What pages show of scoring rules: tables, the assessor's form, and what is unwise."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from prioritisation import services
from prioritisation.forms.assessments import AssessmentForm
from prioritisation.forms.policy_changes import pruned
from prioritisation.models import PolicyVersion
from prioritisation.policies import schema
from prioritisation.shares import whole_parts


def shown_policy(policy: schema.Policy) -> dict[str, Any]:
    """A policy as tables: criteria with their weights, conditions, stages, reasons."""
    scored = (one.key for one in policy.scored_criteria())
    weights = dict(zip(scored, whole_parts(policy.weights()), strict=True))
    reasons = {one.code: one.label for one in policy.reasons}
    labels = {one.key: one.label for one in policy.criteria}
    return {
        "policy": policy,
        "teams": {one.key: dict(one.label) for one in policy.teams},
        "criteria": [(one, weights.get(one.key, 0)) for one in policy.criteria],
        "gates": [
            (one, labels.get(one.criterion or "", {}), reasons.get(one.reason or "", {}))
            for one in policy.gates
        ],
        "warnings": worded(schema.warnings(policy, language=get_language() or "")),
    }


def shown_form(policy: schema.Policy) -> dict[str, Any]:
    """The assessor's form, empty; where teams are asked about different criteria, the form of each."""
    measured = [one for one in policy.criteria if one.source != "assessor"]
    asked: dict[str, tuple[schema.Criterion, ...]] = {"": policy.assessed_criteria()}
    if policy.teams:
        asked = {one.key: policy.asked_of(one.key) for one in policy.teams}
        asked |= {"": tuple(one for one in policy.assessed_criteria() if one.team is None)}
    names = {one.key: dict(one.label) for one in policy.teams}
    return {
        "parts": [
            (names.get(team), list(AssessmentForm(policy=policy, asked=some, assessment=None).blocks()))
            for team, some in asked.items()
            if some
        ],
        "measured": measured,
        "policy": policy,
        "minutes": -(-40 * services.SECONDS_AN_INITIATIVE // 60),
    }


def worded(faults: Iterable[schema.Fault]) -> list[str]:
    return [_(one.message) % one.params for one in faults]


def warnings_of(version: PolicyVersion, document: dict[str, Any], *, manages: bool) -> list[str]:
    """What is unwise in a sound document; nothing about an unsound one, which has faults instead.

    What a closed round's scores say is for the programme's managers.
    """
    try:
        policy = schema.parse(pruned(document))
    except schema.PolicyError:
        return []
    draft = version.approved_at is None
    return worded(
        schema.warnings(
            policy,
            budget_limited=version.programme.budget_lines.exists(),
            language=get_language() or "",
            before=services.rules_weighed_before(version) if draft else None,
            alike=services.scored_alike(version.programme) if manages else (),
        )
    )

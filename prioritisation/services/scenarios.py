"""Scenarios: selections tried under rules after a round is closed, and their adoption as a result."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.localized import localized, said
from engagement.models import User
from engagement.services import Refused, Stale
from prioritisation import __version__, portfolios, rankings
from prioritisation.models import BudgetLine, Capacity, Initiative, Relation, Result, Round, Scenario
from prioritisation.policies import schema
from prioritisation.services.access import hold_round, record, require_role
from prioritisation.services.decisions import draft_decisions
from prioritisation.services.initiatives import order_of
from prioritisation.services.limits import budget_lines
from prioritisation.services.results import RECOMPUTED, latest_result, places_of
from prioritisation.workflow import Role, RoundState

CLEAR_IMPACT = 2
"""An initiative counts for a theme that it does something clear for, or that is its main one."""
ADOPT_SECONDS = 120.0


# What a selection is made from --------------------------------------------------------------------------


def portfolio_inputs(round: Round, rules: dict[str, Any]) -> dict[str, Any]:
    """Everything a selection is made from, as JSON: values from the newest ranking; costs, time frames,
    themes and places as they stand now. Refused when the scoring rules have no criterion of benefit."""
    result = latest_result(round)
    policy = schema.parse(round.policy_version.document)
    weights = {
        one.key: weight
        for one, weight in zip(policy.scored_criteria(), policy.weights(), strict=True)
        if one.kind == "benefit" and weight > 0
    }
    if not weights:
        raise Refused(_("These scoring rules have no criterion of benefit, so nothing can be weighed."))
    ranked = {row["reference"]: row for row in result.output["rows"] if row["rank"] is not None}
    rows = _rows(round, policy, ranked, weights)
    return {
        "format": 1,
        "policy": round.policy_version.sha256,
        "ranking": result.inputs_sha256,
        "seed": round.seed,
        "mix": [_mix(rule) for rule in policy.mix],
        "themes": [{"key": one.key, "kind": one.kind, "label": dict(one.label)} for one in policy.themes],
        "weights": weights,
        "groups": _groups(policy, list(weights)),
        "budget": [_line(one) for one in budget_lines(round.programme)],
        "capacities": [
            {
                "department": one.department.code,
                "initiatives": one.initiatives,
                "effort": one.effort,
                "label": one.department.name,
            }
            for one in _capacities(round)
        ],
        "relations": _relations(round, set(ranked)),
        "rules": rules,
        "initiatives": rows,
    }


# What comes in a list is put in order here: databases compare letters, and nothing, in ways of their own.


def _capacities(round: Round) -> list[Capacity]:
    rows = Capacity.objects.filter(programme=round.programme_id).select_related("department")
    return sorted(rows, key=lambda one: one.department.code)


def _mix(rule: schema.MixRule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "rule": rule.rule,
        "label": dict(rule.label),
        "shares": dict(rule.shares),
        "tolerance": rule.tolerance,
        "criterion": rule.criterion,
        "groups": [
            {"key": one.key, "label": dict(one.label), "low": one.low, "high": one.high}
            for one in rule.groups
        ],
        "theme_kind": rule.theme_kind,
        "of": rule.of,
        "initiative_kind": rule.initiative_kind,
        "quintile": rule.quintile,
        "minimum": rule.minimum,
    }


def _groups(policy: schema.Policy, keys: list[str]) -> list[list[float]] | None:
    """Weights of the stakeholder groups on the criteria of benefit; None where one has none there."""
    place = [one.key for one in policy.scored_criteria()]
    rows = [[row[place.index(key)] for key in keys] for row in policy.group_weights()]
    return rows if rows and all(sum(row) > 0 for row in rows) else None


def _line(line: BudgetLine) -> dict[str, Any]:
    return {
        "key": str(line.pk),
        "kind": line.kind,
        "year": line.year,
        "amount": int(line.amount * 100),
        "reserve": line.reserve,
        "label": line.label,
    }


def _relations(round: Round, references: set[str]) -> list[list[str]]:
    pairs = Relation.objects.filter(initiative__programme=round.programme_id).select_related(
        "initiative", "other"
    )
    found = [
        [one.kind, one.initiative.reference, one.other.reference]
        for one in pairs
        # what an earlier plan chose is there already: needing it asks nothing
        if not (one.kind == Relation.Kind.REQUIRES and one.other.state == Initiative.State.CHOSEN)
        or one.other.reference in references
    ]
    return sorted(found)


def _rows(
    round: Round, policy: schema.Policy, ranked: dict[str, Any], weights: dict[str, float]
) -> list[dict[str, Any]]:
    initiatives = (
        Initiative.objects.filter(entries__round=round, reference__in=list(ranked))
        .select_related("owner")
        .prefetch_related("cost_lines", "districts", "theme_impacts__theme")
    )
    shared = [rule.criterion for rule in policy.mix if rule.criterion]
    rows = []
    for one in sorted(initiatives, key=lambda initiative: initiative.reference):
        criteria = ranked[one.reference]["criteria"]
        values = {key: criteria[key]["value"] for key in weights}
        if portfolios.benefit(weights, values) is None:
            continue
        costs = list(one.cost_lines.all())
        months = one.timeframe_months
        band = None if months is None else policy.band(months)
        districts = sorted(one.districts.all(), key=lambda district: district.code)
        themes = sorted(one.theme_impacts.all(), key=order_of)
        rows.append(
            {
                "reference": one.reference,
                "benefit": values,
                "costs": [[c.kind, c.year, int(c.amount * 100)] for c in costs] if costs else None,
                "months": months,
                "band": band.key if band else None,
                "themes": [i.theme.key for i in themes if i.impact >= CLEAR_IMPACT],
                "districts": [district.code for district in districts],
                "quintile": max((d.quintile for d in districts if d.quintile is not None), default=None),
                "owner": one.owner.code if one.owner else None,
                "effort": one.effort,
                "risk": one.risk,
                "quick_win": one.quick_win,
                "kind": one.kind,
                "means": {key: criteria[key]["mean"] for key in shared},
            }
        )
    return rows


def known_to(round: Round, inputs: dict[str, Any]) -> portfolios.Known:
    """What rules of this round may name."""
    policy = schema.parse(round.policy_version.document)
    return portfolios.Known(
        themes=frozenset(one.key for one in policy.themes),
        bands=frozenset(one.key for one in policy.bands),
        districts=frozenset(code for one in inputs["initiatives"] for code in one["districts"]),
        mix=frozenset(one.key for one in policy.mix),
        references=frozenset(one["reference"] for one in inputs["initiatives"]),
    )


def read_rules(round: Round, rules: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a selection under these rules; Refused with every fault in words."""
    inputs = portfolio_inputs(round, {})
    try:
        inputs["rules"] = portfolios.read(rules, known_to(round, inputs))
    except portfolios.RulesError as error:
        words = " ".join(_(fault.message) % fault.params for fault in error.faults)
        raise Refused(words, code="rules") from error
    return inputs


def fingerprint_of(inputs: dict[str, Any]) -> str:
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# Making and changing one --------------------------------------------------------------------------------


def _require_closed(round: Round, by: User) -> None:
    require_role(by, round.programme, Role.MANAGER)
    if hold_round(round) != RoundState.CLOSED:
        raise Refused(
            _("Selections are built after the round is closed, until it is decided."), code="wrong_state"
        )


@transaction.atomic
def start_scenario(*, round: Round, name: str, by: User, at: datetime) -> Scenario:
    """A scenario with the newest ranking’s places, its scoring rules’ mix, budgets and capacities."""
    _require_closed(round, by)
    policy = schema.parse(round.policy_version.document)
    inputs = portfolio_inputs(round, {})
    rules = portfolios.default(places_of(round), len(inputs["initiatives"]), [one.key for one in policy.mix])
    try:
        with transaction.atomic():
            made = Scenario.objects.create(
                round=round, name=name.strip(), rules=rules, made_at=at, made_by=by, changed_at=at
            )
    except IntegrityError as error:
        raise Refused(_("Another scenario of this round has this name."), field="name") from error
    record(round.programme, "start_scenario", at=at, by=by, round=round, note=made.name)
    return made


def _change(scenario: Scenario, by: User, at: datetime, version: int | None, **values: Any) -> Scenario:
    _require_closed(scenario.round, by)
    seen = scenario.version if version is None else version
    changed = Scenario.objects.filter(pk=scenario.pk, version=seen, result__isnull=True).update(
        version=F("version") + 1, changed_at=at, **values
    )
    if not changed:
        raise Stale(_("Somebody else changed or adopted this scenario. Look again before you save."))
    scenario.refresh_from_db()
    return scenario


@transaction.atomic
def save_rules(
    *, scenario: Scenario, rules: dict[str, Any], by: User, at: datetime, version: int | None = None
) -> Scenario:
    """Changes what the scenario asks. Nothing is saved while a rule has a fault."""
    read = read_rules(scenario.round, rules)["rules"]
    changed = _change(scenario, by, at, version, rules=read)
    record(
        scenario.round.programme, "change_scenario", at=at, by=by, round=scenario.round, note=scenario.name
    )
    return changed


@transaction.atomic
def save_selection(
    *, scenario: Scenario, selection: Iterable[str], by: User, at: datetime, version: int | None = None
) -> Scenario:
    """Keeps what staff ticked, whether it keeps the rules or not. What is no candidate is refused."""
    asked = set(selection)
    there = set(scenario.round.entries.values_list("initiative__reference", flat=True))
    if strange := sorted(asked - there):
        raise Refused(_("Not in this round: %(names)s.") % {"names": ", ".join(strange[:5])})
    return _change(scenario, by, at, version, selection=sorted(asked))


@transaction.atomic
def lock_initiative(
    *,
    scenario: Scenario,
    reference: str,
    lock: str,
    reason: str,
    by: User,
    at: datetime,
    version: int | None = None,
) -> Scenario:
    """Locks an initiative in or out, allows it without a stated cost, or takes all that away ("")."""
    if lock not in ("", "in", "out", "without_cost"):
        raise Refused(_("Choose what holds for it."), field="lock")
    if lock and not reason.strip():
        raise Refused(_("Say why."), field="reason")
    rules = dict(scenario.rules)
    for part in ("locks", "without_cost"):
        rules[part] = [one for one in rules.get(part) or [] if one.get("reference") != reference]
    if lock in ("in", "out"):
        rules["locks"].append({"reference": reference, "lock": lock, "reason": reason.strip()})
    elif lock:
        rules["without_cost"].append({"reference": reference, "reason": reason.strip()})
    return save_rules(scenario=scenario, rules=rules, by=by, at=at, version=version)


@transaction.atomic
def remove_scenario(*, scenario: Scenario, by: User, at: datetime) -> None:
    """Takes away one that was not adopted."""
    _require_closed(scenario.round, by)
    gone, _kinds = Scenario.objects.filter(pk=scenario.pk, result__isnull=True).delete()
    if not gone:
        raise Refused(_("It is adopted and stays on record."))
    record(
        scenario.round.programme, "remove_scenario", at=at, by=by, round=scenario.round, note=scenario.name
    )


# Adopting one -------------------------------------------------------------------------------------------


@transaction.atomic
def adopt_scenario(
    *,
    scenario: Scenario,
    own: bool,
    reason: dict[str, str],
    by: User,
    at: datetime,
    despite: dict[str, str] | None = None,
    draft: bool = False,
    version: int | None = None,
) -> Result:
    """Keeps the best selection, or with `own` staff's own one, as a result that never changes.

    `reason` says why, by language: drafts that go against the ranking carry it into the plan. Staff's own one
    may break rules, but not unsaid: `despite` says why, by language. Both are frozen with the inputs.
    The inputs are frozen with their hash. Only a proved best is adopted, so that it comes out again on any
    day. With `draft`, decisions are drafted from the selection: what the ranking says otherwise is overridden
    by name and reason.
    """
    _require_closed(scenario.round, by)
    round = scenario.round
    why = said(reason)
    if not why:
        raise Refused(_("Say why this selection is adopted."), field="reason")
    inputs = read_rules(round, scenario.rules)
    inputs["reason"] = why
    if own:
        known = {one["reference"] for one in inputs["initiatives"]}
        inputs["selection"] = [one for one in scenario.selection if one in known]
        if not inputs["selection"]:
            raise Refused(_("Tick what you would choose first."), field="own")
        _refuse_unsaid(inputs, despite)
    output = portfolios.answer(inputs, seconds=ADOPT_SECONDS)
    if output["status"] == "infeasible" and not own:
        raise Refused(_("No selection keeps every rule: there is nothing to adopt."))
    if output["status"] not in ("optimal", "infeasible"):
        raise Refused(_("It was not proved in time that nothing is better. Try again, or ask for less."))
    result = Result.objects.create(
        round=round,
        kind=Result.Kind.PORTFOLIO,
        parent=latest_result(round),
        reason=localized(why, settings.LANGUAGE_CODE)[:500],
        policy_version=round.policy_version,
        inputs=inputs,
        inputs_sha256=rankings.fingerprint(inputs),
        seed=round.seed,
        code_version=__version__,
        output=output,
        made_at=at,
        made_by=by,
    )
    _change(scenario, by, at, version, result=result)
    record(round.programme, "adopt_scenario", at=at, by=by, round=round, note=f"{scenario.name}: {result.pk}")
    if draft:
        draft_decisions(round=round, by=by, at=at)
    return result


def _refuse_unsaid(inputs: dict[str, Any], despite: dict[str, str] | None) -> None:
    """Nothing is kept of a selection that breaks rules while nobody says why it may."""
    model = portfolios.build(inputs)
    if not portfolios.evaluate(model, model.indexes(inputs["selection"]))["broken"]:
        return
    why = said(despite)
    if not why:
        raise Refused(_("Say why these rules may be broken."), code="broken", field="despite")
    inputs["despite"] = why


def recompute_portfolio(result: Result) -> dict[str, Any]:
    """The adopted selection made again from its frozen inputs."""
    return portfolios.answer(result.inputs)


RECOMPUTED[Result.Kind.PORTFOLIO] = recompute_portfolio


def scenarios_of(round: Round) -> Any:
    return round.scenarios.select_related("made_by", "result").order_by("-changed_at")

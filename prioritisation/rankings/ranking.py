"""The ranking: utilities, gates, places, and how sure each place is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from prioritisation.collecting import uncollected
from prioritisation.policies.schema import Policy
from prioritisation.rankings import assessors, gates, stability, uncertainty
from prioritisation.rankings.assessors import Study
from prioritisation.rankings.figures import Figures, measure, worth
from prioritisation.rankings.gates import CLEARED
from prioritisation.rankings.inputs import DIGITS, Case, Changes, Inputs, read
from prioritisation.rankings.uncertainty import NOISE_DRAWS, TOLERANCE, WEIGHT_DRAWS
from prioritisation.scoring import ranking, robustness
from prioritisation.scoring.inputs import FloatArray

CORE, OUT = 0.9, 0.1
"""Shares of the draws: from the one on a place is safe, up to the other it is out of reach."""

Row = dict[str, Any]


@uncollected()
def rank(
    policy: Policy,
    inputs: Inputs,
    changes: Changes | None = None,
    *,
    noise_draws: int = NOISE_DRAWS,
    weight_draws: int = WEIGHT_DRAWS,
) -> dict[str, Any]:
    """The ranking: `{"criteria", "weights", "places", "rows": [...], ...}`, rows in published order.

    `changes` are tried on top of those in the inputs. A row: reference, status (in | tie | out | gate |
    needs_assessment), rank or null, tied, utility (0..1), coverage, lower, upper, reviews, gates `[{"key",
    "verdict"}]`, criteria `{key: {"mean", "se", "value", "share", "reviews", "adjusted"}}`, where `share` is
    the part of the utility that the criterion brings.

    From format 2 on also: adjusted and adjusted_rank (with the severity of assessors taken out), raw_utility
    and raw_rank where that is used in the ranking, median and spread (of the assessors' own utilities),
    and of ranked rows rank_low, rank_high, expected_rank, p_noise, p_weights, group (core | borderline |
    out); null where it cannot be said. And of the whole: severity, agreement, stability, draws.

    ValueError for changes without a meaning: unknown criteria, or no weight left.
    """
    case = read(policy, inputs, changes)
    if not case.initiatives:
        return _nothing(case)
    worked = _work(case)
    rows = _rows(case, worked)
    _place(policy, rows, case.places)
    output = {
        "criteria": [one.key for one in policy.scored_criteria()],
        "weights": case.weights.tolist(),
        "places": case.places,
        "rows": rows,
    }
    if case.first_format:
        return output
    _rank_adjusted(rows)
    output["severity"] = assessors.report(case, worked.studies)
    output["agreement"] = assessors.agreements(worked.studies)
    output["draws"] = _draw(case, worked, rows, noise_draws, weight_draws)
    output["stability"] = _stability(case, worked, rows)
    for row in rows:
        del row["place"]
    return output


def preview(policy: Policy, inputs: Inputs, changes: Changes | None = None) -> dict[str, Any]:
    """As `rank`, without random draws: what comes of them is null. Fast enough for a page."""
    return rank(policy, inputs, changes, noise_draws=0, weight_draws=0)


def _nothing(case: Case) -> dict[str, Any]:
    output: dict[str, Any] = {
        "criteria": [one.key for one in case.policy.scored_criteria()],
        "weights": case.weights.tolist(),
        "places": None,
        "rows": [],
    }
    if not case.first_format:
        output["severity"] = assessors.report(case, {})
        output |= {"agreement": {}, "stability": None, "draws": _told(0, 0, case, [])}
    return output


@dataclass(frozen=True)
class _Work:
    """Tables over initiatives; `adjusted` and `used` are means (initiatives, criteria of the policy)."""

    figures: Figures
    studies: dict[str, Study]
    adjusted: FloatArray
    used: FloatArray
    valued: FloatArray
    result: ranking.WeightedMean
    plain: FloatArray
    beside: FloatArray
    own: tuple[FloatArray, FloatArray]


def _work(case: Case) -> _Work:
    policy, figures = case.policy, measure(case)
    studies, adjusted = {}, figures.mean.copy()
    if not case.first_format:
        for column, criterion in enumerate(policy.assessed_criteria()):
            one = assessors.study(case, column)
            studies[criterion.key] = one
            adjusted[:, policy.criteria.index(criterion)] = one.adjusted
    used = adjusted if case.severity == "used" else figures.mean
    scored = policy.scored_criteria()
    columns = [policy.criteria.index(one) for one in scored]
    valued = worth(scored, used[:, columns])
    result = ranking.weighted_mean(valued, case.weights)
    plain = beside = result.utility
    if any(not one.why for one in studies.values()):
        if case.severity == "used":
            plain = ranking.weighted_mean(worth(scored, figures.mean[:, columns]), case.weights).utility
        else:
            beside = ranking.weighted_mean(worth(scored, adjusted[:, columns]), case.weights).utility
    return _Work(
        figures, studies, adjusted, used, valued, result, plain, beside, _own_utilities(case, figures)
    )


def _own_utilities(case: Case, figures: Figures) -> tuple[FloatArray, FloatArray]:
    """Median and spread (ddof 1) of what each assessor alone would give an initiative; nan where nobody
    judged enough of it for a utility."""
    size = len(case.initiatives)
    median, spread = np.full(size, np.nan), np.full(size, np.nan)
    if case.first_format or not case.initiative.size:
        return median, spread
    policy = case.policy
    scored, assessed = policy.scored_criteria(), policy.assessed_criteria()
    columns = [
        case.given[:, assessed.index(one)]
        if one.source == "assessor"
        else figures.mean[case.initiative, policy.criteria.index(one)]
        for one in scored
    ]
    alone = ranking.weighted_mean(worth(scored, np.column_stack(columns)), case.weights)
    enough = np.round(alone.coverage, DIGITS) >= policy.rankable.coverage
    # sorted by initiative already, now also by utility inside it: the median stands in the middle
    rows, given = case.initiative[enough], alone.utility[enough]
    order = np.lexsort((given, rows))
    rows, given = rows[order], given[order]
    count = np.bincount(rows, minlength=size)
    first = np.cumsum(count) - count
    some = count > 0
    lower, upper = first[some] + (count[some] - 1) // 2, first[some] + count[some] // 2
    median[some] = (given[lower] + given[upper]) / 2
    mean = np.bincount(rows, weights=given, minlength=size) / np.maximum(count, 1)
    squares = np.bincount(rows, weights=(given - mean[rows]) ** 2, minlength=size)
    np.divide(squares, count - 1, out=spread, where=count > 1)
    return median, np.sqrt(spread)


def _stored(table: FloatArray) -> Any:
    """Numbers as they are stored and compared: nine digits, null for what is not known, no -0."""
    rounded = np.round(table, DIGITS) + 0.0
    stored = rounded.astype(object)
    stored[np.isnan(rounded)] = None
    return stored.tolist()


def _rows(case: Case, worked: _Work) -> list[Row]:
    result, reviews = worked.result, case.reviews
    table = {
        "utility": result.utility,
        "coverage": result.coverage,
        "lower": result.lower,
        "upper": result.upper,
    }
    if not case.first_format:
        table["adjusted"] = worked.beside if case.severity != "off" else np.full(len(reviews), np.nan)
        table["median"], table["spread"] = worked.own
        if case.severity == "used":
            table["raw_utility"] = worked.plain
    figures = zip(*(_stored(column) for column in table.values()), strict=True)
    criteria, rankable = _criteria(case, worked), _rankable(case, worked)
    rows = []
    for place, (initiative, own) in enumerate(zip(case.initiatives, figures, strict=True)):
        row: Row = {"place": place, "reference": initiative["reference"], "reviews": reviews[place]}
        row.update(zip(table, own, strict=True))
        row["criteria"] = criteria[place]
        row["gates"] = _gates(case, worked, place)
        row["rankable"] = rankable[place]
        rows.append(row)
    if case.first_format:
        for row in rows:
            del row["place"]
    return rows


def _criteria(case: Case, worked: _Work) -> list[dict[str, Any]]:
    """Of each initiative the figures of every criterion, by key."""
    policy, result = case.policy, worked.result
    scored = {one.key: index for index, one in enumerate(policy.scored_criteria())}
    size = len(case.initiatives)
    unknown = np.full(size, np.nan)
    known: list[list[dict[str, Any]]] = []
    for column, criterion in enumerate(policy.criteria):
        valued = share = unknown
        if criterion.key in scored:
            index = scored[criterion.key]
            valued, share = worked.valued[:, index], np.full(size, np.nan)
            some = result.coverage > 0
            np.divide(case.weights[index] * valued, result.coverage, out=share, where=some)
        figures = [
            _stored(worked.figures.mean[:, column]),
            _stored(worked.figures.se[:, column]),
            worked.figures.count[:, column].tolist(),
            _stored(valued),
            _stored(share),
        ]
        names = ["mean", "se", "reviews", "value", "share"]
        if not case.first_format:
            seen = criterion.key in worked.studies and case.severity != "off"
            figures.append(_stored(worked.adjusted[:, column] if seen else unknown))
            names.append("adjusted")
        known.append([dict(zip(names, one, strict=True)) for one in zip(*figures, strict=True)])
    keys = [one.key for one in policy.criteria]
    return [dict(zip(keys, one, strict=True)) for one in zip(*known, strict=True)]


def _rankable(case: Case, worked: _Work) -> list[bool]:
    """Enough is known: the coverage, and every criterion that weighs much (METHOD 5.3)."""
    rules = case.policy.rankable
    heavy = case.weights >= rules.weight
    known = ~np.isnan(worked.valued[:, heavy]).any(axis=1)
    enough: list[bool] = (known & (np.round(worked.result.coverage, DIGITS) >= rules.coverage)).tolist()
    return enough


def _gates(case: Case, worked: _Work, place: int) -> list[dict[str, Any]]:
    policy, result = case.policy, worked.result
    if not policy.gates:
        return []
    means = {
        one.key: (float(worked.used[place, column]), float(worked.figures.se[place, column]))
        for column, one in enumerate(policy.criteria)
    }
    initiative, reviews = case.initiatives[place], case.reviews[place]
    coverage, utility = float(result.coverage[place]), float(result.utility[place])
    return [
        {"key": gate.key, "verdict": gates.verdict(gate, initiative, means, coverage, utility, reviews)}
        for gate in policy.gates
    ]


def _place(policy: Policy, rows: list[Row], places: int | None) -> None:
    """Ranks the rows that passed, says who is in, and puts all in published order."""
    for row in rows:
        failed = [gate for gate in row["gates"] if gate["verdict"] not in CLEARED]
        row["status"] = "gate" if failed else "out" if row["rankable"] else "needs_assessment"
        row["rank"], row["tied"] = None, False
    ranked = [row for row in rows if row["status"] == "out"]
    if ranked:
        ranks = ranking.competition_rank([row["utility"] for row in ranked], DIGITS)
        counts = np.bincount(ranks).tolist()
        for row, place in zip(ranked, ranks.tolist(), strict=True):
            row["rank"], row["tied"] = place, counts[place] > 1
            last = place + counts[place] - 1
            if places is None or last <= places:
                row["status"] = "in"
            elif place <= places:
                row["status"] = "tie"
    order = {"in": 0, "tie": 0, "out": 0, "needs_assessment": 1, "gate": 2}
    deciding = policy.tie_break
    rows.sort(
        key=lambda row: (
            order[row["status"]],
            row["rank"] or 0,
            -(row["criteria"].get(deciding, {}).get("value") or 0.0) if deciding else 0.0,
            row["reference"],
        )
    )


def _rank_adjusted(rows: list[Row]) -> None:
    """The ranks that the ranked rows would have with, or without, the severity of assessors."""
    ranked = [row for row in rows if row["rank"] is not None]
    for figure, name in (("adjusted", "adjusted_rank"), ("raw_utility", "raw_rank")):
        if rows and figure not in rows[0]:
            continue
        for row in rows:
            row[name] = None
        if ranked and ranked[0][figure] is not None:
            ranks = ranking.competition_rank([row[figure] for row in ranked], DIGITS)
            for row, place in zip(ranked, ranks.tolist(), strict=True):
                row[name] = place


def _draw(case: Case, worked: _Work, rows: list[Row], noise_draws: int, weight_draws: int) -> dict[str, Any]:
    """Adds to the rows what random draws say of them; gives what was drawn."""
    names = ("rank_low", "rank_high", "expected_rank", "p_noise", "p_weights", "group")
    for row in rows:
        row.update(dict.fromkeys(names))
    ranked = [row for row in rows if row["rank"] is not None]
    # in the order of references: a row's luck must not depend on its rank
    ranked.sort(key=lambda row: row["place"])
    chosen = np.array([row["place"] for row in ranked], dtype=np.int64)
    if not ranked:
        return _told(0, 0, case, [])
    silent = _draw_noise(case, worked, ranked, chosen, noise_draws)
    if silent is None:
        noise_draws, silent = (
            0,
            [one.key for one in case.policy.scored_criteria() if one.source == "assessor"],
        )
    if weight_draws:
        shares = uncertainty.draw_weights(
            worked.valued[chosen], case.weights, case.groups, case.places, weight_draws, case.seed
        )
        _give(ranked, "p_weights", _stored(shares))
    return _told(noise_draws, weight_draws if case.places is not None else 0, case, silent)


def _draw_noise(case: Case, worked: _Work, ranked: list[Row], chosen: Any, draws: int) -> list[str] | None:
    """Bands, expected ranks and groups; the criteria whose noise nobody knows, None when that is all."""
    policy = case.policy
    scored = policy.scored_criteria()
    columns = [policy.criteria.index(one) for one in scored]
    mean, sd, silent = uncertainty.likely(
        scored,
        worked.used[np.ix_(chosen, columns)],
        worked.figures.count[np.ix_(chosen, columns)],
        case.weights,
        worked.studies,
    )
    judged = [one.key for one in scored if one.source == "assessor"]
    if set(judged) <= set(silent) and judged:
        return None
    if not draws:
        return silent
    if len(ranked) <= uncertainty.MOST_EXPECTED:
        _give(ranked, "expected_rank", _stored(robustness.expected_rank(mean, sd)))
    found = uncertainty.draw_noise(mean, sd, case.places, draws, case.seed)
    _give(ranked, "rank_low", found.low.tolist())
    _give(ranked, "rank_high", found.high.tolist())
    _give(ranked, "p_noise", _stored(found.top))
    if case.places is not None:
        for row, alone in zip(ranked, found.alone.tolist(), strict=True):
            row["group"] = _group(row, alone)
    return silent


def _group(row: Row, alone: float) -> str:
    """A share of the last place with others is no safe place, however often it comes: ties are borderline."""
    if row["status"] == "tie":
        return "borderline"
    if alone >= CORE:
        return "core"
    return "out" if row["p_noise"] <= OUT else "borderline"


def _give(rows: list[Row], name: str, figures: list[Any]) -> None:
    for row, figure in zip(rows, figures, strict=True):
        row[name] = figure


def _told(noise: int, weights: int, case: Case, silent: list[str]) -> dict[str, Any]:
    kind = "groups" if len(case.groups) else "tolerance"
    return {
        "noise": noise,
        "weights": weights,
        "kind": kind,
        "tolerance": TOLERANCE if kind == "tolerance" else None,
        "numpy": np.__version__,
        "without_noise": silent,
    }


def _stability(case: Case, worked: _Work, rows: list[Row]) -> dict[str, Any] | None:
    if case.places is None:
        return None
    ranked = [row for row in rows if row["rank"] is not None]
    order = np.array([row["place"] for row in ranked], dtype=np.int64)
    return stability.first_change(
        [one.key for one in case.policy.scored_criteria()],
        [str(row["reference"]) for row in ranked],
        worked.valued[order],
        worked.result.utility[order],
        case.weights,
        case.places,
    )


def costliest(policy: Policy, row: Mapping[str, Any], count: int = 2) -> list[tuple[str, float]]:
    """The criteria that cost a row most of a perfect score: `[(key, lost share of the utility)]`."""
    weights = dict(zip((one.key for one in policy.scored_criteria()), policy.weights(), strict=True))
    lost = [
        (key, weights[key] * (1 - row["criteria"][key]["value"]))
        for key in weights
        if row["criteria"][key]["value"] is not None
    ]
    return sorted(lost, key=lambda pair: (-round(pair[1], DIGITS), pair[0]))[:count]


def chosen_medians(
    rows: Iterable[Mapping[str, Any]], selection: Collection[str] | None = None
) -> dict[str, float]:
    """By criterion the median value of those chosen: of the selection, else of those above the line."""
    values: dict[str, list[float]] = {}
    for row in rows:
        chosen = row["status"] == "in" if selection is None else row["reference"] in selection
        for key, figures in row["criteria"].items() if chosen else ():
            if figures["value"] is not None:
                values.setdefault(key, []).append(figures["value"])
    return {key: median(of_one) for key, of_one in values.items()}

"""Every number of docs/how-scoring-works.md, in both languages, worked out again with the scoring core."""

import re
from pathlib import Path

import numpy as np
import pytest

from prioritisation.scoring import gates, portfolio, ranking, severity, values, voting

DOCS = Path(__file__).parents[2] / "docs"
NAN = float("nan")
SCORES = [[3, 4, 5], [2, 3, 4], [5, 5, NAN]]
SWINGS = [100, 60, 40]


def sections(name: str, language: str) -> list[list[float]]:
    """The numbers of each section in the order of reading, tables and lists included."""
    found = []
    for section in (DOCS / name).read_text(encoding="utf-8").split("\n## ")[1:]:
        text = re.sub(r"^\d+\. ", "", section, flags=re.MULTILINE)  # the numbers of a list's steps
        if language == "fr":
            text = re.sub(r"(?<=\d)\u00a0(?=\d{3}\b)", "", text)
            text = re.sub(r"(?<=\d),(?=\d)", ".", text)
        else:
            text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
        found.append([float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)])
    return found


def shade() -> tuple[list[float], list[float], list[float], list[float], float]:
    """Means, values, weights, what each criterion brings, and points, all of 100."""
    means = np.nanmean(SCORES, axis=1)
    worth = values.value(means, 0, 5)
    weights = values.swing_weights(SWINGS)
    points = float(ranking.weighted_mean([worth], weights).utility[0])
    brings = 100 * worth * weights
    return list(means), list(100 * worth), list(100 * weights), list(brings), 100 * points


def means_section() -> list[float]:
    means = shade()[0]
    table = [number for row, mean in zip(SCORES, means, strict=True) for number in (*row, mean)]
    known = [number for number in table if not np.isnan(number)]
    return [0, 5, *known, 5, 5, means[2]]


def values_section() -> list[float]:
    means, worth = shade()[:2]
    ends = 100 * values.value([0, 5], 0, 5)
    return [*ends, means[0], worth[0], means[1], worth[1], means[2], worth[2]]


def points_section() -> list[float]:
    _, worth, weights, brings, points = shade()
    table = [number for row in zip(worth, weights, brings, strict=True) for number in row]
    return [max(SWINGS), *SWINGS, sum(SWINGS), *weights, *table, *brings, points, 100]


def bus() -> tuple[float, float, float, float]:
    found = ranking.weighted_mean([[0.9, 0.7, NAN]], SWINGS)
    return tuple(100 * float(column[0]) for column in found)


def missing_section() -> list[float]:
    utility, coverage, lower, upper = bus()
    weights = values.swing_weights(SWINGS)
    brings = [90 * weights[0], 70 * weights[1]]
    known = [90, 70, *brings, sum(brings), coverage, sum(brings), coverage / 100, utility]
    return [*known, 0, lower, lower, upper]


def rank_section() -> list[float]:
    points = [bus()[0], shade()[4], shade()[4], 60]
    ranks = ranking.competition_rank(points)
    return [number for row in zip(points, ranks, strict=True) for number in row] + [2, ranks[1]]


def severity_section() -> list[float]:
    given = [[4, 2], [5, 3], [NAN, 3], [4, NAN]]
    rows, columns = np.nonzero(~np.isnan(given))
    found = severity.adjust(rows, columns, np.array(given)[rows, columns], ridge=0)
    means = np.nanmean(given, axis=1)
    table = [n for row in zip(given, means, found.adjusted, strict=True) for n in (*row[0], *row[1:])]
    known = [number for number in table if not np.isnan(number)]
    above, below = found.assessor_effect
    turned = [means[2], found.adjusted[2], means[3], found.adjusted[3]]
    return [*known, above - below, above, -below, *turned]


def bands_section() -> list[float]:
    tries = 2000
    lines = [n for at, count in ((90, 1860), (10, 120)) for n in (at, count, tries, 100 * count / tries)]
    return [tries, *lines, 1100, tries, 100 * 1100 / tries]


def gates_section() -> list[float]:
    failing, low = [5, 5, 2], [3, 3, 3]
    assert gates.check([failing, low, [5, 5, NAN]], 3, 10) == [[2], ["total"], []]
    return [3, 5, 10, *failing, sum(failing), failing[2], *low, sum(low)]


def portfolio_section() -> list[float]:
    costs, gains, money = [60, 50, 50], [9, 7, 6], 100
    best = portfolio.solve(gains, [costs], [-np.inf], [money])
    assert best.status == "optimal"
    chosen = [index for index, taken in enumerate(_mask(best.selected, 3)) if taken]
    assert chosen == [1, 2]
    table = [number for row in zip(costs, gains, strict=True) for number in row]
    spent, gain = sum(costs[i] for i in chosen), best.objective
    return [money, *table, money - costs[0], gains[0], spent, gain]


def _mask(selected: object, size: int) -> list[bool]:
    given = np.asarray(selected)
    if given.dtype == bool:
        return list(given)
    return [index in set(given.tolist()) for index in range(size)]


def ballots_section() -> list[float]:
    ballots, costs, money = [{0, 1, 2}] * 6 + [{3}] * 3, [30] * 4, 90
    greedy, shares = voting.greedy(costs, ballots, money), voting.equal_shares(costs, ballots, money)
    assert greedy.selected == [0, 1, 2]
    assert shares.selected == [0, 1, 3]
    counted = voting.votes(4, ballots)
    share, pays = money / len(ballots), costs[0] / counted[0]
    served = sum(bool(ballot & set(shares.selected)) for ballot in ballots)
    by_votes = [counted[0], len(greedy.selected), costs[0], sum(costs[:3]), counted[3]]
    left = share - 2 * pays
    equal = [share, counted[0], pays, pays, left, counted[3], costs[3] / counted[3], len(shares.selected)]
    return [len(ballots), money, costs[0], counted[0], counted[3], *by_votes, *equal, served]


def check_section() -> list[float]:
    means, worth, _, brings, points = shade()
    return [100, *means, *worth, *brings, points]


EXPECTED = (
    means_section,
    values_section,
    points_section,
    missing_section,
    rank_section,
    severity_section,
    bands_section,
    gates_section,
    portfolio_section,
    ballots_section,
    check_section,
)


@pytest.mark.parametrize(
    ("name", "language"), [("how-scoring-works.md", "en"), ("how-scoring-works.fr.md", "fr")]
)
def test_every_number_of_the_page_is_what_the_core_gives(name, language):
    found = sections(name, language)
    assert len(found) == len(EXPECTED)
    for numbers, worked in zip(found, EXPECTED, strict=True):
        assert numbers == pytest.approx(worked(), abs=1e-9), worked.__name__

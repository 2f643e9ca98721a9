"""From the scores in the database to the ranking: 10,000 initiatives, 10 criteria, 5 reviews, 10,000 weights.

    .venv/bin/python benchmarks/ranking_chain.py [--initiatives 10000] [--times 3]

Fills SQLite and PostgreSQL with made-up scores, then a process of its own reads them as closing a round does
and makes the ranking: severity, agreement, values, ranks, and how often each is among the first under other
weights. Assessors' noise is left out: at this size it belongs to a job. Then, without a database, P(top K)
alone, and the weighted mean beside a plain loop and, where it is installed, beside pymcdm's (`pip install
pymcdm`; it is no part of Winnow). Seconds are by the clock, the best of `--times`; a busy machine
lengthens them, so processor seconds stand beside. Fails over 2 s or 300 MB of the chain, 1 s of P(top K), or
another answer.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stack
from benchmarks.import_ideas import python

CRITERIA, REVIEWS, DRAWS = 10, 5, 10_000
CHAIN_SECONDS, CHAIN_MEGABYTES, TOP_SECONDS = 2.0, 300, 1.0
CHAIN = """
import django
django.setup()
from benchmarks import ranking_chain
ranking_chain.{call}
"""


def fill(initiatives: int) -> None:
    """A round with scores as rows of assessments, written past the services."""
    from benchmarks.ranking_page import fill as ranked
    from benchmarks.ranking_page import inputs
    from engagement.models import User
    from prioritisation.models import Assessment, Assignment, Entry, PanelMember

    round, _manager = ranked(initiatives, CRITERIA, REVIEWS, rank=False)
    made = inputs(initiatives, CRITERIA, REVIEWS)
    given, round.places = made["initiatives"], made["places"]
    round.save()
    letters = sorted({review["assessor"] for one in given for review in one["reviews"]})
    people = {letter: User.objects.create(username=f"assessor-{letter}", is_staff=True) for letter in letters}
    PanelMember.objects.bulk_create(
        PanelMember(round=round, user=user, letter=letter) for letter, user in people.items()
    )
    entries = {one.initiative.reference: one for one in Entry.objects.select_related("initiative")}
    figures = {one["reference"]: one["figures"] for one in given}
    for reference, entry in entries.items():
        entry.figures = figures[reference]
    Entry.objects.bulk_update(entries.values(), ["figures"], batch_size=500)
    pairs = [(entries[one["reference"]], review) for one in given for review in one["reviews"]]
    asked = Assignment.objects.bulk_create(
        [
            Assignment(entry=entry, assessor=people[review["assessor"]], position=place)
            for place, (entry, review) in enumerate(pairs)
        ],
        batch_size=1000,
    )
    Assessment.objects.bulk_create(
        [
            Assessment(
                assignment=assignment,
                scores=review["scores"],
                started_at=round.created_at,
                saved_at=round.created_at,
                submitted_at=round.created_at,
            )
            for assignment, (_entry, review) in zip(asked, pairs, strict=True)
        ],
        batch_size=1000,
    )


def chain() -> None:
    """Prints seconds, processor seconds and megabytes of one run, of them what reading took."""
    from django.db import connection

    from prioritisation import rankings
    from prioritisation.models import Round
    from prioritisation.policies import schema
    from prioritisation.services.results import frozen_inputs

    connection.ensure_connection()
    before = _megabytes()
    began, worked = time.perf_counter(), time.process_time()
    round = Round.objects.select_related("policy_version").get()
    inputs = frozen_inputs(round)
    read = time.perf_counter() - began
    policy = schema.parse(round.policy_version.document)
    output = rankings.rank(policy, inputs, noise_draws=0, weight_draws=DRAWS)
    told = {
        "seconds": time.perf_counter() - began,
        "read": read,
        "processor": time.process_time() - worked,
        "megabytes": _megabytes(),
        "before": before,
        "ranked": sum(row["p_weights"] is not None for row in output["rows"]),
    }
    print(json.dumps(told))


def _megabytes() -> float:
    """The most memory that this process has held; getrusage would begin with what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def chains(initiatives: int, times: int, server: str) -> bool:
    rows, reached = [], True
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="winnow-chain-")))
        urls = {
            "SQLite": f"sqlite:///{folder / 'winnow.sqlite3'}",
            "PostgreSQL": held.enter_context(stack.database(server, "winnow_chain")),
        }
        for name, url in urls.items():
            environ = stack.environment(folder, url)
            stack.manage(environ, "migrate", "--noinput", "--verbosity", "0")
            python(environ, CHAIN.format(call=f"fill({initiatives})"))
            runs = [json.loads(python(environ, CHAIN.format(call="chain()"))) for _ in range(times)]
            best = min(runs, key=lambda run: run["seconds"])
            assert best["ranked"] == initiatives
            reached &= best["seconds"] <= CHAIN_SECONDS and best["megabytes"] <= CHAIN_MEGABYTES
            took = [f"{best[key]:.2f}" for key in ("seconds", "read", "processor")]
            rows.append([name, *took, f"{best['megabytes']:.0f}", f"{best['before']:.0f}"])
    stack.table(["chain", "s (2)", "of it reading", "processor s", "MB (300)", "MB before"], rows)
    return reached


def timed(run: Callable[[], Any], times: int) -> tuple[float, float, Any]:
    """Seconds and processor seconds of the quickest of so many runs, and what it gave."""
    found = []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        given = run()
        found.append((time.perf_counter() - began, time.process_time() - worked, given))
    return min(found, key=lambda one: one[0])


def top(initiatives: int, times: int) -> bool:
    import numpy as np

    from prioritisation.scoring import robustness

    values = np.random.default_rng(1).random((initiatives, CRITERIA))
    weights = robustness.sample_weights([1.0] * CRITERIA, DRAWS, seed=1)
    places = initiatives * 3 // 10
    took, worked, found = timed(lambda: robustness.acceptability(values, weights, places), times)
    share = float(np.asarray(found.top_share).sum()) / places
    heads = ["P(top K)", "s (1)", "processor s", "sum of P / K"]
    stack.table(heads, [[f"{DRAWS:,} draws", f"{took:.2f}", f"{worked:.2f}", f"{share:.6f}"]])
    return took <= TOP_SECONDS


def means(initiatives: int, times: int) -> bool:
    """Our weighted mean and others' of one table, to nine digits the same."""
    import numpy as np

    from prioritisation.scoring import ranking

    draw = np.random.default_rng(2)
    values, weights = draw.random((initiatives, CRITERIA)), draw.random(CRITERIA)
    weights /= weights.sum()
    rows, within = [], True
    for name, other in _others(values, weights).items():
        # ours beside each of them, and each often enough that the quickest of both met a free processor
        ours, _work, found = timed(lambda: ranking.weighted_mean(values, weights).utility, 10 * times)
        theirs, _work, expected = timed(other, 10 * times)
        same = bool(np.allclose(found, expected, rtol=0, atol=1e-9))
        within &= same and theirs >= ours
        rows.append([name, f"{1000 * ours:.2f}", f"{1000 * theirs:.2f}", f"{theirs / ours:.1f}", same])
    heads = [
        f"weighted mean of {initiatives:,}, beside",
        "ours ms",
        "ms",
        "times as fast",
        "the same to 1e-9",
    ]
    stack.table(heads, rows)
    return within


def _others(values: Any, weights: Any) -> dict[str, Callable[[], Any]]:
    """A plain loop, and pymcdm with and without its look at the input; ours always looks."""
    rows, shares = values.tolist(), weights.tolist()
    found: dict[str, Callable[[], Any]] = {
        "plain loop": lambda: [sum(w * v for w, v in zip(shares, row, strict=True)) for row in rows]
    }
    try:
        from pymcdm.methods import WSM
    except ImportError:
        return found
    import numpy as np

    # Our values are shares of the way from worst to best already: nothing is left to be normalised.
    method = WSM(normalization_function=lambda column, cost: column)
    types = np.ones(values.shape[1])
    found["pymcdm"] = lambda: method(values, weights, types)
    found["pymcdm, input not checked"] = lambda: method(values, weights, types, validation=False)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--initiatives", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--server", default=stack.SERVER, help="PostgreSQL on this machine")
    options = parser.parse_args()
    within = [
        means(options.initiatives, options.times),
        top(options.initiatives, options.times),
        chains(options.initiatives, options.times, options.server),
    ]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())

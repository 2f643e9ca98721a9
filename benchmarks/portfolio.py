"""Portfolios of 232, 1,000 and 10,000 initiatives, proved; against a plain HiGHS call; 200 weightings.

    .venv/bin/python benchmarks/portfolio.py [--seconds 20] [--weightings] [--no-weightings]

Made-up cities with a count, budgets with a reserve, minima per theme, quick wins, a mix of time frames,
capacities and relations (tests/portfolios/making.py); once with one budget line for all years, once with
three by year, which is much harder to prove. Both ways run in one process, on the same rows. Fails where a
proof with one line takes longer than 1, 2 and 5 seconds, or where the two disagree by more than 1e-9.

Each of 200 weightings is solved as in the product, and once more by branching alone without the tie-break,
which was the way before selections were looked at one by one. The two must agree in value, and in the
selection unless several are worth the same.
"""

import argparse
import math
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from prioritisation import portfolios
from prioritisation.portfolios.analysis import other_values
from prioritisation.portfolios.choosing import Program, program
from prioritisation.scoring import enumeration, highs
from tests.portfolios import making

LIMITS = {232: 1.0, 1_000: 2.0, 10_000: 5.0}
WEIGHTINGS_SECONDS = 15.0


def city(n: int, lines: int) -> dict[str, Any]:
    inputs = making.city(n)
    if lines == 1:
        total = sum(one["amount"] for one in inputs["budget"]) // 100
        inputs["budget"] = [making.line(total, reserve=10)]
    return inputs


def plain(values: Any, task: Program, seconds: float) -> highs.Answer:
    """All columns at once, as anybody would call the solver."""
    size = len(values)
    return highs.maximise(
        cost=values,
        rows=task.rows,
        bounds=(task.lower, task.upper),
        columns=(np.zeros(size), np.ones(size)),
        whole=np.ones(size, dtype=bool),
        seconds=seconds,
    )


def compare(n: int, lines: int, seconds: float) -> bool:
    model = portfolios.build(city(n, lines))
    task = program(model.rows, n)
    began = time.perf_counter()
    found = portfolios.choose(model, seconds=seconds, unique=False)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    portfolios.choose(model, seconds=seconds)
    unique = time.perf_counter() - began
    began = time.perf_counter()
    other = plain(model.values, task, seconds)
    theirs = time.perf_counter() - began
    gap = 0.0 if found.bound is None or not found.value else (found.bound - found.value) / found.value
    both = found.status == other.status == "optimal" and other.x is not None
    same = not both or math.isclose(
        float(model.values @ np.round(other.x)),
        found.value or 0,
        rel_tol=1e-9,  # type: ignore[arg-type]
    )
    print(
        f"{n:>6} {lines:>5} {len(model.rows):>5} {found.status:>9} {ours:>7.2f} {unique:>7.2f} {gap:>9.1e}"
        f" {other.status:>10} {theirs:>7.2f} {theirs / ours:>6.1f}  {'same' if same else 'DIFFERENT'}",
        flush=True,
    )
    return same and (lines > 1 or (found.status == "optimal" and ours <= LIMITS[n]))


def weightings(lines: int) -> bool:
    inputs = city(232, lines)
    model = portfolios.build(inputs)
    began, worked = time.perf_counter(), time.process_time()
    found = portfolios.inclusion(model, inputs)
    took, work = time.perf_counter() - began, time.process_time() - worked
    every = other_values(inputs, found["draws"])
    quick = [portfolios.choose(model, values=worth) for worth in every]
    enumeration.WORK, kept = 0, enumeration.WORK
    began, before = time.perf_counter(), time.process_time()
    slow = [portfolios.choose(model, values=worth, unique=False, seconds=5.0) for worth in every]
    waited, before = time.perf_counter() - began, time.process_time() - before
    enumeration.WORK = kept
    both = [(a, b) for a, b in zip(quick, slow, strict=True) if a.status == b.status == "optimal"]
    same = all(a.value == b.value for a, b in both)
    print(
        f"{found['draws']} weightings at 232, budget lines {lines}: {took:.1f} s, {work:.1f} s of processor,"
        f" {found['proved']} proved; by branching {waited:.1f} s, {before:.1f} s of processor,"
        f" {sum(one.status == 'optimal' for one in slow)} proved; {before / work:.1f} times as fast;"
        f" {'the same values' if same else 'DIFFERENT values'},"
        f" {sum(a.selected != b.selected for a, b in both)} other selections of the same value",
        flush=True,
    )
    return same and took <= WEIGHTINGS_SECONDS


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--weightings", action="store_true", help="only these")
    options.add_argument("--no-weightings", action="store_true", help="only the table")
    given = options.parse_args()
    seconds, sizes = given.seconds, [] if given.weightings else LIMITS
    print("     n lines  rows    status seconds  unique       gap      plain seconds  ratio")
    kept = [compare(n, lines, seconds) for n in sizes for lines in (1, 3)]
    if not given.no_weightings:
        kept += [weightings(lines) for lines in (1, 3)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

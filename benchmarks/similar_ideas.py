"""Similar ideas: are later twins found, how fast are 20,000 ideas searched, what does it cost?

    WINNOW_TRIALS=FOLDER .venv/bin/python -m benchmarks.similar_ideas [--texts 20000] [--backends lexical]

Floors on the labelled sets, on pairs in English and French, and on reports near one another. Speed over
real proposals and, up to the number asked for, new ones made of one's title and another's text; four
processes that were made of one (as a web server makes its workers) ask for what nobody asked before,
without a pause. Figures by the clock want a quiet machine: the processor time beside them changes less.
"""

import argparse
import csv
import gzip
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engagement.similarity import Index, preload
from tests.similarity import labelled

CLIENTS = 4
P95_MS = 50.0
SECONDS = 20.0

Texts = dict[str, str]


def proposals(trials: Path) -> Iterator[str]:
    """Every real idea, its title first."""
    csv.field_size_limit(10**8)
    for path, columns in (
        ("barcelona-pam2016/proposals-half.csv.gz", ("title", "summary")),
        ("nyc-pb/participatory-budgeting-projects-1491.csv.gz", ("Title", "Description")),
        ("miami-psc-2014/ideas-412.csv", ("title", "description")),
        ("republique-numerique-2015/propositions-half.csv.gz", ("title", "body")),
        ("decide-madrid/proposals-80.csv", ("title", "summary")),
    ):
        opened: Any = gzip.open if path.endswith(".gz") else open
        with opened(trials / path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield "\n".join(row[one] for one in columns)


def corpus(real: list[str], many: int) -> list[str]:
    """`many` texts: the real ones, then titles with another text from nearby, so of one language."""
    draw = random.Random(4)
    made = list(real[:many])
    while len(made) < many:
        at = draw.randrange(len(real))
        other = real[min(max(at + draw.randint(-200, 200), 0), len(real) - 1)]
        made.append(f"{real[at].partition(chr(10))[0]}\n{other.partition(chr(10))[2]}")
    return made


def questions(real: list[str], client: int, many: int = 5_000) -> list[str]:
    """What somebody writes: four fifths of the words of an idea. Of each client its own."""
    draw = random.Random(client)
    return [
        " ".join(word for word in text.split() if draw.random() < 0.8) for text in draw.choices(real, k=many)
    ]


def client(folder: str, asked: list[str], ready: Any, told: Any) -> None:
    index = Index.open(folder)
    for text in asked[:5]:
        index.search(text, 5)
    ready.wait()
    took, spent = [], time.process_time()
    end = time.perf_counter() + SECONDS
    for text in asked[5:]:
        start = time.perf_counter()
        index.search(text, 5)
        took.append(time.perf_counter() - start)
        if start > end:
            break
    told.put((took, time.process_time() - spent, private_megabytes()))


def private_megabytes() -> tuple[float, float]:
    """What this process alone holds, and its part of what it shares."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split()[0]: int(line.split()[1]) for line in lines}
    return (sizes["Private_Dirty:"] + sizes["Private_Clean:"]) / 1024, sizes["Pss:"] / 1024


def speed(backend: Any, texts: list[str], real: list[str]) -> list[tuple[str, str, bool]]:
    """Also whether wishes are found in the other language among so many."""
    with tempfile.TemporaryDirectory() as folder:
        if backend == "semantic":
            preload()
        start, index = time.perf_counter(), Index(backend)
        index.add_many((number, text, "") for number, text in enumerate(texts))
        built = time.perf_counter() - start
        start = time.perf_counter()
        index.save(folder)
        saved = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
        del index
        start = time.perf_counter()
        opened = Index.open(folder)
        open_ms = (time.perf_counter() - start) * 1e3
        start = time.perf_counter()
        opened.add(-1, questions(real, 99)[0], "")
        opened.search("a first search after it", 5)
        add_ms = (time.perf_counter() - start) * 1e3
        across = []
        for asked, held in (("english", "french"), ("french", "english")) if backend == "semantic" else ():
            share = labelled.pairs_found(opened, asked, held)
            across.append(
                (f"asked in {asked}, found in {held} among all (0.85)", f"{share:.3f}", share >= 0.85)
            )
        del opened
        context = multiprocessing.get_context("fork")
        ready, told = context.Barrier(CLIENTS), context.Queue()
        running = [
            context.Process(target=client, args=(folder, questions(real, one), ready, told))
            for one in range(CLIENTS)
        ]
        for one in running:
            one.start()
        answers = [told.get(timeout=600) for _ in running]
        for one in running:
            one.join()
    took = np.concatenate([one[0] for one in answers]) * 1e3
    p95 = float(np.percentile(took, 95))
    cost = sum(one[1] for one in answers) / len(took) * 1e3
    alone, part = np.mean([one[2] for one in answers], axis=0)
    return [
        *across,
        (f"search p50 ms, {CLIENTS} clients", f"{np.percentile(took, 50):.1f}", True),
        (f"search p95 ms (to reach: under {P95_MS:.0f})", f"{p95:.1f}", p95 < P95_MS),
        ("processor ms a search", f"{cost:.1f}", True),
        ("searches", f"{len(took):,}", True),
        ("seconds to build; to save", f"{built:.1f}; {saved:.1f}", True),
        ("ms to open; to add one and search", f"{open_ms:.0f}; {add_ms:.0f}", True),
        ("MB of files, mapped once for all", f"{size:.0f}", True),
        ("MB of a client alone; with its part of what is shared", f"{alone:.0f}; {part:.0f}", True),
    ]


def floors(backend: Any, trials: Path) -> list[tuple[str, str, bool]]:
    rows = []
    for name in labelled.SETS:
        found, of = labelled.later_twins_found(trials, name, backend)
        rows.append(
            (f"{name}: twins in the top 5 (0.95)", f"{found}/{of} = {found / of:.3f}", found / of >= 0.95)
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--backends", nargs="+", default=["lexical", "semantic"])
    given = parser.parse_args()
    if not os.environ.get("WINNOW_TRIALS"):
        sys.exit("needs the folder of real files that WINNOW_TRIALS names")
    trials = Path(os.environ["WINNOW_TRIALS"])
    real = list(proposals(trials))
    texts = corpus(real, given.texts)
    missed = 0
    for backend in given.backends:
        print(f"\n| {backend}, {len(texts):,} texts for speed | |\n|---|---|")
        for name, value, reached in [*floors(backend, trials), *speed(backend, texts, real)]:
            print(f"| {name} | {value}{'' if reached else ' (not reached)'} |", flush=True)
            missed += not reached
    found, of = labelled.parents_found(trials)
    print("\n| reports near one another | |\n|---|---|")
    print(f"| parent in the top 5 (0.85) | {found}/{of} = {found / of:.3f} |")
    return 1 if missed or found / of < 0.85 else 0


if __name__ == "__main__":
    sys.exit(main())

"""What four residents at a time ask of 20,000 ideas and reports: suggestions, and each order of the lists.

    .venv/bin/python benchmarks/browsing.py [--ideas 20000] [--seconds 15] [--similar words|meaning]

A city behind its web server (two processes, PostgreSQL, Redis), with an index of similar ideas as the worker
writes it. Prints time by the clock, which wants a quiet machine, and processor time, which hardly depends on
what else runs; then how PostgreSQL reads the list that is turned by the day. Fails where 95 of 100
suggestions take 50 ms or more.
"""

import argparse
import http.client
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stack
from benchmarks.ideas import OPEN_CALL, SEED
from benchmarks.visits import Form, Request, ask, some_address

CLIENTS = 4
P95_MS = 50.0
Make = Callable[[random.Random], Request]


@dataclass(frozen=True)
class Row:
    kind: str
    took: list[float]
    processor: float

    def cells(self) -> list[str]:
        cuts = quantiles(self.took, n=20)
        return [
            self.kind,
            str(len(self.took)),
            f"{1000 * self.processor / len(self.took):.1f}",
            f"{1000 * cuts[9]:.0f}",
            f"{1000 * cuts[18]:.0f}",
        ]


def kinds(city: stack.City, texts: list[str]) -> dict[str, Make]:
    form = Form(connect(city), f"/calls/{OPEN_CALL}/send/")
    form.path = f"/calls/{OPEN_CALL}/similar/"

    def typed(draw: random.Random) -> Request:
        """What somebody has written so far: four fifths of the words of an idea."""
        words = draw.choice(texts).split()
        return form.post(
            some_address(draw), {"problem": " ".join(one for one in words if draw.random() < 0.8)}
        )

    def near(draw: random.Random) -> Request:
        return Request(f"/ideas/?order=near&near=45.{draw.randint(450, 560)},-73.{draw.randint(500, 700)}")

    return {
        "suggestions while typing": typed,
        "list turned by the day, any page": lambda draw: Request(f"/ideas/?page={draw.randint(1, 700)}"),
        "newest first, any page": lambda draw: Request(f"/ideas/?order=newest&page={draw.randint(1, 700)}"),
        "most supported first, any page": lambda draw: Request(
            f"/ideas/?order=support&page={draw.randint(1, 700)}"
        ),
        "nearest first": near,
        "words looked for": lambda draw: Request(
            "/ideas/?" + urlencode({"q": draw.choice(draw.choice(texts).split()[:8])})
        ),
        "problem reports, newest first, any page": lambda draw: Request(
            f"/reports/?page={draw.randint(1, 900)}"
        ),
        "problem reports, words and filters": lambda draw: Request(
            f"/reports/?state={draw.choice(('open', 'late', 'closed'))}&q={draw.randint(1, 900)}"
        ),
        "problem reports, most “me too” first": lambda draw: Request(
            f"/reports/?order=me_too&page={draw.randint(1, 900)}"
        ),
        "a closer look at their map": lambda draw: Request(
            f"/reports/map.geojson?box={(at := west(draw))},45.500,{at + 0.02:.4f},45.510"
        ),
        "open reports near a place": lambda draw: Request(
            f"/report/kind-pothole/similar/?latitude=45.{draw.randint(450, 649)}&longitude={west(draw)}"
        ),
    }


def west(draw: random.Random) -> float:
    return round(draw.uniform(-73.7, -73.52), 4)


def connect(city: stack.City) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", city.port, timeout=60)


def ask_for(city: stack.City, make: Make, seed: int, seconds: float) -> list[float]:
    """One client without a pause: seconds of each answer."""
    draw, connection, took = random.Random(seed), connect(city), []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        request = make(draw)
        answer = ask(connection, request)
        took.append(time.perf_counter() - start)
        if answer.status != 200:
            raise SystemExit(f"{request.path} answered {answer.status}\n{answer.text[:2000]}")
    connection.close()
    return took


def measure(city: stack.City, web: stack.Process, kind: str, make: Make, seconds: float) -> Row:
    ask_for(city, make, SEED, 2)
    before = stack.cpu_seconds([*web.pids(), *stack.backends(city.url)])
    with ThreadPoolExecutor(CLIENTS) as clients:
        done = [clients.submit(ask_for, city, make, SEED + n, seconds) for n in range(1, CLIENTS + 1)]
        took = [one for each in done for one in each.result()]
    after = stack.cpu_seconds([*web.pids(), *stack.backends(city.url)])
    return Row(kind, took, sum(used - before.get(pid, used) for pid, used in after.items()))


def plan_of_the_turn(first: int) -> str:
    """How PostgreSQL reads twenty ideas of the list, from the place `first` on."""
    from engagement.models import Idea
    from engagement.models.submissions import ROTATIONS

    ideas = Idea.objects.public().order_by("rotation", "pk").filter(rotation__gte=ROTATIONS // 3)
    return str(ideas.values_list("pk")[first : first + 20].explain(analyze=True))


def fill(city: stack.City, ideas: int) -> None:
    for what in ("ideas", "reports"):
        command = [sys.executable, f"benchmarks/{what}.py", str(ideas)]
        subprocess.run(command, cwd=stack.ROOT, env=city.environ, check=True)


def run(city: stack.City, options: argparse.Namespace) -> bool:
    fill(city, options.ideas)
    city.django()
    from engagement.models import Call, Idea
    from engagement.services import refresh_similar
    from engagement.services.similar import backend

    Call.objects.update(supports=Call.Supports.TOKEN)
    started = time.perf_counter()
    refresh_similar()
    stack.say(f"the index was made in {time.perf_counter() - started:.0f} s ({backend()})")
    city.redis()
    web = city.web()
    texts = list(Idea.objects.order_by("pk").values_list("public_problem", flat=True)[:5000])
    rows = [
        measure(city, web, kind, make, options.seconds)
        for kind, make in kinds(city, [text for text in texts if text]).items()
    ]
    load = os.getloadavg()[0]
    print(f"{options.ideas:,} ideas and as many problem reports, {CLIENTS} clients")
    print(f"{load:.0f} processes ran or waited for a core")
    stack.table(["asked", "answers", "processor ms", "p50 ms", "p95 ms"], [row.cells() for row in rows])
    for first in (0, 5000):
        print(plan_of_the_turn(first))
    return 1000 * quantiles(rows[0].took, n=20)[18] < P95_MS


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ideas", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--similar", default="words", choices=["words", "meaning"])
    parser.add_argument("--server", default=stack.SERVER)
    options = parser.parse_args()
    with stack.city(options.server, "winnow_browsing", WINNOW_SIMILAR=options.similar) as city:
        return 0 if run(city, options) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What a public request costs beside the least that Django can do with the same rows.

    .venv/bin/python benchmarks/request_cost.py [--few 1000] [--many 20000] [--requests 200] [--rounds 6]

Two cities, one with few and one with many ideas, each served as in production: gunicorn with two workers,
PostgreSQL, Redis. Ours and bare pages (benchmarks/bare) come from the same processes with the same settings
and middleware, in small interleaved rounds. Counted is processor time of the workers and of the PostgreSQL
processes that serve them, so what else this machine does hardly matters. Fails where a figure is not reached.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psycopg

from benchmarks import stack
from benchmarks.ideas import OPEN_CALL, SEED
from benchmarks.visits import FORM_SECONDS, Form, Request, expect, some_address

REACH = {"list": 0.35, "idea": 0.25, "submit": 0.25}
GROWTH = 1.25
CONNECTIONS = 2


class Site:
    """One city with its ideas, and the requests that its visitors make."""

    def __init__(self, server: str, ideas: int, running: contextlib.ExitStack) -> None:
        self.ideas = ideas
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings"}
        self.city = running.enter_context(stack.city(server, f"winnow_cost_{ideas}", **settings))
        subprocess.run(
            [sys.executable, "benchmarks/ideas.py", str(ideas)],
            cwd=stack.ROOT,
            env=self.city.environ,
            check=True,
        )
        self.city.redis()
        self.web = self.city.web()
        with psycopg.connect(self.city.url) as connection:
            rows = connection.execute(
                "SELECT reference FROM engagement_idea WHERE state = 'published' ORDER BY id"
            ).fetchall()
            call = connection.execute(
                "SELECT id FROM engagement_call WHERE slug = %s", [OPEN_CALL]
            ).fetchone()
        self._references = [str(row[0]) for row in rows]
        self._call = str(call[0]) if call else ""
        self._draw = random.Random(SEED)
        self._numbers = itertools.count(1)
        self.form = Form(self.connect(), f"/calls/{OPEN_CALL}/send/")
        self.bare_form = Form(self.connect(), "/bare/send/")

    def kinds(self) -> dict[tuple[str, str], Callable[[], Request]]:
        return {
            ("list", "ours"): lambda: Request(f"{self._language()}/ideas/"),
            ("list", "bare"): lambda: Request("/bare/"),
            ("idea", "ours"): lambda: Request(f"{self._language()}/ideas/{self._reference()}/"),
            ("idea", "bare"): lambda: Request(f"/bare/{self._reference()}/"),
            ("submit", "ours"): self._send,
            ("submit", "bare"): self._bare_send,
        }

    def _language(self) -> str:
        return self._draw.choice(("", "/fr"))

    def _reference(self) -> str:
        return self._draw.choice(self._references)

    def _words(self) -> str:
        return f"The bus stop number {next(self._numbers)} has no shelter, and people wait in the rain. " * 3

    def _send(self) -> Request:
        email = f"sender-{next(self._numbers)}@mail.example"
        return self.form.idea(some_address(self._draw), self._words(), email, self._language())

    def _bare_send(self) -> Request:
        fields = {"problem": self._words(), "proposal": "Put up a roof.", "call": self._call}
        return self.bare_form.post(some_address(self._draw), fields)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.city.port, timeout=30)

    def pids(self) -> tuple[list[int], list[int]]:
        return self.web.pids(), stack.backends(self.city.url)


def send_all(site: Site, requests: list[Request]) -> None:
    """Sends all of them over a few connections at a time, as a proxy does."""
    waiting = iter(requests)
    lock, wrong = threading.Lock(), []

    def work() -> None:
        connection = site.connect()
        try:
            while True:
                with lock:
                    request = next(waiting, None)
                if request is None or wrong:
                    return
                expect(connection, request)
        except (SystemExit, OSError, http.client.HTTPException) as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0])


@dataclass
class Cost:
    requests: int = 0
    web: float = 0.0
    database: float = 0.0

    @property
    def milliseconds(self) -> float:
        return 1000 * (self.web + self.database) / self.requests


def measure(site: Site, make: Callable[[], Request], number: int, cost: Cost) -> None:
    """One round. A round in which a database connection was closed is thrown away: its time is lost."""
    requests = [make() for _ in range(number)]
    while True:
        web, database = site.pids()
        before_web, before = stack.cpu_seconds(web), stack.cpu_seconds(database)
        send_all(site, requests)
        after_web, after = (
            stack.cpu_seconds(site.web.pids()),
            stack.cpu_seconds(stack.backends(site.city.url)),
        )
        if before.keys() <= after.keys() and before_web.keys() == after_web.keys():
            break
        requests = [make() for _ in range(number)]
    cost.requests += number
    cost.web += sum(after_web[pid] - before_web[pid] for pid in after_web)
    cost.database += sum(used - before.get(pid, 0.0) for pid, used in after.items())


def queries(site: Site) -> dict[tuple[str, str], int]:
    """How many statements one request of each kind sends, counted in a process with a single thread."""
    kinds = site.kinds()
    requests = [make() for make in kinds.values()]
    asked = [[one.path, (one.body or b"").decode(), one.headers.get("Cookie", "")] for one in requests]
    told = subprocess.run(
        [sys.executable, "benchmarks/request_queries.py"],
        cwd=stack.ROOT,
        env=site.city.environ,
        input=json.dumps(asked),
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(zip(kinds, json.loads(told.stdout.splitlines()[-1]), strict=True))


def run(options: argparse.Namespace, running: contextlib.ExitStack) -> bool:
    sites = [Site(options.server, ideas, running) for ideas in (options.few, options.many)]
    time.sleep(FORM_SECONDS)
    asked = [(site, kind, make) for site in sites for kind, make in site.kinds().items()]
    costs: dict[tuple[int, str, str], Cost] = defaultdict(Cost)
    for site, _kind, make in asked:
        send_all(site, [make() for _ in range(40)])
    for number in range(options.rounds):
        stack.say(f"round {number + 1} of {options.rounds}")
        for site, kind, make in asked:
            measure(site, make, options.requests, costs[site.ideas, *kind])
    return report(sites, costs)


def report(sites: list[Site], costs: dict[tuple[int, str, str], Cost]) -> bool:
    few, many = (site.ideas for site in sites)
    rows: list[list[str]] = []
    reached = True
    asked = {site.ideas: queries(site) for site in sites}
    for page, least in REACH.items():
        for site in sites:
            ours, bare = costs[site.ideas, page, "ours"], costs[site.ideas, page, "bare"]
            ratio = bare.milliseconds / ours.milliseconds
            reached &= ratio >= least
            rows.append(
                [
                    page,
                    f"{site.ideas:,}",
                    f"{ours.milliseconds:.2f}",
                    f"{1000 * ours.database / ours.requests:.2f}",
                    f"{bare.milliseconds:.2f}",
                    f"{ratio:.2f}",
                    f"{least:.2f}",
                    str(asked[site.ideas][page, "ours"]),
                    str(asked[site.ideas][page, "bare"]),
                ]
            )
    heads = ["page", "ideas", "ours ms", "of it PostgreSQL", "bare ms", "bare/ours", "to reach"]
    stack.table([*heads, "queries", "bare queries"], rows)
    print()
    growth = []
    for page in REACH:
        grown = costs[many, page, "ours"].milliseconds / costs[few, page, "ours"].milliseconds
        reached &= grown <= GROWTH
        growth.append([page, f"{grown:.2f}", f"{GROWTH:.2f}"])
    stack.table([f"ours, {many:,} ideas against {few:,}", "times", "at most"], growth)
    print("\nCPU milliseconds a request, web workers and PostgreSQL backends together. Reached:", reached)
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=200, help="of each kind in a round")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--server", default=stack.SERVER, help="PostgreSQL on this machine")
    options = parser.parse_args()
    with contextlib.ExitStack() as running:
        return 0 if run(options, running) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Ideas sent without a pause while Redis and the worker are away for half of the time: is anything lost?

    .venv/bin/python benchmarks/sends.py [--minutes 10] [--rate 20]

The whole stack as processes: gunicorn, worker, timetable, PostgreSQL, a Redis of its own. For the middle half
of the time Redis and the worker are stopped. Each send comes from an address of its own, as through a proxy,
with an e-mail address; one in twenty is clicked twice. Mails go to a folder. Fails where a send was answered
with a 5xx, where an idea is missing or doubled, or where a mail did not leave once the worker was back.
"""

import argparse
import contextlib
import http.client
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psycopg

from benchmarks import stack
from benchmarks.ideas import OPEN_CALL, SEED
from benchmarks.visits import FORM_SECONDS, Form, ask, some_address

SENDERS = 16
TWICE = 20  # one in so many is clicked twice
PHASES = ("before", "while away", "after")
PATIENCE = 600  # seconds until the outbox has to be empty


@dataclass(frozen=True)
class Send:
    """One answer: when it was due (seconds from the start), how long it took from then, what it was."""

    due: float
    took: float
    status: int


class Senders:
    """Sends ideas at a steady rate: who comes next does not wait for the answer to who came before."""

    def __init__(self, city: stack.City, minutes: float, rate: float) -> None:
        self._city, self._gap, self.count = city, 1 / rate, int(minutes * 60 * rate)
        self._draw = random.Random(SEED)
        self._own = threading.local()
        self.form = Form(self._connect(), f"/calls/{OPEN_CALL}/send/")
        self.sends: list[Send] = []
        self._lock = threading.Lock()

    def run(self) -> Iterator[float]:
        """Sends all; gives the time that passed, a few times a second."""
        self.started = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            for number in range(self.count):
                due = number * self._gap
                while (passed := time.monotonic() - self.started) < due:
                    time.sleep(min(0.05, due - passed))
                pool.submit(self._send, number, due, some_address(self._draw))
                yield passed

    def _send(self, number: int, due: float, address: str) -> None:
        words = f"Send {number:06d}: the bus stop has no shelter, and people wait in the rain with children."
        request = self.form.idea(address, words, f"sender-{number}@mail.example")
        for _click in range(2 if number % TWICE == 0 else 1):
            status = 0
            for _try in range(2):  # a connection that the server closed meanwhile is opened again
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status = ask(self._connection(), request).status
                    break
                self._own.connection = None
            with self._lock:
                self.sends.append(Send(due, time.monotonic() - self.started - due, status))

    def _connection(self) -> http.client.HTTPConnection:
        if getattr(self._own, "connection", None) is None:
            self._own.connection = self._connect()
        connection: http.client.HTTPConnection = self._own.connection
        return connection

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._city.port, timeout=60)


class Stack:
    """The city's processes, some of which go away and come back."""

    def __init__(self, city: stack.City) -> None:
        self.city = city
        self.redis = city.redis()
        self.web = city.web()
        self.worker, self.beat = city.worker(), city.beat()
        self.beat_ended = False

    def away(self) -> None:
        self.redis.stop()
        self.worker.stop()

    def back(self) -> None:
        self.redis.start()
        self.worker = self.city.worker()
        if not self.beat.alive:  # a service manager starts again what ended
            self.beat_ended = True
            self.beat = self.city.beat()

    def outbox(self, older_than: float = 0) -> int:
        """Mails that wait for longer than so many seconds."""
        with psycopg.connect(self.city.url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM engagement_notice WHERE state = 'waiting'"
                " AND created_at <= now() - make_interval(secs => %s)",
                [older_than],
            ).fetchone()
        return int(row[0]) if row else 0


def run(options: argparse.Namespace, city: stack.City) -> bool:
    subprocess.run(
        [sys.executable, "benchmarks/ideas.py", "1000"], cwd=stack.ROOT, env=city.environ, check=True
    )
    running = Stack(city)
    senders = Senders(city, options.minutes, options.rate)
    time.sleep(FORM_SECONDS)
    leaves, returns = options.minutes * 60 / 4, options.minutes * 60 * 3 / 4
    gone = back = caught_up = 0.0
    waited = 0
    looked = time.monotonic()
    for passed in senders.run():
        if not gone and passed >= leaves:
            stack.say("Redis and the worker go")
            gone = passed
            threading.Thread(target=running.away).start()
        if not back and passed >= returns:
            waited = running.outbox()
            stack.say(f"Redis and the worker come back; {waited} mails wait")
            back = passed
            threading.Thread(target=running.back).start()
        if back and not caught_up and time.monotonic() - looked > 2:
            looked = time.monotonic()
            if running.outbox(older_than=15) == 0:
                caught_up = time.monotonic() - senders.started - back
    ended = time.monotonic()
    while running.outbox() and time.monotonic() - ended < PATIENCE:
        time.sleep(0.5)
    empty = time.monotonic() - ended
    caught_up = caught_up or time.monotonic() - senders.started - back
    return report(running, senders, leaves, returns, waited, caught_up, empty)


def report(
    running: Stack,
    senders: Senders,
    leaves: float,
    returns: float,
    waited: int,
    caught_up: float,
    empty: float,
) -> bool:
    rows = []
    for phase, start, end in zip(PHASES, (0, leaves, returns), (leaves, returns, 1e9), strict=True):
        sends = [send for send in senders.sends if start <= send.due < end]
        took = sorted(send.took for send in sends) or [0.0, 0.0]
        cuts = quantiles(took, n=100, method="inclusive")
        bad = sum(send.status >= 500 or not send.status for send in sends)
        good = sum(send.status == 303 for send in sends)
        times = [f"{1000 * value:.0f}" for value in (cuts[49], cuts[94], max(took))]
        rows.append([phase, len(sends), good, bad, len(sends) - good - bad, *times])
    heads = ["", "answers", "taken in", "5xx or none", "other", "p50 ms", "p95 ms", "longest ms"]
    stack.table(heads, rows)
    print()
    with psycopg.connect(running.city.url) as connection:
        found = Counter(
            row[0]
            for row in connection.execute(
                "SELECT substring(problem FROM 6 FOR 6) FROM engagement_idea WHERE problem LIKE 'Send %'"
            )
        )
        states = dict(
            connection.execute("SELECT state, count(*) FROM engagement_notice GROUP BY state").fetchall()
        )
    mails = [message_from_bytes(path.read_bytes()) for path in (running.city.folder / "mail").glob("*.eml")]
    numbers = Counter(mail["Message-ID"] for mail in mails)
    once = sum(number == 1 for number in found.values())
    bad = sum(row[3] for row in rows)
    stack.table(
        ["", "number"],
        [
            ["ideas sent", senders.count],
            ["in the database exactly once", once],
            ["missing", senders.count - len(found)],
            ["doubled", len(found) - once],
            ["mails due", sum(states.values())],
            ["mails waiting when the worker came back", waited],
            ["mails sent", states.get("sent", 0)],
            ["files of mails", len(mails)],
            ["of them told twice", len(mails) - len(numbers)],
            ["seconds until the backlog was gone, while more came", f"{caught_up:.0f}"],
            ["seconds from the last send to an empty outbox", f"{empty:.0f}"],
            ["the timetable ended while Redis was away", "yes" if running.beat_ended else "no"],
        ],
    )
    reached = (
        bad == 0
        and once == senders.count
        and states == {"sent": senders.count}
        and len(numbers) == senders.count
    )
    print(f"\nNothing lost, nothing doubled, no 5xx, every mail sent: {reached}")
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=20, help="sends a second")
    parser.add_argument("--server", default=stack.SERVER, help="PostgreSQL on this machine")
    options = parser.parse_args()
    with stack.city(options.server, "winnow_sends") as city:
        return 0 if run(options, city) else 1


if __name__ == "__main__":
    sys.exit(main())

"""A clerk's Monday: 400 real proposals decided at the triage desk, in a browser, by keys alone.

    WINNOW_TRIALS=... .venv/bin/python benchmarks/monday.py [--items 400] [--pictures FOLDER]

Needs Chromium and the folder of real files. Imports `barcelona-pam2016/proposals-half` into a database of
its own (SQLite unless DATABASE_URL names an empty one), starts the server as a city does and signs a
moderator in. Accepted proposals are published, rejected ones declined with a standard reason, texts sent
twice joined; some are passed on, sent back, skipped, or undone and decided again. Prints what it took,
and fails when an item is left, or the browser's console or the server told of a fault. The clerk does not
stop to think: the seconds are the machine's part.
"""

import argparse
import contextlib
import csv
import gzip
import io
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CLERK, PASSWORD = "monday", secrets.token_urlsafe(12)
READY = "html.w-keys-on"
"""The script of the page has run: its keys work."""


@dataclass(frozen=True)
class Task:
    """What the city did with a proposal, and so what the clerk does: a verb, and what it needs."""

    verb: str
    reason: int = 0
    original: int = 0
    """Place of the proposal that said the same before, from 1."""


@dataclass
class Tally:
    """By verb: seconds and key presses of each item."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, verb: str, seconds: float, keys: int) -> None:
        self.seconds[verb].append(seconds)
        self.keys[verb].append(keys)


def chosen_rows(packed: Path, items: int) -> list[dict[str, str]]:
    """Rows in the file's order: some that say the same as another, the rest evenly out of the whole file."""
    with gzip.open(packed, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    twice: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row["same_text_cluster"]:
            twice[row["same_text_cluster"]].append(place)
    pairs = [places[:2] for places in twice.values() if len(places) > 1][: items // 20]
    picked = {place for pair in pairs for place in pair}
    rest = [place for place in range(len(rows)) if place not in picked]
    missing = items - len(picked)
    picked.update(rest[n * len(rest) // missing] for n in range(missing))
    return [rows[place] for place in sorted(picked)]


def planned(rows: list[dict[str, str]]) -> list[Task]:
    """What is done with each row; one accepted in 25 is sent back, one passed on, and so on."""
    first: dict[str, int] = {}
    tasks = []
    turns = {5: "ask_correction", 10: "pass_on", 15: "undo", 20: "skip"}
    accepted = 0
    for place, row in enumerate(rows, 1):
        cluster = row["same_text_cluster"]
        original = first.setdefault(cluster, place) if cluster else place
        if original != place:
            tasks.append(Task("link_duplicate", original=original))
        elif row["status"] == "rejected":
            tasks.append(Task("decline", reason=_reason(row["staff_reason"])))
        else:
            accepted += 1
            tasks.append(Task(turns.get(accepted % 25, "publish")))
    return tasks


def _reason(message: str) -> int:
    """The standard reason that comes nearest to what the city wrote, by its digit."""
    said = message.casefold()
    if "compet" in said:
        return 1
    return 2 if "ja " in said or "actualment" in said else 3


class Clerk:
    """Presses keys in the browser and reads nothing but what the page shows."""

    def __init__(self, page: Any, tasks: list[Task], first: int) -> None:
        self.page = page
        self.tasks = tasks
        self.first = first
        self.tally = Tally()
        self.skipped: set[int] = set()
        self._keys = 0

    def press(self, *keys: str, leads_on: bool = True) -> None:
        """Keys one after the other; the last of them leads to another page."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        self._keys += len(keys)
        if not leads_on:
            self.page.keyboard.press(keys[-1])
            return
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(keys[-1])
        self.page.wait_for_selector(READY, state="attached")

    @property
    def place(self) -> int:
        """Which of the tasks this page is about, from 1; 0 on any other page."""
        heading = str(self.page.locator("h1").first.inner_text()).split()
        number = heading[0].partition("-")[2] if heading else ""
        return int(number) - self.first + 1 if number.isdigit() else 0

    def work(self) -> None:
        """From the list to the last item: the desk says itself when nothing waits any more."""
        self.press("n")
        while place := self.place:
            task = self.tasks[place - 1]
            began, self._keys = time.perf_counter(), 0
            verb = self._skip(place) if task.verb == "skip" else self._do(task)
            self.tally.add(verb, time.perf_counter() - began, self._keys)

    def _skip(self, place: int) -> str:
        """Put back the first time, published when it comes round."""
        if place in self.skipped:
            return self._do(Task("publish"))
        self.skipped.add(place)
        self.press("n")
        return "skip"

    def _do(self, task: Task) -> str:
        done: str = getattr(self, f"_{task.verb}")(task) or task.verb
        return done

    def _publish(self, task: Task) -> None:
        self.press("p")

    def _undo(self, task: Task) -> None:
        self.press("p")
        self.press("u")
        self.press("p")

    def _decline(self, task: Task) -> None:
        self.press(str(task.reason))
        self.press("Control+Enter")

    def _ask_correction(self, task: Task) -> None:
        self.press("c")
        self.press("1", "Control+Enter")

    def _pass_on(self, task: Task) -> None:
        """To the first department of the list, for the reason that says so."""
        self.press("o")
        self.press("ArrowDown", "Tab", "2", "Control+Enter")

    def _link_duplicate(self, task: Task) -> str:
        """Joined when the page finds the original among the nine that a digit picks; else published."""
        self.press("s")
        wanted = f"-{self.first + task.original - 1:05d}"
        labels = self.page.locator("input[name=original]").evaluate_all(
            "radios => radios.map(radio => radio.closest('label').innerText)"
        )
        found = next((n for n, label in enumerate(labels[:9], 1) if wanted in label), None)
        if found is None:
            self.press("Escape", leads_on=self.page.evaluate("document.activeElement.type !== 'search'"))
            if self.place == 0:
                self.press("Escape")
            self.press("p")
            return "publish"
        self.press(str(found), "Control+Enter")
        return "link_duplicate"


# The city ---------------------------------------------------------------------------------------------


def prepare(rows: list[dict[str, str]], folder: Path) -> int:
    """An empty city with one moderator and the proposals waiting; gives the first one's number."""
    from django.core.management import call_command
    from django.utils import timezone

    from engagement import services
    from engagement.models import Idea
    from prioritisation.services.setup import install_city
    from tests import factories

    call_command("migrate", verbosity=0, interactive=False)
    install_city()
    services.add_staff(username=CLERK, email="monday@city.example", password=PASSWORD, groups=["moderator"])
    factories.Department(code="parks", name={"en": "Parks", "fr": "Parcs"})
    for number, name in enumerate(sorted({row["district"] for row in rows} - {""})):
        factories.District(code=f"d{number}", name={"en": name})
    for number, name in enumerate(sorted({row["category"] for row in rows})):
        factories.Theme(key=f"t{number}", label={"en": name})
    call = factories.Call(slug="proposals", opens_at=timezone.now(), created_at=timezone.now())
    path = folder / "proposals.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with contextlib.redirect_stdout(io.StringIO()):
        call_command("import_ideas", str(path), "--call", call.slug, "--language", "ca")
    if Idea.objects.waiting().count() != len(rows):
        raise SystemExit("not every proposal was taken in")
    return int(Idea.objects.order_by("pk").values_list("reference", flat=True)[0].partition("-")[2])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(port: int, log: Path) -> Iterator[str]:
    """The web server as a city runs it: two processes with four threads each."""
    from config.management.commands.run import web_command

    address = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "WINNOW_BASE_URL": address}
    with log.open("w") as told:
        process = subprocess.Popen(web_command("127.0.0.1", port), env=environ, stdout=told, stderr=told)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"the server did not start:\n{log.read_text()}")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def browse(address: str, tasks: list[Task], first: int, pictures: Path | None) -> tuple[Tally, list[str]]:
    """The working day; gives the tally and what the browser complained of."""
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=address)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on(
            "response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status > 399 else None
        )
        page.goto("/admin/login/?next=/admin/engagement/idea/")
        page.fill("#id_username", CLERK)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url("**/engagement/idea/")
        page.wait_for_selector(READY, state="attached")
        clerk = Clerk(page, tasks, first)
        try:
            clerk.work()
        finally:
            if pictures:
                page.screenshot(path=pictures / "monday.png")
        browser.close()
    return clerk.tally, complaints


# What is told -----------------------------------------------------------------------------------------


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def show(tally: Tally) -> None:
    print(f"{'verb':16} {'items':>6} {'s p50':>7} {'s p95':>7} {'keys an item':>13}")
    everything = [seconds for one in tally.seconds.values() for seconds in one]
    keys = [count for one in tally.keys.values() for count in one]
    rows = [(verb, tally.seconds[verb], tally.keys[verb]) for verb in sorted(tally.seconds)]
    for verb, seconds, presses in [*rows, ("in all", everything, keys)]:
        print(
            f"{verb:16} {len(seconds):>6} {statistics.median(seconds):>7.2f} {_quantile(seconds, 0.95):>7.2f}"
            f" {statistics.mean(presses):>13.2f}"
        )
    print(f"{sum(everything):.0f} s of the machine in all, {sum(keys)} key presses.")


def verdict(rows: int, complaints: list[str], log: Path) -> int:
    """What is left undecided and what went wrong, in words; 0 when nothing."""
    from django.db.models import Count

    from engagement.models import Event, Idea

    states = Idea.objects.order_by("state").values_list("state").annotate(n=Count("pk"))
    print("Now: " + ", ".join(f"{count} {state}" for state, count in states) + ".")
    left = Idea.objects.waiting().count()
    undone = Event.objects.filter(verb="undo").count()
    told = [line for line in log.read_text().splitlines() if "Traceback" in line or "ERROR" in line]
    print(f"{rows} items, {left} left, {undone} undone, {len(complaints)} complaints of the browser.")
    for line in [*complaints, *told][:20]:
        print(f"  {line}")
    return 1 if left or complaints or told else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of the end of the day")
    options = parser.parse_args()
    trials = os.environ.get("WINNOW_TRIALS", "")
    packed = Path(trials) / "barcelona-pam2016" / "proposals-half.csv.gz"
    if not trials or not packed.exists():
        raise SystemExit("WINNOW_TRIALS does not name the folder of real files.")
    rows = chosen_rows(packed, options.items)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"WINNOW_VAR": name, "DJANGO_SETTINGS_MODULE": "config.settings", "WINNOW_DEBUG": "off"}
        os.environ.setdefault("WINNOW_LOG_LEVEL", "WARNING")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver keeps an event loop
        return run(rows, folder, options.pictures)


def run(rows: list[dict[str, str]], folder: Path, pictures: Path | None) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    first = prepare(rows, folder)
    call_command("collectstatic", verbosity=0, interactive=False)
    log = folder / "web.log"
    with server(free_port(), log) as address:
        tally, complaints = browse(address, planned(rows), first, pictures)
    print(f"{connection.vendor}, {len(rows)} proposals of a real consultation, by keys alone")
    show(tally)
    return verdict(len(rows), complaints, log)


if __name__ == "__main__":
    sys.exit(main())

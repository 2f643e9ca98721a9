"""How soon a resident with an old phone on a slow network sees each public page.

    .venv/bin/python benchmarks/first_paint.py [--rounds 3]

The demonstration city behind its web server, and Chromium as a phone of 360 x 740 px whose processor is
four times slower, over 1.6 Mbit/s and 150 ms, with nothing in its cache. Prints the largest contentful paint
and the kilobytes that went over the network; opens the maps and adds what that took. Fails where a page needs
2.5 s or more (middle of the rounds), weighs more than 60 KB, or more than 110 KB once its map is open.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stack

SECONDS, KILOBYTES, WITH_MAP = 2.5, 60, 110
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
"""Bytes a second: 1.6 Mbit/s down and 750 kbit/s up, as for Lighthouse's slow phones."""
SLOWER = 4
SETTLE_MS = 1500
PAINT = """
window.largest = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.largest = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""
MAP_BUTTON = "[data-map-open] button"


@dataclass(frozen=True)
class View:
    path: str
    seconds: float
    kilobytes: float
    with_map: float | None

    @property
    def within(self) -> bool:
        return self.seconds < SECONDS and self.kilobytes <= KILOBYTES and (self.with_map or 0) <= WITH_MAP


def pages() -> Iterator[str]:
    """One page of each kind, in the words of its address."""
    from django.utils import timezone

    from engagement.models import Call, Idea, Meeting, Report, ReportService
    from prioritisation.models import PlanVersion

    call = Call.objects.open(timezone.now()).earliest("pk")
    idea = Idea.objects.public().readable().exclude(outcome="").earliest("pk")
    version = PlanVersion.objects.newest().select_related("plan")[0]
    plan = f"/plans/{version.plan.slug}/"
    service = ReportService.objects.filter(active=True).earliest("pk")
    yield from ("/", "/fr/", "/ideas/", "/ideas/map/", f"/ideas/{idea.reference}/", "/calls/")
    yield from (f"/calls/{call.slug}/", f"/calls/{call.slug}/send/", "/report/", f"/report/{service.code}/")
    yield f"/reports/{Report.objects.public().latest('pk').reference}/"
    yield f"/meetings/{Meeting.objects.earliest('pk').pk}/"
    yield from ("/mine/", "/track/", plan, f"/fr{plan}", f"{plan}ideas/")
    yield f"{plan}{version.document['initiatives'][0]['reference']}/"


class Phone:
    """A browser that forgets everything between two pages."""

    def __init__(self, browser: Any, address: str) -> None:
        self._browser, self._address = browser, address

    def view(self, path: str) -> View:
        context = self._browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
        page = context.new_page()
        wire = context.new_cdp_session(page)
        sizes: list[float] = []
        wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", NETWORK)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.add_init_script(PAINT)
        answer = page.goto(self._address + path, wait_until="networkidle", timeout=60_000)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        page.wait_for_timeout(SETTLE_MS)
        seconds, kilobytes = page.evaluate("window.largest") / 1000, sum(sizes) / 1024
        if not seconds:
            raise SystemExit(f"{path}: the browser saw nothing large being painted")
        with_map = self._open_map(page, sizes) if page.query_selector(MAP_BUTTON) else None
        context.close()
        return View(path, seconds, kilobytes, with_map)

    def _open_map(self, page: Any, sizes: list[float]) -> float:
        page.eval_on_selector(MAP_BUTTON, "button => button.click()")
        page.wait_for_selector(".leaflet-container", state="attached", timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLE_MS)
        return sum(sizes) / 1024


def in_the_middle(views: list[View]) -> View:
    """Of several rounds of one page: the time in the middle, the most bytes."""
    maps = [view.with_map for view in views if view.with_map is not None]
    return View(
        views[0].path,
        median(view.seconds for view in views),
        max(view.kilobytes for view in views),
        max(maps) if maps else None,
    )


def measure(address: str, paths: list[str], rounds: int) -> list[View]:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        phone = Phone(browser, address)
        phone.view(paths[0])  # the first answers of a process also load templates and translations
        rows = [in_the_middle([phone.view(path) for _ in range(rounds)]) for path in paths]
        browser.close()
    return rows


def show(views: list[View]) -> None:
    stack.table(
        ("page", "LCP s", "first view KB", "with the map KB", ""),
        [
            (
                view.path,
                f"{view.seconds:.2f}",
                f"{view.kilobytes:.1f}",
                "" if view.with_map is None else f"{view.with_map:.1f}",
                "" if view.within else "NOT REACHED",
            )
            for view in views
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--server", default=stack.SERVER)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with stack.city(options.server, "winnow_first_paint", WINNOW_DEMONSTRATION="on") as city:
        stack.say("making the demonstration city")
        stack.manage(city.environ, "demonstration", "--verbosity", "0")
        city.web()
        city.django()
        paths = list(pages())
        views = measure(f"http://127.0.0.1:{city.port}", paths, options.rounds)
    show(views)
    return 0 if all(view.within for view in views) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The pictures of docs/staff-guide.md, taken in a browser from a running demonstration city.

    PORT=8170 make run
    .venv/bin/python docs/pictures/make.py http://127.0.0.1:8170 [NAME ...]

Needs Chromium (CHROMIUM names it, if it is not on the path). It goes the ways that the guide describes, by
the names on the screen, and brings a small file of ideas in. In a city that was just made all pictures fit
together; later the import says that its ideas are there already. The last ones begin an amendment and close
the second round: take the others before them.
"""

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent
WIDTH, COLOURS, MOST_BYTES = 1280, 96, 150_000
PASSWORD = "rowanbridge-demo"  # noqa: S105 - of invented staff; `make run` prints it
PAPER = "Idris Valmont, 14 Foundry Road\nOdile Crayfield, 3 Mill Lane\nidris valmont, 14 Foundry Road\n"
IDEAS = """Problem,Title,Received
"The tap in the square is shut from October, and people still walk their dogs there.",A tap for the winter,
"On market days there is nowhere to lock a cargo bike.",Room for cargo bikes,
"The bell at the library's side door cannot be heard upstairs.",The bell at the side door,
"The clock on the arena shows another time than the one inside.",Two clocks,last Tuesday
"On market days there is nowhere to lock a cargo bike.",Room for cargo bikes,
"""


@dataclass(frozen=True)
class Picture:
    """Who signs in, if anybody; the way to what is shown; and how much of it: a height, or one part."""

    name: str
    who: str
    go: Callable[[Page], object]
    height: int = 700
    part: str = ""


def open_row(page: Page, address: str, words: str = "") -> None:
    """Opens the first row of a list that has these words: numbers change with the year, words do not."""
    page.goto(f"/admin/{address}")
    page.locator("#result_list tbody tr").filter(has_text=words).first.locator("th a").click()


def start(page: Page) -> None:
    page.goto("/admin/")


def idea(page: Page) -> None:
    open_row(page, "engagement/idea/", "Drawn by lot")
    page.locator("html.w-keys-on").wait_for()


def letter(page: Page) -> None:
    open_row(page, "engagement/idea/?state=split")


def pass_on(page: Page) -> None:
    idea(page)
    page.get_by_role("link", name="Pass on").click()
    page.get_by_label("Pass it on to").select_option(index=2)
    page.get_by_label("Passed on to a department").check()


def paper(page: Page) -> None:
    open_row(page, "engagement/idea/?state=published&q=the+bus+sign+came")
    page.get_by_role("link", name="Add supports from paper").click()
    page.get_by_label("Who signed").fill(PAPER)
    page.get_by_label("Which list it is").fill("Tenants of Foundry Road, folder 4")


def job(page: Page) -> None:
    page.goto("/admin/engagement/idea/import/")
    file: Any = {"name": "library-box.csv", "mimeType": "text/csv", "buffer": IDEAS.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Invitation").select_option(label="Half way: what did we miss?")
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".w-page .pill").first).to_contain_text("done", timeout=60_000)
    page.reload()


def evidence(page: Page) -> None:
    open_row(page, "prioritisation/initiative/?q=plough", "Sidewalks on the plough map")


def checklist(page: Page) -> None:
    open_row(page, "prioritisation/programme/", "Digital city: half way")


def rules(page: Page) -> None:
    open_row(page, "prioritisation/policyversion/", "Digital city: half way")
    draft = page.get_by_role("link", name="Edit", exact=True)
    approved = page.get_by_role("button", name="Start a new version from these")
    (draft if draft.count() else approved).click()
    page.locator("#criteria-1 > summary").click()
    page.locator("#criteria-1").evaluate("one => one.scrollIntoView()")


def half_way(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment half way")


def panel(page: Page) -> None:
    half_way(page)
    page.get_by_role("link", name="Panel", exact=True).click()


def disagreement(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="Disagreement", exact=True).click()
    page.locator("tbody tr").filter(has_text="the scores stand").last.locator("th a").click()


def one_by_one(page: Page) -> None:
    page.goto("/admin/prioritisation/assess/")
    page.get_by_role("link", name="Continue").click()


def criterion(page: Page) -> None:
    page.goto("/admin/prioritisation/assess/")
    page.get_by_role("link", name="One criterion at a time").click()


def ranking(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="Ranking", exact=True).click()
    page.get_by_role("link", name="Go to the line").click()
    page.locator("#line").evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 330)")


def what_if(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="What if", exact=True).click()
    page.locator("input[type=number]").first.fill("40")
    page.get_by_role("button", name="See what would change").click()
    page.locator("#outcome").wait_for()
    page.evaluate("scrollTo(0, 0)")


def plan(page: Page) -> None:
    page.goto("/plans/digital-city/")
    page.locator("main").evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY + 24)")


def decisions(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="Decisions", exact=True).first.click()
    page.get_by_label("Outcome").select_option("set_aside")
    page.get_by_role("button", name="Filter").click()
    page.locator("table.w-decisions").evaluate("one => one.scrollIntoView()")


def lots(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="Draw by lot", exact=True).first.click()


def mails(page: Page) -> None:
    page.goto("/admin/engagement/notice/")


def first_plan(page: Page, name: str) -> None:
    """One of the pages of the first plan's round, by its name among them."""
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("navigation", name="Pages of this round").get_by_role("link", name=name).click()


def selection(page: Page) -> None:
    first_plan(page, "Selections")
    page.get_by_role("link", name="Within the money, every theme served").click()


def scenario_rules(page: Page) -> None:
    """Of a scenario of the second round: rules are changed while nothing is decided."""
    closed_half_way(page)
    page.get_by_role("link", name="Selections", exact=True).click()
    name = "Within the money"
    if not page.get_by_role("link", name=name).count():
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Start").click()
    else:
        page.get_by_role("link", name=name).click()
    page.get_by_role("link", name="Change the rules").click()
    page.get_by_label("Quick wins in each theme, at least").fill("1")
    page.get_by_role("heading", name="Themes", exact=True).evaluate("one => one.scrollIntoView()")


def ballots(page: Page) -> None:
    first_plan(page, "Residents’ ballots")
    page.get_by_role("link", name="Counted on").first.click()


def amendment(page: Page) -> None:
    open_row(page, "prioritisation/round/", "Assessment of the first plan")
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("link", name="Amend the plan").click()
    begin = page.get_by_role("button", name="Begin an amendment")
    if begin.count():
        begin.click()
        for words, box in (("Places to sit", "put_in"), ("School streets", "take_out")):
            page.get_by_label("Find an initiative").fill(words)
            page.get_by_role("button", name="Search").click()
            page.locator(f"[name={box}]").first.check()
            page.get_by_role("button", name="Take those ticked").click()
        for box in page.locator("textarea[name$=reason_en]").all():
            box.fill("Council weighed it anew in its sitting.")
        page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("heading", name="What it does").evaluate("one => one.scrollIntoView()")


def closed_half_way(page: Page) -> None:
    """The second round without what is still missing, with drafts of its decisions."""
    half_way(page)
    close = page.get_by_role("link", name="Close the round")
    if close.count():
        close.click()
        page.get_by_role("button", name="Close").click()
        page.get_by_role("link", name="Decisions", exact=True).first.click()
        page.get_by_role("button", name="Draft decisions").click()
        half_way(page)


def reply(page: Page) -> None:
    page.goto("/admin/prioritisation/replies/")
    page.locator("tbody tr").filter(has_text="set aside").first.locator("th a").click()
    page.get_by_label("English").fill(
        "We keep the study, and will ask again when two of our people are free."
    )
    page.evaluate("scrollTo(0, 0)")


def publish(page: Page) -> None:
    half_way(page)
    page.get_by_role("link", name="Publish", exact=True).click()
    name = page.get_by_role("button", name="Save the name")
    if name.is_visible():
        name.click()
        page.reload()


PICTURES = (
    Picture("start", "b.larkspire", start, 370),
    Picture("idea", "b.larkspire", idea, 640),
    Picture("letter", "b.larkspire", letter, 880),
    Picture("pass-on", "b.larkspire", pass_on, 900),
    Picture("paper", "g.pomerlin", paper, 790),
    Picture("evidence", "n.ashgrove", evidence, part="section:has(> h2:text('What problem reports say'))"),
    Picture("checklist", "n.ashgrove", checklist, part="section:has(> h2:text('Checklist'))"),
    Picture("rules", "n.ashgrove", rules, 920),
    Picture("monitor", "n.ashgrove", half_way, 760),
    Picture("panel", "n.ashgrove", panel, 820),
    Picture("disagreement", "n.ashgrove", disagreement, 640),
    Picture("one-by-one", "t.okwuosa", one_by_one, 760),
    Picture("criterion", "t.okwuosa", criterion, 760),
    Picture("ranking", "v.marchessaud", ranking, 700),
    Picture("what-if", "n.ashgrove", what_if, 800),
    Picture("decisions", "v.marchessaud", decisions, 640),
    Picture("lots", "v.marchessaud", lots, 760),
    Picture("plan", "", plan, 1730),
    Picture("mails", "a.fontevrel", mails, 560),
    Picture("job", "n.ashgrove", job, 1000),
    Picture("selection", "n.ashgrove", selection, 900),
    Picture("ballots", "n.ashgrove", ballots, 780),
    Picture("amendment", "n.ashgrove", amendment, 820),
    Picture("selection-rules", "n.ashgrove", scenario_rules, 900),
    Picture("reply", "r.timberwell", reply, 900),
    Picture("publish", "v.marchessaud", publish, 880),
)


def sign_in(page: Page, who: str) -> None:
    page.goto("/admin/login/?next=/admin/")
    page.locator("#id_username").fill(who)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")


def take(browser: Any, site: str, picture: Picture) -> int:
    """Takes one picture and says how many bytes it has."""
    context = browser.new_context(
        base_url=site, locale="en-CA", viewport={"width": WIDTH, "height": picture.height}
    )
    page = context.new_page()
    if picture.who:
        sign_in(page, picture.who)
    picture.go(page)
    page.wait_for_load_state()
    page.evaluate("document.activeElement?.blur()")
    shown = page.locator(picture.part) if picture.part else page
    drawn = Image.open(io.BytesIO(shown.screenshot(animations="disabled"))).convert("RGB")
    context.close()
    path = FOLDER / f"{picture.name}.png"
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("site", help="address of the demonstration city")
    asked.add_argument("names", nargs="*", help="only these pictures")
    said = asked.parse_args()
    wanted = [one for one in PICTURES if not said.names or one.name in said.names]
    program = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    too_large = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for picture in wanted:
            size = take(browser, said.site, picture)
            too_large = too_large or size > MOST_BYTES
            print(f"{picture.name:12} {size:8,} bytes", flush=True)
        browser.close()
    return 1 if too_large or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())

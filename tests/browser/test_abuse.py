"""Bad input and abuse as a browser has it: going back after sending, no cookies, a wrong clock, odd texts."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from engagement import services
from engagement.models import Flag, Idea, Note, Report
from tests import factories, ground, patience
from tests.browser.conftest import DESK, PHONE, check_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NewPage = Callable[..., Page]
WORDS = "There is no roof at the bus stop on Foundry Road."
SCRIPT = "zz\"'><script>document.title='zz'</script><img src=x onerror=\"document.title='zz'\">"
ARABIC = "لا يوجد مظلة في موقف الحافلة 👩‍👩‍👧"
LONG = "Donaudampfschifffahrtsgesellschaft" * 60


@pytest.fixture
def call(transactional_db: Any) -> Any:
    factories.ReportService(code="lamp", keywords="lamp", name={"en": "Street lamp"})
    opened = timezone.now() - timedelta(days=2)
    return factories.Call(slug="box", opens_at=opened, moderation="after", notes="after", supports="token")


def write(page: Page, words: str = WORDS) -> None:
    page.goto("/calls/box/send/")
    page.locator("#id_problem").fill(words)
    page.wait_for_timeout(2100)


def send(page: Page) -> None:
    page.locator("form[data-send] button.large").click()
    page.wait_for_url("**/t/**")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_going_back_after_sending_and_sending_again_is_one_idea(
    new_page: NewPage, call: Any, script: bool
) -> None:
    page = new_page(viewport=PHONE, script=script)
    write(page)
    send(page)
    first = page.url
    page.go_back()
    box = page.locator("#id_problem")
    expect(box).to_be_visible()
    if box.input_value():  # a browser that keeps forms sends the same again
        send(page)
        assert page.url == first
    else:  # one that does not shows an empty form: nothing is sent by itself
        page.locator("form[data-send] button.large").click()
        expect(page.locator("#id_problem_error")).to_be_visible()
    assert Idea.objects.count() == 1
    page.goto("/calls/box/send/")
    assert not page.locator("#id_problem").input_value(), "what was sent is no draft any more"


def test_going_back_after_a_note_and_a_report_is_one_each(new_page: NewPage, call: Any) -> None:
    idea = factories.Idea(call=call, state="published")
    page = new_page()
    page.goto(f"/ideas/{idea.reference}/")
    page.get_by_text("Add a note").click()
    page.locator("#id_text").fill("It floods there.")
    page.get_by_role("button", name="Send the note").click()
    page.wait_for_url("**note=sent**")
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("#own-note-title").count() == 1 or page.locator("#id_text").count() == 1
    page.goto("/report/lamp/")
    page.locator("#id_description").fill("The lamp is dark.")
    page.locator("#id_address").fill("12 Elm Street")
    page.locator("main form button.large").click()
    page.wait_for_url("**/t/**")
    page.go_back()
    page.wait_for_load_state()
    assert (Note.objects.count(), Report.objects.count()) == (1, 1)


@pytest.fixture
def no_cookies(chromium: Any, live_server: Any, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Pages of a browser that was told to keep no cookies, in its own settings."""
    contexts = []

    def make(viewport: dict[str, int] = DESK) -> Page:
        folder = tmp_path / str(len(contexts))
        (folder / "Default").mkdir(parents=True)
        said = {"profile": {"default_content_setting_values": {"cookies": 2}}}
        (folder / "Default" / "Preferences").write_text(json.dumps(said))
        context = chromium.browser_type.launch_persistent_context(
            str(folder),
            executable_path=ground.chromium(),
            args=["--no-sandbox"],
            viewport=viewport,
            base_url=live_server.url,
        )
        contexts.append(context)
        context.set_default_timeout(patience.BROWSER)
        page: Page = context.new_page()
        return page

    yield make
    for context in contexts:
        context.close()


def test_with_cookies_off_an_idea_and_a_report_go_through(no_cookies: Any, call: Any) -> None:
    page = no_cookies()
    write(page)
    send(page)
    expect(page.locator("main")).to_contain_text(Idea.objects.get().reference)
    page.goto("/report/lamp/")
    page.locator("#id_description").fill("The lamp is dark.")
    page.locator("#id_address").fill("12 Elm Street")
    page.locator("main form button.large").click()
    page.wait_for_url("**/t/R**")
    assert page.context.cookies() == []
    page.get_by_role("link", name=re.compile("Take it back|Withdraw", re.IGNORECASE)).first.click()
    page.locator("main form button").first.click()
    page.wait_for_url("**done=**")
    assert Report.objects.get().state == "withdrawn"


@pytest.mark.parametrize("language", ["", "/fr"])
def test_with_cookies_off_what_needs_one_says_so_and_keeps_the_text(
    no_cookies: Any, call: Any, language: str
) -> None:
    idea = factories.Idea(call=call, state="published")
    page = no_cookies(viewport=PHONE)
    page.goto(f"{language}/ideas/{idea.reference}/")
    page.locator("#notes summary").click()
    page.locator("#id_text").fill("It floods there after every rain.")
    page.locator("#notes form button").click()
    said = "Autorisez les témoins" if language else "Allow cookies for this site"
    expect(page.locator("main")).to_contain_text(said)
    expect(page.locator("#typed-1")).to_have_value("It floods there after every rain.")
    check_page(page)
    assert not Note.objects.exists()


@pytest.mark.parametrize("clock", [datetime(2019, 1, 1), datetime(2041, 6, 1)], ids=["slow", "fast"])
def test_a_wrong_clock_changes_nothing(new_page: NewPage, call: Any, clock: datetime) -> None:
    """Time to send, drafts and dates go by the server's clock, whatever the visitor's says."""
    page = new_page()
    page.clock.set_fixed_time(clock)
    write(page)
    page.reload()
    expect(page.locator("#id_problem")).to_have_value(WORDS)
    page.clock.set_fixed_time(clock + timedelta(days=400))
    page.wait_for_timeout(2100)
    send(page)
    idea = Idea.objects.get()
    assert abs(idea.received_at - timezone.now()) < timedelta(minutes=5)
    assert idea.state == "published"
    assert not Flag.objects.exists()


def test_ten_megabytes_are_refused_on_a_page_in_words(new_page: NewPage, call: Any) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/calls/box/send/")
    page.locator("#id_title").fill("What I typed")
    page.evaluate("""() => {
        const box = document.getElementById("id_problem");
        box.hidden = true;  // no browser lays ten megabytes out in the time of a test
        box.value = "word ".repeat(2000000);
        document.querySelector("form[data-send] button.large").click();
    }""")
    expect(page.locator("h1")).to_have_text("This is more than we can take at once")
    check_page(page)
    assert not Idea.objects.exists()


@pytest.mark.parametrize("view", [PHONE, DESK], ids=["360", "1280"])
def test_odd_texts_neither_run_nor_break_a_page(new_page: NewPage, call: Any, view: Any) -> None:
    made = []
    for words in (SCRIPT, ARABIC, LONG):
        draft = services.IdeaDraft(problem=words, proposal=words, title=words[:190], language="en")
        made.append(services.submit_idea(call=call, draft=draft, at=timezone.now()))
    services.add_note(
        idea=made[2],
        author=services.Author(token="x"),
        kind="fact",
        text=LONG[:900],
        language="en",
        at=timezone.now(),
        signs=services.notes.Signs(),
    )
    page = new_page(viewport=view)
    for address in ["/ideas/", *(f"/ideas/{idea.reference}/" for idea in made)]:
        page.goto(address)
        check_page(page)
        assert page.title() != "zz"
    page.goto(f"/ideas/{made[1].reference}/")
    side = "getComputedStyle(document.querySelector('main blockquote')).direction"
    assert page.evaluate(side) == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('main h2')).direction") == "ltr"

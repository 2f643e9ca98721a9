"""Somebody at a keyboard who reads one language: presses keys alone, and finds things by their words."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.utils import timezone, translation
from playwright.sync_api import Locator, Page, expect

from engagement import emails, services

MOST_TABS = 90


@dataclass
class Resident:
    """`words` are those of the English catalogue; what is looked for on the page is their translation."""

    page: Page
    language: str
    script: bool

    def says(self, words: str) -> str:
        with translation.override(self.language):
            return translation.gettext(words)

    def opens(self, path: str) -> None:
        prefix = "" if self.language == settings.LANGUAGE_CODE else f"/{self.language}"
        self.page.goto(path if path.startswith(("/t/", "/fr/")) else prefix + path)

    def button(self, words: str) -> Locator:
        """By all its words, but for what is said in brackets to who hears the page."""
        name = re.compile(rf"^{re.escape(self.says(words))}( \(.*)?$")
        return self._first(self.page.get_by_role("button", name=name))

    def link(self, words: str) -> Locator:
        return self._first(self.page.locator("main").get_by_role("link", name=self.says(words)))

    def field(self, words: str) -> Locator:
        return self._first(self.page.locator("main").get_by_label(self.says(words)))

    def part(self, words: str) -> Locator:
        """What opens a folded part of a page."""
        return self._first(self.page.locator("summary").filter(has_text=self.says(words)))

    def _first(self, found: Locator) -> Locator:
        """Not the button that the Enter key presses: nobody sees it."""
        return found.and_(self.page.locator(":not([aria-hidden])")).first

    def tabs_to(self, goal: Locator) -> None:
        """Presses the Tab key until the focus is there."""
        expect(goal).to_be_visible()
        handle = goal.element_handle()
        assert handle is not None
        for _press in range(MOST_TABS):
            if handle.evaluate("goal => document.activeElement === goal"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{goal} is not reached by the Tab key on {self.page.url}")

    def presses(self, goal: Locator, key: str = "Enter") -> None:
        self.tabs_to(goal)
        self.page.keyboard.press(key)

    def writes(self, goal: Locator, text: str) -> None:
        self.tabs_to(goal)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def ticks(self, goal: Locator) -> None:
        """A box, or one of several: arrows lead from one to the next."""
        if goal.get_attribute("type") != "radio":
            self.presses(goal, "Space")
            return
        group = self.page.locator(f"input[type=radio][name={goal.get_attribute('name')}]")
        chosen = group.and_(self.page.locator(":checked"))
        self.tabs_to(chosen if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        for _press in range(group.count()):
            if goal.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{goal} is not reached by the arrow keys")

    def chooses(self, goal: Locator, text: str) -> None:
        """One line of a list, by its first letters."""
        self.tabs_to(goal)
        self.page.keyboard.type(text)

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.says(words))

    def link_in_mail(self, part: str, later: timedelta = timedelta(0)) -> str:
        """The path in the newest mail that leads to a page of that kind; what is due `later` leaves too."""
        services.deliver_notices(
            app="engagement", compose=emails.compose, clock=lambda: timezone.now() + later
        )
        lines = str(mail.outbox[-1].body).split()
        paths = [line[line.index("/", 8) :] for line in lines if line.startswith("http") and part in line]
        assert paths, mail.outbox[-1].body
        return paths[0].rstrip(".")

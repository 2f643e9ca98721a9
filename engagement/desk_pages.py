"""What the admin's site shows that belongs to no one model: pages of ours, and what waits on its first page.

Apart from the admin package, which cannot be imported before the site exists.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Page:
    """A page for signed-in staff at `route` below the admin's address, named `admin:<name>`."""

    route: str
    view: Callable[..., Any]
    name: str


@dataclass(frozen=True)
class DeskLink:
    """A line of the admin's first page that leads to such a page. `shown(request)`: for whom."""

    app_label: str
    label: Any
    page: str
    shown: Callable[[HttpRequest], bool]


@dataclass(frozen=True)
class Card:
    """Something that waits for the person at the desk: how many, of what, and where it is done.

    What is told with a count of 0 is told too: a clerk who finds nothing waiting need not look elsewhere.
    """

    count: int
    text: str
    """The rest of the sentence that the count begins."""
    url: str
    about: str = ""
    """What helps to decide whether it can wait longer."""
    next_url: str = ""
    """Where the next free one of these is given out, to who posts there."""


pages: list[Page] = []
links: list[DeskLink] = []
card_sources: list[Callable[[HttpRequest], Iterable[Card]]] = []
"""Each gives the cards that the person asking may act on, and no others."""


def add_page(route: str, view: Callable[..., Any], *, name: str, link: DeskLink | None = None) -> None:
    """Called where the page is written, when the admin is discovered: before any address is read."""
    pages.append(Page(route, view, name))
    if link is not None:
        links.append(link)


def add_cards(tell: Callable[[HttpRequest], Iterable[Card]]) -> None:
    """Called where the cards are written, when the admin is discovered; they keep that order."""
    card_sources.append(tell)


def cards(request: HttpRequest) -> list[Card]:
    """All that waits for this person, in the order of the work."""
    return [card for tell in card_sources for card in tell(request)]

"""Pages of ours in the admin's frame that belong to no one model. The site puts them among its addresses.

Apart from the admin package, which cannot be imported before the site exists.
"""

from collections.abc import Callable
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


pages: list[Page] = []
links: list[DeskLink] = []


def add_page(route: str, view: Callable[..., Any], *, name: str, link: DeskLink | None = None) -> None:
    """Called where the page is written, when the admin is discovered: before any address is read."""
    pages.append(Page(route, view, name))
    if link is not None:
        links.append(link)

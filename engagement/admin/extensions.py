"""Where an app above this one adds what it does with ideas. Intake knows nothing of what that is.

The upper app's admin appends to these lists when it is imported; the list of ideas and an idea's page show
what stands in them. Nothing is added by default.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from engagement.models import Idea


@dataclass(frozen=True)
class ExtraAction:
    """Something to do with ideas: one of the list's actions, and a button on an idea's page."""

    name: str
    """The action's key in the list's form: a word of its own."""
    label: Any
    shown: Callable[[HttpRequest], bool]
    """For whom."""
    open: Callable[[HttpRequest, list[Idea], str], HttpResponse]
    """`open(request, ideas, back)`: the answer to the list's action. `back` is the list's address, with its
    filters, and with the ideas ticked."""
    address: Callable[[], str]
    """Where the button of an idea's page posts `selected` ("12:3": key and version) and `next`."""


@dataclass(frozen=True)
class Fact:
    """A line on an idea's page, in the section `heading`."""

    heading: Any
    text: str
    url: str


extra_idea_actions: list[ExtraAction] = []
extra_idea_filters: list[Any] = []
"""List filters, as `ModelAdmin.list_filter` takes them."""
extra_idea_facts: list[Callable[[HttpRequest, Idea], Iterable[Fact]]] = []

"""Numbers of long lists may be a little old, their rows never are."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from engagement import paging
from engagement.models import Idea
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/ideas/"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Each test process has a Redis database of its own, which other tests leave numbers in."""
    cache.clear()


def published(number: int) -> list[Idea]:
    call = factories.Call()
    return [factories.Idea(call=call, state="published") for _number in range(number)]


def hide(idea: Idea) -> None:
    Idea.objects.filter(pk=idea.pk).update(eligible=False)


def said(client: Client, path: str = LIST) -> int:
    return int(client.get(path).context["shown"])


def test_a_small_number_is_exact_at_any_moment(client: Client) -> None:
    ideas = published(3)
    assert said(client) == 3
    hide(ideas[0])
    assert said(client) == 2


def test_a_large_number_is_remembered_but_what_is_hidden_is_gone_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED_ANEW", 2)
    ideas = published(5)
    assert said(client) == 5
    hide(ideas[4])
    page = client.get(LIST)
    assert page.context["shown"] == 5, "remembered"
    assert ideas[4].reference not in page.content.decode()
    assert ideas[3].reference in page.content.decode()
    cache.clear()  # as after REMEMBERED seconds
    assert said(client) == 4


def test_each_filter_has_a_number_of_its_own(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNTED_ANEW", 0)
    one, other = published(2), published(3)
    assert said(client) == 5
    for ideas in (one, other):
        page = client.get(LIST, {"call": ideas[0].call.slug})
        assert (page.context["shown"], page.context["hidden"]) == (len(ideas), 5 - len(ideas))


def test_fewer_than_remembered_hides_less_than_nothing_never(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number under a filter is anew, the whole one remembered from before more came in."""
    monkeypatch.setattr(paging, "COUNTED_ANEW", 1)
    call = factories.Call()
    factories.Idea.create_batch(2, call=call, state="published")
    assert said(client) == 2
    factories.Idea.create_batch(3, call=call, state="published")
    page = client.get(LIST, {"call": call.slug})
    assert (page.context["shown"], page.context["hidden"]) == (5, 0)


@pytest.mark.parametrize("path", ["/ideas/", "/ideas/?q=shelter", "/api/v1/ideas"])
def test_lists_ask_as_much_at_60_rows_as_at_20(
    client: Client, django_assert_max_num_queries: Any, path: str
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def grow(number: int) -> None:
        for idea in published(number):
            idea.themes.add(theme)
            Idea.objects.filter(pk=idea.pk).update(district=factories.District())

    theme = factories.Theme()
    grow(20)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        assert client.get(path).status_code == 200
    grow(40)
    with django_assert_max_num_queries(len(few)):
        client.get(path)


def test_the_page_of_an_idea_asks_as_much_with_many_lines_as_with_few(
    client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    idea = published(1)[0]
    path = reverse("engagement:idea_detail", args=[idea.reference])

    def grow(number: int) -> None:
        for _number in range(number):
            idea.themes.add(factories.Theme())
            idea.events.create(at=factories.NOW, actor="system", verb="note", text={"en": "Looked at."})

    grow(2)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    grow(10)
    with django_assert_num_queries(len(few)):
        client.get(path)

"""The admin's first page: what waits for whom, and what it costs to say so."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.templatetags.static import static
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engagement.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db

TRIAGE = ["engagement.view_idea", "engagement.triage_idea"]
REPORTS = ["engagement.view_report", "engagement.handle_report"]
MAILS = ["engagement.view_notice", "engagement.change_notice"]


def desk(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return str(client.get("/admin/").content.decode())


def cards(page: str) -> list[tuple[int, str, str, str]]:
    """Of each card: its count, its words, its address, and what is said about it."""
    found = []
    for item in re.findall(r"<li(?: class=\"none\")?>\s*(<a.*?)</li>", page, re.DOTALL):
        link = re.search(r'<a href="([^"]*)"><strong>(\d+)</strong> ([^<]*)</a>', item)
        assert link is not None, item
        about = re.search(r"<span[^>]*>([^<]*)</span>", item)
        found.append((int(link[2]), link[3], link[1], about[1] if about else ""))
    return found


def test_who_decides_on_ideas_is_told_how_many_wait_and_since_when() -> None:
    call = factories.Call()
    today = timezone.now()
    for days in (0, 3, 9):
        factories.Idea(call=call, received_at=today - timedelta(days=days))
    factories.Idea(call=call, state="correction", received_at=today - timedelta(days=1))
    factories.Idea(call=call, state="published", received_at=today - timedelta(days=99))
    factories.Report(received_at=today)
    assert cards(desk(factories.staff("moderator", permissions=TRIAGE))) == [
        (3, "ideas wait for a first decision", "/admin/engagement/idea/", "The oldest came 9 days ago."),
        (
            1,
            "idea is with its sender for a correction",
            "/admin/engagement/idea/?state=correction",
            "The oldest came 1 day ago.",
        ),
        (0, "ideas that were passed on wait for an answer", "/admin/engagement/referral/", ""),
    ]


def test_open_reports_and_failed_mails_are_told_to_whom_they_concern(settings: Any) -> None:
    now = timezone.now()
    for state in ("received", "in_progress", "closed", "withdrawn"):
        factories.Report(state=state, received_at=now)
    for state in ("failed", "waiting"):
        Notice.objects.create(
            kind="engagement.idea_received",
            message_id=state,
            state=state,
            idea=factories.Idea(),
            contact=factories.Contact(),
            created_at=now,
            next_try_at=now,
        )
    handles = factories.staff("handles", permissions=REPORTS)
    mails = factories.staff("mails", permissions=MAILS)
    assert cards(desk(handles)) == [
        (2, "problem reports are open", "/admin/engagement/report/", "The oldest came today.")
    ]
    assert cards(desk(mails)) == [
        (1, "mail could not be sent", "/admin/engagement/notice/?state__exact=failed", "")
    ]
    settings.WINNOW_REPORTS_ENABLED = False
    assert cards(desk(handles)) == []


def test_every_card_leads_to_a_page_that_the_person_may_open() -> None:
    user = factories.staff("all", permissions=[*TRIAGE, *REPORTS, *MAILS])
    client = Client()
    client.force_login(user)
    found = cards(desk(user))
    assert [count for count, *_rest in found] == [0, 0, 0, 0, 0]
    for _count, _text, address, _about in found:
        assert client.get(address).status_code == 200


def test_who_may_only_read_is_told_that_nothing_waits() -> None:
    factories.Idea()
    page = desk(factories.staff("reader", permissions=["engagement.view_idea"]))
    assert cards(page) == []
    assert "Nothing waits for you here." in page
    assert "/admin/engagement/idea/" in page
    assert "Recent actions" not in page


def test_the_page_of_one_app_shows_its_lists_alone(administrator: Any) -> None:
    client = Client()
    client.force_login(administrator)
    page = client.get("/admin/engagement/").content.decode()
    assert "What waits for you" not in page
    assert "/admin/engagement/idea/" in page


def test_the_desk_costs_the_same_with_many_rows_as_with_none(administrator: Any) -> None:
    client = Client()
    client.force_login(administrator)
    with CaptureQueriesContext(connection) as empty:
        client.get("/admin/")
    call = factories.Call()
    for _ in range(20):
        factories.Idea(call=call)
        factories.Report()
    with CaptureQueriesContext(connection) as full:
        client.get("/admin/")
    assert len(full) == len(empty)
    assert len(full) <= 18  # each kind of card asks once


# The icon -----------------------------------------------------------------------------------------


def test_the_icon_is_ours_and_browsers_that_ask_for_ico_find_it() -> None:
    client = Client()
    sent = client.get("/favicon.ico")
    assert sent.status_code == 302
    assert sent["Location"] == static("favicon.svg")
    file = finders.find("favicon.svg")
    assert isinstance(file, str)
    icon = Path(file).read_text(encoding="utf-8")
    assert icon.startswith("<svg")
    assert not re.search(r"<style|style=|<script|href=", icon)
    for page in ("/", "/admin/login/"):
        assert f'<link rel="icon" type="image/svg+xml" href="{static("favicon.svg")}">' in str(
            client.get(page).content.decode()
        )

"""Somebody asks what the city holds about them: all of it, nobody else's, and who looked is written down."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


def test_all_of_one_sender_and_nothing_of_another(administrator: Any, capsys: Any, now: Any) -> None:
    mine = factories.Idea(contact=factories.Contact(email="Me@mail.example", name="Me"))
    report = factories.Report(contact=factories.Contact(email="me@mail.example"))
    factories.Idea(contact=factories.Contact(email="other@mail.example"))
    call_command("access_request", "me@mail.example", "--by", administrator.username)
    told = json.loads(capsys.readouterr().out)["records"]
    assert [one["reference"] for one in told] == [mine.reference, report.reference]
    assert told[0]["problem"] == mine.problem
    assert told[0]["sender"]["name"] == "Me"
    looked = Event.objects.filter(verb="view_contact", by=administrator)
    assert {event.idea or event.report for event in looked} == {mine, report}


def test_only_for_who_may_see_contacts(clerk: Any) -> None:
    factories.Idea(contact=factories.Contact(email="me@mail.example"))
    with pytest.raises(CommandError, match="not allowed"):
        call_command("access_request", "me@mail.example", "--by", clerk.username)
    with pytest.raises(CommandError, match="nobody here called"):
        call_command("access_request", "me@mail.example", "--by", "nobody")

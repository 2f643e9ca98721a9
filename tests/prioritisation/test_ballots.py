"""Residents' ballots at the desk and on the plan: read, refused, counted again, and nobody named."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from engagement.services import Refused
from prioritisation import ballots, services
from prioritisation.models import BallotFile, PlanVersion, Result
from tests import panels
from tests.staff_pages import address, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(now: Any) -> Any:
    panel = panels.make(now)
    made = panel.work_up(3)
    for number, one in enumerate(made):
        line = {"label": {"en": "All"}, "amount": Decimal(30), "kind": "capital", "funding": "sought"}
        services.save_initiative(
            initiative=one,
            values={},
            themes={},
            districts=[],
            costs=[line] if number < 2 else [],
            by=panel.manager,
            at=now,
        )
    round = panel.open()
    panel.score(round, lambda index: 5 - index)
    return panel, panel.close(round)


def votes(panel: panels.Panel, *more: str) -> bytes:
    one, two, three = (made.reference for made in panel.initiatives)
    rows = [f'1,"{one},{two}"', f"2,{one}", f"2,{two}", f"3,{three}", *more]
    return ("voter,approved\n" + "\n".join(rows) + "\n").encode()


def test_read_count_and_publish(closed: Any, now: Any) -> None:
    panel, round = closed
    client = signed_in(panel.manager)
    file = SimpleUploadedFile("votes.csv", votes(panel))
    answer = client.post(address("ballots", round), {"file": file}, follow=True)
    assert answer.status_code == 200
    kept = BallotFile.objects.get()
    assert (kept.voters, kept.refused) == (2, 2)
    shown = words(answer)
    assert "a second line with this number" in shown
    assert "has no cost" in shown
    answer = client.post(address("ballot_file", round, kept.pk), {"budget": "60"}, follow=True)
    assert answer.status_code == 200
    result = Result.objects.get(kind="ballots")
    assert services.recompute(result) == result.output
    assert services.latest_result(round).kind == "ranking"
    assert "the same list" in words(client.get(answer.request["PATH_INFO"] + "?check=1"))
    document = services.ballots_document(round)
    assert document is not None
    assert "approved" not in str(document)
    services.draft_decisions(round=round, by=panel.manager, at=now)
    services.save_plan(
        programme=panel.programme, slug="p", title={"en": "P", "fr": "P"}, by=panel.manager, at=now
    )
    services.publish_round(round=round, by=panel.publisher, at=now)
    public = Client()
    assert PlanVersion.objects.get().document["ballots"]["sha256"] == result.inputs_sha256
    assert "How residents voted" in words(public.get("/plans/p/"))
    taken = public.get("/plans/p/ballots.pb")
    again = ballots.read(taken.content)
    assert again.voters == 2
    assert ballots.count(ballots.inputs_of(again, Decimal(60), kept.sha256)) == result.output


def test_faults_are_said_beside_the_file_and_nothing_is_kept(closed: Any, now: Any) -> None:
    panel, round = closed
    client = signed_in(panel.manager)
    file = SimpleUploadedFile("votes.pb", b"META\nkey;value\nvote_type;ordinal\nPROJECTS\na\nVOTES\nb\n")
    answer = client.post(address("ballots", round), {"file": file})
    assert answer.status_code == 422
    assert "Line 3" in words(answer)
    assert not BallotFile.objects.exists()
    given = {"round": round, "name": "v", "content": votes(panel), "at": now}
    services.read_ballots(**given, by=panel.manager)
    with pytest.raises(Refused, match="already"):
        services.read_ballots(**given, by=panel.manager)
    with pytest.raises(Refused):
        services.read_ballots(**given, by=panel.analyst)


def test_nobody_sees_ballots_before_closing_and_only_the_manager_reads_them(closed: Any, now: Any) -> None:
    panel, round = closed
    file = SimpleUploadedFile("votes.csv", votes(panel))
    for person in (panel.analyst, panel.publisher):
        client = signed_in(person)
        assert client.get(address("ballots", round)).status_code == 200
        assert client.post(address("ballots", round), {"file": file}).status_code == 403
    round.__class__.objects.filter(pk=round.pk).update(state="open")
    assert signed_in(panel.manager).get(address("ballots", round)).status_code == 404
    assert Client().get("/plans/p/ballots.pb").status_code == 404

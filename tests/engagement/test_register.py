"""What was erased stays erased: written in the database and in a file outside of it, and replayed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from engagement import services
from engagement.models import Contact, Erasure, Photo
from engagement.services import register
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    return tmp_path


def an_idea(**values: Any) -> Any:
    idea = factories.Idea(contact=factories.Contact(), **values)
    Photo.objects.create(
        idea=idea, file=ContentFile(b"picture", name="p.jpg"), width=1, height=1, added_at=factories.NOW
    )
    return idea


def test_an_erasure_is_in_the_file_once_it_is_certain(
    now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    idea, report = an_idea(), factories.Report(contact=factories.Contact())
    with django_capture_on_commit_callbacks() as callbacks:
        services.erase_sender(idea=idea, at=now, keep_text=True)
        services.erase_report_sender(report=report, at=now, keep_text=False)
    assert services.read_register() == []
    for callback in callbacks:
        callback()
    assert {(one.reference, one.what) for one in services.read_register()} == {
        (idea.reference, "sender"),
        (report.reference, "all"),
    }
    assert register.register_file().stat().st_mode & 0o077 == 0
    assert services.missing_from_file() == []


def test_what_a_full_disk_kept_out_of_the_file_is_caught_up(now: datetime, var: Path) -> None:
    idea = an_idea()
    services.erase_sender(idea=idea, at=now, keep_text=False)
    path = register.register_file()
    path.parent.mkdir()
    path.write_text('{"at": "2026-05-')  # cut off in the middle
    assert [one.reference for one in services.missing_from_file()] == [idea.reference]
    assert services.complete_register() == 1
    assert services.complete_register() == 0
    assert [(one.reference, one.received_at) for one in services.read_register()] == [
        (idea.reference, idea.received_at)
    ]


def entry(record: Any, what: str = "all", **values: Any) -> register.Entry:
    given = {"at": factories.NOW + timedelta(days=1), "received_at": record.received_at, **values}
    return register.Entry(reference=record.reference, what=what, **given)


def test_a_replay_erases_text_sender_and_photos(django_capture_on_commit_callbacks: Any) -> None:
    idea, report = an_idea(state="published"), factories.Report(contact=factories.Contact())
    file = idea.photos.get().file
    with django_capture_on_commit_callbacks(execute=True):
        told = services.replay_erasures(entries=[entry(idea), entry(report, "sender")])
    assert told.erased == [idea.reference, report.reference]
    idea.refresh_from_db()
    report.refresh_from_db()
    assert (idea.title, idea.problem, idea.public_problem, idea.search, idea.contact) == (
        "",
        "",
        "",
        "",
        None,
    )
    assert report.public_description
    assert not Contact.objects.exists()
    assert not file.storage.exists(file.name)
    assert Erasure.objects.get(reference=idea.reference).at == factories.NOW + timedelta(days=1)
    again = services.replay_erasures(entries=[entry(idea), entry(report, "sender")])
    assert (again.erased, len(again.already)) == ([], 2)


def test_another_record_under_a_lost_number_is_left_alone() -> None:
    """After a restore that lost 2026-00001 somebody else's idea bears this number."""
    idea = an_idea()
    lost = entry(idea, received_at=idea.received_at - timedelta(days=3))
    gone = register.Entry(at=factories.NOW, reference="2026-99999", what="all")
    told = services.replay_erasures(entries=[lost, gone])
    assert sorted(told.absent) == [idea.reference, "2026-99999"]
    idea.refresh_from_db()
    assert idea.problem


def test_a_legal_hold_is_respected_told_and_keeps_no_other_from_being_erased(now: datetime) -> None:
    held, other = an_idea(), an_idea()
    keeper = factories.staff("keeper", permissions=["engagement.hold_record"])
    services.place_hold(record=held, by=keeper, at=now, reason="a court asked")
    told = services.replay_erasures(entries=[entry(held), entry(other)])
    assert list(told.refused) == [held.reference]
    assert told.erased == [other.reference]
    held.refresh_from_db()
    assert held.problem


def test_a_letter_and_its_parts_are_erased_once_with_all_of_them(now: datetime) -> None:
    letter = an_idea()
    part = an_idea(split_from=letter)
    told = services.replay_erasures(entries=[entry(letter), entry(part)])
    assert (told.erased, told.already) == ([letter.reference], [part.reference])
    part.refresh_from_db()
    assert part.problem == ""

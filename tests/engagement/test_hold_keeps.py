"""What a legal hold keeps: everything that hangs on the record, though nobody outside reads it any more."""

from datetime import timedelta
from typing import Any

import pytest

from engagement import links, services
from engagement.flags import Signs
from engagement.models import Idea, Note, Photo, Translation
from engagement.photos import CleanPhoto
from engagement.services import Author, Refused
from tests import factories
from tests.engagement.test_kits import meeting_in
from tests.engagement.test_persons import person_of

pytestmark = pytest.mark.django_db

LATER = timedelta(days=4000)
ENGLISH = services.Beside(language="en", title="Shaded benches", problem="Older people have nowhere to sit.")
SPANISH = {
    "language": "es",
    "public_title": "Bancos",
    "public_problem": "No hay donde sentarse.",
    "problem": "No hay",
}


@pytest.fixture
def staff(db: Any) -> Any:
    may = ["hold_record", "view_idea", "translate_idea", "triage_idea", "moderate_note", "manage_call"]
    return factories.staff("holder", permissions=[f"engagement.{one}" for one in may])


@pytest.fixture
def idea(staff: Any, now: Any) -> Idea:
    """A public idea with a translation, on legal hold."""
    made: Idea = factories.Idea(state="published", published_at=now, contact=factories.Contact(), **SPANISH)
    services.translate_idea(idea=made, words=ENGLISH, by=staff, at=now)
    services.place_hold(record=made, by=staff, at=now, reason="Case 26-114")
    return Idea.objects.get(pk=made.pk)


def lift(idea: Idea, staff: Any, now: Any) -> None:
    services.lift_hold(record=idea, by=staff, at=now, reason="Closed")


def test_a_withdrawn_idea_keeps_its_translation_that_nobody_reads(
    client: Any, idea: Idea, staff: Any, now: Any
) -> None:
    services.withdraw_idea(idea=idea, at=now)
    assert idea.translations.get().title == "Shaded benches"
    pages = ["/ideas/", f"/ideas/{idea.reference}/", "/ideas/?q=shaded", "/ideas/feed/", "/api/v1/ideas"]
    for path in [*pages, links.tracking_path(idea)]:
        shown = client.get(path, follow=True).content.decode()
        assert "Shaded" not in shown.replace('value="shaded"', ""), path
        assert "nowhere to sit" not in shown, path
    assert client.get(f"/api/v1/ideas/{idea.reference}").status_code == 404
    client.force_login(staff)
    assert "Shaded" not in client.get(f"/admin/engagement/idea/{idea.pk}/change/").content.decode()
    services.purge_expired(at=now + LATER)
    assert Translation.objects.exists()
    lift(idea, staff, now)
    services.purge_expired(at=now + LATER)
    idea.refresh_from_db()
    assert (Translation.objects.count(), idea.problem, idea.public_problem) == (0, "", "")


def test_without_a_hold_it_goes_at_once(idea: Idea, staff: Any, now: Any) -> None:
    lift(idea, staff, now)
    services.withdraw_idea(idea=idea, at=now)
    assert not Translation.objects.exists()


def test_a_translation_is_neither_taken_away_nor_written_over(idea: Idea, staff: Any, now: Any) -> None:
    with pytest.raises(Refused) as refusal:
        services.remove_translation(idea=idea, language="en", by=staff, at=now)
    assert refusal.value.code == "held"
    other = services.Beside(language="en", title="Other", problem="Other words.")
    with pytest.raises(Refused) as refusal:
        services.translate_idea(idea=idea, words=other, by=staff, at=now)
    assert refusal.value.code == "held"
    assert idea.translations.get().title == "Shaded benches"
    french = services.Beside(language="fr", title="Bancs", problem="Nulle part où s’asseoir.")
    services.translate_idea(idea=idea, words=french, by=staff, at=now)
    assert idea.translations.count() == 2


def test_the_page_says_why_and_keeps_what_was_typed(client: Any, idea: Idea, staff: Any) -> None:
    client.force_login(staff)
    address = f"/admin/engagement/idea/{idea.pk}/translation/en/"
    sent = {
        "title": "Zz other",
        "problem": "Zz words",
        "version": idea.version,
        "sent_in": "es",
        "how": "machine",
    }
    answer = client.post(address, sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "on legal hold: what is there stays as it is" in shown
    assert "Zz other" in shown


def test_a_line_of_a_meeting_is_not_written_over(staff: Any, now: Any) -> None:
    meeting = meeting_in()
    link = services.make_meeting_link(meeting=meeting, ends_at=now + timedelta(days=1), by=staff, at=now)
    words = services.LineWords(problem="A bench", language="en")
    line = services.record_line(link=link, words=words, key="a", at=now)
    services.place_hold(record=line.idea, by=staff, at=now, reason="Case")
    with pytest.raises(Refused) as refusal:
        services.change_line(line=line, words=services.LineWords(problem="X", language="en"), at=now)
    assert refusal.value.code == "held"
    assert Idea.objects.get(pk=line.idea.pk).problem == "A bench"


def test_the_photo_of_the_wall_stays_while_one_of_its_ideas_is_held(staff: Any, now: Any) -> None:
    meeting = meeting_in()
    other = meeting_in()
    for one in (meeting, other):
        services.photos.keep_photo(photo=CleanPhoto(b"x", 1, 1, "JPEG"), caption="", at=now, meeting=one)
    held = factories.Idea(meeting=meeting, call=meeting.call)
    services.place_hold(record=held, by=staff, at=now, reason="Case")
    services.purge_expired(at=now + LATER)
    assert Photo.objects.get().meeting == meeting
    lift(held, staff, now)
    services.purge_expired(at=now + LATER)
    assert not Photo.objects.exists()


def test_notes_appeals_and_reports_of_abuse_stay_with_it(idea: Idea, staff: Any, now: Any) -> None:
    Idea.objects.update(state="declined")
    decided = {"decided_at": now, "decided_by": factories.User(), "outcome": "refused"}
    appeal = idea.appeals.create(text="Look again", asked_at=now, refused_by=staff, **decided)
    note = factories.note(idea, now, state="withdrawn")
    handled = {"outcome": "kept", "handled_at": now, "handled_by": staff}
    note.abuse_reports.create(reason="other", text="Bad", at=now, **handled)
    services.purge_expired(at=now + LATER)
    appeal.refresh_from_db()
    assert (appeal.text, Note.objects.count(), note.abuse_reports.count()) == ("Look again", 1, 1)
    lift(idea, staff, now)
    services.purge_expired(at=now + LATER)
    appeal.refresh_from_db()
    assert (appeal.text, Note.objects.count()) == ("", 0)


def test_who_erases_all_of_theirs_leaves_a_note_that_nobody_reads(idea: Idea, staff: Any, now: Any) -> None:
    person = person_of()
    idea.call.notes = "public"
    idea.call.save()
    for one in (idea, factories.Idea(state="published", call=idea.call)):
        services.add_note(
            idea=one, author=Author(person), kind="fact", text="Zz fact", language="en", at=now, signs=Signs()
        )
    assert services.erase_person(person=person, at=now, keep_text=True) == [idea.reference]
    note = Note.objects.get()
    assert (note.idea, note.state, note.person, note.text) == (idea, "withdrawn", None, "Zz fact")


def test_an_address_that_is_disowned_stays_and_is_told_whom_to_ask(client: Any, idea: Idea) -> None:
    page = client.post(links.address_path(idea, "en"), {"remove": "1"})
    assert page.status_code == 422
    assert "the law requires the city to keep it" in page.content.decode()
    idea.refresh_from_db()
    assert idea.contact is not None

"""Notes and reports of abuse: one a person, read by nobody before they may be, answered for."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import services
from engagement.flags import Signs
from engagement.models import AbuseReport, Call, Event, Flag, Note
from engagement.views import noted
from engagement.workflow import NOTE_MOVES, NoteState
from tests import factories

pytestmark = pytest.mark.django_db

TEXT = "The water stands there after every rain."
WHY = {"en": "It names a neighbour.", "fr": "Elle nomme un voisin."}


@pytest.fixture
def idea(db: Any) -> Any:
    return factories.Idea(state="published", call=factories.Call(notes=Call.Notes.HELD))


@pytest.fixture
def open_idea(db: Any) -> Any:
    return factories.Idea(state="published", call=factories.Call(notes=Call.Notes.AFTER))


@pytest.fixture
def keeper(db: Any) -> Any:
    return factories.staff("keeper", permissions=["engagement.moderate_note", "engagement.view_idea"])


def page(client: Any, idea: Any) -> str:
    return str(client.get(f"/ideas/{idea.reference}/").content.decode())


def send(client: Any, idea: Any, text: str = TEXT, **more: str) -> Any:
    return client.post(f"/ideas/{idea.reference}/note/", {"kind": "fact", "text": text, **more})


def add(idea: Any, voter: str = "a", text: str = TEXT, **signs: Any) -> Any:
    return services.add_note(
        idea=idea,
        author=services.Author(token=voter),
        kind="fact",
        text=text,
        language="en",
        at=timezone.now(),
        signs=Signs(**signs),
    )


def test_held_until_staff_publish_and_shown_to_its_author_meanwhile(
    client: Any, idea: Any, keeper: Any
) -> None:
    answer = send(client, idea)
    assert answer.status_code == 303
    assert TEXT in page(client, idea)
    assert TEXT not in page(Client(), idea)
    note = Note.objects.get()
    services.publish_note(note=note, by=keeper, at=timezone.now())
    assert TEXT in page(Client(), idea)


def test_public_at_once_where_the_invitation_says_so_and_masked(client: Any, open_idea: Any) -> None:
    call = open_idea.call
    send(client, open_idea, "It floods. Ask zz-ana@mail.example.")
    note = Note.objects.get()
    assert note.state == NoteState.HELD, "personal data: staff read it first"
    assert note.flags.get().kind == "personal"
    assert "zz-ana@mail.example" not in note.public_text
    send(Client(), open_idea, "It floods.")
    assert "It floods." in page(Client(), open_idea)
    Call.objects.filter(pk=call.pk).update(notes="none")
    assert "It floods." not in page(Client(), open_idea)


def test_one_a_person_and_posted_twice_it_is_one(client: Any, open_idea: Any) -> None:
    for _time in range(2):
        assert send(client, open_idea).status_code == 303
    assert send(client, open_idea, "Another one.").status_code == 422
    assert "Take it back before" in send(client, open_idea, "Another one.").content.decode()
    assert Note.objects.get().text == TEXT


def test_taken_back_it_is_gone_and_may_be_written_anew(client: Any, open_idea: Any) -> None:
    send(client, open_idea)
    assert client.post(f"/ideas/{open_idea.reference}/note/", {"do": "back"}).status_code == 303
    assert TEXT not in page(client, open_idea)
    send(client, open_idea, "Written anew.")
    assert "Written anew." in page(Client(), open_idea)
    assert Note.objects.count() == 1


def test_hidden_with_a_reason_that_its_author_answers(client: Any, open_idea: Any, keeper: Any) -> None:
    send(client, open_idea)
    note = Note.objects.get()
    with pytest.raises(services.Refused):
        services.hide_note(note=note, by=keeper, at=timezone.now(), why={"en": " "})
    services.hide_note(note=note, by=keeper, at=timezone.now(), why=WHY)
    assert WHY["en"] in page(client, open_idea)
    others = page(Client(), open_idea)
    assert WHY["en"] not in others
    assert TEXT not in others
    sent = {"do": "answer", "answer": "I am that neighbour."}
    assert client.post(f"/ideas/{open_idea.reference}/note/", sent).status_code == 303
    note.refresh_from_db()
    assert (note.state, note.answer) == ("held", "I am that neighbour.")
    client.force_login(keeper)
    assert "I am that neighbour." in client.get(f"/admin/engagement/note/{note.pk}/change/").content.decode()
    assert "I am that neighbour." not in page(Client(), open_idea)


def test_nobody_acts_on_the_note_of_somebody_else(client: Any, open_idea: Any) -> None:
    send(client, open_idea)
    for do in ("back", "answer"):
        other = Client().post(f"/ideas/{open_idea.reference}/note/", {"do": do, "answer": "x"})
        assert other.status_code == 404
    assert Note.objects.get().state == "published"


@pytest.mark.parametrize(
    "values",
    [{"state": "received"}, {"state": "declined"}, {"state": "withdrawn"}, {"text_hidden": True}],
)
def test_only_where_the_idea_is_an_open_wish(values: Any) -> None:
    idea = factories.Idea(**{"state": "published", "call": factories.Call(notes="after"), **values})
    with pytest.raises(services.Refused):
        add(idea)
    none = factories.Idea(state="published", call=factories.Call(notes="none"))
    with pytest.raises(services.Refused):
        add(none)


def test_robots_are_held_and_never_blocked(client: Any, open_idea: Any) -> None:
    assert send(client, open_idea, website="http://spam.example").status_code == 303
    note = Note.objects.get()
    assert (note.state, note.flags.get().kind) == ("held", "honeypot")


def test_script_is_text(client: Any, open_idea: Any) -> None:
    send(client, open_idea, "<script>alert(1)</script> ‮مرحبا🙂")
    assert "<script>alert(1)" not in page(Client(), open_idea)


@pytest.mark.parametrize("state", list(NoteState))
@pytest.mark.parametrize("verb", list(NOTE_MOVES))
def test_every_pair_of_the_table(verb: str, state: str, open_idea: Any, keeper: Any, now: Any) -> None:
    note = add(open_idea)
    Note.objects.filter(pk=note.pk).update(state=state)
    note.refresh_from_db()
    acts = {
        "publish": lambda: services.publish_note(note=note, by=keeper, at=now),
        "hide": lambda: services.hide_note(note=note, by=keeper, at=now, why=WHY),
        "answer": lambda: services.answer_note(note=note, answer="But", at=now),
        "withdraw": lambda: services.take_back_note(note=note, at=now),
        "write_again": lambda: add(open_idea, text="Anew."),
    }
    before = Note.objects.get().version
    if state in NOTE_MOVES[verb].sources:
        acts[verb]()
        assert Note.objects.get().state in NOTE_MOVES[verb].targets
        assert Note.objects.get().version == before + 1
    else:
        with pytest.raises(services.Refused):
            acts[verb]()
        assert Note.objects.get().state == state


def test_staff_need_the_permission_and_see_who_was_faster(open_idea: Any, clerk: Any, keeper: Any) -> None:
    note = add(open_idea)
    at = timezone.now()
    with pytest.raises(services.Refused):
        services.hide_note(note=note, by=clerk, at=at, why=WHY)
    services.hide_note(note=note, by=keeper, at=at, why=WHY, version=1)
    with pytest.raises(services.Stale):
        services.publish_note(note=note, by=keeper, at=at, version=1)
    assert list(Event.objects.values_list("verb", "public")) == [("hide_note", False)]


def test_many_at_once_at_the_desk(client: Any, idea: Any, keeper: Any) -> None:
    notes = [add(idea, str(n)) for n in range(3)]
    client.force_login(keeper)
    assert TEXT in client.get("/admin/engagement/note/").content.decode()
    services.publish_note(note=notes[0], by=keeper, at=timezone.now())
    chosen = ",".join(f"{note.pk}:1" for note in notes)
    answer = client.post("/admin/engagement/note/do/publish/", {"selected": chosen, "note": ""})
    assert "2 done, 1 not" in answer.content.decode()
    assert set(Note.objects.values_list("state", flat=True)) == {"published"}


def test_a_page_of_many_notes_costs_no_more(
    client: Any, open_idea: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(25):
        add(open_idea, str(n), f"Note number {n}.")
    send(client, open_idea, "Mine.")
    page(client, open_idea)
    with django_assert_max_num_queries(12):
        shown = page(client, open_idea)
    assert shown.count("Report this note") == noted.PAGE
    assert "Note number 0." in client.get(f"/ideas/{open_idea.reference}/?page=3").content.decode()


# Reports of abuse ---------------------------------------------------------------------------------


def report(client: Any, idea: Any, note: Any = None, address: str = "203.0.113.1", **more: str) -> Any:
    path = f"/ideas/{idea.reference}/{f'notes/{note.pk}/' if note else ''}abuse/"
    return client.post(path, {"reason": "insult", **more}, REMOTE_ADDR=address)


def test_a_note_is_reported_and_hidden_with_one_press(client: Any, open_idea: Any, keeper: Any) -> None:
    note = add(open_idea)
    answer = report(client, open_idea, note, text="It is about me.")
    assert answer.status_code == 303
    assert "Thank you" in client.get(answer["Location"]).content.decode()
    told = AbuseReport.objects.get()
    assert TEXT in page(Client(), open_idea), "nothing is hidden by a report alone"
    client.force_login(keeper)
    assert "report of abuse waits" in client.get("/admin/").content.decode()
    assert (
        "It is about me." in client.get(f"/admin/engagement/abusereport/{told.pk}/change/").content.decode()
    )
    client.post(f"/admin/engagement/abusereport/{told.pk}/handle/", {"outcome": "hidden"})
    note.refresh_from_db()
    told.refresh_from_db()
    assert (note.state, told.outcome, told.handled_by) == ("hidden", "hidden", keeper)
    assert TEXT not in page(Client(), open_idea)


def test_the_text_of_an_idea_is_hidden_and_shown_again(client: Any, keeper: Any) -> None:
    idea = factories.Idea(state="published", public_problem="zz-insult")
    report(client, idea)
    told = AbuseReport.objects.get()
    services.hide_reported(report=told, by=keeper, at=timezone.now())
    shown = page(client, idea)
    assert "zz-insult" not in shown
    assert "Hidden because it insults" in shown
    services.show_again(idea=AbuseReport.objects.get().idea, by=keeper, at=timezone.now())
    assert "zz-insult" in page(client, idea)
    with pytest.raises(services.Refused):
        services.keep_reported(report=told, by=keeper, at=timezone.now())


def test_several_readers_make_a_flag_and_one_reader_does_not(client: Any) -> None:
    idea = factories.Idea(state="published")
    for _time in range(4):
        report(client, idea)
    assert AbuseReport.objects.count() == 1, "once a day from one network"
    report(client, idea, address="203.0.113.2")
    assert not Flag.objects.exists()
    report(client, idea, address="203.0.113.3")
    assert Flag.objects.get().kind == "abuse"


def test_what_is_not_public_cannot_be_reported(client: Any, idea: Any) -> None:
    held = add(idea)
    assert report(client, idea, held).status_code == 404
    assert report(client, factories.Idea(state="received")).status_code == 404
    assert report(client, factories.Idea(state="published"), reason="nonsense").status_code == 422


def test_robots_report_nothing(client: Any, open_idea: Any) -> None:
    assert report(client, open_idea, website="http://spam.example").status_code == 303
    assert not AbuseReport.objects.exists()


def test_keeping_answers_all_reports_and_asks_for_the_permission(
    client: Any, keeper: Any, clerk: Any
) -> None:
    idea = factories.Idea(state="published")
    for n in range(3):
        report(client, idea, address=f"203.0.113.{n}")
    told = AbuseReport.objects.first()
    assert told is not None
    with pytest.raises(services.Refused):
        services.keep_reported(report=told, by=clerk, at=timezone.now())
    assert services.keep_reported(report=told, by=keeper, at=timezone.now()) == 3
    assert not Flag.objects.exists()


def test_voters_persons_and_hidden_words_are_nowhere_in_public(open_idea: Any, keeper: Any) -> None:
    shown, hidden = add(open_idea), add(open_idea, "b", "zz-hidden words")
    services.hide_note(note=hidden, by=keeper, at=timezone.now(), why={"en": "zz-why"})
    for address in (f"/ideas/{open_idea.reference}/", "/ideas/", f"/api/v1/ideas/{open_idea.reference}/"):
        text = Client().get(address).content.decode()
        assert not [word for word in ("zz-hidden", "zz-why", shown.voter) if word in text], address

"""Ideas: every allowed and forbidden pair of the state table, and what services promise around it."""

from typing import Any

import pytest

from engagement import services
from engagement.models import Event, Idea, Notice, SimilarLink
from engagement.workflow import IDEA_MOVES, REPORT_MOVES, RESIDENT, IdeaState, ReportState
from tests import factories
from tests.moves import idea_move, report_move

pytestmark = pytest.mark.django_db


def draft(**values: Any) -> services.IdeaDraft:
    return services.IdeaDraft(**{"problem": "No shelter at my stop.", "language": "en", **values})


@pytest.mark.parametrize("state", list(IdeaState))
@pytest.mark.parametrize("verb", list(IDEA_MOVES))
def test_every_pair_of_the_table(verb: str, state: str, now: Any, administrator: Any) -> None:
    idea = factories.Idea(state=state)
    move = IDEA_MOVES[verb]
    act = idea_move(verb, idea, administrator, now)
    idea.refresh_from_db()
    if state in move.sources:
        act(idea)
        idea.refresh_from_db()
        assert idea.state in move.targets
        assert idea.version == 2
        event = Event.objects.get(idea=idea, verb=verb)
        assert (event.from_state, event.to_state) == (state, idea.state)
    else:
        with pytest.raises(services.Refused):
            act(idea)
        idea.refresh_from_db()
        assert (idea.state, idea.version) == (state, 1)
        assert not Event.objects.filter(idea=idea).exists()


@pytest.mark.parametrize("state", list(ReportState))
@pytest.mark.parametrize("verb", list(REPORT_MOVES))
def test_every_pair_of_the_table_of_reports(verb: str, state: str, now: Any, administrator: Any) -> None:
    report = factories.Report(state=state)
    move = REPORT_MOVES[verb]
    act = report_move(verb, report, administrator, now)
    if state in move.sources:
        act(report)
        report.refresh_from_db()
        assert (report.state in move.targets, report.version) == (True, 2)
        event = Event.objects.get(report=report, verb=verb)
        assert (event.from_state, event.to_state) == (state, report.state)
    else:
        with pytest.raises(services.Refused):
            act(report)
        report.refresh_from_db()
        assert (report.state, report.version) == (state, 1)
        assert not Event.objects.filter(report=report).exists()


@pytest.mark.parametrize("verb", [verb for verb, move in IDEA_MOVES.items() if move.who != RESIDENT])
def test_staff_moves_ask_for_their_permission(verb: str, now: Any, clerk: Any) -> None:
    state = sorted(IDEA_MOVES[verb].sources)[0]
    idea = factories.Idea(state=state)
    with pytest.raises(services.Refused):
        idea_move(verb, idea, clerk, now)(idea)
    idea.refresh_from_db()
    assert idea.state == state


def test_second_of_two_people_is_told(now: Any, moderator: Any) -> None:
    idea = factories.Idea()
    other = Idea.objects.get(pk=idea.pk)
    services.publish_idea(idea=idea, by=moderator, at=now, version=1)
    with pytest.raises(services.Stale):
        idea_move("decline", other, moderator, now)(other, version=1)
    other.refresh_from_db()
    assert other.state == IdeaState.PUBLISHED
    assert Event.objects.filter(idea=idea).count() == 1


def test_a_form_posted_twice_is_one_idea(now: Any) -> None:
    call = factories.Call()
    first = services.submit_idea(call=call, draft=draft(), at=now, form_key="k")
    second = services.submit_idea(call=call, draft=draft(), at=now, form_key="k")
    assert first.pk == second.pk
    assert Idea.objects.count() == 1


def test_public_words_are_masked_and_the_sent_ones_kept(now: Any) -> None:
    text = "Call me at 514 555 0199 or write to ana@mail.example about the lamp."
    idea = services.submit_idea(call=factories.Call(), draft=draft(problem=text), at=now)
    assert idea.problem == text
    assert "555" not in idea.public_problem
    assert "ana@" not in idea.public_problem + idea.public_title
    assert "about the lamp" in idea.public_problem


def test_a_decline_needs_a_reason_and_tells_the_sender(now: Any, moderator: Any) -> None:
    idea = services.submit_idea(
        call=factories.Call(),
        draft=draft(sender=services.Sender(email="ana@mail.example", wants_updates=True)),
        at=now,
    )
    with pytest.raises(services.Refused) as refusal:
        services.decline_idea(idea=idea, by=moderator, at=now, reason="nonsense")
    assert refusal.value.field == "reason"
    factories.Reason()
    services.decline_idea(idea=idea, by=moderator, at=now, reason="not_city", text={"en": "See the region."})
    event = Event.objects.get(idea=idea, verb="decline")
    assert event.text == {"en": "See the region."}
    assert list(Notice.objects.order_by("pk").values_list("kind", flat=True)) == [
        "engagement.idea_received",
        "engagement.idea_decline",
    ]


def test_linking_keeps_both_texts_and_can_be_undone(now: Any, moderator: Any) -> None:
    original = factories.Idea(state="published")
    idea = factories.Idea(call=original.call, state="published")
    follower = factories.Idea(call=original.call, state="published")
    services.link_duplicate(idea=follower, original=idea, by=moderator, at=now)
    services.link_duplicate(idea=idea, original=original, by=moderator, at=now)
    assert SimilarLink.objects.standing().get(idea=follower).original == original
    services.unlink_duplicate(idea=idea, by=moderator, at=now)
    idea.refresh_from_db()
    assert idea.state == IdeaState.PUBLISHED
    assert idea.problem
    assert SimilarLink.objects.get(idea=idea).undone_by == moderator


def test_erasing_takes_the_person_and_unless_agreed_the_words(now: Any) -> None:
    sender = services.Sender(name="Ana", email="ana@mail.example")
    for keep in (True, False):
        idea = services.submit_idea(call=factories.Call(), draft=draft(sender=sender), at=now)
        nonce = idea.nonce
        services.erase_sender(idea=idea, at=now, keep_text=keep)
        idea.refresh_from_db()
        assert idea.contact is None
        assert idea.nonce != nonce
        assert bool(idea.problem) is keep
        assert bool(idea.search) is keep
        assert idea.state == (IdeaState.RECEIVED if keep else IdeaState.WITHDRAWN)


def test_what_comes_after_the_cutoff_waits_for_the_next_round(now: Any) -> None:
    idea = services.submit_idea(call=factories.Call(cutoff_at=factories.OPENED), draft=draft(), at=now)
    assert idea.after_cutoff


def test_references_count_up_without_gaps(now: Any) -> None:
    call = factories.Call()
    references = [services.submit_idea(call=call, draft=draft(), at=now).reference for _ in range(3)]
    assert references == ["2026-00001", "2026-00002", "2026-00003"]


def test_words_that_stay_after_erasing_say_nothing_of_the_sender(now: Any, moderator: Any) -> None:
    call = factories.Call(questions=[{"key": "cost", "label": {"en": "Cost"}, "confidential": True}])
    draft = services.IdeaDraft(
        problem="It is dark. Ana, 514 555 0199",
        proposal="Write to ana@mail.example",
        language="en",
        answers={"cost": "Ask ana@mail.example"},
        sender=services.Sender(name="Ana", email="ana@mail.example"),
    )
    idea = services.submit_idea(call=call, draft=draft, at=now)
    factories.Reason(action="ask_correction", code="unclear")
    services.ask_correction(idea=idea, by=moderator, at=now, reason="unclear")
    services.resend_idea(idea=idea, draft=draft, at=now)
    services.erase_sender(idea=idea, at=now, keep_text=True)
    idea.refresh_from_db()
    kept = f"{idea.title} {idea.problem} {idea.proposal} {idea.confidential_answers}"
    assert "It is dark." in kept
    assert "514" not in kept
    assert "ana@" not in kept
    assert not idea.revisions.exists()


def test_a_report_whose_words_stay_says_nothing_of_its_sender(now: Any) -> None:
    draft = services.ReportDraft(
        description="A hole. Ana, 514 555 0199", language="en", place=services.Place(address="12 Elm")
    )
    report = services.submit_report(service=factories.ReportService(), draft=draft, at=now)
    services.erase_report_sender(report=report, at=now, keep_text=True)
    assert report.description == "A hole. Ana, [phone]"

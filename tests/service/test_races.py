"""Two connections at once, on PostgreSQL: one wins, the other is told, nothing is doubled or lost."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from engagement import services
from engagement.models import (
    Contact,
    Erasure,
    Event,
    Idea,
    Notice,
    RateLimit,
    Referral,
    Report,
    Support,
    Transfer,
)
from engagement.services import moves
from engagement.workflow import IDEA_MOVES, REPORT_MOVES
from tests import factories
from tests.moves import Act, idea_move, report_move
from tests.service.meeting import at_once, until_somebody_waits

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def threads() -> Any:
    """Runs functions at the same time, each with a connection of its own; gives what each gave or raised."""

    return at_once


def test_of_two_decisions_at_the_same_moment_one_wins(threads: Any, now: datetime, moderator: Any) -> None:
    """The first holds its transaction open until the second waits for the row."""
    factories.Reason()
    idea = factories.Idea()
    first_has_moved, second_has_read = threading.Event(), threading.Event()

    def publish() -> str:
        mine = Idea.objects.get(pk=idea.pk)
        with transaction.atomic():
            services.publish_idea(idea=mine, by=moderator, at=now)
            first_has_moved.set()
            assert second_has_read.wait(30)
            until_somebody_waits()
        return "published"

    def decline() -> str:
        mine = Idea.objects.get(pk=idea.pk)
        assert first_has_moved.wait(30)
        second_has_read.set()
        services.decline_idea(idea=mine, by=moderator, at=now, reason="not_city")
        return "declined"

    said = threads(publish, decline)
    assert said[0] == "published"
    assert isinstance(said[1], services.Stale)
    idea.refresh_from_db()
    assert idea.state == "published"
    assert list(Event.objects.values_list("verb", flat=True)) == ["publish"]


def race(threads: Any, record: Any, act: Act) -> list[Any]:
    """Two people make the same move: the first holds its transaction open until the second waits for it."""
    first_has_moved, second_has_read = threading.Event(), threading.Event()
    model = type(record)

    def first() -> str:
        mine = model.objects.get(pk=record.pk)
        with transaction.atomic():
            act(mine)
            first_has_moved.set()
            assert second_has_read.wait(30)
            until_somebody_waits()
        return "moved"

    def second() -> str:
        mine = model.objects.get(pk=record.pk)
        second_has_read.set()
        assert first_has_moved.wait(30)
        act(mine)
        return "moved"

    return list(threads(first, second))


@pytest.mark.parametrize("verb", list(IDEA_MOVES))
def test_every_move_of_an_idea_is_made_once(
    threads: Any, now: datetime, administrator: Any, verb: str
) -> None:
    idea = factories.Idea(state=sorted(IDEA_MOVES[verb].sources)[0], contact=factories.Contact())
    said = race(threads, idea, idea_move(verb, idea, administrator, now))
    assert said[0] == "moved"
    assert isinstance(said[1], services.Stale), said[1]
    assert Event.objects.filter(idea=idea, verb=verb).count() == 1
    assert Notice.objects.filter(kind=f"engagement.idea_{verb}").count() <= 1


@pytest.mark.parametrize("verb", list(REPORT_MOVES))
def test_every_move_of_a_report_is_made_once(
    threads: Any, now: datetime, administrator: Any, verb: str
) -> None:
    report = factories.Report(state=sorted(REPORT_MOVES[verb].sources)[0], contact=factories.Contact())
    said = race(threads, report, report_move(verb, report, administrator, now))
    assert said[0] == "moved"
    assert isinstance(said[1], services.Stale), said[1]
    assert Event.objects.filter(report=report, verb=verb).count() == 1


def test_a_pair_changed_from_both_ends_is_changed_once(
    threads: Any, now: datetime, administrator: Any
) -> None:
    """From the idea's page and from the report's page at once: nobody waits for ever, one is told."""
    idea, report = factories.Idea(state="as_report"), factories.Report()
    Transfer.objects.create(idea=idea, report=report, at=now, by=administrator)
    start = threading.Barrier(2)

    def from_idea() -> Any:
        mine = Idea.objects.get(pk=idea.pk)
        start.wait(30)
        return services.take_back_idea(idea=mine, by=administrator, at=now)

    def from_report() -> Any:
        mine = Report.objects.get(pk=report.pk)
        start.wait(30)
        return services.take_as_idea(report=mine, by=administrator, at=now)

    for _ in range(5):
        said = threads(from_idea, from_report)
        assert sorted(type(one).__name__ for one in said) in (["Idea", "Stale"], ["Idea", "Refused"]), said
        assert (Idea.objects.get().state, Report.objects.get().state) == ("received", "as_idea")
        services.take_as_report(idea=Idea.objects.get(), by=administrator, at=now)


def test_erasing_while_a_copy_is_made_leaves_no_copy(threads: Any, now: datetime, administrator: Any) -> None:
    service = factories.ReportService()
    start = threading.Barrier(2)
    for _ in range(5):
        idea = factories.Idea(contact=factories.Contact())

        def copy(key: int = idea.pk) -> Any:
            mine = Idea.objects.get(pk=key)
            start.wait(30)
            return services.take_as_report(idea=mine, service=service, by=administrator, at=now)

        def erase(key: int = idea.pk) -> Any:
            mine = Idea.objects.get(pk=key)
            start.wait(30)
            return services.erase_sender(idea=mine, at=now, keep_text=False)

        copied, erased = threads(copy, erase)
        assert isinstance(copied, Report | services.Refused), copied
        assert isinstance(erased, Idea), erased
        assert not Contact.objects.exists()
        assert not Report.objects.exclude(description="").exists()


def test_erasing_a_letter_while_a_part_becomes_a_report_leaves_no_report(
    threads: Any, now: datetime, administrator: Any
) -> None:
    letter = factories.Idea(state="split", contact=factories.Contact())
    words = {"problem": "Dark. 514 555 0199", "public_problem": "Dark. [phone]"}
    part = factories.Idea(split_from=letter, contact=factories.Contact(), **words)
    service = factories.ReportService()
    has_moved = threading.Event()

    def take() -> None:
        with transaction.atomic():
            mine = Idea.objects.get(pk=part.pk)
            services.take_as_report(idea=mine, service=service, by=administrator, at=now)
            has_moved.set()
            until_somebody_waits()

    def erase() -> None:
        assert has_moved.wait(30)
        services.erase_sender(idea=Idea.objects.get(pk=letter.pk), at=now, keep_text=True)

    assert threads(take, erase) == [None, None]
    assert not Contact.objects.exists()
    assert "0199" not in Report.objects.get().description
    assert Erasure.objects.count() == 3


def test_of_two_answers_one_stands(threads: Any, now: datetime, administrator: Any) -> None:
    reason = factories.Reason(action="pass_on").code
    referral = services.pass_on_idea(
        idea=factories.Idea(), by=administrator, at=now, reason=reason, running_plan=True
    )
    assert referral is not None
    start = threading.Barrier(2)

    def answer(words: str) -> Callable[[], Any]:
        def work() -> str:
            mine = Referral.objects.get(pk=referral.pk)
            start.wait(30)
            services.answer_referral(referral=mine, answer={"en": words}, by=administrator, at=now)
            return words

        return work

    said = threads(answer("Yes."), answer("No."))
    stands = Referral.objects.get().answer["en"]
    assert sorted(map(type, said), key=str) == [services.Stale, str]
    assert stands in said
    assert Event.objects.filter(verb="answer").count() == 1


def test_two_workers_publish_what_is_due_once(threads: Any, now: datetime, moderator: Any) -> None:
    for _ in range(20):
        idea = factories.Idea()
        services.schedule_idea(idea=idea, hour=now + timedelta(hours=1), by=moderator, at=now)
    start = threading.Barrier(2)

    def work() -> int:
        start.wait(30)
        return services.publish_due_ideas(at=now + timedelta(hours=1))

    assert sum(threads(work, work)) == 20
    assert Event.objects.filter(verb="publish").count() == 20


def test_one_person_who_presses_twice_supports_once(threads: Any, now: datetime) -> None:
    idea = factories.Idea(state="published", call=factories.Call(supports="token"))
    start = threading.Barrier(3)

    def press() -> Any:
        start.wait(30)
        return services.support_idea(idea=idea, voter="one browser", kind="token", at=now).pk

    pressed = threads(press, press, press)
    assert pressed == [Support.objects.get().pk] * 3


def test_two_workers_never_take_the_same_mail(threads: Any, now: datetime) -> None:
    contact, idea = factories.Contact(), factories.Idea()
    for _ in range(120):
        services.queue_notice(kind="engagement.idea_received", at=now, contact=contact, idea=idea)
    start = threading.Barrier(3)

    def worker() -> list[int]:
        start.wait(30)
        taken: list[int] = []
        while notices := services.claim_notices(at=now, app="engagement", limit=7):
            taken += [notice.pk for notice in notices]
        return taken

    taken = threads(worker, worker, worker)
    everything = [key for one in taken for key in one]
    assert len(everything) == len(set(everything)) == 120
    assert set(Notice.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_does_not_wait_for_another(threads: Any, now: datetime) -> None:
    contact, idea = factories.Contact(), factories.Idea()
    for _ in range(4):
        services.queue_notice(kind="engagement.idea_received", at=now, contact=contact, idea=idea)
    holds, done = threading.Event(), threading.Event()

    def slow() -> list[int]:
        with transaction.atomic():
            taken = services.claim_notices(at=now, app="engagement", limit=2)
            holds.set()
            assert done.wait(30), "the other worker waited for this one"
        return [notice.pk for notice in taken]

    def quick() -> list[int]:
        assert holds.wait(30)
        taken = services.claim_notices(at=now, app="engagement", limit=10)
        done.set()
        return [notice.pk for notice in taken]

    first, second = threads(slow, quick)
    assert (len(first), len(second)) == (2, 2)
    assert not set(first) & set(second)


def test_ideas_sent_at_the_same_moment_get_numbers_of_their_own(threads: Any, now: datetime) -> None:
    call = factories.Call()
    start = threading.Barrier(4)

    def send() -> list[str]:
        start.wait(30)
        return [
            services.submit_idea(
                call=call, draft=services.IdeaDraft(problem=f"Bench {n} is gone.", language="en"), at=now
            ).reference
            for n in range(15)
        ]

    sent = [reference for one in threads(send, send, send, send) for reference in one]
    assert sorted(sent) == [f"2026-{number:05d}" for number in range(1, 61)]


def test_one_form_posted_twice_at_once_is_one_idea(threads: Any, now: datetime) -> None:
    call = factories.Call()
    start = threading.Barrier(2)

    def send() -> str:
        start.wait(30)
        draft = services.IdeaDraft(problem="The bench is gone.", language="en")
        return services.submit_idea(call=call, draft=draft, at=now, form_key="one form").reference

    for _ in range(5):
        first, second = threads(send, send)
        assert first == second
        assert Idea.objects.count() == 1
        Idea.objects.all().delete()


def test_attempts_at_the_same_moment_are_all_counted(threads: Any, now: datetime) -> None:
    start = threading.Barrier(4)

    def attempt() -> None:
        start.wait(30)
        for _ in range(10):
            services.count_attempt(what="code", who="192.0.2.1", limit=1000, seconds=600, at=now)

    said = threads(attempt, attempt, attempt, attempt)
    assert said == [None] * 4
    assert RateLimit.objects.get().count == 40


def test_eight_people_who_ask_for_the_next_free_item_never_get_the_same(threads: Any, now: datetime) -> None:
    call = factories.Call()
    factories.Idea.create_batch(100, call=call)
    start = threading.Barrier(8)

    def person(name: str) -> Callable[[], list[int]]:
        user = factories.staff(name, permissions=["engagement.triage_idea"])

        def work() -> list[int]:
            """Each is put aside as decided, so that the next call gives another."""
            start.wait(30)
            taken: list[int] = []
            while idea := services.claim_next(among=Idea.objects.filter(call=call), by=user, at=now):
                taken.append(idea.pk)
                services.publish_idea(idea=idea, by=user, at=now, version=idea.version)
            return taken

        return work

    everything = [key for one in threads(*(person(f"clerk{n}") for n in range(8))) for key in one]
    assert len(everything) == len(set(everything)) == 100


def test_a_mail_is_either_sent_or_undone(threads: Any, now: datetime, moderator: Any) -> None:
    """The worker takes a mail at the moment its decision is taken back: one of the two wins."""
    later = now + moves.UNDO_WINDOW
    for _ in range(10):
        idea = factories.Idea(contact=factories.Contact())
        services.publish_idea(idea=idea, by=moderator, at=now)
        start = threading.Barrier(2)

        def undo(idea: Idea = idea, start: threading.Barrier = start) -> str:
            mine = Idea.objects.get(pk=idea.pk)
            start.wait(30)
            services.undo_move(record=mine, by=moderator, at=later - timedelta(seconds=1))
            return "undone"

        def send(start: threading.Barrier = start) -> list[Notice]:
            start.wait(30)
            return services.claim_notices(at=later, app="engagement")

        undone, taken = threads(undo, send)
        idea.refresh_from_db()
        if taken:
            assert isinstance(undone, services.Refused)
            assert idea.state == "published"
        else:
            assert undone == "undone"
            assert idea.state == "received"
        Notice.objects.all().delete()

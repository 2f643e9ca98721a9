"""Taking a move back: everything is as it was, nobody is told, and only as long as nobody could know."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from engagement import services
from engagement.models import Event, Idea, Notice, Report, SimilarLink
from engagement.services import moves
from engagement.workflow import IDEA_MOVES, REPORT_MOVES, RESIDENT, allowed
from tests import factories
from tests.moves import idea_move, report_move

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def columns(record: Idea | Report) -> dict[str, Any]:
    """The row as the database has it, but for what tells that something happened."""
    row = type(record)._default_manager.filter(pk=record.pk).values().get()
    return {name: value for name, value in row.items() if name not in {"version", "changed_at"}}


def links() -> list[tuple[int, int]]:
    return sorted(SimilarLink.objects.standing().values_list("idea_id", "original_id"))


def published_and_mailed(idea: Idea, by: Any, at: datetime) -> Notice:
    services.publish_idea(idea=idea, by=by, at=at)
    return Notice.objects.get(kind="engagement.idea_publish")


@pytest.fixture
def idea(db: Any) -> Idea:
    return factories.Idea(contact=factories.Contact())


def test_the_mail_about_a_decision_waits_and_is_never_sent_once_it_is_undone(
    idea: Idea, now: Any, moderator: Any
) -> None:
    mail = published_and_mailed(idea, moderator, now)
    assert services.claim_notices(at=now + 4 * MINUTE, app="engagement") == []
    event = services.undo_move(record=idea, by=moderator, at=now + 4 * MINUTE)
    mail.refresh_from_db()
    assert mail.state == Notice.State.CANCELLED
    assert services.claim_notices(at=now + 10 * MINUTE, app="engagement") == []
    assert (event.verb, event.undoes, event.from_state, event.to_state) == (
        "undo",
        Event.objects.get(verb="publish"),
        "published",
        "received",
    )
    assert not idea.events.public().exists()


def test_a_mail_that_nobody_stopped_leaves_after_the_pause(idea: Idea, now: Any, moderator: Any) -> None:
    mail = published_and_mailed(idea, moderator, now)
    assert services.claim_notices(at=now + moves.UNDO_WINDOW, app="engagement") == [mail]


@pytest.mark.parametrize("of_mail", [{"state": "sent"}, {"lease_until": "later"}, {"attempts": 1}])
def test_refused_once_the_mail_is_on_its_way(
    idea: Idea, now: Any, moderator: Any, of_mail: dict[str, Any]
) -> None:
    mail = published_and_mailed(idea, moderator, now)
    of_mail = {name: now + MINUTE if value == "later" else value for name, value in of_mail.items()}
    Notice.objects.filter(pk=mail.pk).update(**of_mail)
    before = columns(idea)
    with pytest.raises(services.Refused, match="on its way"):
        services.undo_move(record=idea, by=moderator, at=now)
    assert columns(idea) == before


def test_refused_when_the_time_is_over_even_without_a_mail(now: Any, moderator: Any) -> None:
    idea = factories.Idea()
    services.publish_idea(idea=idea, by=moderator, at=now)
    assert services.move_to_undo(record=idea, by=moderator, at=now + 4 * MINUTE) is not None
    assert services.move_to_undo(record=idea, by=moderator, at=now + 5 * MINUTE) is None
    with pytest.raises(services.Refused, match="too late"):
        services.undo_move(record=idea, by=moderator, at=now + 5 * MINUTE)


def test_refused_when_something_happened_since_but_not_because_somebody_looked(
    idea: Idea, now: Any, moderator: Any, administrator: Any
) -> None:
    services.publish_idea(idea=idea, by=moderator, at=now)
    services.record_contact_view(record=idea, by=administrator, at=now)
    assert services.move_to_undo(record=idea, by=moderator, at=now) is not None
    services.withdraw_idea(idea=idea, at=now)
    with pytest.raises(services.Refused, match="cannot be undone"):
        services.undo_move(record=idea, by=moderator, at=now)


def test_the_second_of_two_is_told(idea: Idea, now: Any, moderator: Any) -> None:
    services.publish_idea(idea=idea, by=moderator, at=now)
    stale = Idea.objects.get(pk=idea.pk)
    services.undo_move(record=idea, by=moderator, at=now, version=idea.version)
    with pytest.raises(services.Refused):
        services.undo_move(record=stale, by=moderator, at=now, version=stale.version)
    assert Event.objects.filter(verb="undo").count() == 1


def test_another_person_needs_the_right_to_open_again(idea: Idea, now: Any, moderator: Any) -> None:
    services.publish_idea(idea=idea, by=moderator, at=now)
    triage = "engagement.triage_idea"
    colleague = factories.staff("colleague", permissions=[triage])
    chief = factories.staff("chief", permissions=[triage, "engagement.reopen_idea"])
    with pytest.raises(services.Refused, match="Somebody else did this"):
        services.undo_move(record=idea, by=colleague, at=now)
    services.undo_move(record=idea, by=chief, at=now)
    assert idea.state == "received"


def test_followers_come_back_when_the_joining_is_undone(now: Any, moderator: Any) -> None:
    call = factories.Call()
    original, middle, follower, other = factories.Idea.create_batch(4, call=call, state="published")
    services.link_duplicate(idea=follower, original=middle, by=moderator, at=now)
    services.link_duplicate(idea=other, original=original, by=moderator, at=now)
    before = links()
    services.link_duplicate(idea=middle, original=original, by=moderator, at=now + MINUTE)
    assert (follower.pk, original.pk) in links()
    services.undo_move(record=middle, by=moderator, at=now + MINUTE)
    assert links() == before


def test_a_parting_is_not_undone_when_the_original_is_gone(now: Any, moderator: Any) -> None:
    original, idea = factories.Idea.create_batch(2, call=factories.Call(), state="published")
    services.link_duplicate(idea=idea, original=original, by=moderator, at=now)
    services.unlink_duplicate(idea=idea, by=moderator, at=now + MINUTE)
    services.withdraw_idea(idea=original, at=now + MINUTE)
    with pytest.raises(services.Refused, match="has changed"):
        services.undo_move(record=idea, by=moderator, at=now + MINUTE)
    assert links() == []


# Any sequence ---------------------------------------------------------------------------------------


def _do_idea(verb: str, idea: Idea, by: Any, at: datetime) -> None:
    if verb == "unlink_duplicate":
        services.unlink_duplicate(idea=idea, by=by, at=at)
    else:
        idea_move(verb, idea, by, at)(idea)


def _do_report(verb: str, report: Report, by: Any, at: datetime) -> None:
    report_move(verb, report, by, at)(report)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("factory", "table", "do"),
    [(factories.Idea, IDEA_MOVES, _do_idea), (factories.Report, REPORT_MOVES, _do_report)],
    ids=["ideas", "reports"],
)
def test_whatever_was_done_and_undone_leaves_every_column_as_it_was(
    factory: Any, table: Any, do: Callable[..., None], seed: int, now: Any, administrator: Any
) -> None:
    """Moves are made, each undone and made again; at the end all are taken back, the newest first."""
    chance = random.Random(seed)
    record = factory(contact=factories.Contact())
    services.claim(record=record, by=administrator, at=now)
    record.refresh_from_db()
    at, snapshots = now, []
    for _ in range(5):
        at += timedelta(seconds=7)
        may = [m.verb for m in allowed(table, record.state) if m.who != RESIDENT and m.can_undo]
        verb = chance.choice(may)
        snapshots.append((columns(record), links()))
        for _twice in range(2):
            do(verb, record, administrator, at)
            services.undo_move(record=record, by=administrator, at=at + timedelta(seconds=1))
            assert (columns(record), links()) == snapshots[-1], verb
            at += timedelta(seconds=2)
        do(verb, record, administrator, at)
    while snapshots:
        services.undo_move(record=record, by=administrator, at=at, version=record.version)
        assert (columns(record), links()) == snapshots.pop()
    assert set(Notice.objects.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(services.Refused):
        services.undo_move(record=record, by=administrator, at=at)


def test_nothing_a_sender_wrote_is_kept_twice(now: Any) -> None:
    """What a line keeps to be undone must not outlive an erasure of the words."""
    assert not any(move.can_undo for move in IDEA_MOVES.values() if move.who == RESIDENT)
    draft = services.IdeaDraft(problem="Other words.", language="en")
    services.resend_idea(idea=factories.Idea(state="correction"), draft=draft, at=now)
    assert Event.objects.get().before == {}

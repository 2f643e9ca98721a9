"""Followed to delivery: each step of a published plan's initiatives, who may take it, and who hears of it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import services as engagement
from engagement.models import Event, Idea, Notice, Person, SimilarLink, User
from engagement.privacy import mask
from engagement.services import UNDO_WINDOW, Refused, Stale
from prioritisation import emails, services
from prioritisation.models import DeliveryStep, Initiative
from prioritisation.workflow import DELIVERY_MOVES, DeliveryState, Role, is_late
from tests import factories
from tests.prioritisation import followed
from tests.prioritisation.followed import Followed

pytestmark = pytest.mark.django_db
WHY = {"en": "The ground is polluted.", "fr": "Le sol est pollué."}
SOON = date(2026, 9, 1)
VERBS = {
    "start_delivery": services.start_delivery,
    "report_progress": services.report_progress,
    "deliver": services.deliver_initiative,
    "drop": services.drop_initiative,
    "take_up_again": services.take_up_again,
}
Act = dict[str, Any]


@pytest.fixture
def city(db: Any, now: datetime) -> Followed:
    return followed.make(now)


@pytest.fixture
def act(city: Followed, now: datetime) -> Act:
    """Who, and when: a manager, a day after the plan was published."""
    return {"by": city.manager, "at": now + timedelta(days=1)}


ANSWERS = ["engagement.answer_referral"]


def of(department: Any, username: str, permissions: list[str] = ANSWERS) -> User:
    """Somebody who answers for the department, unless without that permission."""
    user = factories.staff(username, permissions=permissions)
    user.department = department
    user.save()
    return user


def bring_to(initiative: Initiative, state: str, act: Act) -> None:
    if state != DeliveryState.PLANNED:
        services.start_delivery(initiative=initiative, **act)
    if state == DeliveryState.DELIVERED:
        services.deliver_initiative(initiative=initiative, **act)
    if state == DeliveryState.DROPPED:
        services.drop_initiative(initiative=initiative, text=WHY, **act)


# --- The table --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(DeliveryState))
@pytest.mark.parametrize("verb", VERBS)
def test_every_move_of_the_table_and_no_other(
    state: DeliveryState, verb: str, city: Followed, act: Act
) -> None:
    initiative, move = city.get(), DELIVERY_MOVES[verb]
    bring_to(initiative, state, act)
    before, version = initiative.delivery, initiative.version
    if state not in move.sources:
        with pytest.raises(Refused) as refused:
            VERBS[verb](initiative=initiative, text=WHY, **act)
        assert refused.value.code == "wrong_state"
        initiative.refresh_from_db()
        assert (initiative.delivery, initiative.version) == (before, version)
        return
    step = VERBS[verb](initiative=initiative, text=WHY, **act)
    assert step.state == initiative.delivery_state == city.get().delivery_state
    assert step.state in move.targets
    event = initiative.events.get(verb=verb, to_state=step.state)
    assert (event.from_state, event.public, event.by) == (state, True, city.manager)


@given(
    state=st.sampled_from(["", *DeliveryState]),
    promised=st.none() | st.dates(),
    today=st.dates(),
)
def test_late_is_only_what_is_under_way_and_past_its_day(
    state: str, promised: date | None, today: date
) -> None:
    over = state in (DeliveryState.DELIVERED, DeliveryState.DROPPED)
    assert is_late(state, promised, today) is (not over and promised is not None and promised < today)


# --- Who, and what may move -------------------------------------------------------------------------


def test_a_manager_and_the_owner_department_tell_and_nobody_else(city: Followed, now: datetime) -> None:
    initiative = city.get()
    own = of(initiative.owner, "own")
    other = of(factories.Department(), "other")
    analyst = factories.member(city.programme, factories.staff("analyst"), Role.ANALYST)
    publisher = factories.member(city.programme, factories.staff("publisher"), Role.PUBLISHER)
    gone = of(initiative.owner, "gone")
    gone.is_active = False
    gone.save()
    colleague = of(initiative.owner, "colleague", permissions=[])
    for who in (other, analyst, publisher, gone, colleague):
        assert services.moves_for(who, initiative) == []
        assert not services.followed_by(who).exists()
        with pytest.raises(Refused) as refused:
            services.start_delivery(initiative=initiative, by=who, at=now)
        assert refused.value.code == "forbidden"
    assert not DeliveryStep.objects.exists()
    services.start_delivery(initiative=initiative, by=own, at=now)
    services.deliver_initiative(initiative=initiative, by=city.manager, at=now)
    assert {one.pk for one in services.followed_by(own)} == {
        one.pk for one in Initiative.objects.filter(owner=own.department, state="chosen")
    }


def test_only_what_the_newest_plan_holds_moves(city: Followed, act: Act) -> None:
    held = {one.reference for one in city.initiatives[:4]}
    for one in city.initiatives:
        initiative = Initiative.objects.get(pk=one.pk)
        if initiative.reference in held:
            services.report_progress(initiative=initiative, text=WHY, **act)
            continue
        with pytest.raises(Refused) as refused:
            services.report_progress(initiative=initiative, text=WHY, **act)
        assert refused.value.code == "not_in_plan"
    assert set(services.followed(city.programme, SOON)) == held


def test_what_was_seen_before_is_stale(city: Followed, act: Act) -> None:
    initiative = city.get()
    seen = city.get()
    services.start_delivery(initiative=initiative, **act)
    with pytest.raises(Stale):
        services.start_delivery(initiative=seen, **act)
    with pytest.raises(Stale):
        services.deliver_initiative(initiative=initiative, version=seen.version, **act)
    assert DeliveryStep.objects.count() == 1


@pytest.mark.parametrize("verb", ["drop", "take_up_again", "report_progress"])
def test_these_need_a_word_in_public(verb: str, city: Followed, act: Act) -> None:
    initiative = city.get()
    bring_to(initiative, "dropped" if verb == "take_up_again" else "started", act)
    with pytest.raises(Refused) as refused:
        VERBS[verb](initiative=initiative, text={"en": "  "}, **act)
    assert refused.value.field == "text"


def test_a_promise_is_for_a_day_to_come_and_words_are_masked(city: Followed, act: Act) -> None:
    initiative, yesterday = city.get(), act["at"].date() - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        services.start_delivery(initiative=initiative, expected_on=yesterday, **act)
    assert refused.value.field == "expected_on"
    with pytest.raises(Refused) as refused:
        services.start_delivery(initiative=initiative, text={"en": "a" * 1001}, **act)
    assert refused.value.field == "text"
    step = services.start_delivery(initiative=initiative, text={"en": "Ask ann@mail.example"}, **act)
    assert "ann@" not in step.text["en"]


def test_a_huge_text_is_refused_before_it_is_looked_through_and_unseen_signs_say_nothing(
    city: Followed, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    initiative, looked = city.get(), []
    monkeypatch.setattr(services.delivery, "mask", lambda text: looked.append(text) or mask(text))
    with pytest.raises(Refused) as refused:
        services.drop_initiative(initiative=initiative, text={"en": "1 " * 1_200_000}, **act)
    assert (refused.value.field, looked) == ("text", [])
    with pytest.raises(Refused) as refused:
        services.drop_initiative(initiative=initiative, text={"en": "\x01\x02"}, **act)
    assert (refused.value.field, looked) == ("text", ["\x01\x02"])
    assert not DeliveryStep.objects.exists()


# --- Who hears of it --------------------------------------------------------------------------------


def mails() -> list[Notice]:
    return list(Notice.objects.filter(kind="prioritisation.delivery").order_by("pk"))


def speaks(idea: Idea, language: str, **values: Any) -> None:
    contact = idea.contact
    assert contact is not None
    contact.language = language
    for name, value in values.items():
        setattr(contact, name, value)
    contact.save()


@pytest.mark.parametrize(
    ("language", "subject", "sentences"),
    [
        (
            "en",
            "in the plan: Work started",
            ["Work on “Initiative 0” has started.", "it is to be done by Sept. 1, 2026.", "Two crews"],
        ),
        (
            "fr",
            "dans le plan",
            ["« Initiative 0 »", "terminée au plus tard le 1 septembre 2026", "Deux équipes"],
        ),
    ],
)
def test_a_sender_is_told_in_their_language_what_comes_next_and_when(
    language: str, subject: str, sentences: list[str], city: Followed, act: Act
) -> None:
    speaks(city.ideas[0], language)
    words = {"en": "Two crews are at work.", "fr": "Deux équipes sont à l’œuvre."}
    services.start_delivery(initiative=city.get(), text=words, expected_on=SOON, **act)
    notice = next(one for one in mails() if one.idea == city.ideas[0])
    assert notice.next_try_at == act["at"] + UNDO_WINDOW
    message = emails.compose(notice, notice.next_try_at)
    assert subject in str(message.subject)
    for sentence in sentences:
        assert sentence in str(message.body).replace("\u00a0", " ").replace("1er", "1")
    assert f"/plans/the-plan/{city.get().reference}/" in message.body
    late = emails.compose(notice, act["at"] + timedelta(days=400)).body
    assert ("It is late" if language == "en" else "en retard") in late


def test_one_mail_a_sender_and_none_to_who_did_not_ask(city: Followed, act: Act) -> None:
    one, other = city.ideas[6], city.ideas[7]
    speaks(one, "en", email="Ann@mail.example")
    speaks(other, "en", email="ann@mail.example")
    initiative = city.get(3)
    services.start_delivery(initiative=initiative, **act)
    (notice,) = mails()
    assert notice.context["ideas"] == [one.reference, other.reference]
    assert f"{one.reference}, {other.reference}" in emails.compose(notice, act["at"]).body
    speaks(one, "en", updates_consent_at=None)
    speaks(other, "en", email="")
    services.deliver_initiative(initiative=initiative, **act)
    assert mails() == [notice]


def test_who_sent_an_idea_that_was_joined_hears_of_it_too(city: Followed, act: Act, now: datetime) -> None:
    joined = factories.Idea(call=city.ideas[0].call, state="duplicate", contact=factories.Contact())
    away = factories.Idea(call=city.ideas[0].call, state="published", contact=factories.Contact())
    for one, undone in ((joined, None), (away, now)):
        SimilarLink.objects.create(
            idea=one, original=city.ideas[0], state_before="published", linked_at=now, linked_by=city.manager,
            undone_at=undone, undone_by=undone and city.manager,
        )  # fmt: skip
    Idea.objects.filter(pk=city.ideas[1].pk).update(state="withdrawn")
    services.start_delivery(initiative=city.get(), **act)
    told = {one.idea_id for one in mails()}
    assert told == {city.ideas[0].pk, joined.pk}
    lines = Event.objects.public().filter(verb="follow_up")
    assert {line.idea_id for line in lines} == told


def test_followers_hear_of_it_in_their_own_rhythm(city: Followed, act: Act, now: datetime) -> None:
    person = Person.objects.create(
        email="follower@mail.example", language="fr", confirmed_at=now, told_until=now, rhythm="instant",
        nonce="n", created_at=now,
    )  # fmt: skip
    person.follows.create(idea=city.ideas[0], since=now)
    services.start_delivery(initiative=city.get(), expected_on=SOON, **act)
    assert engagement.tell_persons(at=act["at"] + timedelta(minutes=4)) == 0
    assert engagement.tell_persons(at=act["at"] + timedelta(minutes=6)) == 1


# --- Late is said -----------------------------------------------------------------------------------


def test_a_missed_day_is_said_by_the_next_step(city: Followed, act: Act) -> None:
    initiative = city.get()
    services.start_delivery(initiative=initiative, expected_on=SOON, **act)
    after: Act = {**act, "at": act["at"] + timedelta(days=200)}
    assert services.followed(city.programme, after["at"].date())[initiative.reference].late
    step = services.report_progress(
        initiative=initiative, expected_on=after["at"].date() + timedelta(days=30), text=WHY, **after
    )
    assert step.missed_on == SOON
    line = Event.objects.public().filter(verb="follow_up", idea=city.ideas[0]).latest("at")
    assert "It is late: we had promised the next step by Sept. 1, 2026." in line.text["en"]
    assert "Elle est en retard" in line.text["fr"]
    assert not services.followed(city.programme, after["at"].date())[initiative.reference].late


def test_counts_add_up(city: Followed, act: Act) -> None:
    services.start_delivery(initiative=city.get(0), expected_on=SOON, **act)
    bring_to(city.get(1), "delivered", act)
    bring_to(city.get(2), "dropped", act)
    later = SOON + timedelta(days=1)
    counts = services.delivery_counts(services.followed(city.programme, later).values())
    assert counts == {"planned": 1, "started": 1, "delivered": 1, "dropped": 1, "late": 1, "all": 4}


# --- Undo -------------------------------------------------------------------------------------------


def test_undone_in_time_it_is_as_it_was_and_nobody_hears(city: Followed, act: Act) -> None:
    initiative = city.get()
    services.start_delivery(initiative=initiative, expected_on=SOON, **act)
    services.deliver_initiative(initiative=initiative, **{**act, "at": act["at"] + timedelta(hours=1)})
    undo: Act = {**act, "at": act["at"] + timedelta(hours=1, minutes=4)}
    services.undo_delivery(initiative=initiative, **undo)
    assert (initiative.delivery, initiative.expected_on) == ("started", SOON)
    assert [one.state for one in services.steps_of(initiative)] == ["started"]
    assert [one.state for one in mails()] == ["waiting"] * 2 + ["cancelled"] * 2
    lines = Event.objects.public().filter(verb="follow_up", idea=city.ideas[0])
    assert [line.reason for line in lines] == ["started"]
    with pytest.raises(Refused) as refused:
        services.undo_delivery(initiative=initiative, **undo)
    assert refused.value.code == "too_late"


def test_undo_gives_the_first_step_back_to_planned_and_not_to_strangers(city: Followed, act: Act) -> None:
    initiative = city.get()
    services.start_delivery(initiative=initiative, **act)
    own: User = of(initiative.owner, "own")
    stranger = factories.staff("stranger")
    for who in (own, stranger):
        assert services.step_to_undo(initiative=initiative, by=who, at=act["at"]) is None
    services.undo_delivery(initiative=initiative, **act)
    assert (initiative.delivery, initiative.expected_on) == ("", None)


def test_what_is_on_its_way_is_not_undone(city: Followed, act: Act) -> None:
    initiative = city.get()
    services.start_delivery(initiative=initiative, **act)
    Notice.objects.filter(pk=mails()[0].pk).update(attempts=1)
    with pytest.raises(Refused) as refused:
        services.undo_delivery(initiative=initiative, **act)
    assert refused.value.code == "told"
    assert [one.state for one in mails()] == ["waiting"] * 2
    initiative.refresh_from_db()
    assert initiative.delivery == "started"

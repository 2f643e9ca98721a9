"""Two people who tell of one initiative at the same moment: one is heard, the other is told (PostgreSQL)."""

from datetime import datetime
from typing import Any

import pytest

from engagement import services as engagement
from engagement.models import Event, Notice
from engagement.services import Stale
from prioritisation import services
from prioritisation.models import DeliveryStep
from tests.prioritisation import followed
from tests.service.meeting import both, meet, one_of

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]


def test_of_delivered_and_dropped_one_is_told_to_the_senders(now: datetime) -> None:
    city = followed.make(now)
    act: dict[str, Any] = {"by": city.manager, "at": now}
    services.start_delivery(initiative=city.get(), **act)
    here, there = city.get(), city.get()
    said = meet(
        lambda: services.deliver_initiative(initiative=here, **act),
        lambda: services.drop_initiative(initiative=there, text={"en": "No money."}, **act),
    )
    one_of(said)
    assert isinstance(said[1], Stale)
    assert city.get().delivery == "delivered"
    assert [step.verb for step in DeliveryStep.objects.order_by("pk")] == ["start_delivery", "deliver"]
    assert Notice.objects.filter(kind="prioritisation.delivery").count() == 4


def test_undo_pressed_twice_takes_one_step_back(now: datetime) -> None:
    city = followed.make(now)
    act: dict[str, Any] = {"by": city.manager, "at": now}
    services.start_delivery(initiative=city.get(), **act)
    services.deliver_initiative(initiative=city.get(), **act)
    here, there = city.get(), city.get()
    one_of(
        meet(
            lambda: services.undo_delivery(initiative=here, **act),
            lambda: services.undo_delivery(initiative=there, **act),
        )
    )
    assert city.get().delivery == "started"
    assert Event.objects.public().filter(verb="follow_up").count() == 2


def test_a_sender_who_is_erased_while_work_starts_stops_nothing_and_hears_nothing(now: datetime) -> None:
    city = followed.make(now)
    gone, stays = city.ideas[:2]
    initiative = city.get()
    both(
        meet(
            lambda: engagement.erase_sender(idea=gone, at=now, keep_text=True),
            lambda: services.start_delivery(initiative=initiative, by=city.manager, at=now),
        )
    )
    assert city.get().delivery == "started"
    assert {one.idea_id for one in Notice.objects.filter(kind="prioritisation.delivery")} == {stays.pk}

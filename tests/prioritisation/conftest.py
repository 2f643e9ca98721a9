"""Scenes for tests of the funnel."""

from datetime import datetime
from typing import Any

import pytest

from prioritisation.models import PlanVersion, Round
from tests import panels
from tests.prioritisation import scene


@pytest.fixture
def city(db: Any, now: datetime) -> dict[str, Any]:
    """A programme with Montréal's rules, a manager, a publisher, six assessors and twelve ideas."""
    return scene.make_city(now)


@pytest.fixture
def plan(city: dict[str, Any], now: datetime) -> PlanVersion:
    """The published plan of that city (scene.publish)."""
    return scene.publish(city, now)


@pytest.fixture
def closed(panel: panels.Panel) -> Round:
    """A closed round of the module's own panel: the first initiative scored highest, each next one lower."""
    round = panel.open()
    panel.score(round, lambda index: 5 - index)
    return panel.close(round)

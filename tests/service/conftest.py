"""What the races of the funnel start from."""

from datetime import datetime

import pytest

from prioritisation.models import Round
from tests import panels
from tests.service.meeting import TIED


@pytest.fixture
def panel(now: datetime) -> panels.Panel:
    return panels.make(now, initiatives=7)


@pytest.fixture
def closed(panel: panels.Panel) -> Round:
    """Ranks 1, 2, then three tied across a line of four places, then two below it."""
    round = panel.open()
    panel.score(round, lambda index: TIED[index])
    return panel.close(round)

"""These tests need the extra's settings; without them they are left to tests/safety/test_signon.py."""

from pathlib import Path

import pytest
from django.conf import settings

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not settings.WINNOW_SIGNON:
        items[:] = [item for item in items if HERE not in Path(item.path).parents]

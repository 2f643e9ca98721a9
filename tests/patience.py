"""How long tests wait for what has to come: long, because machines are shared and noisy, and only as long as
it takes."""

import time
from collections.abc import Callable
from typing import Any

BROWSER = 30_000
"""Milliseconds that a browser may take for one step."""


def soon(condition: Callable[[], Any], seconds: float = 60) -> bool:
    """Waits until it is so; False when it never becomes so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False

"""A job's progress in the terminal: the same figures as on its page."""

import sys
import time
from typing import Any

from engagement.services import in_words

_BAR = 30
_LINE_EVERY = 10
"""Percent: where nobody looks on, a line so often."""


class Bar:
    """Shows how far it got: `bar(done, total)`. In a terminal it moves, else it is a line for each tenth."""

    def __init__(self, out: Any, what: str = "") -> None:
        self._out, self._what = out, what
        self._moves = sys.stdout.isatty() and getattr(out, "isatty", lambda: False)()
        self._began = time.monotonic()
        self._told = -1

    def __call__(self, done: int, total: int | None) -> None:
        if not total:
            return
        percent = min(100, 100 * done // total)
        if self._moves:
            self._draw(percent, done, total)
        elif percent // _LINE_EVERY > self._told:
            self._told = percent // _LINE_EVERY
            self._out.write(f"{self._what}{percent} %")

    def _draw(self, percent: int, done: int, total: int) -> None:
        filled = _BAR * percent // 100
        seconds = time.monotonic() - self._began
        left = (
            f", about {in_words(int(seconds * (total - done) / done))} left" if done and seconds > 3 else ""
        )
        line = f"{self._what}[{'#' * filled}{'.' * (_BAR - filled)}] {percent} %{left}"
        self._out.write(f"\r{line:<78}", ending="\n" if done >= total else "")
        self._out.flush()

"""How often one network may do something: who is over it is told from when it goes on, and loses no text.

Generous, as a library has one address for many. The count is the database's (`services.count_attempt`).
"""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from engagement import services
from engagement.client import client_address

HOUR = 3600


def over(request: HttpRequest, what: str, limit: int, *, seconds: int = HOUR, who: str = "") -> bool:
    """Counts one try of this visitor (or of `who`), and says whether it is one too many in its window."""
    at = timezone.now()
    return not services.count_attempt(
        what=what, who=who or client_address(request), limit=limit, seconds=seconds, at=at
    )


def goes_on(seconds: int = HOUR) -> str:
    """The time of day from which it goes on, in the city's time."""
    return time_format(timezone.localtime(_end(seconds)), "TIME_FORMAT")


def _end(seconds: int) -> datetime:
    return services.end_of_window(seconds=seconds, at=timezone.now())


def too_many_texts() -> str:
    return _(
        "Many texts came from your network within an hour, so we cannot take this one now. "
        "Your text is still here: please wait until %(time)s, then send it again."
    ) % {"time": goes_on()}


def too_many_presses() -> str:
    return _(
        "Many people pressed this in your network within an hour. Please wait until %(time)s, then try again."
    ) % {"time": goes_on()}

"""What every verb of staff is given, said once: services take it as keywords, typed."""

from datetime import datetime
from typing import NotRequired, TypedDict

from engagement.models import User


class Acting(TypedDict):
    """Who acts and when; the version that they saw (None: as just read); a note that only staff read."""

    by: User
    at: datetime
    version: NotRequired[int | None]
    note: NotRequired[str]


class Saying(Acting):
    """A verb that needs a reason code, and has a public text: the reason's own where none is written."""

    reason: str
    text: NotRequired[dict[str, str] | None]

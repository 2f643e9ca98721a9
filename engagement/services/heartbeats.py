"""Signs of life of the workers."""

from datetime import datetime

from engagement.models import Heartbeat


def beat_heart(*, name: str, at: datetime) -> None:
    """Writes that `name` is alive at `at`."""
    if not Heartbeat.objects.filter(name=name).update(at=at):
        Heartbeat.objects.get_or_create(name=name, defaults={"at": at})

"""Days of the demonstration's story as moments of the city's own time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from prioritisation.demonstration import content

LAST_DAY = 730
"""The story ends on this day; it is laid so that this is today."""
WORKED_UP_DAY, OPENED_DAY, CLOSED_DAY, PUBLISHED_DAY, AMENDED_DAY = 250, 285, 315, 345, 380
SECOND_OPENED_DAY = 722


@dataclass(frozen=True)
class Clock:
    today: datetime

    def at(self, day: int, hour: int = 12, minute: int = 0) -> datetime:
        """Noon (or `hour`:`minute`) of a day of the story, with the city's zone; never after today."""
        zone = ZoneInfo(content.city()["time_zone"])
        date = self.today.astimezone(zone).date() + timedelta(days=day - LAST_DAY)
        return min(datetime.combine(date, time(hour, minute), zone), self.today)

    def date(self, day: int) -> str:
        """A day of the story as an ISO date; may lie in the future."""
        zone = ZoneInfo(content.city()["time_zone"])
        return (self.today.astimezone(zone).date() + timedelta(days=day - LAST_DAY)).isoformat()

    def moment(self, day: int) -> datetime:
        """Noon of a day of the story, in the future too: for dates that are planned."""
        zone = ZoneInfo(content.city()["time_zone"])
        return datetime.combine(
            self.today.astimezone(zone).date() + timedelta(days=day - LAST_DAY), time(12), zone
        )

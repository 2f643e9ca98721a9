"""What problem reports say about some initiatives, linked before their round opens."""

from datetime import date
from typing import Any

from django.conf import settings

from engagement.models import ReportService, User
from engagement.text import choose
from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Initiative


def link(
    initiatives: list[tuple[Initiative, dict[str, Any]]], *, by: User, clock: Clock, day: int, first_day: int
) -> None:
    """Links what is written for these initiatives: reports from `first_day` to the day before `day`."""
    by_number = {written["n"]: initiative for initiative, written in initiatives}
    names = {one.code: choose(one.name, settings.LANGUAGE_CODE) for one in ReportService.objects.all()}
    for one in content.evidence():
        if one["initiative"] in by_number:
            services.link_evidence(
                initiative=by_number[one["initiative"]],
                services=[names[code] for code in one["services"]],
                from_date=date.fromisoformat(clock.date(first_day)),
                to_date=date.fromisoformat(clock.date(day - 1)),
                note=one.get("note", {}),
                by=by,
                at=clock.at(day - 2),
            )

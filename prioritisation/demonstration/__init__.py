"""The demonstration city: made up, generated with a fixed seed, brought in through the services.

`load` tells two years of history up to a given day: calls, meetings, 232 eligible ideas and those that are
not, problem reports, initiatives, a panel's round, a published plan, and a second round half way.
"""

from collections.abc import Callable
from datetime import datetime

from prioritisation.demonstration import city, funnel, intake, reports
from prioritisation.demonstration.clock import Clock

PASSWORD = "rowanbridge-demo"  # noqa: S105 - the sign-in of invented staff, printed by `make run`


def load(*, today: datetime, tell: Callable[[str], None], report_count: int = 20_000) -> None:
    """Fills an empty database with the city, as it stands on `today`."""
    clock = Clock(today)
    tell("districts, departments, themes, services, staff")
    staff = city.found(clock=clock, password=PASSWORD)
    tell("invitations, meetings, ideas")
    ideas = intake.gather(clock=clock, staff=staff)
    tell("initiatives, assessment, plan")
    funnel.run(clock=clock, staff=staff, ideas=ideas)
    tell(f"{report_count:,} problem reports")
    reports.recall(clock=clock, staff=staff, count=report_count, tell=tell)

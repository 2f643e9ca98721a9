"""The demonstration city: made up, generated with a fixed seed, brought in through the services.

`load` tells two years of history up to a given day: calls, meetings, 232 eligible ideas and those that are
not, problem reports, initiatives, a panel's round, a published plan, and a second round half way.
"""

from collections.abc import Callable
from datetime import datetime

from engagement.models import User
from engagement.services import archive
from prioritisation.demonstration import city, content, funnel, intake, reports
from prioritisation.demonstration.clock import Clock

PASSWORD = "rowanbridge-demo"  # noqa: S105 - the sign-in of invented staff, printed by `make run`


STEPS = 6
"""How many lines `load` tells that are not indented."""


def load(*, today: datetime, tell: Callable[[str], None], report_count: int = 20_000) -> None:
    """Fills an empty database with the city, as it stands on `today`."""
    clock = Clock(today)
    tell("districts, departments, themes, services, staff")
    staff = city.found(clock=clock, password=PASSWORD)
    tell(f"{report_count:,} problem reports")
    reports.recall(clock=clock, staff=staff, count=report_count, tell=tell)
    tell("the archive of reports")
    archive.archive_own_reports(at=today)
    tell("invitations, meetings, ideas")
    ideas = intake.gather(clock=clock, staff=staff)
    tell("initiatives, assessment, plan")
    funnel.run(clock=clock, staff=staff, ideas=ideas)
    tell("a second round, half way")
    second = intake.gather_second(clock=clock, staff=staff)
    intake.sort_letters(clock=clock, staff=staff)
    intake.put_beside(clock=clock, staff=staff, ideas=second)
    funnel.run_second(clock=clock, staff=staff, ideas=second)


def sign_ins() -> list[tuple[str, str, str]]:
    """(name, password, role) of one invented member of staff a role, as long as they are there."""
    there = set(User.objects.filter(email__endswith=content.MAIL_DOMAIN).values_list("username", flat=True))
    first: dict[str, str] = {}
    for one in content.people():
        if one["username"] in there:
            first.setdefault(one["role"], one["username"])
    return [(name, PASSWORD, role.replace("_", " ")) for role, name in first.items()]


def is_loaded() -> bool:
    """Does this database hold the demonstration city?"""
    return User.objects.filter(email__endswith=content.MAIL_DOMAIN).exists()

"""A year after the plan: what was started, delivered, dropped, and what is late."""

from datetime import date
from typing import Any

from engagement.models import User
from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Initiative

VERBS: dict[str, Any] = {
    "start_delivery": services.start_delivery,
    "report_progress": services.report_progress,
    "deliver": services.deliver_initiative,
    "drop": services.drop_initiative,
}


def follow(
    initiatives: list[tuple[Initiative, dict[str, Any]]], staff: dict[str, list[User]], clock: Clock
) -> None:
    """Each step, told by its department where that has somebody at the desk, else by a manager."""
    numbered = {written["n"]: initiative.pk for initiative, written in initiatives}
    speakers: dict[int | None, User] = {
        one.department_id: one for one in staff.get("department", []) if one.department_id
    }
    for one in content.delivery():
        initiative = Initiative.objects.select_related("programme__plan").get(pk=numbered[one["n"]])
        promised = (
            {"expected_on": date.fromisoformat(clock.date(one["expected"]))} if "expected" in one else {}
        )
        VERBS[one["verb"]](
            initiative=initiative,
            text=one.get("text", {}),
            by=speakers.get(initiative.owner_id or 0, staff["programme_manager"][0]),
            at=clock.at(one["day"], hour=10 + one["n"] % 6),
            **promised,
        )

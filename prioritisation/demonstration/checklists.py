"""The programmes' checklists, ticked off as far as the story goes."""

from datetime import date

from engagement.models import User
from prioritisation import services
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import Clock
from prioritisation.models import Programme
from prioritisation.services import StepDraft


def keep(programme: Programme, name: str, *, by: User, clock: Clock, day: int) -> None:
    """Writes the checklist down on `day` of the story, and ticks off what was done since."""
    written = content.checklist(name)
    words = {one.key: one.label for one in services.propose_steps(programme)}
    steps = services.add_steps(
        programme=programme,
        steps=[
            StepDraft(
                key=one.get("key", ""),
                label=one["label"] if "label" in one else words[one["key"]],
                due_on=date.fromisoformat(clock.date(one["due_day"])),
            )
            for one in written
        ],
        by=by,
        at=clock.at(day),
    )
    for item, one in zip(steps, written, strict=True):
        if "done_day" in one:
            services.tick_step(item=item, by=by, at=clock.at(one["done_day"], hour=16))

"""How far a plan is carried out, for its pages: live, beside the document that never changes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from prioritisation import delivery_words, services
from prioritisation.models import Initiative
from prioritisation.services import Followed

Live = Mapping[str, Followed]


def in_words(one: Followed | None) -> dict[str, Any] | None:
    """State, tone, the next step with its date, and whether it is late; None for what no plan holds."""
    if one is None:
        return None
    label, tone = delivery_words.STATES[one.state]
    return {
        "state": label,
        "tone": tone,
        "late": one.late,
        "next": delivery_words.coming(one.state, one.expected_on, late=one.late),
    }


def counted(live: Live, references: Iterable[str]) -> dict[str, Any]:
    """How many of these are in which state, each with its word and tone; `late` of them."""
    counts = services.delivery_counts(live[one] for one in references if one in live)
    rows = [
        {"key": state, "label": label, "tone": tone, "count": counts[state]}
        for state, (label, tone) in delivery_words.STATES.items()
    ]
    return {"rows": rows, "late": counts["late"], "all": counts["all"]}


def of_initiative(programme: int, reference: str) -> dict[str, Any]:
    """What became of one since the plan was published: how far it is, and every step, the newest first."""
    found = Initiative.objects.filter(programme=programme, reference=reference).first()
    if found is None:
        return {"delivery": None, "steps": []}
    live = services.followed(programme, timezone.localdate()).get(reference)
    steps = [
        {
            "at": step.at,
            "title": delivery_words.HAPPENED[step.verb],
            "missed": delivery_words.missed(step),
            "text": step.text,
            "next": delivery_words.next_step(step.state, step.expected_on),
        }
        for step in services.steps_of(found)
    ]
    return {"delivery": in_words(live), "steps": steps}

"""What became of each idea: on its timeline when a plan or an amendment is published; its sender is told."""

from datetime import datetime

from engagement import services as engagement
from engagement.models import Idea, SimilarLink, User
from prioritisation.models import Decision, IdeaLink, Initiative, Plan, Programme
from prioritisation.services import funnel, wording


def tell_authors(programme: Programme, plan: Plan, *, by: User, at: datetime) -> None:
    """Writes on every idea's timeline what became of it, and has its sender told."""
    texts = {
        decision.initiative_id: decision.text
        for decision in Decision.objects.published()
        .filter(initiative__programme=programme)
        .order_by("published_at", "pk")
    }
    texts |= {key: change["reason"] for key, (_amendment, change) in funnel.amended(programme).items()}
    became = funnel.initiative_states(programme)
    linked: dict[int, list[Initiative]] = {}
    links = IdeaLink.objects.filter(initiative__programme=programme).select_related("initiative")
    for link in links.order_by("initiative__reference"):
        linked.setdefault(link.idea_id, []).append(link.initiative)
    outcomes = funnel.idea_outcomes(programme)
    told: dict[int, tuple[str, dict[str, str], str]] = {}
    for key, outcome in outcomes.items():
        if outcome not in ("in_plan", "set_aside"):
            continue
        wanted = "chosen" if outcome == "in_plan" else "set_aside"
        initiatives = [one for one in linked.get(key, []) if became.get(one.pk) == wanted]
        text = (
            wording.in_plan_text(one.title for one in initiatives)
            if outcome == "in_plan"
            else wording.set_aside_text((one.title, texts[one.pk]) for one in initiatives)
        )
        told[key] = (outcome, text, f"/plans/{plan.slug}/{initiatives[0].reference}/")
    ideas = Idea.objects.select_related("contact", "call").in_bulk(list(told))
    for key, (outcome, text, path) in told.items():
        if ideas[key].outcome != outcome:
            engagement.record_outcome(idea=ideas[key], outcome=outcome, text=text, link=path, by=by, at=at)
    _tell_joined(ideas, told, by=by, at=at)


def _tell_joined(
    ideas: dict[int, Idea], told: dict[int, tuple[str, dict[str, str], str]], *, by: User, at: datetime
) -> None:
    """Authors of ideas joined with another learn the outcome too."""
    links = (
        SimilarLink.objects.standing()
        .filter(original_id__in=told)
        .select_related("idea__contact", "idea__call", "original")
    )
    for joined_link in links:
        if joined_link.idea_id in told:
            continue
        outcome, text, path = told[joined_link.original_id]
        joined = wording.same_wish_text(joined_link.original.reference, text)
        if joined_link.idea.outcome != outcome:
            engagement.record_outcome(
                idea=joined_link.idea, outcome=outcome, text=joined, link=path, by=by, at=at
            )


def take_outcomes_back(initiative: Initiative, *, by: User, at: datetime) -> None:
    """An initiative that was set aside is opened again: its ideas' pages no longer say what does not hold.

    Nobody gets a mail; the next publication tells what comes of it.
    """
    outcomes = funnel.idea_outcomes(initiative.programme)
    own = set(initiative.idea_links.values_list("idea_id", flat=True))
    joined = SimilarLink.objects.standing().filter(original_id__in=own).values_list("idea_id", "original_id")
    standing_for = {key: key for key in own} | dict(joined)
    stale = Idea.objects.filter(pk__in=standing_for, outcome="set_aside").select_related("contact", "call")
    for idea in stale:
        if outcomes.get(standing_for[idea.pk]) == "set_aside":
            continue  # another initiative that holds it stays set aside
        engagement.record_outcome(
            idea=idea, outcome="", text=wording.no_longer_text(), link="", by=by, at=at, notify=False
        )

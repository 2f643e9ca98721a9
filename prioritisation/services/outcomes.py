"""What became of each idea: on its timeline when a plan or an amendment is published; its sender is told."""

from datetime import datetime

from engagement import services as engagement
from engagement.models import Idea, SimilarLink, User
from prioritisation.models import Decision, IdeaLink, Initiative, Plan, Programme
from prioritisation.services import funnel, wording

_Outcome = tuple[str, dict[str, str], str]
"""What became of an idea, in words, and the page that tells more."""


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
    told: dict[int, _Outcome] = {}
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
    told |= _joined(told)
    before = dict(Idea.objects.filter(pk__in=told).values_list("pk", "outcome"))
    news = [key for key, (outcome, _text, _path) in told.items() if before[key] != outcome]
    engagement.lock_ideas(news)  # and read after that: a sender may have been erased meanwhile
    ideas = Idea.objects.select_related("contact", "call").in_bulk(news)
    for key in news:
        outcome, text, path = told[key]
        engagement.record_outcome(idea=ideas[key], outcome=outcome, text=text, link=path, by=by, at=at)


def _joined(told: dict[int, _Outcome]) -> dict[int, _Outcome]:
    """Authors of ideas joined with another learn the outcome too."""
    links = SimilarLink.objects.standing().filter(original_id__in=told).exclude(idea_id__in=told)
    found = {}
    for idea, original, reference in links.values_list("idea_id", "original_id", "original__reference"):
        outcome, text, path = told[original]
        found[idea] = (outcome, wording.same_wish_text(reference, text), path)
    return found


def take_outcomes_back(initiative: Initiative, *, by: User, at: datetime) -> None:
    """An initiative that was set aside is opened again: its ideas' pages no longer say what does not hold.

    Nobody gets a mail; the next publication tells what comes of it.
    """
    outcomes = funnel.idea_outcomes(initiative.programme)
    own = set(initiative.idea_links.values_list("idea_id", flat=True))
    joined = SimilarLink.objects.standing().filter(original_id__in=own).values_list("idea_id", "original_id")
    standing_for = {key: key for key in own} | dict(joined)
    engagement.lock_ideas(standing_for)
    stale = Idea.objects.filter(pk__in=standing_for, outcome="set_aside").select_related("contact", "call")
    for idea in stale:
        if outcomes.get(standing_for[idea.pk]) == "set_aside":
            continue  # another initiative that holds it stays set aside
        engagement.record_outcome(
            idea=idea, outcome="", text=wording.no_longer_text(), link="", by=by, at=at, notify=False
        )

"""What was stated and counted about each initiative, frozen as a round opens.

Stated: months and cost. Counted: residents who support the ideas behind it, and problem reports in the
round's evidence. What cannot be known is None, never zero.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from engagement.models import Call, Idea, Support
from prioritisation.models import CostLine, Entry, IdeaLink, Round
from prioritisation.services.evidence import Gathered


def freeze_figures(*, round: Round, evidence: Gathered) -> None:
    """Writes `Entry.figures` of every entry: months, dollars, persons, reports."""
    entries = list(round.entries.select_related("initiative"))
    costs = stated_costs(CostLine.objects.filter(initiative__entries__round=round))
    supporters = confirmed_supporters(round)
    reports = _reports(evidence)
    for entry in entries:
        key = entry.initiative_id
        entry.figures = {
            "timeframe_months": entry.initiative.timeframe_months,
            "cost_total": costs.get(key),
            "supports": supporters.get(key),
            "reports": reports.get(key),
        }
    Entry.objects.bulk_update(entries, ["figures"], batch_size=500)


def stated_costs(lines: QuerySet[CostLine]) -> dict[int, float]:
    """The sum of these cost lines by initiative. It is added up here: SQLite would add them as floats, and
    a round is to have the same figures on every database."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for initiative, amount in lines.values_list("initiative", "amount"):
        found[initiative] += amount
    return {initiative: float(total) for initiative, total in found.items()}


def confirmed_supporters(round: Round) -> dict[int, int]:
    """How many persons support the ideas behind each initiative of the round, by the initiative's key.

    Only confirmed addresses count: a browser's token is no person, and a name on paper may be the same
    person again. Whoever supports several of its ideas, or ideas joined with them, counts once. An initiative
    is left out where no idea behind it could be supported in that way: its number is not known.
    """
    behind = _ideas_behind(round)
    ideas = {idea for group in behind.values() for idea in group}
    voters: dict[int, set[str]] = defaultdict(set)
    askable: set[int] = set()
    for some in _batches(sorted(ideas)):
        asked = Idea.objects.filter(pk__in=some, call__supports=Call.Supports.CONFIRMED)
        askable.update(asked.values_list("pk", flat=True))
        given = Support.objects.standing().filter(idea__in=some, kind=Support.Kind.CONFIRMED)
        for idea, voter in given.values_list("idea", "voter"):
            voters[idea].add(voter)
    return {
        initiative: len(set().union(*(voters[idea] for idea in group)))
        for initiative, group in behind.items()
        if any(idea in askable or voters.get(idea) for idea in group)
    }


def _ideas_behind(round: Round) -> dict[int, set[int]]:
    """The ideas of each initiative, and those that stand joined with them."""
    found: dict[int, set[int]] = defaultdict(set)
    links = IdeaLink.objects.filter(initiative__entries__round=round)
    for initiative, idea in links.values_list("initiative", "idea"):
        found[initiative].add(idea)
    joined = Q(idea__duplicates__undone_at__isnull=True, idea__duplicates__isnull=False)
    for initiative, idea in links.filter(joined).values_list("initiative", "idea__duplicates__idea"):
        found[initiative].add(idea)
    return found


def _batches(keys: list[int], size: int = 500) -> list[list[int]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]


def _reports(evidence: Gathered) -> dict[int, int]:
    """Reports in the round's evidence by initiative. Nothing where there is no evidence: nobody counted."""
    initiative_of: dict[int, int] = evidence.initiatives
    found: dict[int, int] = defaultdict(int)
    for link, document in evidence.documents.items():
        found[initiative_of[link]] += int(document["figures"]["total"])
    return dict(found)


def counted_facts(figures: dict[str, Any] | None) -> dict[str, int]:
    """Of frozen figures those that were counted and are known: persons and reports."""
    return {name: figures[name] for name in ("supports", "reports") if figures and figures[name] is not None}

"""What an amendment does to a plan: money, time frames, themes, districts, before and after. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prioritisation import plan_documents, spending
from prioritisation.plan_documents import Document, Entry
from prioritisation.spending import Budget
from prioritisation.workflow import Outcome

Text = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One figure: `label` by language (empty: `key` names it), before, after, and what there is at most."""

    key: str
    label: Text
    before: Decimal
    after: Decimal
    asked: Decimal | None = None

    @property
    def over(self) -> bool:
        """More than there is, after the amendment."""
        return self.asked is not None and self.after > self.asked

    @property
    def changed(self) -> bool:
        return self.before != self.after


def chosen_after(document: Document, changes: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The entries that are in the plan once the changes are adopted, in the document's order."""
    outcomes = {one["reference"]: one["outcome"] for one in changes}
    return [
        one
        for one in plan_documents.entries(document)
        if outcomes.get(one["reference"], one["outcome"]) == Outcome.ADVANCE
    ]


def money(before: list[Entry], after: list[Entry], budget: Sequence[Budget]) -> list[Line]:
    """Each budget line against the costs that count there; without any, all costs by kind."""
    if not budget:
        return [
            Line(kind, {}, _cost(before, _of_kind(kind)), _cost(after, _of_kind(kind)))
            for kind in (spending.CAPITAL, spending.OPERATING)
        ]
    costs = [(line["kind"], line["year"]) for entry in (*before, *after) for line in entry["costs"]]
    return [
        Line(line.key, line.label, _cost(before, counts), _cost(after, counts), line.available)
        for line, counts in spending.against(budget, costs)
    ]


def _of_kind(kind: str) -> spending.Counts:
    return lambda other, _year: other == kind


def _cost(entries: list[Entry], counts: spending.Counts) -> Decimal:
    amounts = [
        Decimal(line["amount"])
        for entry in entries
        for line in entry["costs"]
        if counts(line["kind"], line["year"])
    ]
    return sum(amounts, Decimal(0))


def frames(document: Document, before: list[Entry], after: list[Entry]) -> list[Line]:
    """Initiatives by time frame, in the order of the rules; those without months are in none."""

    def of(entry: Entry) -> list[tuple[str, Text]]:
        band = plan_documents.band_of(document, entry["timeframe_months"])
        return [(band["key"], band["label"])] if band else []

    known = [(band["key"], band["label"]) for band in document["policy"]["bands"]]
    return _counted(of, before, after, known)


def themes(before: list[Entry], after: list[Entry]) -> list[Line]:
    """Initiatives by theme; one may serve several."""
    return _counted(lambda entry: [(one["key"], one["label"]) for one in entry["themes"]], before, after)


def districts(before: list[Entry], after: list[Entry]) -> list[Line]:
    """Initiatives by part of the city; the whole city is a line of its own, without a label."""

    def of(entry: Entry) -> list[tuple[str, Text]]:
        if entry["whole_city"]:
            return [("", {})]
        return [(one["code"], one["name"]) for one in entry["districts"]]

    return _counted(of, before, after)


def _counted(
    of: Callable[[Entry], list[tuple[str, Text]]],
    before: list[Entry],
    after: list[Entry],
    known: Iterable[tuple[str, Text]] = (),
) -> list[Line]:
    labels: dict[str, Text] = dict(known)
    for entry in (*before, *after):
        for key, label in of(entry):
            labels.setdefault(key, label)

    def count(entries: list[Entry], key: str) -> Decimal:
        return Decimal(sum(key in {name for name, _label in of(entry)} for entry in entries))

    return [Line(key, label, count(before, key), count(after, key)) for key, label in labels.items()]

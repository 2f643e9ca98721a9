"""Reading what a plan says: the JSON document of a published version (services.plans). Pure: no Django.

A document never changes, so whatever is shown, exported or given by the API comes from here alone.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from engagement.text import choose, fold
from prioritisation.funnel_picture import Funnel, Loss, Reason, Seam, Stage
from prioritisation.workflow import Outcome

Document = Mapping[str, Any]
Entry = Mapping[str, Any]
"""One initiative of a document, with its decision."""


def entries(document: Document) -> list[Entry]:
    """Every initiative with a published decision: chosen ones first, each group by rank."""
    found: list[Entry] = document["initiatives"]
    return found


def chosen(document: Document) -> list[Entry]:
    return [one for one in entries(document) if one["outcome"] == Outcome.ADVANCE]


def not_chosen(document: Document) -> list[Entry]:
    return [one for one in entries(document) if one["outcome"] != Outcome.ADVANCE]


def last_chosen(document: Document, entry: Entry) -> Entry | None:
    """Beside what was not chosen: of those that came in by their rank the one with the last.

    Chosen against the ranking, or put in by an amendment, is not by rank. None where `entry` is in the plan,
    was joined with another, or has no rank in the ranking that the plan publishes.
    """
    published = (document.get("figures") or {}).get("initiatives")
    ranks = None if published is None else {one["reference"]: one["rank"] for one in published}

    def in_this_ranking(one: Entry) -> bool:
        return bool(one["rank"]) and (ranks is None or ranks.get(one["reference"]) == one["rank"])

    if entry["outcome"] in (Outcome.ADVANCE, Outcome.MERGE) or not in_this_ranking(entry):
        return None
    by_rank = [
        one
        for one in chosen(document)
        if in_this_ranking(one) and not one["override_reason"] and not one.get("recommended")
    ]
    return max(by_rank, key=lambda one: (one["rank"], one["reference"]), default=None)


def find(document: Document, reference: str) -> Entry | None:
    return next((one for one in entries(document) if one["reference"] == reference), None)


def band_of(document: Document, months: int | None) -> Mapping[str, Any] | None:
    """The time frame that a number of months falls in, as the rules name it."""
    if months is None:
        return None
    for band in document["policy"]["bands"]:
        if band["from"] <= months and (band["to"] is None or months <= band["to"]):
            return dict(band)
    return None


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for among the initiatives; an empty word asks for nothing.

    `words`: all of them are in its reference, its texts or its reason, in any language, accents aside.
    """

    words: str = ""
    theme: str = ""
    timeframe: str = ""
    district: str = ""
    owner: str = ""
    outcome: str = ""
    delivery: str = ""
    """How far it is carried out, or "late": live, so it stands beside the document."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def fits(self, document: Document, entry: Entry, live: Mapping[str, Collection[str]] = {}) -> bool:
        """`live`: by reference what an initiative is called today, as "started" and "late"."""
        band = band_of(document, entry["timeframe_months"])
        districts = {one["code"] for one in entry["districts"]}
        return (
            self.theme in {"", *(one["key"] for one in entry["themes"])}
            and self.timeframe in {"", band["key"] if band else ""}
            # Whoever asks for a part of the city is served by what is done in the whole of it, too.
            and (self.district in {"", *districts} or entry["whole_city"])
            and self.owner in {"", entry["owner"]["code"] if entry["owner"] else ""}
            and self.outcome in {"", entry["outcome"]}
            and (not self.words or _says(entry, self.words))
            and (not self.delivery or self.delivery in live.get(entry["reference"], ()))
        )


def _says(entry: Entry, words: str) -> bool:
    """Does an initiative say each of these words, or words that begin so? No words ask for nothing."""
    texts = (entry.get(name) or {} for name in ("title", "need", "summary", "who_gains", "text"))
    named = entry["reference"].lstrip("I")
    said = " " + fold(
        " ".join([entry["reference"], named, *(text for one in texts for text in one.values())])
    )
    return all(f" {word}" in said for word in fold(words).split())


def choices(document: Document) -> dict[str, list[tuple[str, Mapping[str, str]]]]:
    """What can be asked for: for each field of `Wanted` but the outcome, keys with their texts.

    Only what some initiative has; time frames in the order of the rules.
    """
    themes: dict[str, Mapping[str, str]] = {}
    districts: dict[str, Mapping[str, str]] = {}
    owners: dict[str, Mapping[str, str]] = {}
    bands: set[str] = set()
    for entry in entries(document):
        themes |= {one["key"]: one["label"] for one in entry["themes"]}
        if not entry["whole_city"]:
            districts |= {one["code"]: one["name"] for one in entry["districts"]}
        if entry["owner"]:
            owners[entry["owner"]["code"]] = entry["owner"]["name"]
        band = band_of(document, entry["timeframe_months"])
        bands |= {band["key"]} if band else set()
    named = document["policy"]["bands"]
    return {
        "theme": list(themes.items()),
        "timeframe": [(band["key"], band["label"]) for band in named if band["key"] in bands],
        "district": list(districts.items()),
        "owner": list(owners.items()),
    }


def outcome_of_ideas(document: Document) -> dict[str, str]:
    """For every counted idea's reference what became of it, in the order of the references."""
    found = {
        reference: outcome for outcome, references in document["ideas"].items() for reference in references
    }
    return dict(sorted(found.items()))


def initiatives_of_ideas(document: Document) -> dict[str, list[Entry]]:
    """For an idea's reference the initiatives that it went into."""
    found: dict[str, list[Entry]] = {}
    for entry in entries(document):
        for reference in entry["ideas"]:
            found.setdefault(reference, []).append(entry)
    return found


def sittings(document: Document) -> dict[int, dict[str, Any]]:
    """By key the sittings that decided, `day` as a date. Documents made before they were named have none."""
    found = document.get("sittings", [])
    return {one["id"]: {**one, "day": date.fromisoformat(one["held_on"])} for one in found}


def amendments(document: Document) -> list[dict[str, Any]]:
    """What was changed after publication: with its sitting, how many were put in and taken out, and which."""
    held = sittings(document)
    titles = {entry["reference"]: entry["title"] for entry in entries(document)}
    return [
        {
            **one,
            "sitting": held[one["sitting"]],
            "named": [
                {**change, "title": titles[change["reference"]]}
                for change in one["changes"]
                if change["reference"] in titles
            ],
            "put_in": sum(change["outcome"] == Outcome.ADVANCE for change in one["changes"]),
            "taken_out": sum(change["outcome"] == Outcome.SET_ASIDE for change in one["changes"]),
        }
        for one in document.get("amendments", [])
    ]


@dataclass(frozen=True)
class Cost:
    """Sums in the city's currency: once, and each year; `funding` is secured, sought, none or mixed."""

    capital: Decimal
    operating: Decimal
    funding: str


def cost_of(entry: Entry) -> Cost | None:
    """What an initiative costs; None where no line is known, which is not zero."""
    lines = entry["costs"]
    if not lines:
        return None
    funding = {line["funding"] for line in lines}
    return Cost(
        capital=_sum(lines, "capital"),
        operating=_sum(lines, "operating"),
        funding=funding.pop() if len(funding) == 1 else "mixed",
    )


def _sum(lines: list[Mapping[str, Any]], kind: str) -> Decimal:
    return sum((Decimal(line["amount"]) for line in lines if line["kind"] == kind), Decimal("0.00"))


def funnel_in(language: str, funnel: Mapping[str, Any], units: Mapping[str, str]) -> Funnel:
    """A document's funnel as the picture takes it: texts in one language, each stage named by its unit.

    The picture's `out` is what went on, which the document calls `onward`. `units` names them in the plural.
    """
    alone = Counter(stage["unit"] for stage in funnel["stages"])
    return Funnel(
        received=funnel["received"],
        not_eligible=Loss(
            count=funnel["not_eligible"]["count"], reasons=_reasons(language, funnel["not_eligible"])
        ),
        stages=[
            _stage(language, stage, units, alone=alone[stage["unit"]] == 1) for stage in funnel["stages"]
        ],
        seams=[
            Seam(
                {"from_unit": one["from_unit"], "out": one["out"], "to_unit": one["to_unit"], "in": one["in"]}
            )
            for one in funnel["seams"]
        ],
    )


def _stage(language: str, stage: Mapping[str, Any], units: Mapping[str, str], *, alone: bool) -> Stage:
    unit = units[stage["unit"]]
    label = unit if alone else f"{unit} ({choose(stage['label'], language)})"
    return Stage(
        {
            "key": stage["key"],
            "unit": stage["unit"],
            "label": label,
            "in": stage["in"],
            "out": stage["onward"],
            "waiting": stage["waiting"],
            "reasons": _reasons(language, stage),
        }
    )


def _reasons(language: str, loss: Mapping[str, Any]) -> list[Reason]:
    return [
        Reason(code=one["code"], label=choose(one["label"], language) or one["code"], count=one["count"])
        for one in loss["reasons"]
    ]

"""The rows of the shortlist: from the published document, and for staff what stands beside it today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from engagement.localized import in_languages
from engagement.models import Contact, User
from engagement.tables.writing import Column, Row
from prioritisation import plan_documents, services
from prioritisation.exports.columns import public_columns, staff_columns
from prioritisation.models import Initiative, PlanVersion, Programme
from prioritisation.plan_documents import Entry
from prioritisation.services import Followed


@dataclass(frozen=True)
class Shortlist:
    """A version's initiatives with the columns that go out: the chosen ones, or all that were decided."""

    version: PlanVersion
    columns: list[Column]
    extra: Mapping[str, Mapping[str, object]]
    """What is added to a row, by the initiative's reference."""
    everything: bool = False
    live: Mapping[str, Followed] = field(default_factory=dict)
    """By reference how far each is carried out today."""

    def entries(self) -> list[Entry]:
        pick = plan_documents.entries if self.everything else plan_documents.chosen
        return pick(self.version.document)

    def rows(self) -> Iterator[Row]:
        for entry in self.entries():
            reference = entry["reference"]
            row = {**_public_row(self.version, entry), **_delivery(self.live.get(reference))}
            yield {**row, **self.extra.get(reference, {})}

    def districts(self) -> set[str]:
        return {district["code"] for entry in self.entries() for district in entry["districts"]}


def public_shortlist(version: PlanVersion, *, everything: bool = False) -> Shortlist:
    """The chosen initiatives; with `everything` also those held over, set aside and merged, with reasons."""
    columns = public_columns(version.document, get_language() or settings.LANGUAGE_CODE)
    return Shortlist(version=version, columns=columns, extra={}, everything=everything, live=_live(version))


def staff_shortlist(
    *, programme: Programme, by: User, at: datetime, contacts: bool, everything: bool = False
) -> Shortlist:
    """The file for staff. Recorded; with `contacts` also on the timeline of each idea that has one.

    Raises `Refused`: no plan is published, `by` is not a member, or may not export contacts.
    """
    version, people = services.hand_out_staff_file(programme=programme, by=by, at=at, contacts=contacts)
    language = get_language() or settings.LANGUAGE_CODE
    return Shortlist(
        version=version,
        columns=staff_columns(version.document, language, contacts=contacts),
        extra=_staff_facts(version, people),
        everything=everything,
        live=_live(version),
    )


def _live(version: PlanVersion) -> dict[str, Followed]:
    return services.followed(version.plan.programme_id, timezone.localdate())


def _delivery(one: Followed | None) -> dict[str, object]:
    """Empty for what the plan does not hold."""
    if one is None:
        return dict.fromkeys(("delivery", "expected_on", "late"))
    return {"delivery": one.state, "expected_on": one.expected_on, "late": one.late}


def _texts(key: str, texts: Mapping[str, str] | None) -> dict[str, object]:
    return {f"{key}_{code}": (texts or {}).get(code) for code, _name in settings.LANGUAGES}


def _public_row(version: PlanVersion, entry: Entry) -> dict[str, object]:
    owner = entry["owner"] or {}
    return {
        "reference": entry["reference"],
        **_texts("title", entry["title"]),
        "outcome": entry["outcome"],
        "reason": entry["reason"] or None,
        **_texts("reason_text", entry["text"]),
        "merged_into": entry["merged_into"],
        **_decided(version, entry),
        "rank": entry["rank"],
        **_points(version, entry),
        "themes": [one["key"] for one in entry["themes"]],
        "kind": entry["kind"],
        "owner": owner.get("code"),
        **_texts("owner_name", owner.get("name")),
        "whole_city": entry["whole_city"],
        "districts": [] if entry["whole_city"] else [one["code"] for one in entry["districts"]],
        "timeframe_months": entry["timeframe_months"],
        "quick_win": entry["quick_win"],
        "foundational": entry["foundational"],
        **_costs(entry),
        "ideas": entry["ideas"],
        "plan_version": version.number,
        "fingerprint": version.sha256,
    }


def _decided(version: PlanVersion, entry: Entry) -> dict[str, object]:
    """How it was decided. Plans published before these facts were kept have none of them."""
    sitting = plan_documents.sittings(version.document).get(entry.get("sitting") or 0, {})
    return {
        **_texts("override_reason", in_languages(entry["override_reason"])),
        **_texts("decided_by", sitting.get("body")),
        "decided_on": sitting.get("day"),
        "resolution": sitting.get("resolution") or None,
        "stood_aside": entry.get("stood_aside") or None,
        "lot": (entry.get("draw") or {}).get("place"),
        **_texts("reply", entry.get("reply")),
        "recommended": (entry.get("recommended") or {}).get("outcome"),
    }


def _points(version: PlanVersion, entry: Entry) -> dict[str, object]:
    """Missing is never zero: without a score every cell stays empty."""
    score = entry["score"] or {"points": None, "reviews": None, "criteria": {}}
    parts = {
        f"points_{one['key']}": score["criteria"].get(one["key"])
        for one in version.document["policy"]["criteria"]
        if one["weight"] is not None
    }
    return {"points": score["points"], **parts, "reviews": score["reviews"]}


def _costs(entry: Entry) -> dict[str, object]:
    cost = plan_documents.cost_of(entry)
    if cost is None:
        return dict.fromkeys(("cost_capital", "cost_operating", "cost_total", "funding"))
    total: Decimal = cost.capital + cost.operating
    return {
        "cost_capital": cost.capital,
        "cost_operating": cost.operating,
        "cost_total": total,
        "funding": cost.funding,
    }


def _staff_facts(version: PlanVersion, people: Mapping[str, Contact]) -> dict[str, dict[str, object]]:
    """By the initiative's reference. `people`: contacts by the idea's reference."""
    entries = plan_documents.entries(version.document)
    ideas = {entry["reference"]: entry["ideas"] for entry in entries}
    initiatives = Initiative.objects.filter(reference__in=list(ideas))
    return {
        one.reference: {
            "effort": one.effort,
            "risk": one.risk,
            "champion": one.champion or None,
            "owner_agreed_on": timezone.localdate(one.owner_agreed_at) if one.owner_agreed_at else None,
            "owner_agreement": one.owner_agreement or None,
            "contacts": [_person(idea, people[idea]) for idea in ideas[one.reference] if idea in people],
        }
        for one in initiatives
    }


def _person(idea: str, contact: Any) -> str:
    return " ".join(part for part in (idea, contact.name, contact.email, contact.phone) if part)

"""Evidence from problem reports on an initiative: linked, changed, taken away; counted; frozen in a round.

The figures are asked of the archive of past reports. What assessors read is what was counted when their
round was opened: later changes to the link, the area or the archive change nothing of it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from engagement.models import ArchiveFile, District, User
from engagement.services import Refused, Stale, archive
from engagement.services.archive import Figures
from prioritisation.models import EvidenceFigures, EvidenceLink, Initiative, Round
from prioritisation.services.access import record, require_role
from prioritisation.workflow import InitiativeState, Role

SERVICES_LIMIT = 30
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2099, 12, 31)
"""Of what can be asked for: every month of the period is a line. No report is older."""
KEPT_SECONDS = 24 * 3600
"""How long counted figures are kept at hand. Their key names everything that they depend on."""


def _check(
    initiative: Initiative, services: Sequence[str], from_date: date, to_date: date, by: User
) -> list[str]:
    require_role(by, initiative.programme, Role.MANAGER)
    if initiative.state not in (InitiativeState.DRAFT, InitiativeState.READY):
        raise Refused(_("It is decided; its evidence no longer changes."), code="wrong_state")
    chosen = list(dict.fromkeys(services))
    if not chosen:
        raise Refused(_("Choose at least one kind of report."), field="services")
    if len(chosen) > SERVICES_LIMIT:
        said = {"n": SERVICES_LIMIT}
        raise Refused(_("Choose at most %(n)d kinds of report.") % said, field="services")
    if to_date < from_date:
        raise Refused(_("This is before it starts."), field="to_date")
    for day, field in ((from_date, "from_date"), (to_date, "to_date")):
        if not FIRST_DAY <= day <= LAST_DAY:
            said = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
            raise Refused(_("Choose a day in the years %(first)s to %(last)s.") % said, field=field)
    return chosen


def _require_new(
    initiative: Initiative, chosen: list[str], from_date: date, to_date: date, own: EvidenceLink | None = None
) -> None:
    """Every report counts once: all links of an initiative are of the same area."""
    others = initiative.evidence_links.standing().filter(from_date__lte=to_date, to_date__gte=from_date)
    for link in others.order_by("pk"):
        if link != own and (twice := sorted(set(chosen) & set(link.services))):
            said = {"services": ", ".join(twice), "from": link.from_date, "to": link.to_date}
            raise Refused(
                _("These would count twice: %(services)s from %(from)s to %(to)s is there already.") % said,
                field="services",
            )


@transaction.atomic
def link_evidence(
    *,
    initiative: Initiative,
    services: Sequence[str],
    from_date: date,
    to_date: date,
    by: User,
    at: datetime,
    note: dict[str, str] | None = None,
) -> EvidenceLink:
    """Adds what reports of these services say in this period. `services`: names as the archive has them."""
    chosen = _check(initiative, services, from_date, to_date, by)
    _require_new(initiative, chosen, from_date, to_date)
    link = EvidenceLink.objects.create(
        initiative=initiative,
        services=chosen,
        from_date=from_date,
        to_date=to_date,
        note=note or {},
        made_at=at,
        made_by=by,
    )
    record(initiative.programme, "link_evidence", at=at, by=by, initiative=initiative, note=_summary(link))
    return link


@transaction.atomic
def change_evidence(
    *,
    link: EvidenceLink,
    services: Sequence[str],
    from_date: date,
    to_date: date,
    by: User,
    at: datetime,
    note: dict[str, str] | None = None,
    version: int | None = None,
) -> EvidenceLink:
    """Changes a link. What open and closed rounds froze of it stays as their assessors read it."""
    chosen = _check(link.initiative, services, from_date, to_date, by)
    _require_new(link.initiative, chosen, from_date, to_date, own=link)
    _write(link, version, services=chosen, from_date=from_date, to_date=to_date, note=note or {})
    initiative = link.initiative
    record(initiative.programme, "change_evidence", at=at, by=by, initiative=initiative, note=_summary(link))
    return link


@transaction.atomic
def remove_evidence(*, link: EvidenceLink, by: User, at: datetime, version: int | None = None) -> None:
    """Takes a link away. Rounds keep what they froze of it."""
    _check(link.initiative, link.services, link.from_date, link.to_date, by)
    _write(link, version, removed_at=at, removed_by=by)
    initiative = link.initiative
    record(initiative.programme, "remove_evidence", at=at, by=by, initiative=initiative, note=_summary(link))


def _write(link: EvidenceLink, version: int | None, **values: Any) -> None:
    seen = link.version if version is None else version
    unchanged = EvidenceLink.objects.standing().filter(pk=link.pk, version=seen)
    if not unchanged.update(version=F("version") + 1, **values):
        raise Stale(_("Somebody else changed this evidence. Look again before you save."))
    link.refresh_from_db()


def _summary(link: EvidenceLink) -> str:
    return f"{', '.join(link.services)}: {link.from_date} – {link.to_date}"


# Counting -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """A link with its document (`evidence_documents`), or the reason why there is none."""

    link: EvidenceLink
    document: dict[str, Any] | None
    why_not: str = ""


def evidence_of(initiative: Initiative, *, at: datetime) -> list[Counted]:
    """The initiative's evidence as it counts now, oldest link first."""
    links = list(initiative.evidence_links.standing().order_by("pk"))
    if not links:
        return []
    area = _area(initiative)
    archived = "".join(ArchiveFile.objects.visible().values_list("sha256", flat=True))
    return [_counted(link, area, archived, at) for link in links]


@dataclass(frozen=True)
class Area:
    whole_city: bool
    districts: list[dict[str, Any]]
    population: int | None

    @property
    def known(self) -> bool:
        return self.whole_city or bool(self.districts)


def _area(initiative: Initiative) -> Area:
    """Where the initiative applies, with its residents where all of its districts tell theirs."""
    found = District.objects.filter(active=True) if initiative.whole_city else initiative.districts.all()
    rows = sorted(found, key=lambda district: district.code)
    residents = [row.population for row in rows if row.population]
    return Area(
        whole_city=initiative.whole_city,
        districts=[] if initiative.whole_city else [{"code": row.code, "name": row.name} for row in rows],
        population=sum(residents) if rows and len(residents) == len(rows) else None,
    )


def _counted(link: EvidenceLink, area: Area, archived: str, at: datetime) -> Counted:
    if not area.known:
        return Counted(link, None, _("Say where the initiative applies: without it nothing can be counted."))
    asked = [archived, link.services, link.from_date.isoformat(), link.to_date.isoformat()]
    spelled = json.dumps([*asked, [one["code"] for one in area.districts], area.whole_city])
    key = f"evidence-{hashlib.sha256(spelled.encode()).hexdigest()}"
    kept = cache.get(key)
    try:
        figures = kept or _figures(link, area).as_json()
    except Refused as refusal:
        return Counted(link, None, str(refusal.message))
    if kept is None:
        cache.set(key, figures, KEPT_SECONDS)
    return Counted(link, _document(link, area, figures, at))


def _figures(link: EvidenceLink, area: Area) -> Figures:
    return archive.report_figures(
        services=link.services,
        districts=None if area.whole_city else [one["code"] for one in area.districts],
        first=link.from_date,
        last=link.to_date,
    )


def _document(link: EvidenceLink, area: Area, figures: dict[str, Any], at: datetime) -> dict[str, Any]:
    document = {
        "services": link.services,
        "from": link.from_date.isoformat(),
        "to": link.to_date.isoformat(),
        "note": link.note,
        "whole_city": area.whole_city,
        "districts": area.districts,
        "population": area.population,
        "as_of": at.isoformat(),
        "figures": figures,
    }
    found: dict[str, Any] = json.loads(json.dumps(document))
    return found


# Freezing -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gathered:
    """Evidence counted for a round that is about to open, and the versions of what it was counted from."""

    documents: dict[int, dict[str, Any]]
    versions: set[tuple[int, int, int]]
    initiatives: dict[int, int]
    """The initiative of each link."""


def gather_evidence(round: Round, *, at: datetime) -> Gathered:
    """Counts every link of the round's initiatives: one question to the archive each, outside a transaction.

    Raises `Refused` where a file of the archive is broken: a round is not opened on figures that lack one.
    """
    documents, initiatives = {}, {}
    for link in _links(round).select_related("initiative").prefetch_related("initiative__districts"):
        area = _area(link.initiative)
        if area.known:
            documents[link.pk] = _document(link, area, _figures(link, area).as_json(), at)
            initiatives[link.pk] = link.initiative_id
    return Gathered(documents, _versions(round), initiatives)


def _links(round: Round) -> Any:
    return EvidenceLink.objects.standing().filter(initiative__entries__round=round).order_by("pk")


def _versions(round: Round) -> set[tuple[int, int, int]]:
    return set(_links(round).values_list("pk", "version", "initiative__version"))


def freeze_evidence(*, round: Round, gathered: Gathered, at: datetime) -> None:
    """Writes down what the round's assessors read. In the transaction that opens the round."""
    if _versions(round) != gathered.versions:
        raise Stale(_("Evidence of an initiative was changed at this moment. Open the round again."))
    EvidenceFigures.objects.bulk_create(
        EvidenceFigures(
            round=round, link_id=key, figures=document, archive=document["figures"]["archive"], frozen_at=at
        )
        for key, document in gathered.documents.items()
    )


def frozen_evidence(*, round: Round, initiative: Initiative) -> list[dict[str, Any]]:
    """The documents that the assessors of `round` read about an initiative, oldest link first."""
    frozen = EvidenceFigures.objects.filter(round=round, link__initiative=initiative).order_by("link")
    return list(frozen.values_list("figures", flat=True))

"""What an import has to say, as codes with parameters: stored as such, worded when they are shown."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.evidence.archive import REASONS
from engagement.evidence.source import SOURCE_ERRORS
from engagement.models import ArchiveFile

NOTES: dict[str, Any] = {
    "encoding": _("The file was not in UTF-8; it was read as {value}."),
    "zone": _("Times are those of {value}."),
    "default_points": _(
        "Reports on one and the same point, where this city puts what it cannot place: {value}. "
        "They tell when and what, not where."
    ),
    "unplaced": _(
        "Reports pinned on an office because their address was not found, so without a place: {value}."
    ),
    "bad_points": _("Reports with coordinates that are not a place on earth: {value}."),
    "without_point": _("Reports without a point on the map: {value}."),
    "without_place": _("Reports with neither a point nor a known district: {value}."),
    "date_only": _("Reports with a date but no hour: {value}."),
    "duplicates": _("Reports that were closed as reported before (kept, with their own time): {value}."),
    "without_id": _("Reports without a number (in another file they are known by what they say): {value}."),
    "bad_closed": _("Reports with a closing date that cannot be, which was left out: {value}."),
    "skipped_hours": _(
        "Reports in an hour that the clocks skipped: {value}. Are the times those of this city?"
    ),
}


def worded(code: str, params: dict[str, Any]) -> str:
    """The sentence for why a file as a whole was refused, in the language in force."""
    if code == "nothing_kept":
        params = {**params, "reasons": _listed(params["reasons"])}
    return gettext(SOURCE_ERRORS[code]).format(**params)


def _listed(counts: dict[str, int]) -> str:
    return "; ".join(f"{gettext(REASONS[code])} ({count})" for code, count in counts.items()) or "-"


def refusals(file: ArchiveFile) -> list[tuple[str, int, list[int]]]:
    """Why records of a file were refused: the reason in words, how many, the first record numbers."""
    return [(gettext(REASONS[code]), one["count"], one["first"]) for code, one in file.reasons.items()]


def notes(file: ArchiveFile) -> list[str]:
    """What there is to know about a file, in words."""
    said = dict(file.notes)
    points = said.pop("default_points", [])
    lines = [str(NOTES["default_points"]).format(value=n) for _latitude, _longitude, n in points]
    return [str(NOTES[code]).format(value=value) for code, value in said.items() if code in NOTES] + lines

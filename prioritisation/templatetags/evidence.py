"""{% load evidence %}{% evidence_shown document %}: what problem reports say, in words, pictures, tables."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from engagement.localized import localized
from prioritisation import evidence_documents, evidence_picture
from prioritisation.bar_picture import share

register = template.Library()
NAMED = 3
"""So many kinds of report and districts are named in the sentence; of more only the number is told."""


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _cell(count: int | None) -> str:
    """A count, or that it is small and not told."""
    if count is None:
        return gettext("under %(n)d") % {"n": evidence_documents.FEW}
    return _number(count)


def _short(count: int | None) -> str:
    """The same for the narrow cells of the week."""
    return f"<{evidence_documents.FEW}" if count is None else _number(count)


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")


def _about(document: evidence_documents.Document) -> str:
    names = document["services"]
    if len(names) <= NAMED:
        return ", ".join(names)
    return ngettext("%(n)d kind of report", "%(n)d kinds of report", len(names)) % {"n": len(names)}


def _where(document: evidence_documents.Document) -> str:
    if document["whole_city"]:
        return gettext("in the whole city")
    names = [localized(one["name"]) for one in document["districts"]]
    if len(names) <= NAMED:
        return gettext("in %(districts)s") % {"districts": ", ".join(names)}
    return ngettext("in %(n)d district", "in %(n)d districts", len(names)) % {"n": len(names)}


@register.simple_tag
def evidence_sentence(document: evidence_documents.Document) -> str:
    """1,284 problem reports (Street lighting) in West, from ... to ..."""
    total = document["figures"]["total"]
    said = {
        "about": _about(document),
        "where": _where(document),
        "first": _day(document["from"]),
        "last": _day(document["to"]),
    }
    if total is None:
        return gettext(
            "Fewer than five problem reports (%(about)s) %(where)s, from %(first)s to %(last)s."
        ) % {**said}
    told = ngettext(
        "%(n)s problem report (%(about)s) %(where)s, from %(first)s to %(last)s.",
        "%(n)s problem reports (%(about)s) %(where)s, from %(first)s to %(last)s.",
        total,
    )
    return told % {**said, "n": _number(total)}


@register.simple_tag
def evidence_brief(document: evidence_documents.Document) -> str:
    """The same in a line: 1,284 problem reports (Street lighting)."""
    total = document["figures"]["total"]
    told = ngettext("%(n)s problem report (%(about)s)", "%(n)s problem reports (%(about)s)", total or 0)
    return told % {"n": _cell(total), "about": _about(document)}


def limits(document: evidence_documents.Document) -> list[str]:
    """What the figures do not say, and what they leave out."""
    figures = document["figures"]
    told = []
    rate = evidence_documents.per_thousand(document)
    if rate is not None:
        told.append(
            gettext("That is %(rate)s for each 1,000 residents in this period.")
            % {"rate": number_format(rate, 1)}
        )
    for name, tell in _LIMITS:
        count = figures[name]
        if count and not (name == "without_place" and document["whole_city"]):
            told.append(tell(count))
    told.append(
        gettext(
            "These are reports, not problems: some neighbourhoods report more readily than others, and one "
            "problem can be reported many times."
        )
    )
    return told


def _without_place(count: int) -> str:
    return ngettext(
        "%(n)s more report says no place and is not counted here.",
        "%(n)s more reports say no place and are not counted here.",
        count,
    ) % {"n": _number(count)}


def _date_only(count: int) -> str:
    return ngettext(
        "%(n)s report gives a day without an hour: it is in the months, not in the hours.",
        "%(n)s reports give a day without an hour: they are in the months, not in the hours.",
        count,
    ) % {"n": _number(count)}


def _duplicates(count: int) -> str:
    return ngettext(
        "%(n)s was closed as reported before; it counts.",
        "%(n)s were closed as reported before; they count.",
        count,
    ) % {"n": _number(count)}


_LIMITS = (
    ("without_place", _without_place),
    ("date_only", _date_only),
    ("duplicates", _duplicates),
)


@register.inclusion_tag("charts/evidence.html")
def evidence_shown(
    document: evidence_documents.Document, *, name: str = "evidence", staff: bool = False
) -> dict[str, object]:
    """`name` tells two on one page apart. `staff`: with the fingerprint of the archive."""
    figures = document["figures"]
    hours = figures["by_hour_of_week"]
    drawn = bool(hours) and any(count for row in hours for count in row)
    weekdays = [gettext(day) for day in evidence_documents.WEEKDAYS]
    return {
        "name": name,
        "staff": staff,
        "document": document,
        "limits": limits(document),
        "pictures": [_picture(hours, "wide"), _picture(hours, "narrow")] if drawn else [],
        "busiest": _busiest(hours, weekdays) if drawn else "",
        "hours": range(24),
        "week": [(day, [_short(count) for count in row]) for day, row in zip(weekdays, hours, strict=False)],
        "months": _months(document),
        "with_before": any(month["has_before"] for month in evidence_documents.months(document)),
        "as_of": datetime.fromisoformat(document["as_of"]),
        "files": figures["files"],
        "few": evidence_documents.FEW if _hides(figures) else 0,
    }


def _hides(figures: Any) -> bool:
    """Is any cell hidden?"""
    week = [count for row in figures["by_hour_of_week"] for count in row]
    return None in week or None in [count for _month, count in figures["by_month"]]


def _picture(hours: Any, size: str) -> dict[str, object]:
    shape = evidence_picture.NARROW if size == "narrow" else evidence_picture.WIDE
    heat = evidence_picture.draw(hours, shape)
    days = [gettext(day) for day in evidence_documents.WEEKDAYS]
    return {
        "size": size,
        "heat": heat,
        "days": [(label, days[label.place][:3]) for label in heat.days],
        "hours": [(label, f"{label.place} h") for label in heat.hours],
        "marks": [
            (cell.x + heat.cell_width / 2, cell.y + heat.cell_height / 2 + 4, _number(cell.count or 0))
            for cell in heat.busiest
        ],
        "down": shape.hours_down,
    }


def _busiest(hours: Any, weekdays: list[str]) -> str:
    """The busiest hour in words, for who hears the page."""
    count, day, hour = max(
        (count or 0, -day, -hour) for day, row in enumerate(hours) for hour, count in enumerate(row)
    )
    said = {"day": weekdays[-day], "from": -hour, "to": -hour + 1, "n": _number(count)}
    return gettext("Busiest: %(day)s from %(from)d:00 to %(to)d:00, with %(n)s.") % said


def _months(document: evidence_documents.Document) -> list[dict[str, object]]:
    rows = evidence_documents.months(document)
    most = max((row["count"] or 0 for row in rows), default=0)
    return [
        {
            "label": date_format(date.fromisoformat(f"{row['month']}-01"), "YEAR_MONTH_FORMAT"),
            "value": _cell(row["count"]),
            "share": share(row["count"], most),
            "before": _cell(row["before"]) if row["has_before"] else "–",
            "before_share": share(row["before"], most) if row["has_before"] else None,
        }
        for row in rows
    ]

"""How cities publish their 311 requests: one description per format, all that importing needs to know.

Column names are compared folded (`folded`): cities changed the case and the spaces of theirs over the years
without changing what they mean. In a description `{column}` stands for the text in that column, NULL where
the file has no such column; the rest is DuckDB's SQL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from engagement.text import fold

NULL = "NULL"


@dataclass(frozen=True)
class Format:
    """One way to write requests down. Every field from `id` on is SQL over the file's columns.

    `city`: whose numbers these are; files of one city may overlap, and hold a request once.
    `zone`: of times written without one; empty for the zone of this installation.
    `needs`: columns by which the format is recognized. `dates`: patterns beside ISO 8601.
    `hours`: whether midnight is an hour here; elsewhere exactly 00:00:00 is how a plain date was written.
    `unplaced`: where it holds, the point is not where the problem is.
    """

    code: str
    city: str
    name: str
    zone: str
    needs: tuple[str, ...]
    service: str
    requested: str
    id: str = NULL
    agency: str = NULL
    closed: str = NULL
    status: str = NULL
    latitude: str = NULL
    longitude: str = NULL
    area: str = NULL
    channel: str = NULL
    duplicate: str = "false"
    duplicate_of: str = NULL
    unplaced: str = "false"
    dates: tuple[str, ...] = ()
    hours: bool = False


AMERICAN = "%m/%d/%Y %I:%M:%S %p"
_MONTREAL_TYPE = "regexp_replace({acti_nom}, '^[*](Z-)?', '')"  # a star marks a type no longer used
# The first day of the month that falls on the weekday: the file tells month, weekday and hour, not the day.
_MONTREAL_HOUR = (
    "strftime(try_strptime({mois_creation}, '%Y-%m')"
    " + to_days(((try_cast({jour_semaine} AS INTEGER)"
    " - isodow(try_strptime({mois_creation}, '%Y-%m')) + 8) % 7)::INTEGER)"
    " + to_hours(try_cast({heure} AS INTEGER)), '%Y-%m-%d %H:%M:%S')"
)


def _says_duplicate(column: str) -> str:
    return f"contains(lower({{{column}}}), 'duplicate')"


ALL: tuple[Format, ...] = (
    Format(
        code="nyc",
        city="nyc",
        name="New York",
        zone="America/New_York",
        needs=("unique_key", "created_date", "complaint_type", "agency", "borough"),
        id="{unique_key}",
        service="{complaint_type}",
        agency="{agency}",
        requested="{created_date}",
        closed="{closed_date}",
        status="{status}",
        latitude="{latitude}",
        longitude="{longitude}",
        area="{borough}",
        channel="{open_data_channel_type}",
        duplicate=_says_duplicate("resolution_description"),
        dates=(AMERICAN,),
    ),
    Format(
        code="boston",
        city="boston",
        name="Boston",
        zone="America/New_York",
        needs=("case_enquiry_id", "open_dt", "closed_dt", "case_status", "type"),
        id="{case_enquiry_id}",
        service="{type}",
        agency="{department}",
        requested="{open_dt}",
        closed="{closed_dt}",
        status="{case_status}",
        latitude="{latitude}",
        longitude="{longitude}",
        area="{neighborhood}",
        channel="{source}",
        duplicate=_says_duplicate("closure_reason"),
        duplicate_of="regexp_extract({closure_reason}, '(?i)duplicate.*?\\b(1010\\d{{8}})\\b', 1)",
        dates=(AMERICAN,),
    ),
    Format(
        code="vancouver",
        city="vancouver",
        name="Vancouver",
        zone="America/Vancouver",
        needs=("service_request_type", "service_request_open_timestamp", "local_area"),
        service="{service_request_type}",
        agency="{department}",
        requested="{service_request_open_timestamp}",
        closed="{service_request_close_date}",
        status="{status}",
        latitude="{latitude}",
        longitude="{longitude}",
        area="{local_area}",
        channel="{channel}",
        duplicate=_says_duplicate("closure_reason"),
    ),
    Format(
        code="montreal",
        city="montreal",
        name="Montréal",
        zone="America/Toronto",
        needs=("id_unique", "nature", "acti_nom", "dds_date_creation"),
        id="{id_unique}",
        service=_MONTREAL_TYPE,
        agency="{unite_resp_parent}",
        requested="{dds_date_creation}",
        closed="CASE WHEN {dernier_statut} ILIKE 'termin%' THEN {date_dernier_statut} END",
        status="{dernier_statut}",
        latitude="{loc_lat}",
        longitude="{loc_long}",
        area="coalesce(nullif(trim({arrondissement_geo}), ''), {arrondissement})",
        channel="{provenance_originale}",
        unplaced="try_cast({loc_erreur_gdt} AS DOUBLE) = 1",  # pinned on the borough's office
    ),
    Format(
        code="montreal-reduced",
        city="montreal-reduced",
        name="Montréal, by month, weekday and hour",
        zone="America/Toronto",
        needs=("mois_creation", "jour_semaine", "heure", "acti_nom"),
        service=_MONTREAL_TYPE,
        requested=_MONTREAL_HOUR,
        status="{dernier_statut}",
        area="{arrondissement}",
        channel="{provenances}",
        hours=True,
    ),
    Format(
        code="sf",
        city="sf",
        name="San Francisco",
        zone="America/Los_Angeles",
        needs=("unique_key", "created_date", "category", "supervisor_district", "neighborhood"),
        id="{unique_key}",
        service="{category}",
        agency="{agency_name}",
        requested="{created_date}",
        closed="{closed_date}",
        status="{status}",
        latitude="{latitude}",
        longitude="{longitude}",
        area="{neighborhood}",
        channel="{source}",
        duplicate=_says_duplicate("status_notes"),
        duplicate_of="regexp_extract({status_notes}, '(?i)duplicate.*?\\b(\\d{{7,9}})\\b', 1)",
    ),
    Format(
        code="chicago",
        city="chicago",
        name="Chicago, until 2018",
        zone="America/Chicago",
        needs=("creation_date", "service_request_number", "type_of_service_request", "completion_date"),
        id="{service_request_number}",
        service="{type_of_service_request}",
        requested="{creation_date}",
        closed="{completion_date}",
        status="{status}",
        latitude="{latitude}",
        longitude="{longitude}",
        duplicate="{status} ILIKE '% - dup'",
        dates=("%m/%d/%Y",),
    ),
    Format(
        code="toronto",
        city="toronto",
        name="Toronto",
        zone="America/Toronto",
        needs=("creation_date", "service_request_type", "division", "section"),
        service="{service_request_type}",
        agency="{division}",
        requested="{creation_date}",
        status="{status}",
        area="regexp_replace({ward}, ' *\\(\\d+\\)$', '')",
    ),
)

OWN = Format(
    code="winnow",
    city="winnow",
    name="Reports sent to this city",
    zone="",
    needs=("reference", "service", "received_at", "closed_at", "duplicate_of"),
    id="{reference}",
    service="{service}",
    agency="{group}",
    requested="{received_at}",
    closed="{closed_at}",
    status="{state}",
    latitude="{latitude}",
    longitude="{longitude}",
    area="{district}",
    channel="{channel}",
    duplicate="{duplicate_of} <> ''",
    duplicate_of="{duplicate_of}",
    hours=True,
)
"""The city's own reports, as `services.archive` writes them down month by month. Nobody imports it."""

PUBLISHED: dict[str, Format] = {one.code: one for one in ALL}
FORMATS: dict[str, Format] = {**PUBLISHED, OWN.code: OWN}
AUTO = "auto"


def folded(column: str) -> str:
    """A column's name as descriptions write it: "Created Date", "CREATED_DATE" -> "created_date"."""
    return re.sub(r"\W+", "_", fold(column.replace("_", " "))).strip("_")


def recognize(columns: Sequence[str]) -> Format | None:
    """The format whose telling columns a file has; of several the one that tells most. None: unknown."""
    there = {folded(column) for column in columns}
    fitting = [one for one in ALL if there.issuperset(one.needs)]
    return max(fitting, key=lambda one: len(one.needs), default=None)


def missing(given: Format, columns: Sequence[str]) -> list[str]:
    """The columns without which a file cannot be of a format, and which this one lacks."""
    there = {folded(column) for column in columns}
    return [column for column in given.needs if column not in there]


def columns_of(expression: str) -> set[str]:
    """The columns that an expression reads."""
    return {name for _text, name, _spec, _conversion in Formatter().parse(expression) if name}


def filled(expression: str, places: dict[str, str]) -> str:
    """An expression with each column as `places` has it, NULL for one that the file does not have."""
    return expression.format_map({name: places.get(name, "NULL::VARCHAR") for name in columns_of(expression)})

"""The SQL that reads a file: texts trimmed, times and points understood, what cannot be used marked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from engagement.evidence import formats
from engagement.evidence.engine import quoted
from engagement.evidence.formats import Format
from engagement.evidence.places import DEGREES
from engagement.evidence.source import Source

EARLIEST, LATEST = "TIMESTAMP '1980-01-01'", "TIMESTAMP '2200-01-01'"
LONGEST = 500_000
"""Bytes in a record; a longer one is refused as malformed."""

# An offset behind a time. DuckDB reads such a text as TIMESTAMPTZ, and without the offset as TIMESTAMP.
_ZONED = r":\d{2}([.]\d+)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)$"


def _utc(text: str, wall: str, zone: str) -> str:
    """SQL: the moment in UTC, of a text with its offset, else of a time on the wall of `zone`.

    A time that the clocks skipped in spring is taken as the hour after, one that came twice in autumn as the
    second. Through microseconds, so that no TIMESTAMPTZ ever leaves DuckDB.
    """
    return f"""make_timestamp(epoch_us(CASE WHEN regexp_matches({text}, '{_ZONED}')
        THEN try_cast({text} AS TIMESTAMPTZ) ELSE timezone({quoted(zone)}, {wall}) END))"""


def _time(text: str, dates: Sequence[str]) -> str:
    """SQL: the time as the text says it, its offset left aside; NULL where it is none."""
    if not dates:
        return f"try_cast({text} AS TIMESTAMP)"
    patterns = ", ".join(map(quoted, dates))
    return f"coalesce(try_strptime({text}, [{patterns}]), try_cast({text} AS TIMESTAMP))"


def records(source: Source, given: Format, zone: str, at: datetime) -> str:
    """SQL: one row for each well-formed record, in the file's order; `reason` says why one is refused.

    `zone`: of times without one. `at`: now; what lies more than a day later is in the future.
    """
    latest = quoted(f"{(at + timedelta(days=1)).astimezone(UTC):%Y-%m-%d %H:%M:%S}")
    midnight = "true" if given.hours else "local_at::TIME <> TIME '00:00:00'"
    return f"""
        WITH raw AS (SELECT {_fields(source, given)} FROM {table(source)}),
        dated AS (SELECT *, {_time("requested", given.dates)} AS wall,
            {_time("closed", given.dates)} AS closed_wall FROM raw),
        bounded AS (SELECT * REPLACE (
            CASE WHEN closed_wall BETWEEN {EARLIEST} AND {LATEST} THEN closed_wall END AS closed_wall),
            CASE WHEN wall BETWEEN {EARLIEST} AND {LATEST} THEN wall END AS sure FROM dated),
        timed AS (SELECT *, {_utc("requested", "sure", zone)} AS requested_at,
            CASE WHEN regexp_matches(requested, '{_ZONED}')
            THEN timezone({quoted(zone)}, try_cast(requested AS TIMESTAMPTZ)) ELSE sure END AS local_at,
            {_utc("closed", "closed_wall", zone)} AS closed_utc FROM bounded),
        pointed AS (SELECT *, abs(y) <= 90 AND abs(x) <= 180 AND NOT (x = 0 AND y = 0) AS on_earth
            FROM timed)
        SELECT coalesce(id, 'c:' || md5(concat_ws('|', service, requested, area, channel, y, x))) AS id,
            id IS NOT NULL AS numbered, service, agency, requested_at, local_at,
            length(requested) > 10 AND {midnight} AS has_hour,
            CASE WHEN closed_wall::DATE >= local_at::DATE AND closed_utc <= {latest}::TIMESTAMP
            THEN closed_utc END AS closed_at,
            closed IS NOT NULL AS said_closed, status, area, channel, duplicate,
            CASE WHEN duplicate THEN nullif(trim(duplicate_of), '') END AS duplicate_of,
            CASE WHEN on_earth AND NOT unplaced THEN round(y * {DEGREES})::INTEGER END AS la,
            CASE WHEN on_earth AND NOT unplaced THEN round(x * {DEGREES})::INTEGER END AS lo,
            (x IS NOT NULL OR y IS NOT NULL) AND on_earth IS NOT true AS bad_point,
            unplaced AND on_earth AS unplaced,
            CASE WHEN service IS NULL THEN 'no_service' WHEN requested IS NULL THEN 'no_date'
            WHEN wall IS NULL THEN 'bad_date' WHEN sure IS NULL THEN 'impossible_date'
            WHEN requested_at > {latest}::TIMESTAMP THEN 'future_date' END AS reason,
            CASE WHEN reason IS NOT NULL THEN requested END AS requested_text
        FROM pointed"""


def _fields(source: Source, given: Format) -> str:
    places = _columns(source)
    texts = {
        name: formats.filled(getattr(given, name), places)
        for name in ("id", "service", "agency", "requested", "closed", "status", "area", "channel")
    }
    lengths = {"id": 100, "service": 200, "agency": 200, "status": 60, "channel": 60, "area": 200}
    fields = [
        f"nullif(trim({sql}), '')" + (f"[:{lengths[name]}]" if name in lengths else "") + f" AS {name}"
        for name, sql in texts.items()
    ]
    for name, sql in (("y", given.latitude), ("x", given.longitude)):
        fields.append(f"try_cast({formats.filled(sql, places)} AS DOUBLE) AS {name}")
    fields.append(f"({formats.filled(given.duplicate_of, places)})::VARCHAR AS duplicate_of")
    for name, sql in (("duplicate", given.duplicate), ("unplaced", given.unplaced)):
        fields.append(f"coalesce({formats.filled(sql, places)}, false) AS {name}")
    return ", ".join(fields)


def _columns(source: Source) -> dict[str, str]:
    """What stands for each of the file's columns; of two with one name the first."""
    found: dict[str, str] = {}
    for number, column in enumerate(source.columns):
        place = '"' + column.replace('"', '""') + '"' if source.is_json else f"c{number}"
        found.setdefault(formats.folded(column), place)
    return found


def table(source: Source) -> str:
    """SQL: the file with all its columns as text; broken lines go to DuckDB's own list of errors."""
    path = quoted(str(source.path))
    if source.is_json:
        keys = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in source.columns)
        return f"read_json({path}, columns = {{{keys}}})"
    names = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(source.columns)))
    delimiter = quoted(source.delimiter)
    return f"""read_csv({path}, auto_detect = false, header = true, delim = {delimiter},
        quote = '"', escape = '"', columns = {{{names}}}, store_rejects = true,
        max_line_size = {LONGEST}, buffer_size = {16 * LONGEST})"""

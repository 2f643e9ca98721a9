"""A file of any known city as one Parquet file of the archive: read, checked, placed, written by DuckDB.

Memory does not grow with the file: DuckDB streams, places are looked up once for each distinct point, numbers
are compared a few million at a time. What is not needed for when, what and where is not kept: no address, no
description, no answer of the city, nothing that could name a person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from engagement.evidence import formats
from engagement.evidence.clock import skipped_hours
from engagement.evidence.engine import Connection, connect, quoted, run
from engagement.evidence.formats import Format
from engagement.evidence.lines import count_blank, count_lines, count_records
from engagement.evidence.places import DEFAULT_LEAST, DEFAULT_SHARE, DEGREES, Districts, Finder, cells
from engagement.evidence.source import Source, SourceError, Told
from engagement.evidence.staging import records, table
from engagement.text import gettext_noop

MEMORY = "400MB"
"""For all of DuckDB. With less than 200 MB a thread it reads with one only; it takes about half of this."""
THREADS = 2
ROWS = 40_960
"""Rows in one group of a Parquet file: what a thread holds before it writes."""
HASHES = 500_000
"""Numbers of requests that are compared at a time."""
SHOWN = 10
"""Record numbers told for each reason."""

REASONS: dict[str, str] = {
    "malformed": gettext_noop("not as many fields as the header, or broken quotes"),
    "no_service": gettext_noop("no kind of request"),
    "no_date": gettext_noop("no date"),
    "bad_date": gettext_noop("a date that cannot be read"),
    "impossible_date": gettext_noop("a date before 1980 or after 2200"),
    "future_date": gettext_noop("a date in the future"),
    "same_id": gettext_noop("a number that an earlier record has"),
}


@dataclass(frozen=True)
class Reason:
    """How many records were refused for one reason, and the numbers of the first (the header is not one)."""

    count: int
    first: list[int]


@dataclass(frozen=True)
class Taken:
    """What came of a file: rows = kept + refused. `notes` are codes with figures; times are UTC."""

    rows: int
    kept: int
    reasons: dict[str, Reason] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def refused(self) -> int:
        return self.rows - self.kept


def settle(code: str, source: Source) -> Format:
    """The format of a file: the one that was said, else the one its columns tell. Raises `SourceError`."""
    columns = ", ".join(source.columns)[:1000]
    if code == formats.AUTO:
        found = formats.recognize(source.columns)
        if found is None:
            raise SourceError("unknown_format", columns=columns, formats=", ".join(formats.PUBLISHED))
        return found
    given = formats.FORMATS[code]
    if lacking := formats.missing(given, source.columns):
        raise SourceError("not_that_format", format=code, missing=", ".join(lacking), columns=columns)
    return given


def convert(
    source: Source,
    given: Format,
    *,
    target: Path,
    scratch: Path,
    zone: str,
    districts: Districts,
    at: datetime,
    tell: Told,
    refused_to: Path | None = None,
) -> Taken:
    """Writes the Parquet file `target` from a prepared file. `scratch`: a folder for what lies between.

    `zone`: of this installation, for formats without one of their own. `refused_to`: where a CSV of the
    refused records goes. Raises `SourceError` when nothing can be used or the disk is full.
    """
    folders = [source.path.resolve().parent, target.parent, scratch]
    folders += [refused_to.parent] if refused_to else []
    try:
        with connect(folders, threads=THREADS, memory=MEMORY, scratch=scratch / "spill") as connection:
            work = _Conversion(connection, source, given, scratch, given.zone or zone, at)
            return work.carry_out(target, districts, tell, refused_to)
    except duckdb.Error as error:
        raise _as_source_error(error, source) from error


def _as_source_error(error: duckdb.Error, source: Source) -> Exception:
    words = str(error)
    if any(
        sign in words
        for sign in (
            "No space left",
            "max_temp_directory_size",
            "disk full",
            "File too large",
            "could not write",
        )
    ):
        return SourceError("disk_full")
    if "CSV Error" in words or "JSON" in words:
        code = "broken_json" if source.is_json else "broken_table"
        return SourceError(code, problem=words.splitlines()[0].replace(str(source.path), source.path.name))
    return error


class _Conversion:
    """One file on its way; `stage` is the Parquet file between reading and placing, in the file's order."""

    def __init__(
        self, connection: Connection, source: Source, given: Format, scratch: Path, zone: str, at: datetime
    ) -> None:
        self.connection = connection
        self.source = source
        self.given = given
        self.zone = zone
        self.at = at
        self.stage = scratch / "stage.parquet"
        self.notes: dict[str, Any] = {"format": given.code, "zone": zone}
        if source.encoding:
            self.notes["encoding"] = source.encoding

    def carry_out(self, target: Path, districts: Districts, tell: Told, refused_to: Path | None) -> Taken:
        self._read(lambda share: tell(share * 0.7))
        self._number_malformed()
        self._check_that_no_line_is_lost()
        self._refuse_same_ids()
        self._place(districts, lambda share: tell(0.7 + share * 0.15))
        rows, reasons = self._refusals()
        if refused_to is not None:
            self._write_refused(refused_to)
        kept = rows - sum(reason.count for reason in reasons.values())
        if not kept:
            counts = {code: reason.count for code, reason in reasons.items()}
            raise SourceError("nothing_kept", rows=rows, reasons=counts)
        self._write(target, lambda share: tell(0.85 + share * 0.15))
        first_at, last_at = self._tell_what_is_kept(target)
        return Taken(rows, kept, reasons, self.notes, first_at, last_at)

    def _all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    @property
    def _staged(self) -> str:
        return f"read_parquet({quoted(str(self.stage))}, file_row_number=true)"

    # Reading ------------------------------------------------------------------------------------

    def _read(self, tell: Told) -> None:
        run(
            self.connection,
            f"COPY ({records(self.source, self.given, self.zone, self.at)}) TO {quoted(str(self.stage))}"
            f" (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {ROWS})",
            tell=tell,
        )

    # Refusing -----------------------------------------------------------------------------------

    def _number_malformed(self) -> None:
        """Lines that are no records. DuckDB numbers them by record, the header being the first."""
        self._all("CREATE TEMP TABLE malformed (record BIGINT, before BIGINT, line VARCHAR)")
        if not self.source.is_json:
            self._all(
                "INSERT INTO malformed SELECT line - 1, row_number() OVER (ORDER BY line) - 1,"
                " any_value(csv_line) FROM reject_errors GROUP BY line"
            )

    def _check_that_no_line_is_lost(self) -> None:
        """After a quote that never closes DuckDB goes on some lines later, and says nothing of those between.

        Most files show at once that all is there; else the lines inside the records are counted too.
        """
        if self.source.is_json:
            return
        path = self.source.path
        found = 1 + self._all(f"SELECT count(*) FROM {self._staged}")[0][0]
        found += self._all("SELECT count(*) FROM malformed")[0][0]
        if found in (count_lines(path), count_records(path)):
            return
        columns = ", ".join(f"c{number}" for number in range(len(self.source.columns)))
        found += sum(column.count("\n") for column in self.source.columns)
        for text, rows in ((f"concat_ws('', {columns})", table(self.source)), ("line", "malformed")):
            ends = f"sum(length({text}) - length(replace({text}, chr(10), '')))::BIGINT"
            found += self._all(f"SELECT {ends} FROM {rows}")[0][0] or 0
        lost = count_lines(path) - count_blank(path) - found
        if lost > 0:
            first = self._all("SELECT min(record) FROM malformed")[0][0]
            raise SourceError("lost_lines", lines=lost, record=first or "?")

    def _refuse_same_ids(self) -> None:
        """Of records with the same number the first is kept. Hashes are sorted, some at a time; only
        those that occur twice are then compared as texts."""
        self._all("CREATE TEMP TABLE doubled (row BIGINT)")
        counted = f"SELECT count(*) FROM {self._staged} WHERE numbered AND reason IS NULL"
        parts = self._all(counted)[0][0] // HASHES + 1
        for part in range(parts):
            found = self._twice(part, parts)
            if len(found):
                self._all(
                    f"""INSERT INTO doubled SELECT file_row_number FROM {self._staged}
                    WHERE numbered AND reason IS NULL AND hash(id) IN (SELECT unnest($1::UBIGINT[]))
                    QUALIFY row_number() OVER (PARTITION BY id ORDER BY file_row_number) > 1""",
                    [found.tolist()],
                )

    def _twice(self, part: int, parts: int) -> Any:
        column = self.connection.execute(
            f"SELECT hash(id) AS h FROM {self._staged}"
            f" WHERE numbered AND reason IS NULL AND hash(id) % {parts} = {part}"
        ).fetchnumpy()["h"]
        hashes = np.sort(np.asarray(column, dtype=np.uint64))
        return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])

    def _refusals(self) -> tuple[int, dict[str, Reason]]:
        rows = self._all(f"SELECT count(*) FROM {self._staged}")[0][0]
        malformed = np.array(
            [row[0] for row in self._all("SELECT record FROM malformed ORDER BY 1")], dtype=np.int64
        )
        reasons: dict[str, Reason] = {}
        if len(malformed):
            reasons["malformed"] = Reason(len(malformed), malformed[:SHOWN].tolist())
        by_rule = f"""SELECT reason, count(*), min(file_row_number, {SHOWN}) FROM {self._refused_rows()}
            GROUP BY reason ORDER BY reason"""
        for reason, count, first in self._all(by_rule):
            reasons[reason] = Reason(count, _record_numbers(first, malformed))
        return rows + len(malformed), reasons

    def _refused_rows(self) -> str:
        return f"""(SELECT id, numbered, service, requested_text, file_row_number, reason FROM {self._staged}
            WHERE reason IS NOT NULL UNION ALL
            SELECT id, numbered, service, requested_at::VARCHAR, file_row_number, 'same_id'
            FROM {self._staged} WHERE file_row_number IN (SELECT row FROM doubled))"""

    def _write_refused(self, target: Path) -> None:
        """The refused records: number, reason, and what was read of them; a broken line as it stands.

        What a spreadsheet would take for a formula is marked as text.
        """
        formula = "{0}[1:1] IN ('=', '+', '-', '@', chr(9), chr(13))"
        plain = f"CASE WHEN {formula} THEN chr(39) || {{0}} ELSE {{0}} END AS {{0}}"
        texts = ", ".join(plain.format(name) for name in ("id", "service", "requested", "line"))
        self._all(
            f"""COPY (SELECT record, reason, {texts} FROM (SELECT
                file_row_number + 1 + (SELECT count(*) FROM malformed m
                WHERE m.record - 1 - m.before <= s.file_row_number) AS record, reason,
                CASE WHEN numbered THEN id END AS id, service, requested_text AS requested, NULL AS line
                FROM {self._refused_rows()} s
                UNION ALL SELECT record, 'malformed', NULL, NULL, NULL, line FROM malformed) ORDER BY record)
            TO {quoted(str(target))} (FORMAT csv, HEADER)"""
        )

    # Placing ------------------------------------------------------------------------------------

    def _place(self, districts: Districts, tell: Told) -> None:
        self._all(
            f"""CREATE TEMP TABLE points AS SELECT la, lo, count(*) AS n FROM {self._staged}
            WHERE reason IS NULL AND la IS NOT NULL GROUP BY la, lo"""
        )
        self._all("CREATE TEMP TABLE places (la INTEGER, lo INTEGER, cell VARCHAR, district VARCHAR)")
        self._set_default_points_aside()
        finder, done = Finder(districts), 0
        total = self._all("SELECT count(*) FROM points")[0][0]
        for some in self._points():
            latitudes = np.array([la for la, _lo in some]) / DEGREES
            longitudes = np.array([lo for _la, lo in some]) / DEGREES
            self._all(
                "INSERT INTO places SELECT unnest($1::INTEGER[]), unnest($2::INTEGER[]),"
                " unnest($3::VARCHAR[]), unnest($4::VARCHAR[])",
                [
                    [la for la, _lo in some],
                    [lo for _la, lo in some],
                    cells(latitudes.tolist(), longitudes.tolist()),
                    finder.districts(latitudes, longitudes),
                ],
            )
            done += len(some)
            tell(done / total)
        self._name_areas(districts)

    def _set_default_points_aside(self) -> None:
        """Points where a city puts what it cannot place: noted, and no place."""
        found = self._all(
            f"""SELECT la, lo, n FROM points WHERE n >= {DEFAULT_LEAST}
            AND n >= {DEFAULT_SHARE} * (SELECT sum(n) FROM points) ORDER BY n DESC"""
        )
        if found:
            self.notes["default_points"] = [[la / DEGREES, lo / DEGREES, n] for la, lo, n in found]
        for la, lo, _n in found:
            self._all("DELETE FROM points WHERE la = $1 AND lo = $2", [la, lo])

    def _points(self) -> Iterator[list[tuple[int, int]]]:
        """All points, some ten thousand at a time, each batch asked for apart from the last."""
        after = (-(2**31), -(2**31))
        while True:
            some = self._all(
                "SELECT la, lo FROM points WHERE (la, lo) > ($1, $2) ORDER BY la, lo LIMIT 50000", after
            )
            if not some:
                return
            yield [(la, lo) for la, lo in some]
            after = some[-1][0], some[-1][1]

    def _name_areas(self, districts: Districts) -> None:
        """Districts by the name that the file gives, for reports without a point."""
        self._all("CREATE TEMP TABLE areas (area VARCHAR, district VARCHAR)")
        names = self._all(
            f"SELECT area, count(*) FROM {self._staged} WHERE reason IS NULL AND area IS NOT NULL"
            " GROUP BY area ORDER BY 2 DESC LIMIT 5000"
        )
        known = [(name, code) for name, _n in names if (code := districts.named(name))]
        if known:
            self._all(
                "INSERT INTO areas SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[])",
                [[name for name, _code in known], [code for _name, code in known]],
            )

    # Writing ------------------------------------------------------------------------------------

    def _write(self, target: Path, tell: Told) -> None:
        run(
            self.connection,
            f"""COPY (SELECT s.id, s.service, s.agency, s.requested_at, s.local_at, s.has_hour, s.closed_at,
                s.status, p.la / {DEGREES} AS latitude, p.lo / {DEGREES} AS longitude, p.cell,
                coalesce(p.district, a.district) AS district, s.channel, s.duplicate, s.duplicate_of
                FROM {self._staged} s
                LEFT JOIN places p ON s.la = p.la AND s.lo = p.lo
                LEFT JOIN areas a ON s.area = a.area
                WHERE s.reason IS NULL AND s.file_row_number NOT IN (SELECT row FROM doubled))
            TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS})""",
            tell=tell,
        )

    def _tell_what_is_kept(self, target: Path) -> tuple[datetime, datetime]:
        """Fills the notes; gives the first and the last moment."""
        kept = f"read_parquet({quoted(str(target))})"
        first, last, *figures = self._all(
            f"""SELECT min(requested_at), max(requested_at), count(*) FILTER (latitude IS NULL),
            count(*) FILTER (latitude IS NULL AND district IS NULL), count(*) FILTER (NOT has_hour),
            count(*) FILTER (duplicate), count(*) FILTER (starts_with(id, 'c:')) FROM {kept}"""
        )[0]
        names = ("without_point", "without_place", "date_only", "duplicates", "without_id")
        staged = self._all(
            f"""SELECT count(*) FILTER (bad_point), count(*) FILTER (unplaced),
            count(*) FILTER (said_closed AND closed_at IS NULL) FROM {self._staged} WHERE reason IS NULL"""
        )[0]
        counts = dict(zip(names, figures, strict=True))
        counts |= dict(zip(("bad_points", "unplaced", "bad_closed"), staged, strict=True))
        counts["skipped_hours"] = self._in_skipped_hours(kept, first, last)
        self.notes |= {name: count for name, count in counts.items() if count}
        return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)

    def _in_skipped_hours(self, kept: str, first: datetime, last: datetime) -> int:
        """Reports at a time that never was: many of them, and the file's times are not of this zone."""
        gaps = skipped_hours(self.zone, first.year, last.year)
        if not gaps:
            return 0
        within = " OR ".join(f"(local_at >= '{start}' AND local_at < '{end}')" for start, end in gaps)
        return int(self._all(f"SELECT count(*) FROM {kept} WHERE has_hour AND ({within})")[0][0])


def _record_numbers(rows: Sequence[int], malformed: Any) -> list[int]:
    """Numbers of records in the file, of rows numbered from 0 among those that are well-formed."""
    before = malformed - 1 - np.arange(len(malformed))
    found = np.sort(np.array(rows, dtype=np.int64))
    return [int(row) for row in found + 1 + np.searchsorted(before, found, side="right")]

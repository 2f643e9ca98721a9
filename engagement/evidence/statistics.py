"""When, what and where: figures over the archive's files.

A request that several files of one city hold counts once: the file that was imported last says what it is,
and the same request in an older one is passed over. Only files whose periods overlap are compared.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from engagement.evidence.engine import connect, quoted
from engagement.evidence.formats import FORMATS, OWN
from engagement.text import fold

MEMORY = "256MB"
HOURS, DAYS = 24, 7


@dataclass(frozen=True)
class Part:
    """One visible file of the archive. `first`, `last`: the period of its reports; None when unknown."""

    path: Path
    sha256: str
    name: str
    licence: str
    format: str
    first: datetime | None
    last: datetime | None

    @property
    def city(self) -> str:
        known = FORMATS.get(self.format)
        return known.city if known else self.format


@dataclass(frozen=True)
class ServiceCount:
    """A kind of request as the files name it: how many reports, and the days of the first and the last."""

    name: str
    reports: int
    first: date
    last: date


@dataclass(frozen=True)
class Figures:
    """What the reports of some services, in some districts, in a period say.

    `by_hour_of_week`: 7 rows, Monday first, of 24 hours on the city's clocks. `by_month`: every month of the
    period as "2026-05", zeros too. `without_place`: reports of these services and this period that cannot be
    told to lie inside or outside, whatever the districts asked for; all other figures are of those inside.
    `date_only`: of `total`, those whose file gives no hour: in months, not in hours. `duplicates`: of
    `total`, those that the city closed as reported before. `files`: name and licence of those that hold a
    report of `total`. `archive`: hash over the fingerprints of all visible files.
    """

    total: int
    by_hour_of_week: list[list[int]]
    by_month: list[tuple[str, int]]
    without_place: int
    date_only: int
    duplicates: int
    files: list[tuple[str, str]]
    archive: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Figures":
        """What `as_json` gave, after a way through JSON."""
        lists = {name: [tuple(pair) for pair in document[name]] for name in ("by_month", "files")}
        return cls(**{**document, **lists})


def fingerprint(parts: Sequence[Part]) -> str:
    """One hash over the fingerprints of all files: the same archive, the same hash."""
    return hashlib.sha256("\n".join(sorted(part.sha256 for part in parts)).encode()).hexdigest()


def services(parts: Sequence[Part], *, match: str = "", limit: int = 50) -> list[ServiceCount]:
    """The kinds of request in the archive whose name holds every word of `match`, the most frequent first."""
    if not parts:
        return []
    words = fold(match).split()
    with _open(parts) as connection:
        rows = connection.execute(
            f"""SELECT service, count(*) AS n, min(local_at)::DATE, max(local_at)::DATE
            FROM ({_reports(parts)}) GROUP BY service ORDER BY n DESC, service"""
        ).fetchall()
    found = [ServiceCount(*row) for row in rows if all(word in fold(row[0]) for word in words)]
    return found[:limit]


def figures(
    parts: Sequence[Part],
    *,
    services: Sequence[str],
    districts: Sequence[str] | None,
    first: date,
    last: date,
) -> Figures:
    """The figures of the named services from the day `first` to the day `last`, on the city's clocks.

    `districts`: codes; None for the whole city, with what has no place.
    """
    asked = _in_period(parts, first, last)
    hours = [[0] * HOURS for _day in range(DAYS)]
    months = dict.fromkeys(_months(first, last), 0)
    total = without_place = date_only = duplicates = 0
    read: set[str] = set()
    for row in _counts(asked, services, districts, first, last):
        file, month, day, hour, has_hour, inside, placed, duplicate, count = row
        without_place += 0 if placed else count
        if not inside:
            continue
        read.add(file)
        total += count
        months[month] += count
        duplicates += count if duplicate else 0
        if has_hour:
            hours[day][hour] += count
        else:
            date_only += count
    files = _named([part for part in asked if str(part.path) in read])
    monthly = list(months.items())
    return Figures(total, hours, monthly, without_place, date_only, duplicates, files, fingerprint(parts))


def _counts(
    parts: Sequence[Part],
    services: Sequence[str],
    districts: Sequence[str] | None,
    first: date,
    last: date,
) -> list[tuple[Any, ...]]:
    """Reports of the services in the period, counted by all that the figures tell apart."""
    if not parts or not services:
        return []
    inside = "true" if districts is None else "coalesce(list_contains($4::VARCHAR[], district), false)"
    parameters: list[Any] = [list(services), first, last + timedelta(days=1)]
    if districts is not None:
        parameters.append(list(districts))
    where = "list_contains($1::VARCHAR[], service) AND local_at >= $2::DATE AND local_at < $3::DATE"
    with _open(parts) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            f"""SELECT filename, strftime(month, '%Y-%m'), day, hour, has_hour, inside, placed, duplicate,
                count(*) FROM (SELECT filename, date_trunc('month', local_at) AS month,
                isodow(local_at) - 1 AS day, hour(local_at) AS hour, has_hour, {inside} AS inside,
                latitude IS NOT NULL OR district IS NOT NULL AS placed, duplicate
                FROM ({_reports(parts, where)})) GROUP BY ALL""",
            parameters,
        ).fetchall()
        return rows


def _open(parts: Sequence[Part]) -> Any:
    # One thread: in a web process the others go on serving.
    return connect(sorted({part.path.parent for part in parts}), threads=1, memory=MEMORY)


def _reports(parts: Sequence[Part], where: str = "true") -> str:
    """SQL: the reports of the files, each once, that fulfil a condition."""
    alone: list[Part] = []
    pieces = []
    for number, part in enumerate(parts):
        newer = [other for other in parts[:number] if other.city == part.city and _overlap(part, other)]
        if not newer:
            alone.append(part)
            continue
        pieces.append(
            f"""SELECT part.* FROM (SELECT * FROM {_files([part])} WHERE {where}) AS part
            ANTI JOIN (SELECT id FROM {_files(newer)}) AS newer ON newer.id = part.id"""
        )
    return " UNION ALL ".join([f"SELECT * FROM {_files(alone)} WHERE {where}", *pieces])


def _files(parts: Sequence[Part]) -> str:
    return f"read_parquet([{', '.join(quoted(str(part.path)) for part in parts)}], filename = true)"


def _overlap(one: Part, other: Part) -> bool:
    if None in (one.first, one.last, other.first, other.last):
        return True
    return one.first <= other.last and other.first <= one.last  # type: ignore[operator]


def _in_period(parts: Sequence[Part], first: date, last: date) -> list[Part]:
    """The files that can hold reports of the period; a day more on both sides for the zones of the earth."""
    day = timedelta(days=1)
    return [
        part
        for part in parts
        if not (part.last and part.last.date() + day < first)
        and not (part.first and part.first.date() - day > last)
    ]


def _months(first: date, last: date) -> list[str]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]


def _named(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Name and licence of the files; the months of the city's own reports as one."""
    own = sorted(part.name for part in parts if part.format == OWN.code)
    named = [(part.name, part.licence) for part in parts if part.format != OWN.code]
    if own:
        named.append((own[0] if len(own) == 1 else f"{own[0]} … {own[-1].rpartition(' ')[2]}", ""))
    return named

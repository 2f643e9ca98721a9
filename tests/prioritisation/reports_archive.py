"""A small archive of past reports for tests: invented rows under the headers of Boston's open data."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from engagement.services import archive

HEADER = (
    "case_enquiry_id,open_dt,closed_dt,case_status,closure_reason,type,department,neighborhood,latitude,"
    "longitude,source"
)
WEST, EAST = ("45.05", "-78.95"), ("45.05", "-78.85")
NOWHERE = ("", "")


def fill(
    folder: Path,
    now: datetime,
    rows: Iterable[tuple[str, str, tuple[str, str], int]],
    *,
    name: str = "311.csv",
) -> Any:
    """Takes rows in: (kind, "2026-01-05 08:30:00", place, how many)."""
    lines, number = [HEADER], 101000000000 + hash_of(name)
    for kind, moment, (latitude, longitude), count in rows:
        for _again in range(count):
            number += 1
            lines.append(f"{number},{moment},,Open,,{kind},PWDx,,{latitude},{longitude},Citizens Connect App")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return archive.import_reports(path=path, name=name, at=now, format="boston", licence="ODbL")


def hash_of(name: str) -> int:
    """Numbers of one file differ from those of another."""
    return sum(map(ord, name)) * 100_000

"""What people said are the same ideas and reports, and how much of it is found. Reads the files for
trials."""

import csv
import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

from engagement.similarity import Index, nearby
from engagement.similarity.nearby import Report

SETS = {
    "miami-psc-2014": ("ideas-412.csv", "description"),
    "republique-numerique-2015": ("propositions-half.csv.gz", "body"),
}
CITY_HALL = (42.3594, -71.0587)
_DEGREES = 0.01


def rows(path: Path) -> list[dict[str, str]]:
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ideas(trials: Path, name: str) -> dict[str, tuple[str, str]]:
    """When each idea came and its text."""
    file, body = SETS[name]
    return {
        row["id"]: (row["created_at"], f"{row['title']}\n{row[body]}") for row in rows(trials / name / file)
    }


def later_twins_found(trials: Path, name: str, backend: Any) -> tuple[int, int]:
    """Of the ideas that repeat an earlier one: how many find one among the five closest of all, and of how
    many."""
    texts = ideas(trials, name)
    index = Index(backend)
    index.add_many((id, text, "") for id, (_, text) in texts.items())
    groups: dict[str, list[str]] = {}
    for row in rows(trials / name / "duplicate-labels.csv"):
        groups.setdefault(row["dup_group"], []).append(row["id"])
    found = of = 0
    for group in groups.values():
        ordered = sorted((id for id in group if id in texts), key=lambda id: (texts[id][0], id))
        for place, id in enumerate(ordered[1:], 1):
            closest = [one for one, _ in index.search(texts[id][1], 6) if one != id][:5]
            found += any(one in closest for one in ordered[:place])
            of += 1
    return found, of


def hard_negatives(trials: Path) -> list[tuple[str, str]]:
    texts = ideas(trials, "republique-numerique-2015")
    pairs = rows(trials / "republique-numerique-2015" / "hard-negatives.csv")
    return [(texts[row["id_a"]][1], texts[row["id_b"]][1]) for row in pairs]


def pairs() -> list[dict[str, str]]:
    """Wishes of one city in two languages, written as two residents would."""
    with (Path(__file__).parent / "pairs_en_fr.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE))


def pairs_found(index: Index, asked: str, held: str) -> float:
    """The share of wishes in one language whose counterpart is among the five closest of all in the index."""
    wishes = {f"wish {number}": row for number, row in enumerate(pairs())}
    index.add_many((id, row[held], "") for id, row in wishes.items())
    found = [id in [one for one, _ in index.search(row[asked], 5)] for id, row in wishes.items()]
    for id in wishes:
        index.remove(id)
    return sum(found) / len(found)


def parents_found(trials: Path) -> tuple[int, int]:
    """Of the reports that the city closed as a duplicate of an earlier one: how many have it suggested."""
    folder = trials / "boston311"
    reports = {row["CASE_ENQUIRY_ID"]: _report(row) for row in rows(folder / "boston311-2015-h1.csv.gz")}
    squares: dict[tuple[int, int], list[Report]] = {}
    for one in reports.values():
        if one.point:
            squares.setdefault(_square(*one.point), []).append(one)
    found = of = 0
    for row in rows(folder / "boston311-2015-h1-duplicate-pairs.csv"):
        later, earlier = reports[row["duplicate_id"]], reports[row["parent_id"]]
        if earlier.opened > later.opened or later.point is None:
            continue
        north, east = _square(*later.point)
        around = [
            one
            for up in (-1, 0, 1)
            for aside in (-1, 0, 1)
            for one in squares.get((north + up, east + aside), [])
        ]
        closest = nearby.suggest(later, around, default_points=[CITY_HALL])
        found += earlier.id in [one.id for one in closest]
        of += 1
    return found, of


def _report(row: dict[str, str]) -> Report:
    place = (float(row["LATITUDE"]), float(row["LONGITUDE"])) if row["LATITUDE"] else None
    opened = datetime.strptime(row["OPEN_DT"], "%m/%d/%Y %I:%M:%S %p")
    return Report(row["CASE_ENQUIRY_ID"], place, opened, row["TYPE"], row["REASON"])


def _square(latitude: float, longitude: float) -> tuple[int, int]:
    return round(latitude / _DEGREES), round(longitude / _DEGREES)

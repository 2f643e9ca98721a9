"""From the bytes of a .pb or CSV file to counted ballots, or a refusal by line.

A .pb file (pabulib.org) has three sections of lines with semicolons, META, PROJECTS and VOTES; a CSV has
one row a ballot, with a column `approved` (or `vote`) and, where voters are numbered, a column `voter`. A
voter's number serves to find the second ballot of one voter and is then forgotten; every other column is
not even looked at.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

MOST_ROWS = 500_000
LONGEST_LINE = 100_000
MOST_DECIMALS = 15

FAULTS = frozenset({"no_ballots", "no_projects", "vote_type", "columns", "too_many", "section"})
"""Why a whole file is refused."""

REFUSALS = frozenset(
    {"unknown", "missing_cost", "bad_cost", "double", "too_many_choices", "too_few_choices", "no_voter"}
    | {"broken", "too_long"}
)
"""Why a line is refused."""

_APPROVED = ("approved", "vote", "approuvés", "approuves", "ballot")
_VOTER = ("voter", "voter_id", "votant", "électeur", "electeur")
_SHOWABLE = re.compile(r"[\w.\-]{1,30}")


class BallotsError(ValueError):
    """The file cannot be read at all: `code` of `FAULTS`, the line where it shows, and what stood there."""

    def __init__(self, code: str, line: int = 1, what: str = "") -> None:
        super().__init__(f"{code}, line {line}: {what}")
        self.code, self.line, self.what = code, line, what


class Refusal(NamedTuple):
    """One line left out: its number in the file, why (`REFUSALS`), and the project that it is about."""

    line: int
    code: str
    what: str = ""


@dataclass
class Sheet:
    """What a file says. `rows` = ballots kept + `refused`.

    costs      reference of each project on the ballot -> cost as decimal text, in the order of the shortlist
    ballots    approved references -> number of voters who approve just these
    budget     what the file says the budget is, decimal text
    unfit      lines of projects left out; a ballot that approves one is refused
    """

    costs: dict[str, str] = field(default_factory=dict)
    ballots: Counter[frozenset[str]] = field(default_factory=Counter)
    rows: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unfit: list[Refusal] = field(default_factory=list)
    budget: str | None = None
    declared: int | None = None

    @property
    def voters(self) -> int:
        return self.ballots.total()


class _Limits(NamedTuple):
    least: int
    most: int | None


def read(content: bytes, shortlist: Mapping[str, str | None] | None = None, most: int | None = None) -> Sheet:
    """The ballots of a file on a shortlist: reference -> cost as decimal text, None where none is known.

    Without a shortlist a .pb file's own projects are taken. The cost in a .pb file is what its voters saw
    and goes before the shortlist's. `most` is the largest number of projects that a ballot may approve; a
    .pb file's own `max_length` goes before it. BallotsError when nothing can be read.
    """
    lines = enumerate(_decoded(content).split("\n"), start=1)
    numbered = [(number, line.rstrip("\r")) for number, line in lines if line.strip("\r\ufeff \t;,")]
    if len(numbered) > MOST_ROWS:
        raise BallotsError("too_many", what=str(len(numbered)))
    if not numbered:
        raise BallotsError("no_ballots")
    if numbered[0][1].strip("\ufeff \t;").upper() == "META":
        return _read_pb(numbered, shortlist, most)
    if shortlist is None:
        raise BallotsError("no_projects")
    return _read_csv(numbered, shortlist, most)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # five bytes of cp1252 mean nothing; one of them must not cost the file
        return content.decode("cp1252", errors="replace")


Lines = list[tuple[int, str]]


def _read_pb(numbered: Lines, shortlist: Mapping[str, str | None] | None, most: int | None) -> Sheet:
    sections = _sections(numbered)
    sheet = Sheet()
    meta: dict[str, tuple[int, str]] = {}
    for number, cells in _cells(sections["META"], ";"):
        if len(cells) >= 2:
            meta[cells[0].strip().lower()] = (number, cells[1].strip())
    at, kind = meta.get("vote_type", (sections["META"][0][0], ""))
    if kind.lower() != "approval":
        raise BallotsError("vote_type", at, kind)
    budget = _amount(meta.get("budget", (0, ""))[1])
    sheet.budget = None if budget is None else format(budget, "f")
    sheet.declared = _whole(meta, "num_votes")
    _read_projects(sections["PROJECTS"], shortlist, sheet)
    limits = _Limits(_whole(meta, "min_length") or 0, _whole(meta, "max_length") or most)
    _read_votes(sections["VOTES"], ";", sheet, limits)
    return sheet


def _sections(numbered: Lines) -> dict[str, Lines]:
    found: dict[str, Lines] = {}
    here: Lines = []
    for number, line in numbered:
        name = line.strip("\ufeff \t;").upper()
        if name in ("META", "PROJECTS", "VOTES"):
            here = found.setdefault(name, [])
        else:
            here.append((number, line))
    for name in ("META", "PROJECTS", "VOTES"):
        if not found.get(name):
            raise BallotsError("section", what=name)
    return found


def _read_projects(lines: Lines, shortlist: Mapping[str, str | None] | None, sheet: Sheet) -> None:
    table = _cells(lines, ";")
    at, header = next(table, (lines[0][0], []))
    columns = [cell.strip().lower() for cell in header]
    if "project_id" not in columns:
        raise BallotsError("columns", at, "project_id")
    place, cost_place = columns.index("project_id"), columns.index("cost") if "cost" in columns else None
    known = None if shortlist is None else {key.casefold(): key for key in shortlist}
    stated: dict[str, str] = {}
    for number, cells in table:
        given = cells[place].strip() if place < len(cells) else ""
        reference = given if known is None else known.get(given.casefold())
        if not reference:
            sheet.unfit.append(Refusal(number, "unknown" if given else "broken", _showable(given)))
            continue
        if reference in stated:
            sheet.unfit.append(Refusal(number, "double", _showable(given)))
            continue
        text = cells[cost_place].strip() if cost_place is not None and cost_place < len(cells) else ""
        text = text or (shortlist or {}).get(reference) or ""
        cost = _amount(text)
        if cost is None:
            code = "bad_cost" if text else "missing_cost"
            sheet.unfit.append(Refusal(number, code, _showable(given)))
            continue
        stated[reference] = format(cost, "f")
    order: Iterable[str] = stated if shortlist is None else shortlist
    sheet.costs = {reference: stated[reference] for reference in order if reference in stated}
    if not sheet.costs:
        raise BallotsError("no_projects", at)


def _read_csv(numbered: Lines, shortlist: Mapping[str, str | None], most: int | None) -> Sheet:
    sheet = Sheet()
    for reference, text in shortlist.items():
        cost = _amount(text or "")
        if cost is None:
            sheet.unfit.append(Refusal(0, "missing_cost", reference))
        else:
            sheet.costs[reference] = format(cost, "f")
    if not sheet.costs:
        raise BallotsError("no_projects")
    header = numbered[0][1]
    delimiter = max(";,\t", key=header.count)
    _read_votes(numbered, delimiter, sheet, _Limits(0, most))
    return sheet


def _read_votes(lines: Lines, delimiter: str, sheet: Sheet, limits: _Limits) -> None:
    table = _cells(lines, delimiter, sheet)
    at, header = next(table, (lines[0][0], []))
    columns = [cell.strip().strip("\ufeff").lower() for cell in header]
    approved = next((columns.index(name) for name in _APPROVED if name in columns), None)
    if approved is None:
        raise BallotsError("columns", at, "approved")
    voter = next((columns.index(name) for name in _VOTER if name in columns), None)
    known = {reference.casefold(): reference for reference in sheet.costs}
    without = {one.what.casefold() for one in sheet.unfit if one.code in ("missing_cost", "bad_cost")}
    seen: set[str] = set()
    for number, cells in table:
        sheet.rows += 1
        choices = set(re.split(r"[,;|\s]+", cells[approved] if approved < len(cells) else "")) - {""}
        refusal = _wrong_voter(cells, voter, seen)
        if refusal is None:
            refusal = _wrong_choices({one.casefold(): one for one in choices}, known, without, limits)
        if refusal is None:
            sheet.ballots[frozenset(known[one.casefold()] for one in choices)] += 1
        else:
            sheet.refused.append(Refusal(number, *refusal))
    sheet.refused.sort()
    if not sheet.rows:
        raise BallotsError("no_ballots", at)


def _wrong_voter(cells: list[str], voter: int | None, seen: set[str]) -> tuple[str, str] | None:
    """A second line of the same voter, or one of nobody. The first line of a voter counts."""
    if voter is None:
        return None
    name = cells[voter].strip() if voter < len(cells) else ""
    if not name:
        return ("no_voter", "")
    if name in seen:
        return ("double", "")
    seen.add(name)
    return None


def _wrong_choices(
    choices: Mapping[str, str], known: Mapping[str, str], without: set[str], limits: _Limits
) -> tuple[str, str] | None:
    for folded in sorted(choices):
        if folded not in known:
            return ("missing_cost" if folded in without else "unknown", _showable(choices[folded]))
    if limits.most is not None and len(choices) > limits.most:
        return ("too_many_choices", str(len(choices)))
    if len(choices) < limits.least:
        return ("too_few_choices", str(len(choices)))
    return None


def _cells(lines: Lines, delimiter: str, sheet: Sheet | None = None) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line. One line at a time, so that a stray quotation mark costs one line only.

    Lines that are none are counted and refused on `sheet`, where one is given.
    """
    for number, line in lines:
        code = "too_long" if len(line) > LONGEST_LINE else ""
        if not code:
            try:
                yield number, next(csv.reader([line], delimiter=delimiter, strict=True))
                continue
            except (csv.Error, StopIteration):
                code = "broken"
        if sheet is not None:
            sheet.rows += 1
            sheet.refused.append(Refusal(number, code))


def _amount(text: str) -> Decimal | None:
    """An amount from 0, or None. Written out it is short: 1e-400000000 would be 400 MB of zeros."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < 10**15:
        return None
    return amount if abs(int(amount.as_tuple().exponent)) <= MOST_DECIMALS else None


def _whole(meta: Mapping[str, tuple[int, str]], key: str) -> int | None:
    text = meta.get(key, (0, ""))[1]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _showable(given: str) -> str:
    """What may be shown of a cell: a number of a project, not whatever stood in the wrong column."""
    return given if _SHOWABLE.fullmatch(given) else ""

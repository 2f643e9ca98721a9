"""What one press does to the rules' document, and what a choice makes idle in it."""

import copy
from typing import Any

KEYS = {"reasons": "code"}
"""Where the short name of an entry is not called "key"."""

_NEW: dict[str, dict[str, Any]] = {
    "criteria": {"kind": "benefit", "use": "score", "source": "assessor", "points": 0},
    "gates": {"kind": "check"},
    "stages": {"unit": "initiatives"},
    "reasons": {"outcome": "set_aside"},
    "teams": {},
    "groups": {"points": {}},
    "themes": {"kind": "focus_area"},
    "bands": {},
    "mix": {"rule": "theme_minimum"},
}
PARTS = tuple(_NEW)
"""Lists of the document that the editor adds to, takes from and puts in order."""

_STEMS = {
    "criteria": "criterion",
    "gates": "condition",
    "stages": "stage",
    "reasons": "reason",
    "teams": "team",
    "groups": "group",
    "themes": "theme",
    "bands": "time-frame",
    "mix": "mix-rule",
}
_OF_MIX = {
    "band_shares": {"shares", "tolerance"},
    "criterion_shares": {"criterion", "groups", "shares", "tolerance"},
    "theme_minimum": {"theme_kind", "of", "minimum"},
    "kind_minimum": {"initiative_kind", "minimum"},
    "deprivation_minimum": {"quintile", "minimum"},
}
"""Which fields each rule of the mix has, beside those that all have."""


def rearranged(document: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The document after one press: `criteria-add`, `criteria-1-up`, `-down` or `-remove`; the parts of a
    scale inside a rule of the mix likewise: `mix-0-groups-add`, `mix-0-groups-1-remove`."""
    part, _dash, rest = wanted.partition("-")
    if part not in PARTS:
        return document
    document = copy.deepcopy(document)
    rows = document.setdefault(part, [])
    number, _dash, inner = rest.partition("-")
    if part == "mix" and inner.startswith("groups-"):
        index = int(number) if number.isdecimal() else len(rows)
        if index < len(rows):
            _press(rows[index].setdefault("groups", []), inner.removeprefix("groups-"), "part", {})
        return document
    if rest == "add" and part == "bands":
        _press(rows, rest, _STEMS[part], _following(rows))
        return document
    if part == "criteria" and inner == "remove":
        _remove_its_conditions(document, number)
    _press(rows, rest, _STEMS[part], _NEW[part], key=KEYS.get(part, "key"))
    return document


def _remove_its_conditions(document: dict[str, Any], number: str) -> None:
    """The condition of a criterion that was judged for its minimum alone has nothing left to judge."""
    rows = document["criteria"]
    row = rows[int(number)] if number.isdecimal() and int(number) < len(rows) else {}
    if row.get("kind") != "gate":
        return
    while (place := condition_of(document, row.get("key"))) is not None:
        del document["gates"][place]


def _press(
    rows: list[dict[str, Any]], rest: str, stem: str, new: dict[str, Any], *, key: str = "key"
) -> None:
    if rest == "add":
        rows.append({key: _fresh({str(row.get(key)) for row in rows}, stem), **copy.deepcopy(new)})
        return
    number, _dash, verb = rest.partition("-")
    index = int(number) if number.isdecimal() else len(rows)
    other = index + {"up": -1, "down": 1}.get(verb, 0)
    if not (0 <= index < len(rows) and 0 <= other < len(rows)):
        return
    if verb == "remove":
        del rows[index]
    else:
        rows[index], rows[other] = rows[other], rows[index]


def _following(bands: list[dict[str, Any]]) -> dict[str, Any]:
    """A time frame that begins where the last one ends; that one gets an end, a year on, if it has none."""
    if not bands:
        return {"from_months": 0}
    last = bands[-1]
    start = last.get("from_months")
    if isinstance(start, int) and "to_months" not in last:
        last["to_months"] = start + 11
    end = last.get("to_months")
    return {"from_months": end + 1} if isinstance(end, int) else {}


def _fresh(taken: set[str], stem: str) -> str:
    number = len(taken) + 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def renamed(document: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What names an entry by its short name follows when that is changed. Entries stand as in `before`."""
    names = {part: _new_names(document, before, part) for part in ("criteria", "teams", "bands", "reasons")}
    document = copy.deepcopy(document)
    _follow(document, "tie_break", names["criteria"])
    for row in document.get("criteria", []):
        _follow(row, "team", names["teams"])
    for row in document.get("gates", []):
        _follow(row, "criterion", names["criteria"])
        _follow(row, "reason", names["reasons"])
    for row in document.get("groups", []):
        _follow_in(row, "points", names["criteria"])
    for place, row in enumerate(document.get("mix", [])):
        _follow(row, "criterion", names["criteria"])
        if row.get("rule") == "band_shares":
            _follow_in(row, "shares", names["bands"])
        elif isinstance(row.get("groups"), list):
            _follow_in(row, "shares", _new_names(row, before["mix"][place], "groups"))
    return document


def _new_names(document: dict[str, Any], before: dict[str, Any], part: str) -> dict[str, str]:
    key = KEYS.get(part, "key")
    pairs = zip(before.get(part, []), document.get(part, []), strict=False)
    found = {old.get(key): new.get(key) for old, new in pairs if isinstance(old, dict)}
    return {old: new for old, new in found.items() if isinstance(old, str) and new and new != old}


def _follow(row: dict[str, Any], name: str, names: dict[str, str]) -> None:
    if isinstance(row.get(name), str):
        row[name] = names.get(row[name], row[name])


def _follow_in(row: dict[str, Any], name: str, names: dict[str, str]) -> None:
    if isinstance(row.get(name), dict):
        row[name] = {names.get(key, key): value for key, value in row[name].items()}


def pruned(document: dict[str, Any]) -> dict[str, Any]:
    """Without what has no place for the choices made (no anchors on a measured criterion, for example), and
    with the condition that a criterion judged for a minimum stands for."""
    document = copy.deepcopy(document)
    for row in document.get("criteria", []):
        _prune_criterion(row)
    scored = {row.get("key") for row in document.get("criteria", []) if row.get("use", "score") == "score"}
    for row in document.get("gates", []):
        if row.get("kind") == "check":
            _drop(row, ["minimum", "criterion"])
        elif row.get("kind") != "criterion_minimum":
            _drop(row, ["criterion"])
    for row in document.get("groups", []):
        if isinstance(row.get("points"), dict):
            row["points"] = {key: value for key, value in row["points"].items() if key in scored}
    for row in document.get("mix", []):
        _prune_mix(row, {one.get("key") for one in document.get("bands", [])})
    _complete_conditions(document)
    return document


def _prune_criterion(row: dict[str, Any]) -> None:
    judged = row.get("source", "assessor") == "assessor"
    idle = ["figure", "value_points"] if judged else ["anchors", "team"]
    if row.get("kind") == "gate":
        row["use"] = "gate"
    elif row.get("use") == "gate":
        row["use"] = "score"
    if row.get("use", "score") != "score":
        idle.append("points")
    _drop(row, idle)


def _prune_mix(row: dict[str, Any], bands: set[Any]) -> None:
    own = _OF_MIX.get(str(row.get("rule")), set())
    _drop(row, sorted(set().union(*_OF_MIX.values()) - own))
    parts = row.get("groups")
    known = {one.get("key") for one in parts} if isinstance(parts, list) else bands
    if isinstance(row.get("shares"), dict):
        row["shares"] = {key: value for key, value in row["shares"].items() if key in known}


def condition_of(document: dict[str, Any], key: Any) -> int | None:
    """The place of the condition that sets a minimum on this criterion."""
    for place, row in enumerate(document.get("gates", [])):
        if row.get("kind") == "criterion_minimum" and row.get("criterion") == key:
            return place
    return None


def _complete_conditions(document: dict[str, Any]) -> None:
    """A criterion that is only judged for a minimum needs the condition that names it."""
    for row in document.get("criteria", []):
        key = row.get("key")
        if row.get("kind") == "gate" and isinstance(key, str) and condition_of(document, key) is None:
            gates = document.setdefault("gates", [])
            taken = {one.get("key") for one in gates}
            name = key if key not in taken else _fresh({str(one) for one in taken}, "condition")
            gate = {"key": name, "kind": "criterion_minimum", "criterion": key}
            texts = {"label": row.get("label"), "public_text": row.get("question")}
            gates.append(gate | {field: copy.deepcopy(text) for field, text in texts.items() if text})


def _drop(row: dict[str, Any], names: list[str]) -> None:
    for name in names:
        row.pop(name, None)

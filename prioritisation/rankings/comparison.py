"""Whether figures made again are those that were kept: exact, but for random draws under another numpy."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DRAWN = {"p_noise": "noise", "p_weights": "weights"}
"""Shares of random draws, with the name of the draws they are of."""
FOLLOWS = {"rank_low", "rank_high", "group"}
"""What is read off the draws; under another numpy it may differ by as little as they do."""
ERRORS = 4
"""Monte-Carlo standard errors within which shares of other draws count as the same."""


@dataclass
class Comparison:
    """`exact` and `close`: how many figures were the same, and near enough; `different`: what was not, as
    (where, kept, made again)."""

    exact: int = 0
    close: int = 0
    different: list[tuple[str, Any, Any]] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not self.different


def compare(kept: Mapping[str, Any], again: Mapping[str, Any], *, same_numpy: bool = True) -> Comparison:
    """Compares two outputs figure by figure. Under another numpy shares of draws may differ within four
    standard errors of a difference of two such shares."""
    found = Comparison()
    draws = kept.get("draws", {})
    for where, one, other in _pairs("", kept, again):
        name = where.rsplit(".", 1)[-1]
        if one == other and type(one) in (type(other), int, float):
            found.exact += 1
        elif same_numpy:
            found.different.append((where, one, other))
        elif where == "draws.numpy" or name in FOLLOWS or _near(name, one, other, draws):
            found.close += 1
        else:
            found.different.append((where, one, other))
    return found


def _near(name: str, one: Any, other: Any, draws: Mapping[str, Any]) -> bool:
    if name not in DRAWN or None in (one, other):
        return False
    number = draws.get(DRAWN[name]) or 1
    share = (one + other) / 2
    error = math.sqrt(2 * max(share * (1 - share), 1 / number) / number)
    return bool(abs(one - other) <= ERRORS * error)


def _pairs(where: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """All figures of two documents side by side; a branch that only one has is one difference."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            path = f"{where}.{key}" if where else str(key)
            if key in one and key in other:
                yield from _pairs(path, one[key], other[key])
            else:
                yield path, one.get(key, "nothing"), other.get(key, "nothing")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _pairs(f"{where}.{_label(left, index)}", left, right)
    else:
        yield where, one, other


def _label(item: Any, index: int) -> str:
    return str(item.get("reference", index)) if isinstance(item, Mapping) else str(index)

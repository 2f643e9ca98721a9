"""A draw by lot that anybody can do again with a tool for sha256. Pure: no Django.

Each reference is written after the seed with one space between, `SEED I-00012`; the sha256 of that text, as
64 hexadecimal digits, is its lot. Lots in rising order are the order drawn.
"""

import hashlib
from collections.abc import Iterable


def lot(seed: str, reference: str) -> str:
    """The lot of one reference: sha256 of "seed reference" in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed} {reference}".encode()).hexdigest()


def order(seed: str, references: Iterable[str]) -> list[str]:
    """The references in the order drawn. It does not depend on the order in which they are given."""
    return sorted(set(references), key=lambda reference: (lot(seed, reference), reference))

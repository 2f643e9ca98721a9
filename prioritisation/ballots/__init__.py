"""Residents' approval ballots: read from a file, counted by two rules (METHOD 5.13). Pure: no Django.

`read` takes a .pb file of Pabulib or a CSV and keeps who-approved-what as counts of like ballots: no voter,
no age, no neighbourhood. `count` turns such counts, costs and a budget into a result that anybody can work
out again; `write` gives them as a .pb file, to do so elsewhere.
"""

from .counting import count, inputs_of
from .reading import FAULTS, REFUSALS, BallotsError, Refusal, Sheet, read
from .writing import write

__all__ = [
    "FAULTS",
    "REFUSALS",
    "BallotsError",
    "Refusal",
    "Sheet",
    "count",
    "inputs_of",
    "read",
    "write",
]

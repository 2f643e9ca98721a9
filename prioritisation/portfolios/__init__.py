"""Selections under rules: from a scenario and the figures of a round to named rows and the best selection.

Pure: no Django. Amounts of money are whole cents, values whole ten-thousandths of the benefit that an
initiative could bring at most (METHOD 5.12), so that equal inputs give equal answers on any machine.

    rules      what staff ask of a selection, checked: `read`, `RulesError`
    model      the rules as rows of a 0/1 program, each with a name: `build`
    choosing   the best selection, and what a selection keeps or breaks: `answer`
    giving     when nothing fits: the smallest steps that make it fit
    analysis   the price of each initiative, other weights, other selections that are nearly as good
"""

from prioritisation.portfolios.analysis import DRAWS, alternatives, binding, inclusion, prices
from prioritisation.portfolios.choosing import answer, choose, evaluate
from prioritisation.portfolios.giving import ways_out
from prioritisation.portfolios.model import Model, Row, benefit, build
from prioritisation.portfolios.rules import Fault, Known, RulesError, default, read

__all__ = [
    "DRAWS",
    "Fault",
    "Known",
    "Model",
    "Row",
    "RulesError",
    "alternatives",
    "answer",
    "benefit",
    "binding",
    "build",
    "choose",
    "default",
    "evaluate",
    "inclusion",
    "prices",
    "read",
    "ways_out",
]

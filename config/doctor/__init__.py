"""What is wrong with this installation and what to do about it, one finding a line.

Each check looks at one thing and gives findings; the table `CHECKS` is their order. A check that fails is a
finding itself: whatever is broken, the doctor gets to the end of its list.
"""

from config.doctor.examination import CHECKS, examine
from config.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Finding", "Level", "examine"]

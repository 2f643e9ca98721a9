"""The ranking of a closed round: list, one initiative, two compared, what if, how it was made, files.

Nothing of it before closing, for anybody.
"""

from prioritisation.admin.rankings import comparison, files, initiative, listing, method, striking, trying

__all__ = ["comparison", "files", "initiative", "listing", "method", "striking", "trying"]

"""Finds texts that are alike. Pure: no Django, no database; whoever uses it brings texts and a folder.

    index = Index("semantic")                     # or "lexical", which needs nothing but numpy
    index.add(7, "More benches in the park", "en")
    index.search("Des bancs dans le parc", 5)     # [(7, 0.62)]
    index.explain("Des bancs dans le parc", 7)    # what the score is made of
    index.save(folder); Index.open(folder)        # mapped, once for all processes

Scores rank suggestions for a person. Only `same` and `same_text` tell what may be linked without one: texts
with nearly the same words may wish the opposite. Problem reports near one another are `nearby.suggest`'s.
"""

from engagement.similarity.copies import groups_of_copies
from engagement.similarity.files import Unreadable, newest
from engagement.similarity.index import Index, Parts, same_text
from engagement.similarity.meaning import Unavailable, preload
from engagement.similarity.meaning import available as meaning_available
from engagement.similarity.words import key_of

__all__ = [
    "Index",
    "Parts",
    "Unavailable",
    "Unreadable",
    "groups_of_copies",
    "key_of",
    "meaning_available",
    "newest",
    "preload",
    "same_text",
]

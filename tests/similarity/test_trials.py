"""The floors: what real people sent twice is found, and what only looks alike is never taken for the same."""

from pathlib import Path
from typing import Any

import pytest

from engagement.similarity import Index, same_text
from tests.similarity import labelled

BACKENDS = ["lexical", "semantic"]


@pytest.mark.trial
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", labelled.SETS)
def test_later_twins_find_the_earlier_one(trials: Path, name: str, backend: Any) -> None:
    found, of = labelled.later_twins_found(trials, name, backend)
    assert of >= 12
    assert found / of >= 0.95


@pytest.mark.trial
def test_near_words_with_the_opposite_wish_are_never_the_same(trials: Path) -> None:
    pairs = labelled.hard_negatives(trials)
    assert len(pairs) == 6
    for one, other in pairs:
        assert not same_text(one, other)
        index = Index()
        index.add(1, other, "fr")
        assert index.same(one) == []
        assert index.search(one, 1)[0][1] < 1


@pytest.mark.trial
def test_a_duplicate_report_finds_its_parent(trials: Path) -> None:
    found, of = labelled.parents_found(trials)
    assert of == 441
    assert found / of >= 0.85


@pytest.mark.parametrize(("asked", "held"), [("english", "french"), ("french", "english")])
def test_wishes_are_found_across_languages(asked: str, held: str) -> None:
    """Also among the same wishes in the language of the question, which share its words."""
    assert len(labelled.pairs()) >= 40
    assert labelled.pairs_found(Index("semantic"), asked, held) >= 0.85
    share = {}
    for backend in ("lexical", "semantic"):
        index = Index(backend)
        index.add_many((number, row[asked], "") for number, row in enumerate(labelled.pairs()))
        share[backend] = labelled.pairs_found(index, asked, held)
    assert share["semantic"] >= 0.85
    assert share["lexical"] < 0.6, "then the model is not needed"


def test_meaning_is_told_and_opposites_are_not_the_same() -> None:
    index = Index("semantic")
    index.add(1, "Des bancs dans le parc pour les aînés", "fr")
    index.add(2, "Fermer le stationnement du centre-ville", "fr")
    parts = index.explain("Benches in the park for seniors", 1)
    assert parts.meaning is not None
    assert parts.meaning > 0.5
    assert index.search("Benches in the park for seniors", 1)[0][0] == 1
    assert index.search("", 5) == []
    assert index.search("Ouvrir le stationnement du centre-ville", 1)[0][1] < 1

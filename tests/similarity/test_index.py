"""What an index promises, whatever the texts: order, bounds, files."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.similarity import Index, Unreadable, newest
from engagement.similarity.meaning import Encoder
from engagement.similarity.postings import Floats
from engagement.similarity.words import hash_of

IDEAS = {
    1: "More benches in the park, so that older people can rest",
    2: "Des bancs dans le parc pour les aînés",
    3: "A bike lane on Main Street",
    4: "Bike lanes on Main Street and Station Road",
    5: "test",
    6: "Més arbres a la plaça major",
    "seven": "Que se pongan más árboles en la plaza",
}


class Letters:
    """Stands in for a model: what letters a text has. Quick, and of no package."""

    name, size = "letters", 26

    def encode(self, texts: Sequence[str]) -> Floats:
        found = np.array(
            [[text.lower().count(chr(97 + at)) for at in range(26)] for text in texts], np.float32
        )
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return (found / np.where(lengths, lengths, 1)).astype(np.float32)


ENCODERS: list[Encoder | None] = [None, Letters()]


def fresh(encoder: Encoder | None = None) -> Index:
    return Index("semantic", encoder=encoder) if encoder else Index()


@pytest.fixture(params=ENCODERS, ids=["lexical", "semantic"])
def index(request: pytest.FixtureRequest) -> Index:
    made = fresh(request.param)
    for id, text in IDEAS.items():
        made.add(id, text, "en")
    return made


def test_the_same_text_is_first_and_alone_has_one(index: Index) -> None:
    for id, text in IDEAS.items():
        found = index.search(f"  {text.upper()}!", 9)
        assert found[0] == (id, 1.0)
        assert all(0 < score <= 0.99 for _, score in found[1:])
        assert index.same(text) == [id]


def test_closest_first_and_no_more_than_asked(index: Index) -> None:
    found = index.search("a bike lane for Main Street please", 2)
    assert [id for id, _ in found] == [3, 4]
    assert index.search("bike", 0) == index.search("bike", -1) == []
    assert len(index.search("bike lane", 1)) == 1


def test_misspelt_and_inflected_words_are_found() -> None:
    index = fresh()
    index.add(1, "Protected cycling infrastructure along the boulevard", "en")
    index.add(2, "Swimming lessons in the municipal pool", "en")
    assert index.search("infrastucture for cyclists on boulevards")[0][0] == 1


def test_what_a_score_is_made_of(index: Index) -> None:
    text = "New Bike-lanes on MAIN Street"
    parts = index.explain(text, 4)
    assert parts.score == dict(index.search(text, 9))[4]
    assert parts.shared_words == ("Bike", "lanes", "MAIN", "Street")
    assert parts.shared_phrases == ("Bike lanes", "lanes MAIN", "MAIN Street")
    assert 0 < parts.phrases < parts.words < 1
    assert not parts.same_text
    assert 0 < parts.by_words <= parts.score
    assert (parts.by_words == parts.score) == (index.backend == "lexical")
    assert (parts.meaning is None) == (index.backend == "lexical")
    assert index.explain(IDEAS[5], 5).same_text
    with pytest.raises(KeyError):
        index.explain(text, 99)


def test_an_added_id_replaces_and_a_removed_one_is_gone(index: Index) -> None:
    index.add(3, "Swimming lessons", "en")
    assert len(index) == len(IDEAS)
    assert index.search("swimming lessons", 1) == [(3, 1.0)]
    assert index.remove(3) is True
    assert index.remove(3) is False
    assert 3 not in index
    assert index.ids() == [1, 2, 4, 5, 6, "seven"]
    assert 3 not in [id for id, _ in index.search("swimming lessons", 9)]


STRANGE = {
    "nothing": "",
    "blanks": " \n\t ",
    "signs": "?!...",
    "pictures": "🚲🌳👍🏽",
    "from the right": "مقاعد في الحديقة العامة",
    "no blanks": "公園にベンチを置いてほしい",
    "one letter": "a",
    "ten megabytes": "more trees and benches " * 450_000,
    "one endless word": "x" * 10_000_000,
    "half a letter": "\ud800\udfff \x00",
    "joined marks": "e" + "\u0301" * 5_000,
}


@pytest.mark.parametrize("encoder", ENCODERS, ids=["lexical", "semantic"])
def test_strange_texts_are_taken_and_searched(encoder: Encoder | None) -> None:
    index = fresh(encoder)
    for id, text in (STRANGE | {str(one): text for one, text in IDEAS.items()}).items():
        index.add(id, text, "")
    for id, text in STRANGE.items():
        found = index.search(text, 5)
        assert all(0 < score <= 1 for _, score in found)
        if found:
            assert found[0][0] == id
        index.explain(text, id)
    assert index.search("", 5) == []
    assert index.search("بنش في الحديقة العامة", 1)[0][0] == "from the right"
    assert index.search("公園にベンチ", 1)[0][0] == "no blanks"


def test_an_empty_index_answers() -> None:
    assert Index().search("anything") == Index().same("anything") == []
    assert len(Index()) == 0


def test_a_thousand_times_the_same_text() -> None:
    index = fresh()
    index.add_many((number, "More trees on Main Street", "en") for number in range(1_000))
    assert index.search("More trees on Main Street", 3) == [(0, 1.0), (1, 1.0), (2, 1.0)]
    assert all(0 < score < 1 for _, score in index.search("trees", 3))


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="lexical or semantic"):
        Index("vectors")


WORDS = [
    "park",
    "bench",
    "tree",
    "bike",
    "lane",
    "library",
    "pool",
    "rue",
    "parc",
    "banc",
    "12",
    "🚲",
    "es",
    "de",
    "the",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=20)
STEPS = st.lists(st.tuples(st.integers(0, 9), st.none() | TEXTS), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, asked=TEXTS, encoder=st.sampled_from(ENCODERS), seed=st.integers(0, 9))
def test_only_what_is_in_matters_not_how_it_came(
    steps: list[tuple[int, str | None]], asked: str, encoder: Encoder | None, seed: int
) -> None:
    index = fresh(encoder)
    left: dict[int, str] = {}
    for id, text in steps:
        if text is None:
            index.remove(id)
            left.pop(id, None)
        else:
            index.add(id, text, "")
            left[id] = text
    other = fresh(encoder)
    rows = [(id, text, "") for id, text in left.items()]
    random.Random(seed).shuffle(rows)
    other.add_many(rows)
    found = index.search(asked, 10)
    assert found == other.search(asked, 10)
    assert all(0 < score <= 1 for _, score in found)
    assert found == sorted(found, key=lambda one: (-one[1], one[0]))
    assert index.ids() == sorted(left)


def ideas(many: int, seed: int = 1) -> dict[int, str]:
    draw = random.Random(seed)
    return {number: " ".join(draw.choices(WORDS, k=draw.randint(1, 12))) for number in range(many)}


@pytest.mark.parametrize("encoder", ENCODERS, ids=["lexical", "semantic"])
def test_segments_change_no_answer(encoder: Encoder | None) -> None:
    """Enough texts for several segments, with some taken out of each and some changed."""
    texts = ideas(1_100)
    index = fresh(encoder)
    for id, text in texts.items():
        index.add(id, text, "")
    for id in range(0, 1_100, 7):
        index.remove(id)
        del texts[id]
    for id in range(3, 1_100, 70):
        if id in texts:
            texts[id] = f"{texts[id]} pool"
            index.add(id, texts[id], "")
    assert len(index._segments) > 1
    at_once = fresh(encoder)
    at_once.add_many((id, text, "") for id, text in reversed(texts.items()))
    for asked in list(texts.values())[:40]:
        assert index.search(asked, 20) == at_once.search(asked, 20)


@pytest.mark.parametrize("encoder", ENCODERS, ids=["lexical", "semantic"])
def test_saved_and_opened_it_gives_the_same_answers(encoder: Encoder | None, tmp_path: Path) -> None:
    texts = ideas(400)
    index = fresh(encoder)
    index.add_many((id, text, "") for id, text in texts.items())
    index.remove(7)
    before = [index.search(text, 10) for text in texts.values()]
    assert index.save(tmp_path / "similar") == newest(tmp_path / "similar") == index.generation
    opened = Index.open(tmp_path / "similar", encoder=encoder)
    assert [opened.search(text, 10) for text in texts.values()] == before
    assert [index.search(text, 10) for text in texts.values()] == before
    opened.add(7, texts[7], "")
    opened.remove(8)
    del texts[8]
    at_once = fresh(encoder)
    at_once.add_many((id, text, "") for id, text in texts.items())
    assert [opened.search(text, 10) for text in texts.values()] == [
        at_once.search(text, 10) for text in texts.values()
    ]


def test_a_reader_keeps_its_generation_and_old_ones_go(tmp_path: Path) -> None:
    index = fresh()
    index.add(1, "More trees", "en")
    first = index.save(tmp_path)
    reader = Index.open(tmp_path)
    for number in range(2, 6):
        index.add(number, "More benches", "en")
        index.save(tmp_path)
    assert reader.generation == first != newest(tmp_path)
    assert reader.search("more trees") == [(1, 1.0)]
    assert len(Index.open(tmp_path)) == 5
    assert len({path.name.partition(".")[0] for path in tmp_path.glob("*.npy")}) == 2


def test_another_process_reads_what_was_saved(tmp_path: Path) -> None:
    index = fresh()
    index.add("a", "Des bancs au parc", "fr")
    index.save(tmp_path)
    asked = (
        "from engagement.similarity import Index;"
        f"print(Index.open({str(tmp_path)!r}).search('bancs dans le parc'))"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[2],
    )
    assert told.stdout.strip() == str(index.search("bancs dans le parc"))


def test_an_empty_index_can_be_saved(tmp_path: Path) -> None:
    Index().save(tmp_path)
    opened = Index.open(tmp_path)
    assert len(opened) == 0
    assert opened.search("trees") == []
    opened.add(1, "trees", "en")
    assert opened.search("trees") == [(1, 1.0)]


def test_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        Index.open(tmp_path)
    assert newest(tmp_path) == ""
    index = fresh(Letters())
    index.add(1, "More trees", "en")
    index.save(tmp_path)
    other = Letters()
    other.name = "another model"
    with pytest.raises(Unreadable, match="another model"):
        Index.open(tmp_path, encoder=other)
    assert Index.open(tmp_path, "lexical").search("more trees") == [(1, 1.0)]
    pointer = tmp_path / "index.json"
    said = pointer.read_text()
    for wrong in (said[:-5], "[]", json.dumps(json.loads(said) | {"form": 0, "model": ""})):
        pointer.write_text(wrong)
        with pytest.raises(Unreadable):
            Index.open(tmp_path, "lexical")
    pointer.write_text(said)
    for path in tmp_path.glob("*.npy"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Unreadable):
            Index.open(tmp_path, encoder=Letters())
        path.write_bytes(whole)
    assert Index.open(tmp_path, encoder=Letters()).search("more trees") == [(1, 1.0)]


def test_ids_that_files_cannot_hold_are_refused(tmp_path: Path) -> None:
    index = fresh()
    index.add((1, 2), "More trees", "en")
    with pytest.raises(TypeError, match="whole number or text"):
        index.save(tmp_path)


def test_hashes_are_for_ever() -> None:
    """Files of a city outlive a version: change FORM with how texts are taken apart."""
    assert hash_of("park") == 6408436942765057010

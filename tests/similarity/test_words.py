"""How a text is taken apart, and when two are surely the same."""

import pytest

from engagement.similarity import same_text
from engagement.similarity.words import key_of, letter_runs, stem, stop_words_of, take_apart


@pytest.mark.parametrize(
    ("words", "one"),
    [
        (("bench", "benches"), "bench"),
        (("banc", "bancs"), "banc"),
        (("parque", "parques"), "parqu"),
        (("library", "libraries"), "library"),
        (("canal", "canaux"), "canal"),
        (("hospital", "hospitals"), "hospital"),
        (("2015",), "2015"),
        (("bus",), "bus"),
    ],
)
def test_forms_of_a_word_have_one_stem(words: tuple[str, ...], one: str) -> None:
    assert {stem(word) for word in words} == {one}


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("There should be more cars for the car park", ("car", "park")),
        (
            "Il y a trop de voitures car le stationnement est gratuit",
            ("trop", "voitur", "stationnement", "gratuit"),
        ),
        ("Més arbres a la plaça, sense cotxes", ("arbr", "plac", "sens", "cotx")),
        ("Que se pongan más árboles en la plaza", ("pongan", "arbol", "plaz")),
        ("", ()),
        ("🚲 🌳", ("🚲", "🌳")),
        ("test", ("test",)),
        ("to be or not to be", ("to", "be", "or", "not")),
        ("مقاعد في الحديقة", ("مقاعد", "في", "الحديقة")),
        ("公園にベンチ", ("公園", "園に", "にヘ", "ヘン", "ンチ")),
    ],
)
def test_small_words_go_by_the_language_of_the_text(text: str, stems: tuple[str, ...]) -> None:
    assert take_apart(text).stems == stems


def test_the_language_that_is_given_decides_only_where_the_text_does_not() -> None:
    tied = ["les", "cases"]
    assert "les" in stop_words_of(tied)
    assert "amb" not in stop_words_of(tied)
    assert "amb" in stop_words_of(tied, "ca")
    assert "amb" not in stop_words_of(["the", "house", "of", "les"], "ca-ES")


def test_runs_of_letters_stay_inside_words() -> None:
    assert len(letter_runs(["park"])) == 3  # " par", "park", "ark "
    assert len(letter_runs(["park", "bank"])) == 6
    assert len(letter_runs(["a", "b"])) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("More trees!", "  more\nTREES ", True),
        ("« Plus d’arbres »", "Plus d'arbres", True),
        ("test", "Test.", True),
        ("⚠️ Trees", "⚠ trees", True),
        ("\u200fمقاعد", "مقاعد", True),
        ("ﬁre station", "Fire Station", True),
        ("More trees", "No more trees", False),
        ("Parking 👍", "Parking 👎", False),
        ("+ parking", "- parking", False),
        ("-5 degrees", "5 degrees", False),
        ("1.5 m", "15 m", False),
        ("pêche", "péché", False),
        ("", "", False),
        ("???", "!!!", False),
    ],
)
def test_only_the_same_text_is_surely_the_same(one: str, other: str, same: bool) -> None:
    assert same_text(one, other) is same
    assert same_text(other, one) is same


def test_what_stands_far_back_makes_a_difference_too() -> None:
    long = "more trees " * 10_000
    assert same_text(long, long)
    assert not same_text(long, long + "and benches")
    assert key_of("\ud800 half a letter") != 0


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("There should be more trees", "fr", 1),
        ("Il faudrait plus d'arbres", "", 2),
        ("Que se pongan más árboles en la plaza", "", 3),
        ("Més arbres amb bancs als carrers", "", 4),
        ("bancs", "ca-ES", 4),
        ("bancs", "", 0),
        ("bancs", "de", 0),
        ("", "", 0),
    ],
)
def test_small_words_tell_the_language(text: str, said: str, language: int) -> None:
    assert take_apart(text, said).language == language

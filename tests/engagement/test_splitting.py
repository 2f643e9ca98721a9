"""Splitting a letter: its parts quote it word for word, and belong to the same sender."""

from typing import Any

import pytest

from engagement import services
from engagement.models import Contact, Idea, Notice
from engagement.services import Quotation
from tests import factories

pytestmark = pytest.mark.django_db

LETTER = """Dear city, two things.

There is no bench at the pond. My mother cannot rest.

And the  library closes at five. Please open it later. Ana, 514 555 0199."""
BENCH = "There is no bench at the pond. My mother\ncannot rest."
LIBRARY = "the library closes at five.\n\nPlease open it later"


@pytest.fixture
def letter() -> Any:
    letter = factories.Idea(
        problem=LETTER,
        contact=factories.Contact(name="Ana"),
        channel="paper",
        address="Pond",
        district=factories.District(),
    )
    letter.themes.set([factories.Theme()])
    return letter


def split(letter: Any, by: Any, now: Any, *words: str) -> Any:
    return services.split_idea(idea=letter, parts=[Quotation(one) for one in words], by=by, at=now)


def test_each_part_is_an_idea_of_its_own_and_the_letter_none(letter: Any, now: Any, moderator: Any) -> None:
    bench, library = split(letter, moderator, now, BENCH, LIBRARY)
    letter.refresh_from_db()
    assert (letter.state, letter.eligible, letter.problem) == ("split", False, LETTER)
    assert [part.split_from for part in (bench, library)] == [letter, letter]
    assert (bench.problem, library.problem) == (BENCH, LIBRARY)
    assert len({letter.reference, bench.reference, library.reference}) == 3
    for part in (bench, library):
        part.refresh_from_db()
        assert (part.state, part.eligible, part.channel, part.address) == ("received", True, "paper", "Pond")
        assert (part.district, part.received_at) == (letter.district, letter.received_at)
        assert list(part.themes.all()) == list(letter.themes.all())
    contacts = {letter.contact_id, bench.contact_id, library.contact_id}
    assert len(contacts) == 3
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ana"}
    assert list(Notice.objects.values_list("kind", flat=True)) == ["engagement.idea_split"]


@pytest.mark.parametrize(
    "words",
    [
        "There is no pond at the bench.",
        "There is a bench at the pond.",
        "There is no ben",
        "There is no bench at the pond. And the library",
        "no bench.",
    ],
)
def test_other_words_are_refused(letter: Any, now: Any, moderator: Any, words: str) -> None:
    with pytest.raises(services.Refused) as refusal:
        split(letter, moderator, now, BENCH, words)
    assert refusal.value.field == "part_2"
    assert "2" in str(refusal.value)
    letter.refresh_from_db()
    assert (letter.state, Idea.objects.count()) == ("received", 1)


def test_half_a_phone_number_is_never_shown(letter: Any, now: Any, moderator: Any) -> None:
    with pytest.raises(services.Refused):
        split(letter, moderator, now, BENCH, "Please open it later. Ana, 514 555")
    whole = split(letter, moderator, now, BENCH, "Please open it later. Ana, 514 555 0199.")[1]
    assert "514" not in whole.public_problem + whole.public_title + whole.search


def test_one_part_is_no_split(letter: Any, now: Any, moderator: Any) -> None:
    for words in ((), (BENCH,), (BENCH, " "), (BENCH,) * 21):
        with pytest.raises(services.Refused):
            split(letter, moderator, now, *words)
    assert Idea.objects.count() == 1


@pytest.mark.parametrize("keep_text", [True, False])
def test_erasing_the_letter_erases_its_parts(letter: Any, now: Any, moderator: Any, keep_text: bool) -> None:
    bench, library = split(letter, moderator, now, BENCH, LIBRARY)
    services.publish_idea(idea=bench, by=moderator, at=now)
    report = services.take_as_report(idea=library, service=factories.ReportService(), by=moderator, at=now)
    services.erase_sender(idea=letter, at=now, keep_text=keep_text)
    report.refresh_from_db()
    assert not Contact.objects.exists()
    assert [bool(one.problem) for one in Idea.objects.all()] == [keep_text] * 3
    assert bool(report.description) is keep_text
    bench.refresh_from_db()
    assert bench.state == ("published" if keep_text else "withdrawn")


def test_erasing_a_part_leaves_the_letter_to_its_own_page(letter: Any, now: Any, moderator: Any) -> None:
    bench, _library = split(letter, moderator, now, BENCH, LIBRARY)
    services.erase_sender(idea=bench, at=now, keep_text=False)
    letter.refresh_from_db()
    assert (letter.problem, letter.contact.name) == (LETTER, "Ana")


@pytest.mark.parametrize("blanks", ["  ", "\n", "\u00a0", "\t"])
def test_no_blank_that_is_typed_into_a_part_shows_a_phone_number(
    letter: Any, now: Any, moderator: Any, blanks: str
) -> None:
    number = blanks.join(("514", "555", "0199"))
    _bench, library = split(letter, moderator, now, BENCH, f"Please open it later. Ana, {number}.")
    assert library.public_problem == "Please open it later. Ana, [phone]."
    assert "0199" not in library.title + library.public_title + library.search

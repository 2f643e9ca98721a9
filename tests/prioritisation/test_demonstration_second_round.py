"""The second idea box of the demonstration is half way: some published, some waiting, some worked up."""

import re
from collections import Counter
from typing import Any

import pytest

from engagement.privacy import find_personal
from engagement.text import fold
from prioritisation.demonstration import content
from prioritisation.demonstration.clock import LAST_DAY, SECOND_OPENED_DAY
from prioritisation.demonstration.intake import TRIAGE_DAYS

IDEAS = {row["n"]: row for row in content.second_ideas()}
INITIATIVES = {row["n"]: row for row in content.second_initiatives()}
CALL = next(call for call in content.calls() if call["slug"] == "idea-box-half-way")


def states(state: str) -> set[int]:
    return {n for n, idea in IDEAS.items() if idea.get("triage", "published") == state}


def words(idea: dict[str, Any]) -> set[str]:
    """The longer words of an idea, as a search compares them."""
    return {word for word in fold(f"{idea['title']} {idea['problem']}").split() if len(word) > 3}


def test_the_first_round_keeps_its_own_ideas_and_initiatives() -> None:
    assert [row["n"] for row in content.ideas()] == list(range(1, 233))
    assert [row["n"] for row in content.initiatives()] == list(range(1, 141))


def test_numbers_follow_one_another_and_ideas_the_calendar() -> None:
    assert [row["n"] for row in content.second_ideas()] == list(range(301, 341))
    assert [row["n"] for row in content.second_initiatives()] == list(range(301, 319))
    days = [row["day"] for row in content.second_ideas()]
    assert days == sorted(days)
    assert 602 <= days[0] <= days[-1] == LAST_DAY - 1 < CALL["closes_day"]
    assert {row["call"] for row in IDEAS.values()} == {CALL["slug"]}


def test_the_last_six_days_are_the_queue_and_nothing_older_is() -> None:
    assert len(states("queue")) == 14
    assert len(states("correction")) == 2
    assert len(states("published")) == 24
    assert states("queue") == {n for n, idea in IDEAS.items() if idea["day"] >= LAST_DAY - 6}


def test_only_what_is_public_has_support() -> None:
    assert all((idea["support"] > 0) == (n in states("published")) for n, idea in IDEAS.items())


def test_a_correction_says_what_to_correct_in_both_languages() -> None:
    for n, idea in IDEAS.items():
        asked = n in states("correction")
        assert ("correction_reason" in idea) == ("public_text" in idea) == asked, n
        if asked:
            assert set(idea["public_text"]) == {"en", "fr"}, n
    reasons = [IDEAS[n]["correction_reason"] for n in states("correction")]
    assert len(set(reasons)) == 2
    assert set(reasons) <= {"unclear", "place_missing", "names_others"}


def test_answers_are_among_the_choices_of_the_question() -> None:
    (question,) = CALL["questions"]
    choices = {value["key"] for value in question["values"]}
    given = [idea["answers"] for idea in IDEAS.values() if "answers" in idea]
    assert all(set(answers) == {question["code"]} for answers in given)
    assert {answers[question["code"]] for answers in given} == choices
    assert 0 < len(given) < len(IDEAS), "the question may be left out"


def test_both_languages_every_district_and_every_theme_take_part() -> None:
    languages = Counter(idea["language"] for idea in IDEAS.values())
    assert min(languages["en"], languages["fr"]) >= 18
    assert languages.total() == languages["en"] + languages["fr"]
    districts = {district["code"] for district in content.city()["districts"]}
    assert districts <= {idea["district"] for idea in IDEAS.values()}
    assert {theme["key"] for theme in content.city()["themes"]} == {i["theme"] for i in IDEAS.values()}
    assert {idea["channel"] for idea in IDEAS.values()} == {"web", "phone", "paper"}


def test_one_address_and_one_number_are_there_to_be_masked_in_public() -> None:
    found = {
        n: [finding.kind for finding in find_personal(f"{i['problem']} {i.get('proposal', '')}")]
        for n, i in IDEAS.items()
    }
    assert sorted(kind for kinds in found.values() for kind in kinds) == ["email", "phone"]
    assert {n for n, kinds in found.items() if kinds} <= states("published")


def test_the_queue_holds_one_idea_that_was_sent_before_in_other_words() -> None:
    pairs = [
        (first, second)
        for first in IDEAS
        for second in IDEAS
        if first < second and len(words(IDEAS[first]) & words(IDEAS[second])) >= 8
    ]
    assert len(pairs) == 1
    ((first, second),) = pairs
    assert first in states("published")
    assert second in states("queue")
    titles = [set(fold(IDEAS[n]["title"]).split()) for n in (first, second)]
    assert len(titles[0] & titles[1]) >= 3


def test_the_queue_holds_a_test_and_an_advertisement() -> None:
    texts = {n: fold(f"{IDEAS[n]['title']} {IDEAS[n]['problem']}") for n in states("queue")}
    assert sum(text.startswith("test ") for text in texts.values()) == 1
    assert sum("offer ends" in text for text in texts.values()) == 1


def test_only_published_ideas_are_worked_up_and_some_still_wait() -> None:
    used = Counter(n for row in INITIATIVES.values() for n in row["ideas"])
    assert set(used) < states("published")
    assert len(states("published") - set(used)) == 4
    assert Counter(used.values())[2] == 1
    assert max(len(row["ideas"]) for row in INITIATIVES.values()) == 2
    work_begins = SECOND_OPENED_DAY - 9
    assert max(IDEAS[n]["day"] for n in used) + TRIAGE_DAYS < work_begins, "worked up before it was public"


@pytest.mark.parametrize("n", sorted(INITIATIVES))
def test_the_support_that_is_told_is_the_support_that_was_given(n: int) -> None:
    row = INITIATIVES[n]
    support = sum(IDEAS[number]["support"] for number in row["ideas"])
    for language, word in (("en", "supports"), ("fr", "appuis")):
        told = re.findall(rf"(\d+) {word}", row["need_evidence"][language])
        assert told in ([], [str(support)]), language


def test_what_is_required_is_in_the_same_round_and_comes_first() -> None:
    required = {n: row["requires"] for n, row in INITIATIVES.items() if "requires" in row}
    assert required
    assert all(number in INITIATIVES and number < n for n, numbers in required.items() for number in numbers)

"""The demonstration city's texts fit together: numbers, references, languages, and a map without holes."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

CONTENT = Path(__file__).resolve().parents[2] / "prioritisation" / "demonstration" / "content"
Record = dict[str, Any]

NOT_WORKED_UP = {"declined": 9, "withdrawn": 3, "passed_on": 4, "waiting": 5}
PORTFOLIO = {"short": 26, "medium": 38, "long": 6}


def read(pattern: str) -> list[tuple[str, Record]]:
    return [(p.name, tomllib.loads(p.read_text(encoding="utf-8"))) for p in sorted(CONTENT.glob(pattern))]


def records(pattern: str, table: str) -> list[Record]:
    return [row for _, document in read(pattern) for row in document[table]]


CITY = read("city.toml")[0][1]
REPORTS = read("reports.toml")[0][1]
CALLS = {c["slug"]: c for c in records("calls.toml", "calls")}
MEETINGS = {m["key"]: m for m in records("meetings.toml", "meetings")}
PEOPLE = records("people.toml", "people")
IDEAS = {i["n"]: i for i in records("ideas-*.toml", "ideas")}
EXTRA = records("extra.toml", "extra")
INITIATIVES = {i["n"]: i for i in records("initiatives-*.toml", "initiatives")}
SECOND_IDEAS = {i["n"]: i for i in records("second-ideas.toml", "ideas")}
SECOND_INITIATIVES = {i["n"]: i for i in records("second-initiatives.toml", "initiatives")}
EVERY_IDEA = IDEAS | SECOND_IDEAS
EVERY_INITIATIVE = INITIATIVES | SECOND_INITIATIVES
DISTRICTS = {d["code"]: d for d in CITY["districts"]}
DEPARTMENTS = {d["code"] for d in CITY["departments"]}
THEMES = {t["key"]: t for t in CITY["themes"]}
SERVICES = {s["code"]: s for s in CITY["report_services"]}


def to_work_up() -> set[int]:
    """Numbers of the ideas that an initiative must answer."""
    return {n for n, i in IDEAS.items() if "outcome" not in i and "duplicate_of" not in i}


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from walk(inner, f"{path}[{n}]")


def band(months: int) -> str:
    return "short" if months < 12 else "medium" if months <= 36 else "long"


# --- counts ---


def test_the_counts_are_those_of_the_story() -> None:
    assert sorted(IDEAS) == list(range(1, 233))
    assert len(records("ideas-*.toml", "ideas")) == 232
    assert sorted(INITIATIVES) == list(range(1, 141))
    assert len(records("initiatives-*.toml", "initiatives")) == 140
    assert len(DISTRICTS) == len(CITY["districts"]) == 12
    assert len(DEPARTMENTS) == len(CITY["departments"]) == 8
    assert len(CALLS) == 4
    assert len(MEETINGS) == 4
    assert len(EXTRA) == 36
    assert Counter(t["kind"] for t in THEMES.values()) == {"focus_area": 5, "enabler": 4}
    assert Counter(c["kind"] for c in CALLS.values()) == {
        "idea_box": 2,
        "innovation": 1,
        "in_reach": 1,
    }


def test_twelve_assessors_and_one_or_two_of_every_other_role() -> None:
    assert Counter(p["role"] for p in PEOPLE) == {
        "assessor": 12,
        "administrator": 1,
        "moderator": 2,
        "intake_clerk": 1,
        "programme_manager": 1,
        "publisher": 1,
        "analyst": 1,
        "department": 1,
    }
    assert len({p["username"] for p in PEOPLE}) == len({p["name"] for p in PEOPLE}) == len(PEOPLE)
    assert {p["department"] for p in PEOPLE} == DEPARTMENTS
    assert {p["language"] for p in PEOPLE} == {"en", "fr"}


def test_what_became_of_ideas_that_no_initiative_answers() -> None:
    assert sum("duplicate_of" in i for i in IDEAS.values()) == 18
    assert Counter(i["outcome"] for i in IDEAS.values() if "outcome" in i) == NOT_WORKED_UP
    assert not [n for n, i in IDEAS.items() if "duplicate_of" in i and "outcome" in i]
    for n, i in IDEAS.items():
        told = i.get("outcome") in {"declined", "passed_on"}
        assert ("public_text" in i) == told, n
        assert ("reason" in i) == (i.get("outcome") == "declined"), n
        assert ("passed_to" in i) == (i.get("outcome") == "passed_on"), n
        assert i.get("passed_to", "clerk") in DEPARTMENTS, n
        if i.get("outcome") == "withdrawn":
            assert i["withdrawn_day"] > i["day"], n


def test_both_languages_speak_about_equally_and_most_but_not_all_propose_something() -> None:
    languages = Counter(i["language"] for i in IDEAS.values())
    assert set(languages) == {"en", "fr"}
    assert min(languages.values()) >= 105
    assert 150 <= sum("proposal" in i for i in IDEAS.values()) <= 175


# --- references ---


@pytest.mark.parametrize("n", sorted(EVERY_IDEA))
def test_an_idea_points_at_things_that_exist(n: int) -> None:
    idea = EVERY_IDEA[n]
    assert idea["title"].strip()
    assert len(idea["title"]) <= 80
    assert idea["problem"].strip()
    assert idea["theme"] in THEMES
    assert idea["district"] in {*DISTRICTS, "whole_city"}
    assert idea["channel"] in {"web", "meeting", "phone", "paper"}
    assert ("meeting" in idea) == (idea["channel"] == "meeting")
    assert idea["support"] >= 0
    call = CALLS[idea["call"]]
    assert 0 <= idea["day"] <= (200 if n in IDEAS else CITY["clock"]["today"] - 1)
    assert call["opens_day"] <= idea["day"] <= call["closes_day"]
    if "meeting" in idea:
        meeting = MEETINGS[idea["meeting"]]
        assert meeting["day"] <= idea["day"] <= meeting["last_day"]


def test_a_duplicate_follows_an_original_that_is_none_itself() -> None:
    for n, idea in IDEAS.items():
        if "duplicate_of" not in idea:
            continue
        seen = {n}
        original = idea
        while "duplicate_of" in original:
            target = original["duplicate_of"]
            assert target not in seen, f"idea {n} is a duplicate of itself in the end"
            seen.add(target)
            original = IDEAS[target]
        assert len(seen) == 2, f"idea {n} points at another duplicate"
        assert "outcome" not in original, f"the original of idea {n} is not worked up"
        assert original["day"] <= idea["day"], f"idea {n} came before its original"


def test_every_idea_to_work_up_is_in_an_initiative_and_no_other_is() -> None:
    used = Counter(n for i in INITIATIVES.values() for n in i["ideas"])
    assert set(used) == to_work_up()
    assert sum(count == 2 for count in used.values()) >= 5
    assert max(used.values()) == 2
    sizes = Counter(len(i["ideas"]) for i in INITIATIVES.values())
    assert sizes[12] == 1
    assert max(sizes) == 12
    assert all(len(set(i["ideas"])) == len(i["ideas"]) >= 1 for i in INITIATIVES.values())


@pytest.mark.parametrize("n", sorted(EVERY_INITIATIVE))
def test_an_initiative_is_complete_and_within_its_scales(n: int) -> None:
    initiative = EVERY_INITIATIVE[n]
    assert set(initiative) | {"requires"} == set(INITIATIVES[1])
    assert initiative["department"] in DEPARTMENTS
    assert initiative["kind"] in {"service", "pilot", "rule", "project"}
    assert 1 <= initiative["timeframe_months"] <= 60
    assert 1 <= initiative["effort"] <= 5
    assert 0 <= initiative["risk"] <= 5
    keys = [t["key"] for t in initiative["themes"]]
    assert keys
    assert set(keys) <= set(THEMES)
    assert len(set(keys)) == len(keys)
    assert all(1 <= t["impact"] <= 3 for t in initiative["themes"])
    if initiative["area"] != "whole_city":
        assert initiative["area"]
        assert set(initiative["area"]) <= set(DISTRICTS)
    assert set(initiative["hint"]) == {"enabling", "strategy", "citizens", "return"}
    assert all(0 <= v <= 1 for v in initiative["hint"].values())
    assert initiative["costs"]
    for line in initiative["costs"]:
        assert line["amount"] > 0
        assert line["kind"] in {"capital", "operating"}
        assert line["funding"] in {"secured", "sought", "none"}
    assert not (initiative["quick_win"] and band(initiative["timeframe_months"]) != "short")
    assert "chosen" not in initiative, "the ranking chooses, not the data"


def test_what_an_initiative_requires_exists_and_never_requires_it_back() -> None:
    requires = {n: set(i.get("requires", [])) for n, i in INITIATIVES.items()}
    assert any(requires.values())
    for n in requires:
        reached: set[int] = set()
        front = set(requires[n])
        while front:
            assert front <= set(INITIATIVES)
            reached |= front
            front = {m for k in front for m in requires[k]} - reached
        assert n not in reached


def test_titles_of_initiatives_are_told_apart_in_both_languages() -> None:
    for language in ("en", "fr"):
        assert len({plain(i["title"][language]) for i in EVERY_INITIATIVE.values()}) == 140 + 18


def test_the_best_seventy_by_hint_have_about_the_mix_of_time_frames() -> None:
    best = sorted(INITIATIVES.values(), key=lambda i: -sum(i["hint"].values()))[:70]
    found = Counter(band(i["timeframe_months"]) for i in best)
    for name, expected in PORTFOLIO.items():
        assert abs(found[name] - expected) <= 2, found


# --- texts ---


def test_no_two_residents_wrote_the_same_words() -> None:
    problems = Counter(plain(i["problem"]) for i in EVERY_IDEA.values())
    assert [text for text, count in problems.items() if count > 1] == []
    proposals = Counter(plain(i["proposal"]) for i in EVERY_IDEA.values() if "proposal" in i)
    assert [text for text, count in proposals.items() if count > 1] == []


def test_only_the_texts_sent_twice_repeat_an_idea() -> None:
    kinds = Counter(e["kind"] for e in EXTRA)
    assert set(kinds) == {"test", "advertising", "empty", "sent_twice", "insult", "outside_call"}
    known = {plain(i["problem"]) for i in EVERY_IDEA.values()}
    assert len({e["key"] for e in EXTRA}) == len(EXTRA)
    for extra in EXTRA:
        assert ("same_as" in extra) == (extra["kind"] == "sent_twice"), extra["key"]
        if "same_as" in extra:
            idea = IDEAS[extra["same_as"]]
            assert extra["problem"] == idea["problem"]
            assert extra.get("proposal") == idea.get("proposal")
            assert extra["language"] == idea["language"]
            assert extra["day"] >= idea["day"]
        else:
            assert plain(extra["problem"]) not in known, extra["key"]


LOCALIZED = {
    "calls.toml": {"title", "intro", "consent", "text", "label", "name"},
    "meetings.toml": {"title", "place", "summary"},
    "initiatives": {"title", "need", "need_of", "need_evidence", "summary", "who_gains", "label"},
    "city.toml": {"name", "long_name", "about", "description", "group", "notice", "text", "keywords"},
    "ideas": {"public_text"},
    "second-ideas": {"public_text"},
    "second-initiatives": {"title", "need", "need_of", "need_evidence", "summary", "who_gains", "label"},
    "reports.toml": {"name"},
    "money.toml": {"label"},
    "council.toml": {"text"},
    "notes.toml": {"low", "high"},
    "second-rules.toml": {"label", "question", "unit", "worst", "best"},
    "second-round.toml": {"text"},
}


@pytest.mark.parametrize("prefix", sorted(LOCALIZED))
def test_both_languages_stand_wherever_one_is_due(prefix: str) -> None:
    met: set[str] = set()
    for name, document in read(f"{prefix}*"):
        for path, value in walk(document):
            key = path.rpartition(".")[2]
            if key in LOCALIZED[prefix]:
                met.add(key)
                assert isinstance(value, dict), f"{name}{path} has one language"
            if isinstance(value, dict) and {"en", "fr"} & set(value):
                assert {"en", "fr"} <= set(value), f"{name}{path}"
                assert len(value["en"]) > 0, f"{name}{path}.en"
                assert len(value["fr"]) > 0, f"{name}{path}.fr"
                if path.endswith(("need", "summary", "public_text", "need_evidence")):
                    assert plain(value["en"]) != plain(value["fr"]), f"{name}{path} is not translated"
    assert met == LOCALIZED[prefix]


def french_texts() -> Iterator[tuple[str, str]]:
    for name, document in read("*.toml"):
        for path, value in walk(document):
            if isinstance(value, str) and ".fr" in path:
                yield f"{name}{path}", value
    for n, idea in EVERY_IDEA.items():
        if idea["language"] == "fr":
            yield f"idea {n}", f"{idea['title']}\n{idea['problem']}\n{idea.get('proposal', '')}"


def test_french_keeps_its_accents_and_its_signs() -> None:
    texts = list(french_texts())
    for where, text in texts:
        assert "'" not in text, f"{where}: straight apostrophe"
        assert " :" not in text, f"{where}: breaking space before a colon"
        assert "« " not in text, f"{where}: breaking space inside quotation marks"
    assert len(texts) > 1000
    sentences = [text for _, text in texts if len(text) >= 60]
    accented = sum(bool(re.search(r"[àâçéèêëîïôùûœ]", text)) for text in sentences)
    assert accented / len(sentences) > 0.85
    bare = r"\b(deja|etait|meme|apres|tres|probleme|annee|ecole|eleve|reponse|deneigement|systeme)\b"
    assert [where for where, text in texts if re.search(bare, text.casefold())] == []


def test_no_address_or_number_of_a_person_is_in_the_texts() -> None:
    for name, document in read("*.toml"):
        for path, value in walk(document):
            if isinstance(value, str):
                assert "@" not in value.replace("@mail.example", ""), f"{name}{path}"
                numbers = re.findall(r"\b\d{3}[-. ]\d{4}\b", value)
                assert all(number.startswith("555-01") for number in numbers), f"{name}{path}"


# --- the place ---


def test_twelve_districts_tile_the_city() -> None:
    assert sum(d["population"] for d in DISTRICTS.values()) == CITY["population"] == 410_000
    assert {d["deprivation_quintile"] for d in DISTRICTS.values()} == {1, 2, 3, 4, 5}
    shapes = []
    for code, district in DISTRICTS.items():
        ring = district["boundary"]
        assert ring[0] == ring[-1], code
        assert 6 <= len(ring) - 1 <= 14, code
        shape = Polygon(ring)
        assert shape.is_valid, code
        shapes.append(shape)
    whole = unary_union(shapes)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(sum(s.area for s in shapes), rel=1e-9)
    river = LineString(CITY["river"]["line"])
    assert whole.buffer(1e-9).covers(river)
    assert sum(river.distance(s) == 0 for s in shapes) >= 8


@pytest.mark.parametrize("code", sorted(SERVICES))
def test_a_report_service_asks_questions_that_open311_knows(code: str) -> None:
    service = SERVICES[code]
    assert service["target_days"] >= 1
    assert service["department"] in DEPARTMENTS
    for number, question in enumerate(service["questions"], 1):
        assert question["order"] == number
        listed = question["datatype"] in {"singlevaluelist", "multivaluelist"}
        assert listed or question["datatype"] in {"string", "number", "datetime", "text"}
        assert ("values" in question) == listed
        keys = [v["key"] for v in question.get("values", [])]
        assert len(set(keys)) == len(keys)


def test_services_cover_the_datatypes_and_name_the_emergency_line() -> None:
    assert 10 <= len(SERVICES) == len(CITY["report_services"]) <= 14
    used = {q["datatype"] for s in SERVICES.values() for q in s["questions"]}
    used |= {q["datatype"] for c in CALLS.values() for q in c.get("questions", [])}
    assert used == {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
    assert "911" in SERVICES["water-leak"]["notice"]["en"]
    assert "911" in SERVICES["water-leak"]["notice"]["fr"]


def test_the_call_to_firms_gives_no_advantage_and_marks_what_stays_confidential() -> None:
    call = CALLS["call-for-innovation"]
    assert "no advantage" in call["intro"]["en"]
    assert "aucun avantage" in call["intro"]["fr"]
    assert {q["confidential"] for q in call["questions"]} == {True, False}


def test_every_call_is_planned_and_says_how_answers_are_judged() -> None:
    for slug, call in CALLS.items():
        days = [d["day"] for d in call["planned_dates"]]
        assert days == sorted(days), slug
        assert {call["opens_day"], call["closes_day"]} <= set(days), slug
        assert len(call["judged_by"]) >= 3, slug
        assert call["moderation"] in {"before", "after"}, slug
        assert set(call["themes"]) <= set(THEMES), slug


# --- problem reports ---


def test_shares_and_streets_are_complete() -> None:
    assert [t["service"] for t in REPORTS["report_texts"]] == list(SERVICES)
    assert sum(t["share"] for t in REPORTS["report_texts"]) == pytest.approx(1)
    assert sum(REPORTS["sources"].values()) == pytest.approx(1)
    assert len(REPORTS["streets"]) == 60
    assert {d for s in REPORTS["streets"] for d in s["districts"]} == set(DISTRICTS)
    for language in ("en", "fr"):
        assert len({s["name"][language] for s in REPORTS["streets"]}) == 60
    assert all(len(hours) == 24 for hours in REPORTS["hour_profiles"].values())
    assert all(len(days) == 7 for days in REPORTS["weekday_profiles"].values())


@pytest.mark.parametrize("texts", REPORTS["report_texts"], ids=lambda t: t["service"])
def test_report_texts_have_a_place_and_believable_factors(texts: Record) -> None:
    for language in ("en", "fr"):
        assert len(set(texts[language])) == 12
        assert all(t.count("{place}") == 1 and t.count("{") == 1 for t in texts[language])
    assert len(texts["months"]) == 12
    assert min(texts["months"]) >= 0
    assert sum(texts["months"]) > 0
    assert texts["hours"] in REPORTS["hour_profiles"]
    assert texts["weekdays"] in REPORTS["weekday_profiles"]
    assert set(texts["districts"]) | set(texts.get("slower", {})) <= set(DISTRICTS)
    assert 0 < texts["close"]["median_days"] < texts["close"]["p90_days"]
    assert 0 <= texts["close"]["never"] < 0.5


def test_events_lie_inside_the_two_years_and_name_known_services() -> None:
    for event in REPORTS["events"]:
        assert 0 <= event["first_day"] <= event["last_day"] < REPORTS["days"]
        assert set(event["factors"]) <= set(SERVICES)
        assert min(event["factors"].values()) > 1

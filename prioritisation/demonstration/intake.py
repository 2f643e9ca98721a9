"""What came in and what the desk did with it: invitations, meetings, ideas, triage."""

from datetime import datetime, timedelta
from typing import Any

from engagement import services as engagement
from engagement.models import Call, Department, District, Idea, Meeting, ReportService, Support, Theme, User
from prioritisation.demonstration import content
from prioritisation.demonstration.city import question
from prioritisation.demonstration.clock import Clock

KINDS = {"call_for_innovation": "innovation"}

DECLINE_REASONS = {
    "not_city": "not_city",
    "already_exists": "already_exists",
    "not_city_wide": "not_possible",
    "out_of_reach": "not_possible",
    "out_of_scope": "not_possible",
    "test": "test",
    "advertising": "advertising",
    "empty": "test",
    "sent_twice": "sent_twice",
    "insult": "abusive",
    "outside_call": "outside_call",
}

TRIAGE_DAYS = 4
"""How long the desk takes to look at an idea."""
CAMPAIGN_DAY = 717
SUPPORT_ENDS_DAY = 712
"""The day before the second programme's ideas are worked up."""


def gather(*, clock: Clock, staff: dict[str, list[User]]) -> dict[int, Idea]:
    """Brings in everything that residents sent. Gives the eligible ideas by their number."""
    calls = _calls(clock, staff["administrator"][0])
    meetings = _meetings(clock, calls, staff["administrator"][0])
    themes = {theme.key: theme for theme in Theme.objects.all()}
    districts = {district.code: district for district in District.objects.all()}
    clerk, moderators = staff["intake_clerk"][0], staff["moderator"]
    ideas: dict[int, Idea] = {}
    rows = [(row["day"], 0, row) for row in content.ideas()] + [
        (row["day"], 1, row) for row in content.extras()
    ]
    for number, (_day, extra, row) in enumerate(sorted(rows, key=lambda item: item[:2])):
        idea = _send(row, number, clock, calls, meetings, themes, districts, clerk)
        if extra:
            _turn_away(idea, row, clock, moderators[number % 2])
        else:
            ideas[row["n"]] = idea
            _publish(idea, row, clock, moderators[number % 2])
    for row in content.ideas():
        _settle(ideas, row, clock, moderators[row["n"] % 2])
    return ideas


def gather_second(*, clock: Clock, staff: dict[str, list[User]]) -> dict[int, Idea]:
    """What came to the second idea box so far: most of it published, the newest still in the queue."""
    themes = {theme.key: theme for theme in Theme.objects.all()}
    districts = {district.code: district for district in District.objects.all()}
    calls = {call.slug: call for call in Call.objects.all()}
    ideas: dict[int, Idea] = {}
    for row in sorted(content.second_ideas(), key=lambda one: (one["day"], one["n"])):
        by = staff["moderator"][row["n"] % 2]
        idea = _send(row, row["n"], clock, calls, {}, themes, districts, staff["intake_clerk"][0])
        ideas[row["n"]] = idea
        triage = row.get("triage", "publish")
        if triage == "correction":
            engagement.ask_correction(
                idea=idea,
                by=by,
                at=clock.at(row["day"] + TRIAGE_DAYS),
                reason=row["correction_reason"],
                text=row["public_text"],
            )
        elif triage != "queue":
            _publish(idea, row, clock, by)
            _support(idea, row, clock)
    return ideas


def _support(idea: Idea, row: dict[str, Any], clock: Clock) -> None:
    """As many residents as are written support the idea, one after the other once it is public."""
    first, last = row["day"] + TRIAGE_DAYS + 1, SUPPORT_ENDS_DAY
    for number in range(row.get("support", 0)):
        at = clock.at(min(first + number % 60, max(first, last)), hour=7 + number % 15, minute=number % 60)
        voter = f"supporter{row['n']}-{number}@mail.example"
        engagement.support_idea(idea=idea, voter=voter, kind=Support.Kind.CONFIRMED, at=at)


def sort_letters(*, clock: Clock, staff: dict[str, list[User]]) -> None:
    """What was not one idea: a letter is split into its ideas, and one text goes on as a problem report."""
    written, by = content.letters(), staff["moderator"][0]
    themes = {theme.key: theme for theme in Theme.objects.all()}
    districts = {district.code: district for district in District.objects.all()}
    calls = {call.slug: call for call in Call.objects.all()}
    clerk = staff["intake_clerk"][0]
    letter, report = (
        _send(written[name], 400 + place, clock, calls, {}, themes, districts, clerk)
        for place, name in enumerate(("letter", "report"))
    )
    parts = [engagement.Quotation(problem=part) for part in written["letter"]["parts"]]
    day = written["letter"]["day"] + TRIAGE_DAYS
    for idea in engagement.split_idea(idea=letter, parts=parts, by=by, at=clock.at(day)):
        engagement.publish_idea(idea=idea, by=by, at=clock.at(day, hour=13))
    service = ReportService.objects.get(code=written["report"]["service"])
    at = clock.at(written["report"]["day"] + TRIAGE_DAYS)
    engagement.take_as_report(idea=report, service=service, by=by, at=at)


def put_beside(*, clock: Clock, staff: dict[str, list[User]], ideas: dict[int, Idea]) -> None:
    """Translations by the city's staff, and a campaign whose copies wait in the queue."""
    written, by = content.letters(), staff["moderator"][0]
    for row in written["translations"]:
        idea = Idea.objects.get(pk=ideas[row["n"]].pk)
        words = engagement.Beside(**{name: value for name, value in row.items() if name != "n"})
        engagement.translate_idea(idea=idea, words=words, by=by, at=clock.at(CAMPAIGN_DAY))
    themes = {theme.key: theme for theme in Theme.objects.all()}
    districts = {district.code: district for district in District.objects.all()}
    calls = {call.slug: call for call in Call.objects.all()}
    letter = written["campaign"]
    for place, own in enumerate(letter["own_words"]):
        row = {**letter, "problem": f"{letter['problem']} {own}".strip()}
        _send(row, 410 + place, clock, calls, {}, themes, districts, staff["intake_clerk"][0])


def _calls(clock: Clock, by: User) -> dict[str, Call]:
    calls = {}
    for one in content.calls():
        themes = list(Theme.objects.filter(key__in=one.get("themes", [])))
        calls[one["slug"]] = engagement.save_call(
            by=by,
            at=clock.at(one["opens_day"]),
            themes=themes,
            values={
                "slug": one["slug"],
                "kind": KINDS.get(one["kind"], one["kind"]),
                "title": one["title"],
                "intro": one["intro"],
                "consent": one["consent"],
                "moderation": one.get("moderation", "before"),
                "supports": one.get("supports", Call.Supports.NONE),
                "notes": one.get("notes", Call.Notes.NONE),
                "appeal_days": one.get("appeal_days"),
                "opens_at": clock.moment(one["opens_day"]),
                "closes_at": clock.moment(one["closes_day"]) if "closes_day" in one else None,
                "planned_dates": [
                    {"date": clock.date(step["day"]), "label": step["label"]}
                    for step in one.get("planned_dates", [])
                ],
                "judging_questions": [asked["text"] for asked in one.get("judged_by", [])],
                "questions": [question(asked) for asked in one.get("questions", [])],
            },
        )
    return calls


def _meetings(clock: Clock, calls: dict[str, Call], by: User) -> dict[str, Meeting]:
    meetings = {}
    for one in content.meetings():
        meetings[one["key"]] = engagement.record_meeting(
            by=by,
            at=clock.at(one["day"]),
            values={
                "call": calls[one.get("call", "idea-box")],
                "kind": one["kind"],
                "title": one["title"],
                "date": clock.date(one["day"]),
                "place": one["place"]["en"][:200],
                "district": District.objects.filter(code=one.get("district", "")).first(),
                "attendance": one.get("attendance"),
            },
        )
    return meetings


def _send(
    row: dict[str, Any],
    number: int,
    clock: Clock,
    calls: dict[str, Call],
    meetings: dict[str, Meeting],
    themes: dict[str, Theme],
    districts: dict[str, District],
    clerk: User,
) -> Idea:
    """One idea as its sender sent it, or as the clerk typed it in."""
    at = clock.at(row["day"], hour=8 + number % 12, minute=number * 7 % 60)
    call = calls[row.get("call", "idea-box")]
    typed_in = row["channel"] != "web" or not call.is_public or not call.is_open(at)
    draft = engagement.IdeaDraft(
        problem=row["problem"],
        proposal=row.get("proposal", ""),
        title=row.get("title", ""),
        language=row["language"],
        themes=[themes[row["theme"]]] if row.get("theme") else [],
        place=engagement.Place(
            whole_city=row.get("district") == "whole_city",
            district=districts.get(row.get("district", "")),
            address=row.get("address", ""),
        ),
        answers={key: str(value) for key, value in row.get("answers", {}).items()},
        sender=engagement.Sender(
            email=f"resident{number:03d}@mail.example", wants_updates=True, may_be_asked=number % 2 == 0
        )
        if number % 5 == 0
        else engagement.Sender(),
    )
    idea = engagement.submit_idea(
        call=call,
        draft=draft,
        at=at,
        by=clerk if typed_in else None,
        channel=row["channel"],
        meeting=meetings.get(row.get("meeting", "")),
    )
    engagement.confirm_contact(record=idea, at=at)  # whoever sent it used the link in the first mail
    return idea


def _turn_away(idea: Idea, row: dict[str, Any], clock: Clock, by: User) -> None:
    engagement.decline_idea(
        idea=idea, by=by, at=clock.at(row["day"] + TRIAGE_DAYS), reason=DECLINE_REASONS[row["kind"]]
    )


def _publish(idea: Idea, row: dict[str, Any], clock: Clock, by: User) -> None:
    if idea.state == Idea.State.PUBLISHED:
        return  # an invitation whose ideas are public at once
    engagement.publish_idea(idea=idea, by=by, at=clock.at(row["day"] + TRIAGE_DAYS))


def _settle(ideas: dict[int, Idea], row: dict[str, Any], clock: Clock, by: User) -> None:
    """What the desk found out later: duplicates, declines, things for others, second thoughts."""
    idea = ideas[row["n"]]
    at = clock.at(min(row["day"] + 30, 240))
    if "duplicate_of" in row:
        engagement.link_duplicate(idea=idea, original=ideas[row["duplicate_of"]], by=by, at=at)
    elif row.get("outcome") == "declined":
        engagement.decline_idea(
            idea=idea,
            by=by,
            at=at,
            reason=DECLINE_REASONS[row["reason"]],
            text=row["public_text"],
        )
    elif row.get("outcome") == "passed_on":
        _pass_on(idea, row, at, by)
    elif row.get("outcome") == "withdrawn":
        engagement.withdraw_idea(idea=idea, at=clock.at(row["withdrawn_day"]))


def _pass_on(idea: Idea, row: dict[str, Any], at: datetime, by: User) -> None:
    """To a department, which answers within two weeks."""
    department = Department.objects.get(code=row["passed_to"])
    referral = engagement.pass_on_idea(idea=idea, by=by, at=at, reason="to_department", department=department)
    assert referral is not None
    answered = at + timedelta(days=12)
    engagement.answer_referral(referral=referral, answer=row["public_text"], by=by, at=answered)

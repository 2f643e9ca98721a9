"""The meeting kit: lines typed in by a link that ends, and the meeting's public page."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from engagement import links, models, services
from engagement.services import LineWords, Refused
from tests import factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def meeting_in(**call: Any) -> models.Meeting:
    made: models.Meeting = models.Meeting.objects.create(
        call=factories.Call(**call),
        kind="workshop",
        title={"en": "In the hall"},
        date=timezone.localdate(),
        district=factories.District(),
    )
    return made


def link_to(meeting: models.Meeting | None = None, ends_in: timedelta = HOUR) -> models.MeetingLink:
    at = min(timezone.now(), timezone.now() + ends_in) - HOUR
    return services.make_meeting_link(
        meeting=meeting or meeting_in(),
        ends_at=timezone.now() + ends_in,
        by=factories.staff("manager", permissions=["engagement.manage_call"]),
        at=at,
    )


def line(link: models.MeetingLink, problem: str = "No bench at the pond", key: str = "", **more: Any) -> Any:
    words = LineWords(problem=problem, language="en", **more)
    return services.record_line(link=link, words=words, key=key, at=timezone.now())


def test_a_line_waits_at_the_desk_even_where_the_call_is_closed_and_public_at_once() -> None:
    meeting = meeting_in(moderation="after", closes_at=timezone.now() - HOUR)
    kept = line(link_to(meeting), hands=7)
    idea = kept.idea
    assert (idea.state, idea.channel, idea.meeting, idea.district) == (
        "received",
        "meeting",
        meeting,
        meeting.district,
    )
    assert kept.hands == 7
    assert idea.events.get().actor == "resident"


def test_what_the_browser_sends_twice_is_one_idea() -> None:
    link = link_to()
    assert line(link, key="a").pk == line(link, key="a").pk
    assert line(link, key="b").pk != line(link, key="a").pk
    assert models.Idea.objects.count() == 2


def test_hands_are_no_supports() -> None:
    idea = line(link_to(), hands=40).idea
    found = models.Idea.objects.with_supporters().get(pk=idea.pk)
    assert (found.supporters_confirmed, found.supporters_token, found.supporters_paper) == (0, 0, 0)


def test_an_ended_link_takes_nothing() -> None:
    link = link_to(ends_in=-HOUR / 2)
    with pytest.raises(Refused, match="has ended"):
        line(link)
    with pytest.raises(Refused, match="has ended"):
        services.count_heads(link=link, count=3, at=timezone.now())


def test_a_line_is_corrected_until_staff_decide() -> None:
    kept = line(link_to(), "No bnech")
    at = timezone.now()
    services.change_line(line=kept, words=LineWords("No bench, call 514 555-0199", "en", 3), at=at)
    kept.refresh_from_db()
    kept.idea.refresh_from_db()
    assert (kept.hands, kept.idea.problem) == (3, "No bench, call 514 555-0199")
    assert "555" not in kept.idea.public_problem + kept.idea.search
    moderator = factories.staff("moderator", permissions=["engagement.triage_idea"])
    services.publish_idea(idea=kept.idea, by=moderator, at=at)
    kept = models.MeetingLine.objects.get(pk=kept.pk)
    with pytest.raises(Refused, match="decided"):
        services.change_line(line=kept, words=LineWords("Other", "en"), at=at)
    with pytest.raises(Refused, match="decided"):
        services.take_back_line(line=kept, at=at)


def test_only_who_makes_invitations_makes_links() -> None:
    clerk = factories.staff("clerk", permissions=["engagement.type_in_idea"])
    at = timezone.now()
    with pytest.raises(Refused):
        services.make_meeting_link(meeting=meeting_in(), ends_at=at + HOUR, by=clerk, at=at)
    with pytest.raises(Refused):
        services.end_meeting_link(link=link_to(), by=clerk, at=at)


# Pages -------------------------------------------------------------------------------------------


def test_lines_without_script(client: Client) -> None:
    link = link_to()
    path = links.kit_path(link)
    answer = client.post(path, {"do": "lines", "lines": "No bench\n\n  Too few bins \n", "language": "fr"})
    assert answer.status_code == 303
    assert list(link.lines.values_list("idea__problem", "idea__language")) == [
        ("No bench", "fr"),
        ("Too few bins", "fr"),
    ]
    page = client.get(answer["Location"])
    assert "2 lines so far" in page.text
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_lines_by_script_answer_what_was_kept(client: Client) -> None:
    link = link_to()
    sent = {"do": "lines", "lines": "No bench", "language": "en", "key": "k1"}
    for _again in range(2):
        answer = client.post(links.kit_path(link), sent, headers={"accept": "application/json"})
    assert json.loads(answer.content) == {
        "kept": [{"reference": link.lines.get().idea.reference, "title": "No bench"}]
    }


def test_bad_lines_come_back_with_what_was_typed(client: Client) -> None:
    path = links.kit_path(link_to())
    for lines, told in (
        ("", "Write what stands on the note."),
        ("x" * 2001, "more than 2000 characters"),
        ("x\n" * 51, "At most 50"),
    ):
        answer = client.post(path, {"do": "lines", "lines": lines})
        assert (answer.status_code, told in answer.text) == (422, True), told
        assert lines.strip() in answer.text
    assert not models.Idea.objects.exists()


def test_hands_words_heads_and_taking_back(client: Client) -> None:
    link = link_to()
    kept = line(link)
    path = links.kit_path(link)
    assert (
        client.post(path, {"do": "change", "line": kept.pk, "problem": "A bench", "hands": "12"}).status_code
        == 303
    )
    assert client.post(path, {"do": "heads", "count": "85"}).status_code == 303
    kept.refresh_from_db()
    link.refresh_from_db()
    assert (kept.hands, link.head_count) == (12, 85)
    for bad in ({"do": "heads", "count": "many"}, {"do": "heads", "count": "-1"}):
        assert client.post(path, bad).status_code == 422
    assert client.post(path, {"do": "change", "line": kept.pk, "problem": ""}).status_code == 422
    assert client.post(path, {"do": "take_back", "line": kept.pk}).status_code == 303
    kept.idea.refresh_from_db()
    assert kept.idea.state == "withdrawn"


def test_a_line_of_another_link_is_not_changed(client: Client) -> None:
    link = link_to()
    at = timezone.now()
    other = services.make_meeting_link(
        meeting=link.meeting, ends_at=at + HOUR, by=models.User.objects.get(username="manager"), at=at
    )
    kept = line(other)
    for typed in (kept.pk, "0", "x", ""):
        answer = client.post(links.kit_path(link), {"do": "change", "line": typed, "problem": "Mine"})
        assert answer.status_code == 404


@pytest.mark.parametrize("broken", ["forged", "other", "ended", "renewed"])
def test_links_that_open_nothing(client: Client, broken: str) -> None:
    link = link_to(ends_in=-HOUR / 2 if broken == "ended" else HOUR)
    path = links.kit_path(link)
    if broken == "forged":
        path = f"{path[:-6]}00000/"
    if broken == "other":
        path = path.replace(f"/{link.pk}/", f"/{link.pk + 1}/")
    if broken == "renewed":
        services.end_meeting_link(link=link, by=link.made_by, at=timezone.now() - HOUR / 2)
    for answer in (client.get(path), client.post(path, {"lines": "x"}), client.get(f"{path}sheet/")):
        assert answer.status_code == 404
        assert "This link opens nothing" in answer.text


def test_the_sheet_has_slips_that_open_the_tracking_page(client: Client) -> None:
    link = link_to()
    idea = line(link).idea
    page = client.get(links.kit_path(link, page="kit_sheet"))
    assert idea.reference in page.text
    assert links.tracking_code(idea) in page.text
    assert "<svg" in page.text
    assert "style=" not in page.text, "a strict content policy takes no inline style"


def photo_file() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    file.seek(0)
    file.name = "wall.png"
    return file


def test_the_wall_is_for_staff_alone(client: Client) -> None:
    link = link_to()
    path = links.kit_path(link)
    assert client.post(path, {"do": "photo", "photo": photo_file()}).status_code == 422, "rights"
    assert client.post(path, {"do": "photo", "photo": photo_file(), "photo_rights": "on"}).status_code == 303
    photo = models.Photo.objects.get()
    assert photo.meeting == link.meeting
    assert client.get(f"/photos/{photo.pk}/").status_code == 404
    client.force_login(factories.staff("clerk", permissions=["engagement.type_in_idea"]))
    assert client.get(f"/photos/{photo.pk}/").status_code == 200
    client.force_login(factories.staff("nobody"))
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_the_public_page_says_what_was_said_and_what_became_of_it(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    link = link_to()
    kept = [line(link, f"No bench number {number}", hands=number) for number in range(8)]
    models.Idea.objects.filter(pk__in=[one.idea_id for one in kept[:5]]).update(
        state="published", published_at=timezone.now()
    )
    models.Idea.objects.filter(pk=kept[5].idea_id).update(state="declined", text_hidden=True)
    services.count_heads(link=link, count=85, at=timezone.now())
    with django_assert_max_num_queries(12):
        page = client.get(f"/meetings/{link.meeting.pk}/")
    assert "85 people" in page.text
    assert "4 hands in the room" in page.text
    assert "2 are still being read by staff" in page.text
    for number in (5, 6, 7):
        assert f"No bench number {number}" not in page.text


def test_a_meeting_of_staff_has_no_public_page(client: Client) -> None:
    assert client.get(f"/meetings/{meeting_in(kind='in_reach').pk}/").status_code == 404


def test_staff_make_show_and_end_a_link(client: Client) -> None:
    meeting = meeting_in()
    client.force_login(factories.staff("manager", permissions=["engagement.manage_call"]))
    page = f"/admin/engagement/meeting/{meeting.pk}/kit/"
    ends = (timezone.localtime() + HOUR).strftime("%Y-%m-%dT%H:%M")
    assert client.post(page, {"make": "1", "ends_at": "2020-01-01T10:00"}).status_code == 200
    assert "still to come" in client.post(page, {"make": "1", "ends_at": "2020-01-01T10:00"}).text
    assert client.post(page, {"make": "1", "ends_at": ends}).status_code == 302
    link = models.MeetingLink.objects.get()
    assert links.kit_path(link) in client.get(page).text
    client.post(page, {"end": link.pk})
    assert links.kit_path(link) not in client.get(page).text
    assert client.get(links.kit_path(link)).status_code == 404

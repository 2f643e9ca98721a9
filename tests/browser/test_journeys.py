"""What a resident can do, from the first look to the last wish: in both languages, with and without script,
on a small phone, with the keyboard alone."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from engagement import links, services
from engagement.models import Idea, Meeting, Person, Report
from tests import factories
from tests.browser.conftest import HERE, WRITTEN
from tests.browser.resident import Resident
from tests.prioritisation import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "ana@mail.example"


@pytest.fixture
def idea(call: Any) -> Any:
    return Idea.objects.get(reference="2026-59999")


def test_finding_out_what_is_asked_and_which_door_to_take(who: Resident) -> None:
    base = scene.make_city(timezone.now() - timedelta(days=3))
    scene.publish(base, timezone.now() - timedelta(days=1))
    who.opens("/")
    for words in ("When will I hear?", "What happens with my data?", "Open invitations"):
        who.reads(words)
    expect(who.page.locator("#funnel-title")).to_be_visible()
    who.presses(who.link("How we treat your data"))
    who.page.wait_for_url("**/privacy/")
    who.opens("/")
    door = who.link("I have an idea")
    who.tabs_to(door)
    assert door.evaluate("one => getComputedStyle(one, '::after').outlineStyle") == "solid"
    who.presses(door)
    expect(who.field("What is the problem, and for whom?")).to_be_visible()
    who.opens("/")
    who.presses(who.link("I want to report a problem"))
    expect(who.field("What is it about?")).to_be_visible()


def test_sharing_an_idea(who: Resident, call: Any, tmp_path: Any) -> None:
    picture = tmp_path / "stop.jpg"
    Image.new("RGB", (40, 30), "red").save(picture)
    who.opens("/calls/ideas/send/")
    who.writes(who.field("What is the problem, and for whom?"), f"{WRITTEN} Call 514 555 0199.")
    expect(who.page.locator("[data-similar]")).to_be_visible(visible=who.script)
    who.chooses(who.field("Part of the city"), "Ouest" if who.language == "fr" else "West")
    who.writes(who.page.locator("#id_email"), ADDRESS)
    who.ticks(who.field("Tell me by e-mail what becomes of it"))
    who.presses(who.button("See it first"))
    who.reads("This is how it will be shown")
    expect(who.page.locator("article")).not_to_contain_text("514")
    expect(who.page.locator(".similar")).to_contain_text("Foundry Road")
    who.presses(who.button("Change something"))
    who.page.locator("#id_photo").set_input_files(picture)  # the system's own window chooses the file
    who.writes(who.field("What does the photo show?"), "The stop")
    who.ticks(who.field("I took this photo or may share it, and nobody can be recognised in it"))
    who.presses(who.button("Send"))
    who.reads("Your text holds something private")
    who.page.locator("#id_photo").set_input_files(picture)
    who.presses(who.button("Send it as it is"))
    who.page.wait_for_url("**/t/**")
    who.reads("Thank you. We have it.")
    sent = Idea.objects.get(problem__contains="514")
    assert (sent.language, sent.district.code, sent.photos.count()) == (who.language, "west", 1)
    assert sent.contact.email == ADDRESS


def test_supporting_a_similar_one_instead(who: Resident, idea: Any) -> None:
    who.opens("/calls/ideas/send/")
    who.writes(who.field("What is the problem, and for whom?"), WRITTEN)
    if not who.script:
        who.presses(who.button("See it first"))
    who.presses(who.link("Support this one instead"))
    who.page.wait_for_url(f"**/ideas/{idea.reference}/#support")
    who.presses(who.button("Support this idea"))
    who.reads("You support this idea.")
    assert idea.supports.count() == 1
    who.presses(who.button("Take it back"))
    who.reads("Nobody has supported this idea yet")


def test_confirming_an_address_and_keeping_control_of_what_one_sent(who: Resident, call: Any) -> None:
    sender = services.Sender(email=ADDRESS, wants_updates=True)
    draft = services.IdeaDraft(problem="No bench at the pond.", language=who.language, sender=sender)
    sent = services.submit_idea(call=call, draft=draft, at=timezone.now())
    who.page.goto(who.link_in_mail("/address/"))
    who.presses(who.button("Yes, this address is mine"))
    who.reads("Your address is confirmed")
    who.opens("/mine/")
    who.writes(who.field("Your e-mail address"), ADDRESS)
    who.presses(who.button("Send me the link"))
    who.reads("Check your e-mail")
    who.page.goto(who.link_in_mail("/me/"))
    who.presses(who.button("Show it to me"))
    who.reads("What I sent")
    expect(who.link(sent.title)).to_be_visible()
    with who.page.expect_download() as copy:
        who.presses(who.link("Take a copy of everything we keep about me (JSON)"))
    assert ADDRESS in json.dumps(json.loads(copy.value.path().read_text()))
    who.presses(who.link("Erase everything about me"))
    who.ticks(who.field("Remove my words too"))
    who.presses(who.button("Erase it"))
    expect(who.page.locator("main form")).to_have_count(0)
    sent.refresh_from_db()
    assert (sent.contact, sent.problem, Person.objects.count()) == (None, "", 0)


def test_following_until_one_has_enough(who: Resident, idea: Any) -> None:
    who.opens(f"/ideas/{idea.reference}/")
    who.presses(who.part("Follow: mail me what becomes of it"))
    who.writes(who.page.locator("#follow_email"), ADDRESS)
    who.presses(who.button("Send me the link"))
    who.reads("Check your e-mail")
    who.page.goto(who.link_in_mail("/me/"))
    who.presses(who.button("Yes, mail me what becomes of it"))
    who.reads("You follow this: we mail you what becomes of it.")
    at = timezone.now()
    services.decline_idea(
        idea=idea, by=factories.staff("decides", superuser=True), at=at, reason=factories.Reason().code
    )
    tomorrow = timedelta(hours=25)
    assert services.tell_persons(at=at + tomorrow) == 1
    who.page.goto(who.link_in_mail("/stop/", later=tomorrow))
    who.presses(who.button("Stop them"))
    who.reads("You get no more of these messages")
    assert Person.objects.get().rhythm == Person.Rhythm.NEVER


def test_adding_a_note_and_reporting_abuse(who: Resident, idea: Any) -> None:
    who.opens(f"/ideas/{idea.reference}/")
    who.presses(who.part("Add a note"))
    who.ticks(who.field("an objection"))
    who.writes(who.field("Your note"), "A roof would hide the view.")
    who.presses(who.button("Send the note"))
    who.reads("Thank you. Your note is public.")
    assert idea.notes.get().kind == "objection"
    who.presses(who.button("Take my note back"))
    who.reads("Your note is taken back.")
    who.presses(who.link("Report this text"))
    who.ticks(who.page.locator("input[name=reason]").nth(1))
    who.presses(who.button("Send the report"))
    who.reads("Thank you. A moderator looks at it.")
    assert idea.abuse_reports.count() == 1


def test_answering_back(who: Resident, call: Any) -> None:
    at, staff = timezone.now(), factories.staff("decides", superuser=True)
    factories.Reason(action="ask_correction", code="unclear", text={"en": "Where?", "fr": "Où?"})
    unclear, declined = factories.Idea(call=call), factories.Idea(call=call)
    services.ask_correction(idea=unclear, by=staff, at=at, reason="unclear")
    services.decline_idea(idea=declined, by=staff, at=at, reason=factories.Reason().code)
    who.opens(links.tracking_path(unclear, who.language))
    who.presses(who.link("Correct and send again"))
    who.writes(who.field("What is the problem, and for whom?"), "The lamp at Elm and First is dark.")
    who.presses(who.button("Send again"))
    who.reads("Thank you. Staff look at your text again.")
    who.opens(links.tracking_path(declined, who.language))
    who.presses(who.link("Ask us to look again"))
    who.writes(who.field("Why should we look again?"), "There is a school next door.")
    who.presses(who.button("Ask to look again"))
    who.reads("Thank you. Somebody else than who declined your idea looks at it now.")
    unclear.refresh_from_db()
    assert (unclear.state, declined.appeals.count()) == ("received", 1)


@pytest.fixture
def lamp(call: Any) -> Report:
    at = timezone.now() - timedelta(days=1)
    name = {"en": "Lamp", "fr": "Lampadaire"}
    service = factories.ReportService(code="lamp", name=name, target_days=5)
    found: Report = factories.Report(service=service, address="12 Elm", received_at=at, **HERE)
    return found


def test_reporting_a_problem(who: Resident, lamp: Report) -> None:
    who.opens("/report/")
    who.writes(who.field("What is it about?"), "lamp")
    if not who.script:
        who.page.keyboard.press("Enter")
    expect(who.page.locator("main").get_by_role("link", name=str(lamp.service.name["en"])[:4])).to_have_count(
        1
    )
    who.presses(who.link(lamp.service.name[who.language]))
    who.writes(who.field("What is wrong?"), "It is dark.")
    who.writes(who.field("Address or place"), "12 Elm")
    if who.script:
        who.page.keyboard.press("Tab")
        expect(who.page.locator("[data-similar-count]")).to_be_visible()
    else:
        who.presses(who.button("Send"))
        who.reads("Your report is not sent yet. Others have told us of something near there.")
    who.presses(who.button("Me too"))
    who.reads("You said that you have this problem too.")
    assert (Report.objects.count(), lamp.me_toos.count()) == (1, 1)
    who.opens("/report/lamp/")
    who.writes(who.field("What is wrong?"), "This one flickers.")
    who.writes(who.field("Address or place"), "900 Oak")
    who.presses(who.button("Send"))
    who.reads("Thank you. We have it.")
    assert Report.objects.count() == 2


def test_it_is_not_fixed(who: Resident, lamp: Report) -> None:
    Report.objects.filter(pk=lamp.pk).update(state="closed", closed_at=timezone.now())
    who.opens(links.tracking_path(lamp, who.language))
    who.ticks(who.field("No, it is not fixed"))
    who.writes(who.field("If not: what is still wrong?"), "It is dark again.")
    who.presses(who.button("Tell the city"))
    who.reads("Thank you. Your report is open again, and staff read what you wrote.")
    lamp.refresh_from_db()
    assert lamp.state == "received"


def test_browsing_ideas(who: Resident, idea: Any) -> None:
    factories.Idea(call=idea.call, state="published", whole_city=True)
    who.opens("/ideas/")
    who.presses(who.part("More filters"))
    who.chooses(who.field("Part of the city"), "Ouest" if who.language == "fr" else "West")
    who.presses(who.button("Show"))
    who.page.wait_for_url("**district=west**")
    expect(who.page.locator("ol.card-list > li")).to_have_count(1)
    feed = who.link("This list as an Atom feed").get_attribute("href")
    assert idea.public_title in who.page.request.get(str(feed)).text()
    who.presses(who.link("Show these on a map"))
    expect(who.page.locator("table.data tbody tr")).to_have_count(1)
    if who.script:
        who.presses(who.button("Open the map"))
        expect(who.page.locator(".map-hexagon")).to_have_count(1)
    who.opens("/calls/ideas/")
    who.presses(who.link("Sheet to print for a meeting"))
    expect(who.page.locator(".qr-box svg")).to_be_visible()


def test_typing_in_at_a_meeting(who: Resident, call: Any) -> None:
    at = timezone.now()
    title = {"en": "In the hall", "fr": "Dans la salle"}
    meeting = Meeting.objects.create(call=call, kind="workshop", title=title, date=at.date())
    manager = factories.staff("manager", permissions=["engagement.manage_call"])
    link = services.make_meeting_link(meeting=meeting, ends_at=at + timedelta(hours=1), by=manager, at=at)
    who.page.goto(links.kit_path(link, who.language))
    who.page.context.set_offline(who.script)
    who.writes(who.page.locator("[name=lines]"), "No bench at the pond")
    if who.script:
        who.page.keyboard.press("Enter")
        expect(who.page.locator("[data-kit-waiting] li")).to_have_count(1)
        assert link.lines.count() == 0
        who.page.context.set_offline(False)
        expect(who.page.locator("[data-kit-waiting] li")).to_have_count(0)
        who.page.reload()
    else:
        who.presses(who.button("Send these lines"))
        who.reads("Sent. Staff read each line before it is public.")
    assert [line.idea.problem for line in link.lines.all()] == ["No bench at the pond"]
    who.writes(who.page.locator("[name=count]"), "40")
    who.presses(who.button("Keep the number"))
    who.reads("The number is kept.")
    who.presses(who.link("Sheet to print, with slips to tear off"))
    expect(who.page.locator(".slips li")).to_have_count(1)

"""Flags: why a text is read first, told to staff and to its sender; nothing is blocked, nothing lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from engagement import links, services
from engagement.flags import FlagKind, Reason, Signs, listed_words, reasons
from engagement.forms.hygiene import HygieneFields, new_form_key
from engagement.models import Call, Flag, Idea, Report
from engagement.services.flagging import holds
from tests import factories

PROBLEM = "There is no shelter at my stop, and old people wait in the rain."


def kinds(text: str = PROBLEM, **signs: Any) -> list[str]:
    more = {name: signs.pop(name) for name in ("words", "others") if name in signs}
    return [str(reason.kind) for reason in reasons(text, signs=Signs(**signs), **more)]


def test_a_plain_text_has_none() -> None:
    assert kinds(from_network=3, words=["casino"], others=[("2026-1", "Another text.")]) == []


@pytest.mark.parametrize(
    ("text", "signs", "kind"),
    [
        (PROBLEM, {"trap": True}, "honeypot"),
        (PROBLEM, {"quick": True}, "quick"),
        ("See https://a.example and www.b.example", {}, "links"),
        (PROBLEM, {"from_network": 9}, "velocity"),
        (PROBLEM, {"others": [("2026-00007", PROBLEM.upper())]}, "near_duplicate"),
        ("The CASINO is loud.", {"words": ["casino"]}, "word"),
        ("Write to ana@mail.example", {}, "personal"),
    ],
)
def test_each_reason_by_itself(text: str, signs: Any, kind: str) -> None:
    assert kinds(text, **signs) == [kind]


def test_the_word_list_knows_whole_words_and_no_accents() -> None:
    assert listed_words("Une pièce à Québec", ["piece", "quebec", "bec", " "]) == ["piece", "quebec"]
    assert listed_words("two words here", ["two words", "words two"]) == ["two words"]


@pytest.mark.parametrize(
    ("moderation", "kind", "held"),
    [
        ("flagged", FlagKind.LINKS, True),
        ("after", FlagKind.LINKS, False),
        ("after", FlagKind.HONEYPOT, True),
        ("after", FlagKind.QUICK, True),
    ],
)
def test_what_holds_where(moderation: str, kind: FlagKind, held: bool) -> None:
    assert holds(moderation, [Reason(kind)]) == held
    assert not holds(moderation, [])


def call_of(**values: Any) -> Any:
    return factories.Call(**{"opens_at": factories.OPENED, "moderation": Call.Moderation.FLAGGED, **values})


def send(client: Any, call: Any, problem: str, **more: str) -> Any:
    return client.post(f"/calls/{call.slug}/send/", {"problem": problem, "personal_ok": "1", **more})


@pytest.mark.django_db
def test_only_what_is_flagged_waits_and_its_sender_reads_why(client: Any) -> None:
    call = call_of(word_list="casino")
    send(client, call, PROBLEM)
    assert Idea.objects.get().state == "published"
    answer = send(client, call, "The casino keeps us awake at night.")
    idea = Idea.objects.latest("pk")
    assert (idea.state, idea.flags.get().detail) == ("received", "casino")
    page = client.get(answer["Location"]).content.decode()
    assert "it holds a word that staff look at first" in page
    french = client.get(links.tracking_path(idea, "fr")).content.decode()
    assert "le personnel" in french.lower()


@pytest.mark.django_db
def test_where_staff_read_everything_first_nobody_is_told_a_reason(client: Any) -> None:
    call = call_of(moderation=Call.Moderation.BEFORE)
    answer = send(client, call, "See https://a.example and https://b.example")
    assert Flag.objects.get().kind == "links"
    assert "This is why" not in client.get(answer["Location"]).content.decode()


@pytest.mark.django_db
def test_the_same_text_again_is_named(client: Any) -> None:
    call = call_of()
    send(client, call, PROBLEM)
    send(client, call, f"  {PROBLEM}  ")
    first, second = Idea.objects.order_by("pk")
    assert (second.state, second.flags.get().detail) == ("received", first.reference)


@pytest.mark.django_db
def test_many_from_one_network_wait_and_others_do_not(client: Any) -> None:
    call = call_of()
    for n in range(9):
        send(client, call, f"The lamp number {n} at our corner is broken again.")
    assert list(Flag.objects.values_list("kind", flat=True)) == ["velocity"]
    client.post(
        f"/calls/{call.slug}/send/",
        {"problem": "A bench, please, for the old people."},
        REMOTE_ADDR="203.0.113.9",
    )
    assert Idea.objects.latest("pk").state == "published"


@pytest.mark.django_db
def test_flags_stand_with_the_idea_or_not_at_all(monkeypatch: Any, now: Any) -> None:
    def fails(**_values: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services.ideas.Event.objects, "create", fails)
    draft = services.IdeaDraft(problem=PROBLEM, language="en")
    with pytest.raises(RuntimeError):
        services.submit_idea(call=call_of(), draft=draft, at=now, signs=Signs(trap=True))
    assert not Flag.objects.exists()
    assert not Idea.objects.exists()


@pytest.mark.django_db
def test_the_desk_shows_and_filters_them(client: Any, moderator: Any) -> None:
    call = call_of()
    plain = services.submit_idea(
        call=call, draft=services.IdeaDraft(problem="Zz quiet", language="en"), at=timezone.now()
    )
    flagged = services.submit_idea(
        call=call,
        draft=services.IdeaDraft(problem="Zz loud", language="en"),
        at=timezone.now(),
        signs=Signs(trap=True),
    )
    client.force_login(moderator)
    listed = client.get("/admin/engagement/idea/?state=all&flag=honeypot").content.decode()
    assert flagged.reference in listed
    assert plain.reference not in listed
    page = client.get(f"/admin/engagement/idea/{flagged.pk}/change/").content.decode()
    assert "the invisible field was filled in" in page
    public = client.get("/ideas/").content.decode() + client.get("/api/v1/ideas/").content.decode()
    assert "honeypot" not in public


@pytest.mark.parametrize(("opened_ago", "quick"), [(0.5, True), (5, False), (-3, False), (-300, False)])
def test_a_form_of_a_server_whose_clock_is_ahead_is_not_quick(opened_ago: float, quick: bool) -> None:
    form = HygieneFields({"form_key": new_form_key()})
    assert form.is_valid()
    opened = form._opened_at()
    assert opened is not None
    at = datetime.fromtimestamp(opened + opened_ago, UTC)
    assert form.signs(at, 1).quick is quick


@pytest.mark.django_db
def test_a_doubtful_report_is_public_and_staff_read_why(client: Any, administrator: Any) -> None:
    service = factories.ReportService(code="lamp")
    sent = {
        "description": "See https://a.example, https://b.example",
        "address": "12 Elm",
        "similar_seen": "1",
    }
    client.post("/report/lamp/", {**sent, "website": "http://spam.example"})
    client.post("/report/lamp/", {**sent, "description": "The lamp is dark."})
    doubtful, plain = Report.objects.filter(service=service).order_by("pk")
    assert [flag.kind for flag in doubtful.flags.all()] == ["honeypot", "links"]
    assert doubtful.is_public
    assert not plain.flags.exists()
    client.force_login(administrator)
    page = client.get(f"/admin/engagement/report/{doubtful.pk}/change/").content.decode()
    assert "the invisible field was filled in" in page
    listed = client.get("/admin/engagement/report/?flag=links").content.decode()
    assert doubtful.reference in listed
    assert plain.reference not in listed


@pytest.mark.django_db
def test_the_same_report_is_found_behind_all_that_came_since(monkeypatch: Any) -> None:
    monkeypatch.setattr(services.flagging, "MOST_TWINS", 3)
    at = timezone.now()
    service = factories.ReportService()
    words = "Call 514 555 0199! The lamp at the École is dark."
    draft = {"language": "en", "place": services.Place(address="12 Elm")}

    def send(text: str, service: Any = service) -> Report:
        return services.submit_report(
            service=service, draft=services.ReportDraft(description=text, **draft), at=at, signs=Signs()
        )

    first = send(words)
    for number in range(6):
        send(f"Another lamp, number {number}.")
    again = send(words.upper())
    assert again.flags.get(kind="near_duplicate").detail == first.reference
    assert not send(words, factories.ReportService()).flags.filter(kind="near_duplicate").exists()


@pytest.mark.django_db
def test_a_twin_that_is_older_than_the_newest_is_found_too(monkeypatch: Any) -> None:
    monkeypatch.setattr(services.flagging, "MOST_TWINS", 0)
    twin = factories.Idea(title="", problem=PROBLEM, public_problem=PROBLEM, public_title="")
    factories.Idea(call=twin.call, problem="A bench, please.")
    found = services.flagging.find_flags(
        call=twin.call, problem=PROBLEM.upper(), title="Rain", signs=Signs(), at=timezone.now()
    )
    assert found == [Reason(FlagKind.NEAR_DUPLICATE, twin.reference)]


@pytest.mark.django_db
def test_another_title_over_the_same_text_hides_nothing(client: Any) -> None:
    call = call_of()
    send(client, call, PROBLEM, title="Rain at the stop")
    send(client, call, PROBLEM, title="Please read this one")
    first, second = Idea.objects.order_by("pk")
    assert (second.state, second.flags.get().detail) == ("received", first.reference)


def test_signs_that_nobody_sees_do_not_hide_a_number() -> None:
    assert kinds("My number is 046 4\x0054 286") == ["personal"]

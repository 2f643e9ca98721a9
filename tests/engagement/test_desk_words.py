"""What the desk's pages say: all that is in question, in words, and what a list leaves out."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from engagement import services
from engagement.admin.idea_verbs import LinkForm
from engagement.models import AbuseReport, Flag, Notice, RetentionRule
from engagement.templatetags.winnow import language_name
from tests import factories
from tests.staff_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return signed_in(factories.staff("all", superuser=True))


def page(desk: Client, path: str) -> str:
    return desk.get(f"/admin/engagement/{path}").content.decode()


def test_a_report_of_abuse_shows_all_that_the_reader_may_have_meant(desk: Client) -> None:
    words = {"public_title": "Zztitle", "public_problem": "Zzproblem", "public_proposal": "Zzproposal"}
    idea = factories.Idea(state="published", language="fr", **words)
    told = services.report_abuse(idea=idea, reason="insult", text="", at=timezone.now())
    shown = page(desk, f"abusereport/{told.pk}/change/")
    assert all(one in shown for one in words.values())
    assert '<div lang="fr"' in shown
    assert "Zzproposal" in page(desk, "abusereport/"), "and the list, as far as it has room"


@pytest.mark.parametrize("outcome", ["kept", "hidden"])
def test_one_answer_to_several_reports_of_abuse_says_so(desk: Client, outcome: str) -> None:
    idea = factories.Idea(state="published")
    for reason in AbuseReport.Reason.values[:3]:
        told = services.report_abuse(idea=idea, reason=reason, text="", at=timezone.now())
    path = f"/admin/engagement/abusereport/{told.pk}/handle/"
    assert (
        "It answers all 3 reports about it."
        in desk.post(path, {"outcome": outcome}, follow=True).content.decode()
    )


def test_one_answer_to_one_report_of_abuse_counts_nothing(desk: Client) -> None:
    told = services.report_abuse(
        idea=factories.Idea(state="published"), reason="insult", text="", at=timezone.now()
    )
    answer = desk.post(f"/admin/engagement/abusereport/{told.pk}/handle/", {"outcome": "kept"}, follow=True)
    assert "It stays as it is." in answer.content.decode()
    assert "It answers" not in answer.content.decode()


def test_personal_data_that_was_found_is_named_in_words(desk: Client) -> None:
    idea = factories.Idea()
    Flag.objects.create(idea=idea, kind="personal", detail="email, sin", raised_at=timezone.now())
    assert "(an e-mail address, a social insurance number)" in page(desk, f"idea/{idea.pk}/change/")
    assert Flag(kind="word", detail="email, casino").detail_in_words == "email, casino"


def test_a_language_stands_small_in_a_french_sentence_and_in_words_on_a_report(desk: Client) -> None:
    assert language_name("fr") == "French"
    with translation.override("fr"):
        assert language_name("en") == "anglais"
    report = factories.Report(language="fr")
    assert "<dd>French</dd>" in page(desk, f"report/{report.pk}/change/")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"address": "12 Mill Street"}, "12 Mill Street"),
        ({"whole_city": True, "address": "12 Mill Street"}, "the whole city, 12 Mill Street"),
        ({"latitude": 45.5, "longitude": -73.56}, "(45.50000, -73.56000)"),
        ({}, "not said"),
    ],
)
def test_the_parts_of_a_place_are_parted(values: dict[str, Any], shown: str) -> None:
    told = render_to_string("admin/engagement/place_fact.html", {"record": factories.Idea.build(**values)})
    assert told.partition("<dd>")[2].removesuffix("</dd>\n").strip() == shown


def test_coordinates_are_written_for_maps_in_french_too() -> None:
    record = factories.Idea.build(latitude=45.5, longitude=-73.56)
    with translation.override("fr"):
        assert "(45.50000, -73.56000)" in render_to_string(
            "admin/engagement/place_fact.html", {"record": record}
        )


def test_more_open_ones_near_a_report_than_are_named_are_said(desk: Client) -> None:
    service, at = factories.ReportService(), timezone.now()
    place: dict[str, Any] = {"service": service, "latitude": 45.5, "longitude": -73.5}
    mine, *_others = (factories.Report(received_at=at - timedelta(hours=n), **place) for n in range(6))
    assert "There are more" not in page(desk, f"report/{mine.pk}/change/")
    factories.Report(received_at=at, **place)
    assert "There are more; these are the 5 likeliest." in page(desk, f"report/{mine.pk}/change/")


def test_the_newest_mail_stands_first(desk: Client) -> None:
    at = timezone.now()
    for day in (3, 1, 2):
        services.queue_notice(
            kind="engagement.idea_received",
            at=at - timedelta(days=day),
            contact=factories.Contact(),
            idea=factories.Idea(reference=f"2026-9000{day}"),
        )
    assert Notice.objects.count() == 3
    shown = page(desk, "notice/")
    places = [shown.index(f"2026-9000{day}") for day in (1, 2, 3)]
    assert places == sorted(places)


def test_of_a_number_or_a_choice_neither_is_called_optional() -> None:
    verb: Any = None
    shown = LinkForm(verb=verb, records=[factories.Idea()]).as_div()
    assert shown.count("(optional)") == 1, "the note"


def test_filters_are_headed_by_what_they_ask(desk: Client) -> None:
    shown = page(desk, "idea/")
    assert "<summary> Read first because </summary>" in shown
    assert "By read first" not in shown


def test_a_mail_is_headed_by_what_it_tells(desk: Client) -> None:
    idea = factories.Idea()
    notice = services.queue_notice(
        kind="engagement.idea_received", at=timezone.now(), contact=factories.Contact(), idea=idea
    )
    assert notice is not None
    assert f"Idea: Received: mail {notice.pk}</h1>" in page(desk, f"notice/{notice.pk}/change/")


def test_what_would_go_now_is_said_with_words(desk: Client) -> None:
    RetentionRule.objects.update_or_create(kind="abuse-report", defaults={"days": 365, "active": True})
    shown = page(desk, "retentionrule/")
    assert "365 days" in shown
    assert "0 would go now" in shown


def test_a_preview_that_was_refused_as_stale_can_be_gone_on_from(desk: Client) -> None:
    """The page shows the record as it is now: who presses again has seen that."""
    idea = factories.Idea(version=7)
    address, typed = "/admin/engagement/idea/do/publish/", {"note": "", "next": "/admin/engagement/idea/"}
    shown = desk.post(address, {**typed, "selected": f"{idea.pk}:3", "_preview": "1"})
    assert "was changed by somebody else" in shown.content.decode()
    assert shown.context["selected"] == f"{idea.pk}:7"
    again = desk.post(address, {**typed, "selected": shown.context["selected"], "_preview": "1"})
    assert again.context["preview"] is not None


def test_a_form_that_was_not_complete_keeps_the_version_that_was_seen(desk: Client) -> None:
    idea = factories.Idea(version=7)
    typed = {"selected": f"{idea.pk}:3", "_preview": "1", "next": "/admin/engagement/idea/"}
    assert desk.post("/admin/engagement/idea/do/decline/", typed).context["selected"] == f"{idea.pk}:3"

"""After closing: is it fixed? Yes stays closed, no opens it again; and news in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from engagement import links, services
from engagement.models import Event, Notice, Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed() -> Report:
    at = timezone.now() - timedelta(days=2)
    report: Report = factories.Report(
        state="closed",
        closed_at=at,
        received_at=at,
        contact=factories.Contact(),
        service=factories.ReportService(target_days=5),
    )
    return report


def path(report: Report, page: str = "") -> str:
    return f"/t/{report.reference}/{links.tracking_token(report)}/{page}"


def answer(client: Any, report: Report, **said: Any) -> Any:
    return client.post(path(report, "fixed/"), {"version": report.version, **said})


def test_the_private_page_asks_and_the_public_one_does_not(client: Any, closed: Report) -> None:
    assert "but is it fixed?" in client.get(path(closed)).content.decode()
    assert "but is it fixed?" not in client.get(f"/reports/{closed.reference}/").content.decode()


def test_yes_stays_closed_and_is_asked_once(client: Any, closed: Report) -> None:
    assert answer(client, closed, fixed="yes")["Location"].endswith("done=fixed")
    closed.refresh_from_db()
    assert closed.state == "closed"
    assert "but is it fixed?" not in client.get(path(closed)).content.decode()
    assert "says that it is fixed" in client.get(f"/reports/{closed.reference}/").content.decode()
    answer(client, closed, fixed="no", words="No.")
    closed.refresh_from_db()
    assert closed.state == "closed"


def test_no_opens_it_again_with_masked_words_and_a_new_date(client: Any, closed: Report) -> None:
    assert answer(client, closed, fixed="no", words="Still dark, call 514 555 0199").status_code == 303
    seen = closed.version
    closed.refresh_from_db()
    assert (closed.state, closed.closed_at) == ("received", None)
    assert closed.expected_at is not None
    assert closed.expected_at > timezone.now()
    public = client.get(f"/reports/{closed.reference}/").content.decode()
    assert "Still dark" in public
    assert "555 0199" not in public
    client.post(path(closed, "fixed/"), {"version": seen, "fixed": "no", "words": "Again."})
    assert Event.objects.filter(verb="not_fixed").count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "fixed"), ({"fixed": "maybe"}, "fixed"), ({"fixed": "no", "words": " "}, "words")],
)
def test_bad_answers_are_said_beside_the_field(client: Any, closed: Report, said: Any, field: str) -> None:
    page = answer(client, closed, **said)
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()
    assert not Event.objects.exists()


def test_an_old_page_is_told_that_it_changed(client: Any, closed: Report, moderator: Any) -> None:
    page = answer(client, closed, fixed="yes", version=closed.version + 7)
    assert page.status_code == 422
    assert "was changed by somebody else" in page.content.decode()


def test_after_thirty_days_it_is_a_new_problem(client: Any, closed: Report, now: Any) -> None:
    Report.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(days=31))
    closed.refresh_from_db()
    assert "but is it fixed?" not in client.get(path(closed)).content.decode()
    assert client.post(path(closed, "fixed/"), {"fixed": "no", "words": "x"}).status_code == 303
    with pytest.raises(services.Refused):
        services.not_fixed_report(report=closed, words="x", at=timezone.now())
    assert not Event.objects.exists()


def test_only_the_private_link_answers(client: Any, closed: Report) -> None:
    assert client.post(f"/t/{closed.reference}/{'0' * 32}/fixed/", {"fixed": "yes"}).status_code == 404
    idea = factories.Idea()
    assert client.get(f"/t/{idea.reference}/{links.tracking_token(idea)}/fixed/").status_code == 303


def test_erasing_the_words_takes_those_of_the_answer_too(client: Any, closed: Report) -> None:
    answer(client, closed, fixed="no", words="My own words")
    client.post(path(closed, "erase/"), {"words": "remove"})
    assert not Event.objects.filter(text__icontains="My own words").exists()


def test_news_reach_the_sender_and_the_public_and_change_no_state(
    client: Any, moderator: Any, clerk: Any
) -> None:
    at = timezone.now()
    report = factories.Report(contact=factories.Contact(updates_consent_at=at), state="in_progress")
    news = {"en": "The part is ordered."}
    for refused in ({"by": clerk, "text": news}, {"by": moderator, "text": {"en": " "}}):
        with pytest.raises(services.Refused):
            services.update_report(report=report, at=at, **refused)
    services.update_report(report=report, by=moderator, at=at, text=news)
    report.refresh_from_db()
    assert report.state == "in_progress"
    assert "The part is ordered." in client.get(f"/reports/{report.reference}/").content.decode()
    assert Notice.objects.get().kind == "engagement.report_update"

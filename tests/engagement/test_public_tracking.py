"""The private page: opened by its link or code and by nothing else, kept nowhere."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from engagement import emails, links, services
from engagement.models import Contact, Idea, IdeaRevision, Notice
from tests import factories

pytestmark = pytest.mark.django_db

PLACES = ["", "withdraw/", "erase/", "correct/"]


@pytest.fixture
def idea(now: Any) -> Any:
    return services.submit_idea(
        call=factories.Call(opens_at=factories.OPENED),
        draft=services.IdeaDraft(
            problem="A dark lamp at my corner.",
            language="en",
            sender=services.Sender(name="Ana", email="ana@mail.example", wants_updates=True),
        ),
        at=now,
    )


def path(record: Any, page: str = "") -> str:
    return f"/t/{record.reference}/{links.tracking_token(record)}/{page}"


def ask_correction(idea: Any, moderator: Any, now: Any) -> None:
    factories.Reason(action="ask_correction", code="unclear", text={"en": "Where is this corner?"})
    services.ask_correction(idea=idea, by=moderator, at=now, reason="unclear")


@pytest.mark.parametrize("page", PLACES)
def test_a_wrong_token_opens_nothing(client: Any, idea: Any, page: str) -> None:
    other = factories.Idea(reference="2026-77777")
    for token in ("0" * 32, links.tracking_token(other), links.tracking_token(idea)[:-1], "é" * 32):
        assert client.get(f"/t/{idea.reference}/{token}/{page}").status_code == 404
        assert client.post(f"/t/{idea.reference}/{token}/{page}", {"words": "remove"}).status_code in (
            404,
            405,
        )
    assert client.get(f"/t/2026-99999/{links.tracking_token(idea)}/{page}").status_code == 404
    idea.refresh_from_db()
    assert (idea.state, idea.contact is None) == ("received", False)


@pytest.mark.parametrize("page", PLACES)
def test_no_cache_no_referrer_no_search_engine(
    client: Any, idea: Any, moderator: Any, now: Any, page: str
) -> None:
    ask_correction(idea, moderator, now)
    answer = client.get(path(idea, page))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    # A form under no-referrer sends "Origin: null", which the forgery check refuses.
    assert answer["Referrer-Policy"] == ("same-origin" if page else "no-referrer")
    assert "noindex" in answer["X-Robots-Tag"]
    assert 'name="robots" content="noindex' in answer.content.decode()


def test_the_page_names_the_next_step_and_says_when_it_is_late(client: Any, idea: Any) -> None:
    idea.call.planned_dates = [{"date": "2190-03-01", "label": {"en": "The council decides"}}]
    idea.call.save()
    text = client.get(path(idea)).content.decode()
    assert "Next step:" in text
    assert "The council decides" in text
    idea.call.planned_dates = [{"date": "2020-03-01", "label": {"en": "The council decides"}}]
    idea.call.save()
    assert "We are late" not in client.get(path(idea)).content.decode(), "it came after that date"
    Idea.objects.filter(pk=idea.pk).update(received_at=datetime(2020, 2, 1, tzinfo=UTC))
    assert "We are late" in client.get(path(idea)).content.decode()
    assert "Nous sommes en retard" in client.get(f"/fr{path(idea)}").content.decode()
    Idea.objects.filter(pk=idea.pk).update(outcome="in_plan")
    assert "We are late" not in client.get(path(idea)).content.decode()


def test_after_a_question_the_next_step_is_the_senders_own(
    client: Any, idea: Any, moderator: Any, now: Any
) -> None:
    idea.call.planned_dates = [{"date": "2190-03-01", "label": {"en": "The council decides"}}]
    idea.call.save()
    ask_correction(idea, moderator, now)
    page = client.get(path(idea)).content.decode()
    assert "you correct your text and send it again" in page
    assert "There is no last day" in page
    assert "The council decides" not in page
    mail = emails.compose(Notice.objects.get(kind="engagement.idea_ask_correction"), now)
    assert "The council decides" not in str(mail.body)


def test_correct_and_send_again(client: Any, idea: Any, moderator: Any, now: Any) -> None:
    assert client.get(path(idea, "correct/")).status_code == 303
    ask_correction(idea, moderator, now)
    assert "Where is this corner?" in client.get(path(idea)).content.decode()
    form = client.get(path(idea, "correct/")).content.decode()
    assert "A dark lamp at my corner." in form
    values = {"problem": "The lamp at Elm and First is dark.", "version": 2}
    answer = client.post(path(idea, "correct/"), values)
    assert answer.status_code == 303
    idea.refresh_from_db()
    assert (idea.state, idea.public_problem) == ("received", values["problem"])
    assert IdeaRevision.objects.get().problem == "A dark lamp at my corner."


def test_a_correction_that_comes_second_is_told_and_kept(
    client: Any, idea: Any, moderator: Any, now: Any
) -> None:
    ask_correction(idea, moderator, now)
    answer = client.post(path(idea, "correct/"), {"problem": "Too late?", "version": 1})
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.content.decode()
    assert "Too late?" in answer.content.decode()
    assert not IdeaRevision.objects.exists()
    empty = client.post(path(idea, "correct/"), {"problem": "", "proposal": "Lamps!", "version": 2})
    assert empty.status_code == 422
    assert "Lamps!" in empty.content.decode()


def test_withdrawing_is_asked_first_and_happens_once(client: Any, idea: Any) -> None:
    assert "Withdraw" in client.get(path(idea, "withdraw/")).content.decode()
    idea.refresh_from_db()
    assert idea.state == "received"
    assert client.post(path(idea, "withdraw/")).status_code == 303
    idea.refresh_from_db()
    assert idea.state == "withdrawn"
    again = client.post(path(idea, "withdraw/"))
    assert again.status_code == 303
    page = client.get(path(idea)).content.decode()
    assert "You took it back." in page
    assert "A dark lamp" not in page


@pytest.mark.parametrize(("words", "kept"), [("keep", True), ("remove", False)])
def test_erasing_takes_the_person_and_closes_the_link(client: Any, idea: Any, words: str, kept: bool) -> None:
    old = path(idea)
    assert client.post(path(idea, "erase/"), {}).status_code == 422
    assert Contact.objects.exists()
    answer = client.post(path(idea, "erase/"), {"words": words})
    assert "Your data is erased" in answer.content.decode()
    assert not Contact.objects.exists()
    idea.refresh_from_db()
    assert bool(idea.problem) is kept
    assert client.get(old).status_code == 404


def test_a_published_idea_whose_words_were_erased_keeps_a_page_without_them(
    client: Any, idea: Any, moderator: Any, now: Any
) -> None:
    services.publish_idea(idea=idea, by=moderator, at=now)
    client.post(path(idea, "erase/"), {"words": "remove"})
    page = client.get(f"/ideas/{idea.reference}/")
    assert page.status_code == 200
    assert "dark lamp" not in page.content.decode()


def test_reference_and_code_open_the_page_however_they_are_typed(client: Any, idea: Any) -> None:
    code = links.tracking_code(idea)
    for typed in (code, code.replace("-", "").lower(), f" {code.replace('-', ' ')} "):
        answer = client.post("/track/", {"reference": f" {idea.reference} ", "code": typed})
        assert answer.status_code == 303
        assert answer["Location"] == path(idea)


def test_the_answer_to_a_wrong_code_is_the_same_for_any_reference(client: Any, idea: Any) -> None:
    errors = []
    for reference in (idea.reference, "2026-99999"):
        text = client.post("/track/", {"reference": reference, "code": "AAAA-AAAA"}).content.decode()
        assert "do not go together" in text
        errors.append(text.split("error-summary")[1].split("</ul>")[0])
    assert errors[0] == errors[1]


def test_codes_are_not_guessed_from_one_address_nor_for_one_reference(
    client: Any, idea: Any, now: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("engagement.views.tracking.timezone", SimpleNamespace(now=lambda: now))

    def attempt(reference: str, address: str) -> int:
        values = {"reference": reference, "code": links.tracking_code(idea)}
        return int(client.post("/track/", values, REMOTE_ADDR=address).status_code)

    for number in range(10):
        assert attempt(f"2026-8{number:04d}", "192.0.2.1") == 422
    assert attempt(idea.reference, "192.0.2.1") == 429
    assert attempt(idea.reference, "192.0.2.2") == 303
    for number in range(8):
        client.post("/track/", {"reference": idea.reference, "code": "X"}, REMOTE_ADDR=f"198.51.100.{number}")
    assert attempt(idea.reference, "203.0.113.1") == 429


def test_an_answer_in_french_stays_in_french(client: Any, idea: Any) -> None:
    answer = client.post("/fr/track/", {"reference": idea.reference, "code": links.tracking_code(idea)})
    assert answer["Location"] == f"/fr{path(idea)}"
    text = client.get(answer["Location"]).content.decode()
    assert '<html lang="fr"' in text
    assert f"/fr{path(idea, 'erase/')}" in text


def test_a_report_has_the_same_page(client: Any) -> None:
    report = factories.Report(expected_at=timezone.now() - timedelta(days=2))
    text = client.get(path(report)).content.decode()
    assert report.reference in text
    assert "We are late" in text
    assert client.get(path(report, "correct/")).status_code == 303
    assert client.post(path(report, "withdraw/")).status_code == 303
    report.refresh_from_db()
    assert report.state == "withdrawn"


def test_queries_of_the_private_page(client: Any, idea: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        client.get(path(idea))

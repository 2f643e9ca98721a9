"""Sending an idea: one page that loses nothing, then the private page."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from engagement import links
from engagement.models import Call, Idea
from tests import factories

pytestmark = pytest.mark.django_db

PROBLEM = "No shelter at my stop, and older people wait in the rain."


def open_call(**values: Any) -> Any:
    return factories.Call(**{"opens_at": timezone.now() - timedelta(days=3), **values})


def form_values(client: Any, path: str) -> dict[str, str]:
    """The hidden fields of a freshly opened form."""
    page = client.get(path).content.decode()
    return {"form_key": re.search(r'name="form_key" value="([^"]+)"', page).group(1)}


def path_of(call: Any) -> str:
    return f"/calls/{call.slug}/send/"


def test_from_the_form_to_the_thank_you_page(client: Any) -> None:
    call = open_call()
    answer = client.post(path_of(call), {**form_values(client, path_of(call)), "problem": PROBLEM})
    idea = Idea.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"{links.tracking_path(idea)}?thanks=1"
    page = client.get(answer["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert idea.reference in text
    assert links.tracking_code(idea) in text
    assert f"http://testserver{links.tracking_path(idea)}" in text
    # Nothing public yet: "Share" must not offer the private address instead.
    assert links.public_path(idea) not in text
    assert "once staff have looked at it" in text


def test_where_ideas_are_public_at_once_share_gives_the_public_address(client: Any) -> None:
    call = open_call(moderation=Call.Moderation.AFTER)
    answer = client.post(path_of(call), {"problem": PROBLEM})
    idea = Idea.objects.get()
    text = client.get(answer["Location"]).content.decode()
    share = text.split("Share</h2>")[1].split("<h2>")[0]
    assert f"http://testserver/ideas/{idea.reference}/" in share
    assert links.tracking_token(idea) not in share


def test_only_the_problem_is_required_and_the_summary_says_so(client: Any) -> None:
    call = open_call()
    page = client.post(path_of(call), {"problem": " ", "proposal": "More lamps."})
    text = page.content.decode()
    assert page.status_code == 422
    assert not Idea.objects.exists()
    assert 'href="#id_problem"' in text
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_problem_helptext id_problem_error"' in text
    assert "More lamps." in text


def test_after_an_error_nothing_typed_is_lost(client: Any) -> None:
    theme, other = factories.Theme(), factories.Theme()
    district = factories.District()
    questions = [
        {
            "key": "size",
            "label": {"en": "How big?"},
            "datatype": "singlevaluelist",
            "values": [{"key": "s", "label": {"en": "Small"}}, {"key": "l", "label": {"en": "Large"}}],
        },
        {
            "key": "data",
            "label": {"en": "Which data?"},
            "datatype": "multivaluelist",
            "values": [{"key": "a", "label": {"en": "Counts"}}, {"key": "b", "label": {"en": "Images"}}],
        },
        {"key": "cost", "label": {"en": "What cost?"}, "confidential": True},
    ]
    call = open_call(questions=questions, asks_phone=True)
    call.themes.set([theme, other])
    typed = {
        "problem": "",
        "proposal": "A roof",
        "themes": [str(other.pk)],
        "where": district.code,
        "address": "Corner of Elm",
        "latitude": "45.51",
        "longitude": "-73.55",
        "answer_size": "l",
        "answer_data": ["b"],
        "answer_cost": "Ten dollars",
        "email": "ana@mail.example",
        "may_be_asked": "on",
        "name": "Ana",
        "phone": "514 555 0199",
    }
    text = client.post(path_of(call), typed).content.decode()
    for value in ("A roof", "Corner of Elm", "45.51", "-73.55", "Ten dollars", "ana@mail.example", "Ana"):
        assert value in text
    assert re.search(rf'name="themes" value="{other.pk}"[^>]*checked', text)
    assert not re.search(rf'name="themes" value="{theme.pk}"[^>]*checked', text)
    assert re.search(rf'<option value="{district.code}" selected', text)
    assert re.search(r'name="answer_size" value="l"[^>]*checked', text)
    assert re.search(r'name="answer_data" value="b"[^>]*checked', text)
    assert re.search(r'name="may_be_asked"[^>]*checked', text)
    assert not re.search(r'name="wants_updates"[^>]*checked', text)
    assert "514 555 0199" in text
    assert "The point that you chose on the map is kept." in text


def test_everything_that_was_said_is_kept(client: Any) -> None:
    theme, district = factories.Theme(), factories.District()
    call = open_call(
        questions=[
            {"key": "size", "label": {"en": "Size"}},
            {"key": "cost", "label": {"en": "Cost"}, "confidential": True},
        ]
    )
    call.themes.set([theme])
    client.post(
        path_of(call),
        {
            "problem": PROBLEM,
            "themes": [theme.pk],
            "where": district.code,
            "latitude": "45.5",
            "longitude": "-73.5",
            "answer_size": "Twenty people",
            "answer_cost": "Ten dollars",
            "email": "ana@mail.example",
            "wants_updates": "on",
        },
    )
    idea = Idea.objects.get()
    assert list(idea.themes.all()) == [theme]
    assert (idea.district, idea.latitude, idea.longitude) == (district, 45.5, -73.5)
    assert idea.answers == {"size": "Twenty people"}
    assert idea.confidential_answers == {"cost": "Ten dollars"}
    assert idea.contact is not None
    assert idea.contact.updates_consent_at is not None
    assert idea.contact.questions_consent_at is None


@pytest.mark.parametrize("point", [("nan", "1"), ("95", "1"), ("x", "1"), ("45.5", ""), ("inf", "0")])
def test_a_senseless_point_never_stands_in_the_way(client: Any, point: tuple[str, str]) -> None:
    call = open_call()
    answer = client.post(path_of(call), {"problem": PROBLEM, "latitude": point[0], "longitude": point[1]})
    assert answer.status_code == 303
    assert Idea.objects.get().latitude is None


def test_the_whole_city_is_a_place(client: Any) -> None:
    call = open_call()
    client.post(path_of(call), {"problem": PROBLEM, "where": "*"})
    assert Idea.objects.get().whole_city


def test_a_consent_without_an_address_is_asked_about(client: Any) -> None:
    call = open_call()
    answer = client.post(path_of(call), {"problem": PROBLEM, "wants_updates": "on"})
    assert answer.status_code == 422
    assert "id_email_error" in answer.content.decode()


def test_posting_a_form_twice_is_one_idea_but_another_text_is_another(client: Any) -> None:
    call = open_call()
    values = {**form_values(client, path_of(call)), "problem": PROBLEM}
    first = client.post(path_of(call), values)
    second = client.post(path_of(call), values)
    assert first["Location"] == second["Location"]
    assert Idea.objects.count() == 1
    client.post(path_of(call), {**values, "problem": "Another thing: the library closes early."})
    assert Idea.objects.count() == 2


def test_a_made_up_form_key_opens_nobody_elses_idea(client: Any) -> None:
    call = open_call()
    values = {"form_key": "made-up", "problem": PROBLEM}
    assert client.post(path_of(call), values)["Location"] != client.post(path_of(call), values)["Location"]


def test_a_filled_trap_is_kept_and_held_even_where_ideas_are_public_at_once(client: Any) -> None:
    call = open_call(moderation=Call.Moderation.AFTER)
    answer = client.post(path_of(call), {"problem": PROBLEM, "website": "http://spam.example"})
    assert answer.status_code == 303
    idea = Idea.objects.get()
    assert idea.state == "received"
    assert [flag.kind for flag in idea.flags.all()] == ["honeypot"]


def test_a_form_sent_back_at_once_is_held_and_a_slower_one_is_not(client: Any, monkeypatch: Any) -> None:
    call = open_call(moderation=Call.Moderation.AFTER)
    monkeypatch.setattr("engagement.forms.hygiene.TOO_QUICK", 3600)
    client.post(path_of(call), {**form_values(client, path_of(call)), "problem": PROBLEM})
    assert Idea.objects.get().state == "received"
    monkeypatch.setattr("engagement.forms.hygiene.TOO_QUICK", -1)
    client.post(path_of(call), {**form_values(client, path_of(call)), "problem": "A second one."})
    assert Idea.objects.filter(state="published").count() == 1


def test_too_many_from_one_address_are_told_kindly_and_keep_their_text(client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("engagement.views.sending.SENDS_AN_HOUR", 2)
    now = timezone.now()
    monkeypatch.setattr("engagement.views.sending.timezone", SimpleNamespace(now=lambda: now))
    call = open_call()
    codes = [client.post(path_of(call), {"problem": f"{PROBLEM} {n}"}).status_code for n in range(3)]
    assert codes == [303, 303, 429]
    page = client.post(path_of(call), {"problem": PROBLEM}).content.decode()
    assert "then send it again" in page
    assert PROBLEM in page
    elsewhere = client.post(path_of(call), {"problem": PROBLEM}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 303


def test_closed_and_coming_invitations_say_when(client: Any) -> None:
    now = timezone.now()
    closed = open_call(closes_at=now - timedelta(days=1))
    coming = factories.Call(opens_at=now + timedelta(days=5))
    page = client.get(path_of(closed)).content.decode()
    assert "This invitation closed on" in page
    assert "<textarea" not in page
    assert "This invitation opens on" in client.get(path_of(coming)).content.decode()
    refused = client.post(path_of(closed), {"problem": PROBLEM})
    assert refused.status_code == 422
    assert "This invitation is closed." in refused.content.decode()
    assert PROBLEM in refused.content.decode()
    assert not Idea.objects.exists()


def test_after_the_cutoff_it_is_said_before_and_after_sending(client: Any) -> None:
    call = open_call(cutoff_at=timezone.now() - timedelta(days=1))
    assert "waits for the next round" in client.get(path_of(call)).content.decode()
    answer = client.post(path_of(call), {"problem": PROBLEM})
    assert Idea.objects.get().after_cutoff
    assert "waits for the next round" in client.get(answer["Location"]).content.decode()


def test_in_reach_is_not_for_residents(client: Any) -> None:
    call = open_call(kind=Call.Kind.IN_REACH)
    for path in (f"/calls/{call.slug}/", path_of(call)):
        assert client.get(path).status_code == 404
    assert client.post(path_of(call), {"problem": PROBLEM}).status_code == 404
    assert call.slug not in client.get("/calls/").content.decode()


def test_a_call_for_innovation_says_its_two_sentences(client: Any) -> None:
    questions = [{"key": "cost", "label": {"en": "What would it cost?"}, "confidential": True}]
    call = open_call(kind=Call.Kind.INNOVATION, questions=questions)
    for path in (f"/calls/{call.slug}/", path_of(call)):
        page = client.get(path).content.decode()
        assert "no advantage in procurement" in page
        assert "What would it cost?" in page


def test_the_phone_is_asked_only_where_the_city_calls_back(client: Any) -> None:
    assert 'name="phone"' not in client.get(path_of(open_call())).content.decode()
    assert 'name="phone"' in client.get(path_of(open_call(asks_phone=True))).content.decode()


def test_in_french_the_page_the_record_and_the_way_on_are_french(client: Any) -> None:
    call = open_call()
    page = client.get(f"/fr{path_of(call)}").content.decode()
    assert '<html lang="fr"' in page
    assert "Des idées pour une meilleure ville" in page
    answer = client.post(f"/fr{path_of(call)}", {"problem": "Il n’y a pas d’abri à mon arrêt."})
    assert answer["Location"].startswith("/fr/t/")
    assert Idea.objects.get().language == "fr"


def test_every_control_has_a_label(client: Any) -> None:
    factories.Theme()
    page = client.get(path_of(open_call(asks_phone=True))).content.decode()
    controls = re.findall(r"<(?:input|textarea|select)\b[^>]*>", page)
    named = [c for c in controls if 'type="hidden"' not in c]
    assert len(named) > 8
    for control in named:
        identity = re.search(r'id="([^"]+)"', control)
        assert identity, control
        assert f'for="{identity.group(1)}"' in page, control


def test_a_key_that_no_database_can_hold_is_an_error_beside_its_field(client: Any) -> None:
    factories.Theme()
    call = open_call()
    answer = client.post(path_of(call), {"problem": PROBLEM, "themes": "9" * 30})
    assert answer.status_code == 422
    assert PROBLEM in answer.content.decode()


@pytest.mark.django_db
def test_the_empty_form_may_be_gone_back_to_and_what_was_typed_is_kept_by_no_cache(client: Any) -> None:
    call = factories.Call(opens_at=factories.OPENED)
    path = f"/calls/{call.slug}/send/"
    empty = client.get(path)["Cache-Control"]
    assert "no-store" not in empty
    assert {"private", "no-cache", "must-revalidate"} <= set(empty.split(", "))
    refused = client.post(path, {"problem": ""})
    assert refused.status_code == 422
    assert "no-store" in refused["Cache-Control"]

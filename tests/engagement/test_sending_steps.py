"""What stands between writing an idea and sending it: the title, a warning, a look at it, a photo."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from engagement.models import Idea
from tests import factories

pytestmark = pytest.mark.django_db

PATH = "/calls/ideas/send/"
PROBLEM = "No shelter at my stop, and older people wait in the rain."
PRIVATE = f"{PROBLEM} Call me at 514 555 0199."


@pytest.fixture(autouse=True)
def call() -> Any:
    return factories.Call(slug="ideas", opens_at=timezone.now() - timedelta(days=3))


def picture() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return SimpleUploadedFile("stop.jpg", file.getvalue(), "image/jpeg")


def test_an_own_title_is_kept_and_an_empty_one_is_made(client: Any) -> None:
    client.post(PATH, {"problem": PROBLEM, "title": "A roof, please"})
    client.post(PATH, {"problem": PROBLEM, "title": " "})
    assert {idea.title for idea in Idea.objects.all()} == {"A roof, please", PROBLEM.rstrip(".")}


def test_what_is_private_is_named_before_it_is_sent_and_masked_after(client: Any) -> None:
    page = client.post(PATH, {"problem": PRIVATE})
    text = page.content.decode()
    assert page.status_code == 422
    assert not Idea.objects.exists()
    assert "<strong>514 555 0199</strong>" in text
    assert text.count("Send it as it is") == 2, "beside the warning, and where the form ends"
    assert "<title>Please check" in text
    assert client.post(PATH, {"problem": PRIVATE, "personal_ok": "1"}).status_code == 303
    assert "514" not in Idea.objects.get().public_problem


def test_the_preview_shows_masked_words_and_keeps_nothing(client: Any) -> None:
    theme = factories.Theme(label={"en": "Getting around"})
    other = factories.Idea(
        state="published", public_title="A roof at the stop", public_problem="No shelter at my stop."
    )
    sent = {
        "problem": PRIVATE,
        "proposal": "Line one\nline two \u05e9\u05dc\u05d5\u05dd \U0001f68d",
        "themes": [str(theme.pk)],
        "where": "*",
        "wants_updates": "on",
        "email": "ana@mail.example",
    }
    page = client.post(PATH, {**sent, "preview": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert not Idea.objects.exclude(pk=other.pk).exists()
    shown = text.split("<article")[1].split("</article>")[0]
    assert "[phone]" in shown
    assert "514" not in shown
    assert "Getting around" in shown
    assert other.reference in text


def hidden_of(page: Any) -> dict[str, Any]:
    from html.parser import HTMLParser

    found: dict[str, list[str]] = {}

    class Inputs(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = dict(attrs)
            if tag == "input" and said.get("type") == "hidden":
                found.setdefault(str(said["name"]), []).append(said.get("value") or "")

    Inputs().feed(page.content.decode())
    return found


def test_what_the_preview_carries_is_what_is_sent_or_changed(client: Any) -> None:
    theme = factories.Theme()
    sent = {
        "problem": f"{PROBLEM}\n\nAnd <b>more</b>.",
        "title": "Roof",
        "themes": [str(theme.pk)],
        "where": "*",
        "wants_updates": "on",
        "email": "ana@mail.example",
    }
    carried = hidden_of(client.post(PATH, {**sent, "preview": "1"}))
    change = client.post(PATH, {**carried, "change": "1"})
    assert change.status_code == 200
    assert "And &lt;b&gt;more&lt;/b&gt;." in change.content.decode()
    assert client.post(PATH, carried).status_code == 303
    idea = Idea.objects.get()
    assert (idea.title, idea.whole_city, list(idea.themes.all())) == ("Roof", True, [theme])
    assert idea.problem.replace("\r\n", "\n") == sent["problem"]
    assert idea.contact is not None
    assert idea.contact.updates_consent_at is not None
    assert idea.contact.questions_consent_at is None


def test_a_photo_goes_with_an_idea_where_it_may_be_shared(client: Any) -> None:
    refused = client.post(PATH, {"problem": PROBLEM, "photo": picture()})
    assert refused.status_code == 422
    assert "choose your photo again" in refused.content.decode()
    sent = {"problem": PROBLEM, "photo": picture(), "photo_rights": "on", "photo_caption": "The stop"}
    assert client.post(PATH, sent).status_code == 303
    photo = Idea.objects.get().photos.get()
    assert (photo.caption, photo.width) == ("The stop", 40)


def test_the_preview_asks_for_the_photo_again(client: Any) -> None:
    sent = {"problem": PROBLEM, "photo": picture(), "photo_rights": "on", "preview": "1"}
    text = client.post(PATH, sent).content.decode()
    assert "choose your photo again" in text
    assert 'type="file"' in text

"""Photos: only through the view that asks who may, under no other address, and gone when they should be."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from engagement import links, photos, services
from engagement.models import Photo
from tests import factories

pytestmark = pytest.mark.django_db


def picture() -> photos.CleanPhoto:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "JPEG")
    return photos.clean(file.getvalue())


def attach(record: Any, now: Any) -> Photo:
    return services.attach_photo(record=record, photo=picture(), caption="", rights_confirmed=True, at=now)


def status(client: Any, photo: Photo) -> int:
    return int(client.get(f"/photos/{photo.pk}/").status_code)


IDEAS: list[tuple[dict[str, Any], int]] = [
    ({"state": "published"}, 200),
    ({"state": "received"}, 404),
    ({"state": "correction"}, 404),
    ({"state": "declined"}, 200),
    ({"state": "declined", "text_hidden": True}, 404),
    ({"state": "withdrawn", "published_at": factories.NOW}, 404),
    ({"state": "published", "eligible": False}, 404),
    ({"state": "published", "call__kind": "in_reach"}, 404),
]


@pytest.mark.parametrize(("facts", "expected"), IDEAS)
def test_an_ideas_photo_is_as_public_as_its_text(
    client: Any, now: Any, moderator: Any, clerk: Any, facts: dict[str, Any], expected: int
) -> None:
    idea = factories.Idea(**facts)
    photo = attach(idea, now)
    assert status(client, photo) == expected
    client.force_login(clerk)
    assert status(client, photo) == expected, "who may not triage sees what everybody sees"
    client.force_login(moderator)
    answer = client.get(f"/photos/{photo.pk}/")
    assert answer.status_code == (404 if idea.state == "withdrawn" else 200)
    if expected == 404 and answer.status_code == 200:
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("private", "state", "expected"),
    [(False, "received", 200), (True, "received", 404), (False, "withdrawn", 404), (False, "as_idea", 404)],
)
def test_a_reports_photo_is_as_public_as_the_report(
    client: Any, now: Any, private: bool, state: str, expected: int
) -> None:
    report = factories.Report(state=state, service__private=private)
    assert status(client, attach(report, now)) == expected


def test_the_senders_link_shows_their_own_and_no_other(client: Any, now: Any) -> None:
    own, other = factories.Idea(), factories.Idea()
    mine, theirs = attach(own, now), attach(other, now)
    base = links.tracking_path(own)
    assert client.get(f"{base}photos/{mine.pk}/").status_code == 200
    assert client.get(f"{base}photos/{theirs.pk}/").status_code == 404
    wrong = base.replace(links.tracking_token(own), "0" * 32)
    assert client.get(f"{wrong}photos/{mine.pk}/").status_code == 404


def test_the_file_has_no_address_of_its_own(client: Any, now: Any, administrator: Any) -> None:
    photo = attach(factories.Idea(state="published"), now)
    name = str(photo.file.name)
    client.force_login(administrator)
    for path in (
        *(f"/{name}", f"/media/{name}", f"/static/{name}", f"/photos/{name}/", f"/uploads/{name}"),
        *(f"/static/../media/{name}", f"/static/%2e%2e/media/{name}", f"/photos/..%2f{name}/"),
    ):
        assert client.get(path).status_code in {302, 404}, path
    assert settings.MEDIA_URL in {"", "/"}, "no address is given to the folder"
    assert Path(settings.MEDIA_ROOT).resolve() not in Path(settings.STATIC_ROOT).resolve().parents


def test_names_on_disk_cannot_be_guessed(now: Any) -> None:
    idea = factories.Idea(state="published")
    names = {Path(str(attach(idea, now).file.name)).stem for _ in range(3)}
    assert len(names) == 3
    assert all(len(name) == 32 and idea.reference not in name for name in names)


def test_nobody_learns_which_numbers_there_are(client: Any, now: Any) -> None:
    hidden = attach(factories.Idea(), now)
    there, not_there = (client.get(f"/photos/{pk}/") for pk in (hidden.pk, hidden.pk + 1))
    assert (there.status_code, not_there.status_code) == (404, 404)
    parts = [
        answer.content.replace(f"/photos/{pk}/".encode(), b"")
        for answer, pk in ((there, hidden.pk), (not_there, hidden.pk + 1))
    ]
    assert parts[0] == parts[1]


def test_erased_means_that_the_file_is_gone(
    now: Any, django_capture_on_commit_callbacks: Any, administrator: Any
) -> None:
    idea = factories.Idea(state="published", contact=factories.Contact())
    path = Path(attach(idea, now).file.path)
    services.place_hold(record=idea, by=administrator, at=now, reason="Case")
    with pytest.raises(services.Refused):
        services.erase_sender(idea=idea, at=now, keep_text=False)
    assert path.exists()
    services.lift_hold(record=idea, by=administrator, at=now, reason="Closed")
    with django_capture_on_commit_callbacks(execute=True):
        services.erase_sender(idea=idea, at=now, keep_text=False)
    assert not path.exists()

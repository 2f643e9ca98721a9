"""Black boxes on photos of a meeting's wall: the same page and the same care as for photos that were sent."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from engagement import links, photos, services
from engagement.models import Event, Photo
from engagement.services import Refused
from tests import factories
from tests.engagement.test_kits import link_to, meeting_in
from tests.engagement.test_redaction import MIDDLE, NUMBERS, is_boxed, noise

pytestmark = pytest.mark.django_db

BOX = {**NUMBERS, "do": "save"}


@pytest.fixture
def photo(client: Any) -> Photo:
    """Sent by the link of a meeting, from a camera that writes down more than pixels."""
    taken = Image.open(BytesIO(noise()))
    exif = taken.getexif()
    exif[0x010F] = "zz-camera"
    file = BytesIO()
    taken.save(file, "JPEG", exif=exif, comment=b"zz-secret")
    assert b"zz-camera" in file.getvalue()
    file.seek(0)
    file.name = "wall.jpg"
    sent = {"do": "photo", "photo": file, "photo_rights": "on"}
    assert client.post(links.kit_path(link_to()), sent).status_code == 303
    return Photo.objects.get()


@pytest.fixture
def decider(db: Any) -> Any:
    return factories.staff("decider", permissions=["engagement.triage_idea", "engagement.view_meeting"])


@pytest.fixture
def typist(db: Any) -> Any:
    return factories.staff("typist", permissions=["engagement.type_in_idea", "engagement.view_meeting"])


def page_of(photo: Photo) -> str:
    return f"/admin/engagement/meeting/{photo.meeting_id}/photos/{photo.pk}/"


def test_what_a_camera_hides_is_gone_before_it_is_kept(photo: Photo) -> None:
    kept = photo.file.open("rb").read()
    assert b"zz-camera" not in kept
    assert b"zz-secret" not in kept
    assert not Image.open(BytesIO(kept)).getexif()


def test_staff_see_the_boxes_and_only_who_decides_the_whole(
    client: Any, photo: Photo, decider: Any, typist: Any
) -> None:
    client.force_login(decider)
    assert client.get(page_of(photo)).status_code == 200
    assert client.post(page_of(photo), BOX).status_code == 302
    address = f"/photos/{photo.pk}/"
    assert is_boxed(client.get(address))
    whole = client.get(f"{address}?original=1")
    assert whole["Cache-Control"] == "no-store"
    assert not is_boxed(whole)
    client.force_login(typist)
    assert is_boxed(client.get(address))
    assert is_boxed(client.get(f"{address}?original=1"))
    client.logout()
    for path in (address, f"{address}?original=1"):
        assert client.get(path).status_code == 404
    public = client.get(f"/meetings/{photo.meeting_id}/").content.decode()
    assert address not in public


def test_the_whole_never_stands_in_for_a_lost_file(client: Any, photo: Photo, decider: Any, now: Any) -> None:
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=decider, at=now)
    Path(done.redacted.path).unlink()
    client.force_login(decider)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_only_who_decides_about_ideas_or_makes_invitations_may(
    client: Any, photo: Photo, typist: Any, now: Any
) -> None:
    client.force_login(typist)
    for path in (page_of(photo), f"{page_of(photo)}drawn/"):
        assert client.get(path).status_code == 403
    assert client.post(page_of(photo), BOX).status_code == 403
    with pytest.raises(Refused):
        services.redact_photo(photo=photo, boxes=[MIDDLE], by=typist, at=now)
    shown = client.get(f"/admin/engagement/meeting/{photo.meeting_id}/change/").content.decode()
    assert f"/photos/{photo.pk}/" in shown
    assert page_of(photo) not in shown
    manager = factories.staff("inviter", permissions=["engagement.manage_call"])
    client.force_login(manager)
    kit = client.get(f"/admin/engagement/meeting/{photo.meeting_id}/kit/").content.decode()
    assert page_of(photo) in kit
    assert client.get(f"/photos/{photo.pk}/").status_code == 200
    assert client.post(page_of(photo), BOX).status_code == 302
    assert (
        "Shown with black boxes"
        in client.get(f"/admin/engagement/meeting/{photo.meeting_id}/kit/").content.decode()
    )


def test_the_page_of_one_meeting_opens_no_photo_of_another(client: Any, photo: Photo, decider: Any) -> None:
    other = meeting_in()
    client.force_login(decider)
    assert client.get(f"/admin/engagement/meeting/{other.pk}/photos/{photo.pk}/").status_code == 404


def test_bad_boxes_come_back_and_nothing_is_drawn(client: Any, photo: Photo, decider: Any) -> None:
    client.force_login(decider)
    answer = client.post(page_of(photo), {**BOX, "box1-left": "125"})
    assert answer.status_code == 422
    assert 'value="125"' in answer.content.decode()
    photo.refresh_from_db()
    assert not photo.redacted


def test_the_photo_says_who_did_it_and_shows_the_whole_again(
    client: Any, photo: Photo, decider: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(decider)
    client.post(page_of(photo), BOX)
    photo.refresh_from_db()
    assert photo.boxes_by == decider
    assert not Event.objects.exists()
    shown = client.get(page_of(photo)).content.decode()
    assert f"Black boxes last changed by {decider}" in shown
    file = Path(photo.redacted.path)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(photo), {"do": "whole", "seen": photo.redacted.name})
    photo.refresh_from_db()
    assert (bool(photo.redacted), file.exists()) == (False, False)


def test_while_one_of_its_ideas_is_held_it_stays_as_it_was_shown(
    photo: Photo, decider: Any, now: Any
) -> None:
    holder = factories.staff("holder", permissions=["engagement.hold_record"])
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=decider, at=now)
    assert photo.meeting is not None
    idea = factories.Idea(meeting=photo.meeting, call=photo.meeting.call)
    services.place_hold(record=idea, by=holder, at=now, reason="Case")
    with pytest.raises(Refused) as refusal:
        services.unredact_photo(photo=done, by=decider, at=now, seen=str(done.redacted.name))
    assert refusal.value.code == "held"
    services.redact_photo(photo=done, boxes=[photos.Box(0, 0, 5, 5)], by=decider, at=now)


def test_both_files_go_when_its_time_is_over(
    photo: Photo, decider: Any, django_capture_on_commit_callbacks: Any
) -> None:
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=decider, at=timezone.now())
    files = [Path(done.file.path), Path(done.redacted.path)]
    assert all(file.exists() for file in files)
    with django_capture_on_commit_callbacks(execute=True):
        services.purge_expired(at=timezone.now() + timedelta(days=366))
    assert not any(file.exists() for file in files)

"""Black boxes on photos: really in the pixels, for everybody who does not decide about the record."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engagement import links, photos, services
from engagement.models import Event, Photo
from engagement.photos import Box
from tests import factories

MIDDLE = Box(25, 25, 50, 50)


def noise(size: tuple[int, int] = (203, 101), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    file = BytesIO()
    picture = Image.effect_noise(size, 90).convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)
    picture.save(file, kind, **({"comment": b"zz-secret"} if kind == "JPEG" else {}))
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "RGB"), ("WEBP", "RGB")]
)
@pytest.mark.parametrize("box", [MIDDLE, Box(0, 0, 100, 3), Box(99, 99, 50, 50), Box(33.3, 1.7, 4.4, 60)])
def test_every_pixel_of_a_box_is_black(kind: str, mode: str, box: Box) -> None:
    drawn = photos.black_out(noise(kind=kind, mode=mode), [box])
    with Image.open(BytesIO(drawn.data)) as picture:
        assert picture.size == (drawn.width, drawn.height) == (203, 101)
        left, top = int(box.left * 2.03), int(box.top * 1.01)
        right, bottom = (min(1.0, part / 100) for part in (box.left + box.width, box.top + box.height))
        inside = picture.convert("RGB").crop((left, top, round(203 * right), round(101 * bottom)))
        assert inside.size > (0, 0)
        assert inside.getbbox() is None
        if mode == "RGBA":
            whole = picture.getchannel("A").crop((left, top, round(203 * right), round(101 * bottom)))
            assert whole.getextrema() == (255, 255)
        assert picture.convert("RGB").getbbox() is not None, "the rest is still there"


def test_nothing_but_pixels_is_left() -> None:
    data = noise()
    assert b"zz-secret" in data
    drawn = photos.black_out(data, [MIDDLE])
    assert b"zz-secret" not in drawn.data
    with Image.open(BytesIO(drawn.data)) as picture:
        assert not picture.getexif()
        assert not {"comment", "exif", "icc_profile"} & set(picture.info)


NAN = float("nan")


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [MIDDLE] * 11,
        *([Box(*four)] for four in ((-1, 0, 5, 5), (100, 0, 5, 5), (0, 0, 0, 5), (0, 0, 5, 101))),
        *([Box(*four)] for four in ((NAN, 0, 5, 5), (0, 0, NAN, 5), (0, 0, float("inf"), 5))),
    ],
)
def test_boxes_that_are_none(boxes: list[Box]) -> None:
    with pytest.raises(photos.PhotoError):
        photos.black_out(noise(), boxes)


@pytest.fixture
def photo(db: Any, now: Any) -> Photo:
    return attach(factories.Idea(state="published"), now)


def attach(record: Any, now: Any) -> Photo:
    return services.attach_photo(
        record=record, photo=photos.clean(noise()), caption="", rights_confirmed=True, at=now
    )


def is_boxed(answer: Any) -> bool:
    assert answer.status_code == 200
    return photos.is_black(b"".join(answer.streaming_content), [MIDDLE])


def test_everybody_sees_the_boxes_but_staff_who_ask(
    client: Any, photo: Photo, now: Any, moderator: Any, clerk: Any
) -> None:
    address, own = f"/photos/{photo.pk}/", f"{links.tracking_path(photo.idea)}photos/{photo.pk}/"
    assert not is_boxed(client.get(address))
    services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    for path in (address, f"{address}?original=1", own, f"{own}?original=1"):
        assert is_boxed(client.get(path)), path
    client.force_login(clerk)
    assert is_boxed(client.get(f"{address}?original=1"))
    client.force_login(moderator)
    assert is_boxed(client.get(address))
    answer = client.get(f"{address}?original=1")
    assert answer["Cache-Control"] == "no-store"
    assert not is_boxed(answer)


def test_the_whole_photo_never_stands_in_for_a_lost_file(
    client: Any, photo: Photo, now: Any, moderator: Any
) -> None:
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    Path(done.redacted.path).unlink()
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_boxes_come_on_top_and_the_same_twice_is_once(
    photo: Photo, now: Any, moderator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first = services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    old = Path(first.redacted.path)
    services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    told = Event.objects.get(verb="redact_photo")
    assert told.note == (photo.caption or "Photo 1 of 1"), "which of the photos"
    corner = Box(0, 0, 10, 10)
    with django_capture_on_commit_callbacks(execute=True):
        second = services.redact_photo(photo=photo, boxes=[corner], by=moderator, at=now)
    assert photos.is_black(Path(second.redacted.path).read_bytes(), [MIDDLE, corner])
    assert not old.exists()
    assert not photos.is_black(Path(second.file.path).read_bytes(), [corner])
    told = Event.objects.filter(verb="redact_photo")
    assert [(event.by, event.public, event.idea) for event in told] == [(moderator, False, photo.idea)] * 2


def test_shown_whole_again(
    photo: Photo, now: Any, moderator: Any, administrator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    asked: dict[str, Any] = {"photo": photo, "by": moderator, "at": now, "seen": done.redacted.name}
    with pytest.raises(services.Stale):
        services.unredact_photo(**{**asked, "seen": "photos/other.jpg"})
    services.place_hold(record=photo.idea, by=administrator, at=now, reason="Case")
    with pytest.raises(services.Refused):
        services.unredact_photo(**asked)
    services.lift_hold(record=photo.idea, by=administrator, at=now, reason="Closed")
    with django_capture_on_commit_callbacks(execute=True):
        services.unredact_photo(**asked)
    services.unredact_photo(**asked)
    photo.refresh_from_db()
    assert not photo.redacted
    assert not Path(done.redacted.storage.path(asked["seen"])).exists()
    assert Path(photo.file.path).exists()
    assert Event.objects.filter(verb="unredact_photo").count() == 1


def test_who_may_not(photo: Photo, now: Any, moderator: Any, clerk: Any) -> None:
    report = attach(factories.Report(), now)
    triage = factories.staff("triage", permissions=["engagement.triage_idea"])
    handler = factories.staff("handler", permissions=["engagement.handle_report"])
    withdrawn = attach(factories.Idea(state="withdrawn", published_at=now), now)
    for one, by in ((photo, clerk), (photo, handler), (report, triage), (withdrawn, moderator)):
        with pytest.raises(services.Refused):
            services.redact_photo(photo=one, boxes=[MIDDLE], by=by, at=now)
        with pytest.raises(services.Refused):
            services.unredact_photo(photo=one, by=by, at=now, seen="")
    assert services.redact_photo(photo=report, boxes=[MIDDLE], by=handler, at=now).redacted
    assert not Photo.objects.exclude(pk=report.pk).exclude(redacted="").exists()


def test_erasing_takes_both_files(
    photo: Photo, now: Any, moderator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    done = services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)
    files = [Path(done.file.path), Path(done.redacted.path)]
    assert all(file.exists() for file in files)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_photos(record=photo.idea)
    assert not any(file.exists() for file in files)


def test_a_photo_that_is_gone_meanwhile(photo: Photo, now: Any, moderator: Any) -> None:
    services.remove_photos(record=photo.idea)
    with pytest.raises(services.Refused):
        services.redact_photo(photo=photo, boxes=[MIDDLE], by=moderator, at=now)


NUMBERS = {"box1-left": "25", "box1-top": "25", "box1-width": "50", "box1-height": "50"}


def test_the_page_previews_saves_and_takes_back(client: Any, photo: Photo, moderator: Any) -> None:
    client.force_login(moderator)
    page = f"/admin/engagement/idea/{photo.idea_id}/photos/{photo.pk}/"
    record = client.get(f"/admin/engagement/idea/{photo.idea_id}/change/")
    assert page in record.text
    answer = client.post(page, {**NUMBERS, "do": "preview"})
    assert answer.status_code == 200
    assert not Photo.objects.get().redacted, "a preview keeps nothing"
    assert is_boxed(client.get(answer.context["picture_url"]))
    assert client.post(page, {**NUMBERS, "do": "save"}).status_code == 302
    assert Photo.objects.get().redacted
    assert "Shown with black boxes" in client.get(f"/admin/engagement/idea/{photo.idea_id}/change/").text
    assert client.post(page, {"do": "whole", "seen": "stale"}).status_code == 422
    seen = str(Photo.objects.get().redacted.name)
    assert client.post(page, {"do": "whole", "seen": seen}).status_code == 302
    assert not Photo.objects.get().redacted


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"box1-left": ""}, "Fill in all four numbers"),
        ({"box1-left": "nan"}, "Give a number from 0 to 99."),
        ({"box1-width": "1e9"}, "Give a number from 1 to 100."),
        ({"box1-top": "-3"}, "Give a number from 0 to 99."),
        (dict.fromkeys(NUMBERS, ""), "Draw at least one box."),
    ],
)
def test_bad_numbers_are_told_and_kept(
    client: Any, photo: Photo, moderator: Any, changes: dict[str, str], told: str
) -> None:
    client.force_login(moderator)
    page = f"/admin/engagement/idea/{photo.idea_id}/photos/{photo.pk}/"
    answer = client.post(page, {**NUMBERS, **changes, "do": "save"})
    assert answer.status_code == 422
    assert told in answer.text
    assert changes != {"box1-left": ""} or 'value="25"' in answer.text
    assert not Photo.objects.get().redacted


def test_another_records_photo_has_no_page_here(client: Any, photo: Photo, moderator: Any, now: Any) -> None:
    client.force_login(moderator)
    other = factories.Idea(state="published")
    for page in ("", "drawn/"):
        assert client.get(f"/admin/engagement/idea/{other.pk}/photos/{photo.pk}/{page}").status_code == 404
    assert client.post(f"/admin/engagement/idea/{photo.idea_id}/photos/{photo.pk}/drawn/").status_code == 405

"""Photos that come in: type by content, limits before decoding, and nothing kept but pixels."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from engagement.photos import PHOTO_ERRORS, CleanPhoto, PhotoError, clean

SECRET = b"45.5017 N 73.5673 W"


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), red_corner: bool = True) -> Image.Image:
    """Blue, with a red corner at the top left."""
    image = Image.new("RGB", size, "blue")
    if red_corner:
        ImageDraw.Draw(image).rectangle((0, 0, size[0] // 3, size[1] // 3), fill="red")
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(photo: CleanPhoto) -> Image.Image:
    image = Image.open(io.BytesIO(photo.data))
    image.load()
    assert (image.format, image.size) == (photo.format, (photo.width, photo.height))
    return image


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(PhotoError) as caught:
        clean(data, **limits)
    assert caught.value.message == PHOTO_ERRORS[caught.value.code].format(**caught.value.params)
    return caught.value.code


def is_red(pixel: Any) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_are_taken_and_redrawn(kind: str) -> None:
    data = encoded(picture(), kind)
    photo = clean(data)
    assert (photo.format, photo.content_type) == ("JPEG", "image/jpeg")
    assert photo.data != data
    image = opened(photo)
    assert is_red(image.getpixel((3, 3)))
    assert not is_red(image.getpixel((50, 30)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_photo_is_made_smaller_and_a_small_one_is_left(kind: str) -> None:
    assert (clean(encoded(picture(size=(900, 300)), kind), longest_side=300).width) == 300
    assert (clean(encoded(picture(size=(900, 300)), kind), longest_side=300).height) == 100
    assert (clean(encoded(picture(), kind)).width, clean(encoded(picture(), kind)).height) == (60, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_turned_photo_stands_upright(orientation: int, kind: str) -> None:
    turns = Image.Transpose
    # What a camera stores for each orientation: the upright picture turned the other way.
    stored = {
        1: None,
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }[orientation]
    image = picture() if stored is None else picture().transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = clean(encoded(image, kind, exif=exif))
    assert (photo.width, photo.height) == (60, 40)
    assert is_red(opened(photo).getpixel((3, 3)))
    assert not opened(photo).getexif()


def with_secrets(kind: str, image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    options: dict[str, Any] = {"exif": exif, "icc_profile": b"profile " + SECRET}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        options["pnginfo"] = text
    return encoded(image, kind, **options)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("WEBP", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGBA")]
)
def test_nothing_but_pixels_is_kept(kind: str, mode: str) -> None:
    image = picture(mode)
    if mode == "RGBA":
        image.putpixel((9, 9), (0, 0, 0, 0))
    data = with_secrets(kind, image)
    assert SECRET in data
    photo = clean(data)
    assert SECRET not in photo.data
    kept = opened(photo)
    assert not set(kept.info) - {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }


def test_what_hides_behind_or_within_a_picture_is_gone() -> None:
    script = b"<script>alert(1)</script><?php system('x') ?>PK\x03\x04"
    for data in (encoded(picture()) + script, encoded(picture(), "JPEG", comment=script)):
        assert script in data
        photo = clean(data)
        assert b"<script" not in photo.data
        assert b"PK\x03\x04" not in photo.data


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA", "RGBA"])
def test_every_kind_of_colour_is_handled(mode: str) -> None:
    image = picture("L").convert("I;16").point(lambda v: v * 256) if mode == "I;16" else picture(mode)
    photo = clean(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    shown, want = (
        opened(photo).convert("RGB"),
        picture("L" if mode in ("L", "I;16", "LA") else "RGB").convert("RGB"),
    )
    if mode != "1":  # black and white dots have no grey of their own
        for place in ((3, 3), (50, 30)):
            assert all(
                abs(a - b) < 40 for a, b in zip(shown.getpixel(place), want.getpixel(place), strict=True)
            )


def test_transparent_parts_stay_transparent() -> None:
    image = picture("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((60, 40)))
    photo = clean(encoded(image, "PNG"))
    assert photo.format == "PNG"
    assert opened(photo).getextrema()[3][0] < 20


def test_a_palette_with_a_transparent_colour() -> None:
    image = picture("P")
    photo = clean(encoded(image, "PNG", transparency=image.getpixel((50, 30))))
    assert photo.format == "PNG"
    assert opened(photo).getpixel((50, 30))[3] == 0
    assert opened(photo).getpixel((3, 3))[3] == 255


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(kind: str) -> None:
    second = Image.new("RGB", (60, 40), "green")
    data = encoded(picture(), kind, save_all=True, append_images=[second], duration=100)
    assert is_red(opened(clean(data)).getpixel((3, 3)))


def test_a_photo_with_a_second_picture_inside_is_a_photo() -> None:
    data = encoded(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "green")])
    photo = clean(data)
    assert is_red(opened(photo).getpixel((3, 3)))
    assert b"MPF" not in photo.data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello", "not_a_photo"),
        (b"\xff\xd8\xff", "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"RIFF\x00\x00\x00\x00WEBP", "broken"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00", "heic"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", "heic"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", "other_format"),
        (encoded(picture(), "GIF"), "other_format"),
        (encoded(picture(), "BMP"), "other_format"),
        (encoded(picture(), "TIFF"), "other_format"),
        (b"%PDF-1.7", "other_format"),
        (b' <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "other_format"),
        (b"<html><script>alert(1)</script></html>", "not_a_photo"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "not_a_photo"),
    ],
)
def test_what_is_no_photo(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_cut_off_is_refused(kind: str) -> None:
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    data = encoded(noise, kind)
    assert refused(data[: len(data) // 2]) == "broken"


def test_too_many_bytes_are_refused_before_anything_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("opened before its size was checked")

    monkeypatch.setattr(Image, "open", never)
    assert refused(b"\xff\xd8\xff" + b"0" * 1000, max_bytes=1000) == "too_many_bytes"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_too_many_pixels_are_refused_before_they_are_decoded(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(picture(size=(101, 100)), kind)
    for decoder in (Image.Image, PngImagePlugin.PngImageFile):
        monkeypatch.setattr(decoder, "load", lambda *_: pytest.fail("decoded"))
    assert refused(data, max_pixels=10_000) == "too_many_pixels"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@pytest.mark.parametrize(
    ("width", "height"), [(7_000, 7_000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2)]
)
def test_a_decompression_bomb_is_refused(width: int, height: int) -> None:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )
    assert refused(data) == "too_many_pixels"


def test_a_text_bomb_in_a_png_is_refused() -> None:
    start, rest = encoded(picture(), "PNG")[:33], encoded(picture(), "PNG")[33:]
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 50_000_000))
    assert refused(start + bomb + rest) == "broken"


def test_broken_exif_does_not_cost_the_photo() -> None:
    photo = clean(encoded(picture(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage"))
    assert is_red(opened(photo).getpixel((3, 3)))


@given(st.data())
def test_a_spoilt_photo_is_a_photo_or_a_refusal(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))
    spoilt = bytearray(encoded(picture(), kind))
    for place in data.draw(st.lists(st.integers(0, len(spoilt) - 1), max_size=6)):
        spoilt[place] = data.draw(st.integers(0, 255))
    try:
        photo = clean(bytes(spoilt))
    except PhotoError:
        return
    opened(photo)

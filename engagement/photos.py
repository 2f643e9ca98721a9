"""Photos that residents send: what is kept is a new picture, drawn from the old one's pixels.

Pure (Pillow only). Whatever else the file held goes: place and camera (EXIF, XMP, IPTC), comments, colour
profiles, thumbnails, further frames, and anything hidden behind the picture. Type and size are told by the
content and checked before a pixel is decoded.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image

from engagement.text import gettext_noop

MEGABYTE = 1024 * 1024

PHOTO_ERRORS: dict[str, str] = {
    "empty": gettext_noop("The file is empty."),
    "too_many_bytes": gettext_noop("The photo is larger than {limit_mb} MB. Send a smaller one."),
    "too_many_pixels": gettext_noop(
        "The photo has more than {limit_megapixels} million pixels. Send a smaller one."
    ),
    "heic": gettext_noop(
        "The photo is in {kind} format. Save or send it as JPEG (on a phone: “Most compatible”)."
    ),
    "other_format": gettext_noop("The file is of type {kind}. Send a photo as JPEG, PNG or WebP."),
    "not_a_photo": gettext_noop("The file is not a photo. Send a photo as JPEG, PNG or WebP."),
    "boxes": gettext_noop("A black box must lie within the picture."),
    "broken": gettext_noop("The photo is damaged or cut off and cannot be opened. Send it again."),
}

_ORIENTATION_TAG = 0x0112
# EXIF orientation 2 to 8: what has to be done so that the picture stands upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "XML"),
    (b"PK\x03\x04", "ZIP"),
)
_QUALITY = 82
_BLOCK = 8
"""Pixels: a JPEG is made of squares of this side. A box that fills whole squares is black to its edge."""
MOST_BOXES = 10


class PhotoError(Exception):
    """The photo is refused. `code` and `params` are stable; `message` is plain English."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params = params
        self.message = PHOTO_ERRORS[code].format(**params)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A picture safe to keep and to show. `format` is "JPEG", or "PNG" where parts are transparent."""

    data: bytes
    width: int
    height: int
    format: str

    @property
    def content_type(self) -> str:
        return f"image/{self.format.lower()}"


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in per cent of its width and height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def lies_within(self) -> bool:
        """At least its corner; what hangs over the edge is cut. Not-a-number is nowhere."""
        return (
            0 <= self.left < 100 and 0 <= self.top < 100 and 0 < self.width <= 100 and 0 < self.height <= 100
        )

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom (outside), grown to whole squares of a JPEG: never less is covered."""
        return (
            _down(self.left, width),
            _down(self.top, height),
            _up(self.left + self.width, width),
            _up(self.top + self.height, height),
        )


def _down(per_cent: float, of: int) -> int:
    return math.floor(per_cent / 100 * of) // _BLOCK * _BLOCK


def _up(per_cent: float, of: int) -> int:
    return min(of, -(-math.ceil(per_cent / 100 * of) // _BLOCK) * _BLOCK)


def black_out(data: bytes, boxes: Sequence[Box]) -> CleanPhoto:
    """A kept photo with black in place of its pixels under the boxes, and nothing else but pixels.

    Raises `PhotoError`. The boxes are drawn before the picture is encoded: nothing lies beneath them.
    """
    if not 0 < len(boxes) <= MOST_BOXES or not all(box.lies_within for box in boxes):
        raise PhotoError("boxes")
    picture = _opened(data)
    for box in boxes:
        black = (0, 0, 0, 255) if picture.mode == "RGBA" else 0
        picture.paste(black, box.pixels(picture.width, picture.height))
    return _encoded(picture, whole_squares=True)


def is_black(data: bytes, boxes: Sequence[Box]) -> bool:
    """Is everything under the boxes black already?"""
    picture = _opened(data).convert("RGB")
    size = picture.width, picture.height
    return all(picture.crop(box.pixels(*size)).getbbox() is None for box in boxes)


def _opened(data: bytes) -> Image.Image:
    kind = _kind(data)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            picture.load()
            plain = _plain(picture)
    except Exception as error:  # see `clean`
        raise PhotoError("broken") from error
    plain.info = {}
    return plain


def clean(
    data: bytes,
    *,
    max_bytes: int = 12 * MEGABYTE,
    max_pixels: int = 40_000_000,
    longest_side: int = 1600,
) -> CleanPhoto:
    """The photo upright, at most `longest_side` pixels long, without anything but its pixels.

    Raises `PhotoError`. An animated picture gives its first frame.
    """
    if not data:
        raise PhotoError("empty")
    if len(data) > max_bytes:
        raise PhotoError("too_many_bytes", limit_mb=max_bytes // MEGABYTE)
    kind = _kind(data)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            _check_pixels(picture, max_pixels)
            return _encoded(_upright(picture, longest_side))
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(max_pixels) from error
    except Exception as error:  # the decoders let every kind of error through, according to what is damaged
        raise PhotoError("broken") from error


def _kind(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        if data[8:12] in (b"avif", b"avis"):
            raise PhotoError("heic", kind="AVIF")
        if data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
            raise PhotoError("heic", kind="HEIC")
        raise PhotoError("other_format", kind="video")
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, name in _OTHERS:
        if start.startswith(signature):
            raise PhotoError("other_format", kind=name)
    raise PhotoError("not_a_photo")


def _check_pixels(picture: Image.Image, most: int) -> None:
    if picture.width * picture.height > most:
        raise _too_many_pixels(most)


def _too_many_pixels(most: int) -> PhotoError:
    return PhotoError("too_many_pixels", limit_megapixels=most // 1_000_000)


def _upright(picture: Image.Image, longest_side: int) -> Image.Image:
    turn = _UPRIGHT.get(_orientation(picture))
    # A JPEG is decoded at a half, a quarter or an eighth where that is enough: less memory, less time.
    picture.draft("RGB", (longest_side, longest_side))
    picture.load()
    plain = _plain(picture)
    plain.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    if turn is not None:
        plain = plain.transpose(turn)
    # Comments and profiles travel in here, from one format to the other.
    plain.info = {}
    return plain


def _orientation(picture: Image.Image) -> int:
    # A photo with broken EXIF is still a photo.
    with suppress(Exception):
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    return 1


def _plain(picture: Image.Image) -> Image.Image:
    """The picture as grey, RGB or RGBA with eight bits each; RGBA only where something is transparent."""
    if picture.mode.startswith("I"):  # 16 bits of grey: keep the upper eight
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        with_alpha = picture.convert("RGBA")
        if with_alpha.getchannel("A").getextrema() != (255, 255):
            return with_alpha
        return with_alpha.convert("RGB")
    return picture.copy() if picture.mode in ("L", "RGB") else picture.convert("RGB")


def _encoded(picture: Image.Image, *, whole_squares: bool = False) -> CleanPhoto:
    """With `whole_squares` colours are kept as fine as light: those beside a black box do not run into it."""
    target = io.BytesIO()
    kind = "PNG" if picture.mode == "RGBA" else "JPEG"
    if kind == "PNG":
        picture.save(target, "PNG", optimize=True)
    else:
        fine = {"subsampling": 0} if whole_squares else {}
        picture.save(target, "JPEG", quality=_QUALITY, optimize=True, progressive=True, **fine)
    return CleanPhoto(target.getvalue(), picture.width, picture.height, kind)

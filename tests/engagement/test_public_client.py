"""Who is asking, and in which colour they are answered."""

from typing import Any

import pytest
from django.test import RequestFactory

from engagement.client import client_address
from engagement.colour import DARK_PAGE, DARKEST_BEHIND_ACCENT, LIGHT_PAGE, city_css, contrast, valid_hex


def address(settings: Any, proxies: int, forwarded: str = "", remote: str = "10.0.0.1") -> str:
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.5", "10.0.0.1"),  # nobody is trusted: the header is only a claim
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "1.2.3.4, 203.0.113.5", "203.0.113.5"),  # what stands left of it, the visitor wrote
        (2, "1.2.3.4, 203.0.113.5, 10.0.0.9", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.1"),  # past one of the proxies
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
    ],
)
def test_the_visitors_address(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    assert address(settings, proxies, forwarded) == expected


def accents(css: str) -> tuple[tuple[str, str], tuple[str, str]]:
    import re

    found = re.findall(r"--accent: (#[0-9a-f]{6}); --on-accent: (#[0-9a-f]{6})", css)
    assert len(found) == 2
    return found[0], found[1]


@pytest.mark.parametrize("colour", ["#0b5c6b", "#ffe600", "#fff", "#000", "#0000ff", "#c8102e", "#7fff00"])
def test_any_accent_can_be_read_on_light_and_on_dark(colour: str) -> None:
    (light, on_light), (dark, on_dark) = accents(city_css(colour))
    assert contrast(light, LIGHT_PAGE) >= 4.5
    assert contrast(light, on_light) >= 4.5
    assert contrast(dark, DARK_PAGE) >= 4.5
    assert contrast(dark, DARKEST_BEHIND_ACCENT) >= 4.5
    assert contrast(dark, on_dark) >= 4.5


def test_a_readable_accent_is_left_as_the_city_chose_it() -> None:
    assert accents(city_css("#0B5C6B"))[0][0] == "#0b5c6b"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("text", ["red", "#12345", "#fff;}body{display:none", "", "#ggg", "#0b5c6b\n}"])
def test_only_a_colour_reaches_the_style_sheet(text: str, client: Any, settings: Any) -> None:
    assert valid_hex(text) is None
    settings.WINNOW_ACCENT = text
    answer = client.get("/city.css")
    assert answer["Content-Type"].startswith("text/css")
    assert "max-age" in answer["Cache-Control"]
    assert "display" not in answer.content.decode()
    accents(answer.content.decode())

"""A city's accent colour, kept readable on light and on dark pages. Pure: no Django.

Contrast is that of WCAG 2.2 (relative luminance of sRGB); 4.5 is its level AA for text.
"""

import colorsys
import re

LIGHT_PAGE = "#fcfbf8"
DARK_PAGE = "#13181a"
DARKEST_BEHIND_ACCENT = "#23292c"
ENOUGH = 4.6  # a little more than AA asks, for rounding and for pale grounds of the accent itself
FALLBACK = "#14565c"


def valid_hex(colour: str) -> str | None:
    """`#rrggbb` in lower case out of `#rgb` or `#rrggbb`, or None: nothing else reaches a style sheet."""
    match = re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour.strip())
    if match is None:
        return None
    digits = match.group(1).lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(2 * digit for digit in digits)


def _parts(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))  # type: ignore[return-value]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, from 0 (black) to 1 (white)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _with_lightness(colour: str, lightness: float) -> str:
    hue, _lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def readable_on(colour: str, *grounds: str) -> str:
    """The colour nearest in lightness to `colour`, of the same hue, that is readable on all `grounds`."""
    if all(contrast(colour, ground) >= ENOUGH for ground in grounds):
        return colour
    start = colorsys.rgb_to_hls(*_parts(colour))[1]
    tries = sorted((step / 100 for step in range(101)), key=lambda lightness: abs(lightness - start))
    for lightness in tries:
        candidate = _with_lightness(colour, lightness)
        if all(contrast(candidate, ground) >= ENOUGH for ground in grounds):
            return candidate
    return "#ffffff" if luminance(grounds[0]) < 0.2 else "#000000"


def text_on(colour: str) -> str:
    """White or near-black, whichever is easier to read on `colour`."""
    return max(("#ffffff", "#0b1416"), key=lambda text: contrast(text, colour))


def city_css(accent: str, grounds_light: tuple[str, ...] = (LIGHT_PAGE, "#f3f1eb")) -> str:
    """The style sheet that sets a city's accent, for light pages and for dark ones."""
    base = valid_hex(accent) or FALLBACK
    light = readable_on(base, *grounds_light)
    dark = readable_on(base, DARK_PAGE, DARKEST_BEHIND_ACCENT)
    return (
        f":root {{ --accent: {light}; --on-accent: {text_on(light)}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --accent: {dark}; --on-accent: {text_on(dark)}; }}\n"
        "}\n"
        "@media print { :root { --accent: #000; --on-accent: #fff; } }\n"
    )

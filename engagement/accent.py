"""A city's accent colour, made readable. Pure: a colour in, a few lines of CSS out.

A city gives one colour. Words in that colour, and words on it, must reach a contrast of 4.5 to 1 (WCAG 2.2,
1.4.3) on light and on dark pages, so the colour is darkened or lightened in small steps until they do.
"""

import re

Colour = tuple[int, int, int]

# The lightest and darkest grounds of static/css/site.css that words in the accent colour stand on.
LIGHT_GROUND: Colour = (0xF3, 0xF1, 0xEB)
DARK_GROUND: Colour = (0x23, 0x29, 0x2C)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (16, 20, 22)
ENOUGH = 4.6


def parse(text: str) -> Colour:
    """#rgb or #rrggbb. Raises ValueError for anything else: the text ends up in a style sheet."""
    found = re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text.strip())
    if not found:
        raise ValueError(f"not a colour like #0b5c6b: {text!r}")
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def luminance(colour: Colour) -> float:
    """Relative luminance by WCAG 2.2."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio by WCAG 2.2, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(colour: Colour, ground: Colour, towards: Colour) -> Colour:
    """The colour itself, or its first mix with `towards` that can be read on `ground`."""
    for step in range(101):
        mixed = _mix(colour, towards, step / 100)
        if contrast(mixed, ground) >= ENOUGH:
            return mixed
    return towards


def stylesheet(accent: str) -> str:
    """The lines of /city.css: accent and the colour of words on it, for light and for dark pages."""
    colour = parse(accent)
    light = readable(colour, LIGHT_GROUND, BLACK)
    dark = readable(colour, DARK_GROUND, WHITE)
    return (
        f":root{{{_tokens(light)}}}\n@media (prefers-color-scheme:dark){{:root{{{_tokens(dark)}}}}}\n"
        "@media print{:root{--accent:#000;--on-accent:#fff}}\n"
    )


def _tokens(accent: Colour) -> str:
    words = max((WHITE, BLACK), key=lambda words: contrast(words, accent))
    return f"--accent:{_text(accent)};--on-accent:{_text(words)}"


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _text(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

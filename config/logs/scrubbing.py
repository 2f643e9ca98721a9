"""Takes personal data out of what is to be logged. Pure: no Django.

It errs on the side of hiding: a log is read by many and kept long, and no fault was ever found by a
resident's telephone number.
"""

import re
import traceback
from pathlib import Path

from engagement.privacy import mask

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 2000
"""Characters of a message; of an error's sentence a quarter."""

_QUERY = re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+")
_PRIVATE_PATH = re.compile(r"(/t)/[\w-]+/[\w-]+")
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])")
_CODE = re.compile(r"(?<![\w-])[2-9A-Z]{4}-[2-9A-Z]{4}(?![\w-])")
_IPV4 = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])")
_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<!\w)[bBrRuU]{0,2}'(?:[^'\\]|\\.)*'|“[^”]*”|«[^»]*»")
_DATABASE_VALUES = re.compile(r"\n?\s*\b(?:DETAIL|CONTEXT|HINT|LINE \d+):.*", re.DOTALL)
_VALUES_IN_BRACKETS = re.compile(r"\((?:[^()]*)\)=?\((?:[^()]*)\)")


def _address(match: re.Match[str]) -> str:
    text = match.group()
    # A time of day has two colons as well.
    return "[address]" if "::" in text or text.count(":") >= 5 else text


def scrub(text: str) -> str:
    """`text` without e-mail addresses, numbers of people, links and codes that open something, queries,
    network addresses and passwords."""
    text = _PASSWORD.sub(r"\1:[password]@", text)
    text = _QUERY.sub(r"\1?…", text)
    text = _PRIVATE_PATH.sub(r"\1/…", text)
    text = mask(text)
    text = _TOKEN.sub("[token]", text)
    text = _CODE.sub("[code]", text)
    text = _IPV4.sub("[address]", text)
    text = _IPV6.sub(_address, text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def blank(text: str) -> str:
    """`text` without what stands in quotation marks: values that somebody gave."""
    return _QUOTED.sub("'…'", text)


def sentence(error: BaseException) -> str:
    """An error in a line: its kind, and its text without the values in it.

    A database names the row that it refused, a conversion the text that it could not read.
    """
    text = _DATABASE_VALUES.sub("", str(error)).strip()
    text = " ".join(scrub(blank(_VALUES_IN_BRACKETS.sub("(…)", text))).split())[: LONGEST // 4]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(path: str) -> str:
    """A file as read by a developer: inside the project, or from the package's name on."""
    inside = path.removeprefix(f"{ROOT}/")
    return inside.rpartition("site-packages/")[2]


def trace(error: BaseException) -> list[str]:
    """Where an error came from, innermost last, with what caused it first. No line holds a value."""
    lines: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    for one in reversed(chain):
        for frame, number in traceback.walk_tb(one.__traceback__):
            code = frame.f_code
            lines.append(f"{_place(code.co_filename)}:{number} in {code.co_name}")
        lines.append(sentence(one))
    return lines

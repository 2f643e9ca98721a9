"""Amounts of money as people type them, in English and in French. Pure: no Django."""

import re

_SPACES = re.compile(r"[\s\u00a0\u202f$']|\u2019")
_GROUPED = {sign: re.compile(rf"-?\d{{1,3}}(\{sign}\d{{3}})+") for sign in ",."}


class NotAnAmountError(ValueError):
    """What was typed is no amount, or could be two."""


def plain_amount(typed: str, language: str) -> str:
    """`typed` with a point for decimals and nothing else between digits: "1 250 000,50" is "1250000.50".

    Spaces and a dollar sign are passed over. Of a comma and a point the last one parts the decimals. One sign
    alone groups thousands where it stands as one does ("1,250,000"); a single one before three digits does so
    only where the language groups with it, as "1,250" in English.

    Raises NotAnAmountError for what could be read in two ways, and for what is no amount.
    """
    text = _SPACES.sub("", typed)
    decimals = ""
    if "," in text and "." in text:
        place = max(text.rfind(","), text.rfind("."))
        text, decimals = text[:place], text[place:]
    elif match := re.search(r"[.,]\d{0,2}$", text):
        text, decimals = text[: match.start()], match[0]
    for sign, grouped in _GROUPED.items():
        if sign not in text:
            continue
        alone = text.count(sign) == 1 and not decimals
        if not grouped.fullmatch(text) or (alone and not (sign == "," and language.startswith("en"))):
            raise NotAnAmountError(typed)
        text = text.replace(sign, "")
    written = text + decimals.replace(",", ".").rstrip(".")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", written):
        raise NotAnAmountError(typed)
    return written

"""Letters instead of names: drawn for one round, by the machine's own chance and never from a public seed."""

import secrets
from string import ascii_uppercase

from prioritisation.models import PanelMember, Round

ALPHABET = [letter for letter in ascii_uppercase if letter not in "IO"]
"""Without the two that read like figures."""


def give_letters(round: Round) -> dict[int, str]:
    """Draws a letter for every member of the panel that has none; gives all, by the id of the user.

    Members who come later draw from the same pot as those before, which holds many more letters than
    members, so that a letter does not tell who joined late.
    """
    panel = list(round.panel.order_by("pk"))
    taken = {member.letter for member in panel if member.letter}
    without = [member for member in panel if not member.letter]
    for member, letter in zip(without, draw_letters(len(without), taken), strict=True):
        member.letter = letter
    PanelMember.objects.bulk_update(without, ["letter"])
    return {member.user_id: member.letter for member in panel}


def draw_letters(count: int, taken: set[str]) -> list[str]:
    """So many letters that are not taken, each as likely as any other."""
    length = max((len(letter) for letter in taken), default=1)
    while True:
        pot = [letter for letter in _every(length) if letter not in taken]
        # half the pot stays for later, unless some were drawn from it already: then the pot stays
        if len(pot) >= count + (0 if taken else len(_every(length)) // 3):
            return secrets.SystemRandom().sample(pot, count)
        length += 1


def _every(length: int) -> list[str]:
    if length == 1:
        return ALPHABET
    return [first + rest for first in ALPHABET for rest in _every(length - 1)]

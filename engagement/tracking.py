"""Private links and codes for people without an account. Pure: no Django.

A link is an HMAC over the record's reference and its nonce, under a key that is not in the database.
Nothing that opens a page is stored: who copies the database has no link, and a new nonce revokes both
the link and the code.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: they are misread on paper


def new_nonce() -> str:
    """32 hexadecimal characters of fresh randomness."""
    return secrets.token_hex(16)


def _digest(key: str, purpose: str, reference: str, nonce: str) -> bytes:
    message = "\x1f".join((purpose, reference, nonce)).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).digest()


def link_token(key: str, reference: str, nonce: str) -> str:
    """The 32 characters that open the tracking page of `reference`."""
    return _digest(key, "link", reference, nonce).hex()[:32]


def purpose_token(key: str, purpose: str, reference: str, nonce: str) -> str:
    """The 32 characters that open one purpose of `reference`, and nothing else, until the nonce changes."""
    return _digest(key, purpose, reference, nonce).hex()[:32]


def code(key: str, reference: str, nonce: str) -> str:
    """The 8 characters that, typed with the reference, open the same page (30 ** 8 of them)."""
    number = int.from_bytes(_digest(key, "code", reference, nonce)[:16], "big")
    characters = []
    for _ in range(8):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(characters)


def voter(key: str, kind: str, who: str) -> str:
    """The 64 characters under which one person's supports are kept; nobody finds `who` from them."""
    return _digest(key, "support", kind, who).hex()


def normal_code(typed: str) -> str:
    """A code as typed by hand, made comparable: case, spaces and dashes do not matter."""
    return "".join(character for character in typed.upper() if character.isalnum())


def matches(expected: str, given: str) -> bool:
    """Compares in constant time; text that is not ASCII never matches."""
    return hmac.compare_digest(expected.encode(), given.encode())


_LENGTH = 32


def dated_token(key: str, purpose: str, reference: str, nonce: str, *, until: datetime) -> str:
    """A token that opens `purpose` for `reference` until a moment: the moment in the open, then the proof.

    Safe in addresses: letters, digits, one hyphen. A new nonce ends it before its time.
    """
    seconds = int(until.timestamp())
    return f"{seconds:x}-{_digest(key, f'{purpose}:{seconds}', reference, nonce).hex()[:_LENGTH]}"


def opens(token: str, key: str, purpose: str, reference: str, nonce: str, *, at: datetime) -> bool:
    """Is this the token that was made for just this, and is it still in time at `at`?

    Compared in constant time, and before the date is believed: what was not signed by us tells nothing.
    """
    date, _, _proof = token.partition("-")
    try:
        seconds = int(date, 16)
        until = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return False
    expected = dated_token(key, purpose, reference, nonce, until=until)
    return matches(expected, token) and at <= until

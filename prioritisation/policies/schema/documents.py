"""The document itself, whatever it says: one spelling in bytes, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from prioritisation.policies.schema.faults import Fault, PolicyError, gettext_noop


def canonical(document: object) -> bytes:
    """One spelling of a JSON-like document, as UTF-8.

    Keys are sorted by code point, nothing is written between tokens, and equal numbers are written alike
    (``1`` and ``1.0``, ``0`` and ``-0.0``). Raises PolicyError for what JSON cannot hold.
    """
    try:
        plain = _plain(document, "")
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode("utf-8")
    except RecursionError:
        raise PolicyError([Fault("", gettext_noop("is nested too deeply"))]) from None
    except ValueError:  # half of a surrogate pair, or an integer of thousands of digits
        message = gettext_noop("holds a character or a number that cannot be stored")
        raise PolicyError([Fault("", message)]) from None


def digest(document: object) -> str:
    """Sha256 of the canonical bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _plain(value: object, path: str) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise PolicyError([Fault(path, gettext_noop("must be a finite number"))])
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {_name(key, path): _plain(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    message = gettext_noop("must be text, a number, true or false, a list or a table")
    raise PolicyError([Fault(path, message)])


def _name(key: object, path: str) -> str:
    if isinstance(key, str):
        return key
    raise PolicyError([Fault(path, gettext_noop("has a field whose name is not text"))])

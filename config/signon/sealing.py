"""Secrets that must be read again (a TOTP key) lie in the database sealed; the key is outside it.

Sealed with Fernet (AES-128-CBC, HMAC-SHA256), under a key derived from WINNOW_SECRET_KEY. Who changes that
key has their staff set up their second factors again (`manage.py forget_second_factor`).
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

__all__ = ["InvalidToken", "seal", "unseal"]


def _box() -> Fernet:
    key = hmac.new(settings.SECRET_KEY.encode(), b"winnow.signon.sealed", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again; InvalidToken when it was sealed under another key, or changed."""
    return _box().decrypt(sealed.encode()).decode()

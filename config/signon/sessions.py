"""Sessions whose content is sealed as well: a TOTP key waits in one until its first code was typed."""

from typing import Any

from config import sessions
from config.signon.sealing import InvalidToken, seal, unseal


class SessionStore(sessions.SessionStore):
    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        text = session_data.decode() if isinstance(session_data, bytes) else session_data
        try:
            return super().decode(unseal(text))
        except InvalidToken:  # from before the extra was switched on, or under another key: signed out
            return {}

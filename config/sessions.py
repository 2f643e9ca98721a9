"""Sessions of staff: kept in the database under a digest of their key, and ended after a time.

Who reads the database, or an old copy of it, finds no key there that could be put into a browser. A session
knows when its person signed in and when it was last used; `middleware.SessionLimits` ends it after that.
"""

import hashlib
import time
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

BEGAN = "_began"
SEEN = "_seen"


def digest(key: str) -> str:
    """What stands in the database for a session key: 40 characters, of which the key cannot be made."""
    return hashlib.sha256(f"winnow.session\x1f{key}".encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Django's sessions in the database; every row goes by `digest(key)` in place of the key.

    For WSGI: the async half of Django's store is not changed, and finds no session here.
    """

    def _get_session_from_db(self) -> Any:
        row = self.model.objects.filter(
            session_key=digest(str(self.session_key)), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def create_model_instance(self, data: Any) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(digest(key))

    def cycle_key(self) -> None:
        """A new key at each sign-in, and the clock of the session starts."""
        super().cycle_key()
        self[BEGAN] = self[SEEN] = int(time.time())

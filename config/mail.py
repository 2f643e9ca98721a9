"""Mail as files: one `.eml` a mail, for machines without a mail server."""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

_count = itertools.count()


class FolderBackend(BaseEmailBackend):
    """Writes each mail whole into EMAIL_FILE_PATH, named so that they sort by time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            moment = f"{timezone.now():%Y%m%d-%H%M%S-%f}"
            name = f"{moment}-{os.getpid()}-{next(_count)}"
            draft = self.folder / f".{name}"
            draft.write_bytes(message.message().as_bytes())
            draft.replace(self.folder / f"{name}.eml")
        return len(email_messages)

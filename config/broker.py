"""The broker of an installation without Redis: messages as files, each visible only when it is whole.

kombu's own file transport writes into the file that a worker may already be reading; a worker that met an
empty message ended. Here a message is written aside and then renamed, which is one step for any reader.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's channel of files, with whole messages only."""

    # kombu's two base classes name the second argument differently
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        aside = folder / f".{name}.part"
        try:
            aside.write_bytes(dumps(payload).encode())
            os.replace(aside, folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    Channel = Channel

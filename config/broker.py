"""The broker: kombu's transports, without the two ways in which a worker of ours ended.

A message only says "look now"; what is to be done lies in the database. So none needs to be given back.

Files, where there is no Redis: kombu writes into the file that a worker may already be reading; a worker that
met an empty message ended. Here a message is written aside and then renamed, which is one step for a reader.

Redis: kombu gives the messages of a lost connection back through that same connection; a worker that had one
in its hands as Redis went away ended. Here they are let go.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem, redis
from kombu.utils.json import dumps


class FileChannel(filesystem.Channel):
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


class FileTransport(filesystem.Transport):
    Channel = FileChannel


class RedisChannel(redis.Channel):
    """kombu's channel on Redis, for messages that may be lost."""

    do_restore = False
    ack_emulation = False


class RedisTransport(redis.Transport):
    Channel = RedisChannel

"""The broker: a reader of files never meets half a message, and a worker outlives its Redis."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import resolve_transport

from config import broker
from tests.service.processes import OwnRedis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    own = OwnRedis(tmp_path)
    own.start()
    yield own
    own.stop()


def connection(folder: Path) -> Connection:
    for name in ("messages", "processed"):
        (folder / name).mkdir(exist_ok=True)
    return Connection(
        "filesystem://",
        transport_options={
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "processed_folder": str(folder / "processed"),
            "control_folder": str(folder),
            "store_processed": True,
        },
    )


def test_both_brokers_are_ours() -> None:
    assert resolve_transport("filesystem") is broker.FileTransport
    assert resolve_transport("redis") is broker.RedisTransport


@pytest.mark.service
def test_a_lost_connection_gives_no_message_back(redis: OwnRedis, caplog: pytest.LogCaptureFixture) -> None:
    """kombu would hand it back through the connection that is gone, and fail at it."""
    with Connection(redis.url) as sender, sender.SimpleQueue("look") as queue:
        queue.put("now")
    lost = Connection(redis.url)
    queue = lost.SimpleQueue("look")
    held = queue.get(timeout=10)
    assert held.payload == "now"
    redis.stop()
    transport, channel = lost.transport, queue.channel
    transport.client = None  # as kombu leaves it when it gives a connection up
    with caplog.at_level(logging.ERROR):
        channel.close()
    assert [record.getMessage() for record in caplog.records] == []


def test_a_message_appears_whole(tmp_path: Path, monkeypatch: Any) -> None:
    """Until the one step that makes it visible, the queue is empty for any reader."""
    seen = []
    replace = broker.os.replace
    channel = connection(tmp_path).channel()

    def looking(source: Any, target: Any) -> None:
        seen.append([path.name for path in (tmp_path / "messages").glob("*.work.msg")])
        assert Path(source).read_bytes()
        replace(source, target)

    monkeypatch.setattr(broker.os, "replace", looking)
    channel._put("work", {"body": "look now"})
    assert seen == [[]]
    assert channel._get("work") == {"body": "look now"}


def test_three_writers_and_a_reader_lose_nothing(tmp_path: Path) -> None:
    wanted = {f"{writer}-{number}" for writer in range(3) for number in range(100)}

    def write(writer: int) -> None:
        channel = connection(tmp_path).channel()
        for number in range(100):
            channel._put("work", {"body": f"{writer}-{number}"})

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    channel, got = connection(tmp_path).channel(), []
    while any(thread.is_alive() for thread in threads) or len(got) < len(wanted):
        try:
            got.append(channel._get("work")["body"])
        except broker.filesystem.Empty:
            if not any(thread.is_alive() for thread in threads) and not list(tmp_path.glob("messages/*.msg")):
                break
    assert sorted(got) == sorted(wanted)

"""The file broker: a reader never meets half a message."""

import threading
from pathlib import Path
from typing import Any

from kombu import Connection
from kombu.transport import resolve_transport

from config import broker


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


def test_the_file_broker_is_ours() -> None:
    assert resolve_transport("filesystem") is broker.Transport


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

"""One process keeps the others: started together, stopped together, with the reason said."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from config.supervisor import PortTaken, Program, Supervisor, check_address
from tests.patience import soon

ROOT = Path(__file__).resolve().parent.parent.parent


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # a process that ended and waits to be collected is not alive


def gone_soon(pid: int) -> bool:
    return soon(lambda: not alive(pid))


def program(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code], os.environ)


# Starts a child of its own, writes both numbers down, then waits for ever.
WITH_CHILD = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({path!r} + ".part").write_text(f"{{os.getpid()}} {{child.pid}}")
os.rename({path!r} + ".part", {path!r})
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_their_children(tmp_path: Path, number: int) -> None:
    path = tmp_path / "pids"
    said: list[str] = []
    supervisor = Supervisor([program("web server", WITH_CHILD.format(path=str(path)))], said.append)

    def stop_us() -> None:
        os.kill(os.getpid(), number)

    announced: list[bool] = []

    def announce() -> None:
        announced.append(True)
        threading.Timer(0.1, stop_us).start()

    assert supervisor.run(ready=path.exists, announce=announce) == 0
    assert announced == [True]
    for pid in path.read_text().split():
        assert gone_soon(int(pid))


def test_when_one_ends_all_are_stopped_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    waits = f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.05)\nraise SystemExit(7)"
    said: list[str] = []
    programs = [program("web server", WITH_CHILD.format(path=str(path))), program("worker", waits)]
    assert Supervisor(programs, said.append).run(ready=lambda: False, announce=lambda: None) == 1
    assert said == ["The worker ended by itself (exit code 7)."]
    for pid in path.read_text().split():
        assert gone_soon(int(pid))


def test_a_taken_port_is_said_before_anything_is_installed() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        asked = subprocess.run(
            ["/usr/bin/env", "-i", sys.executable, "-I", "config/supervisor.py", "127.0.0.1", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert asked.returncode == 1
    assert f"Port {port} on 127.0.0.1 is already taken" in asked.stderr
    assert f"make run PORT={int(port) + 1}" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", "http", "expected a number"),
        ("127.0.0.1", "70000", "expected a number"),
        ("192.0.2.1", "8000", "not an address of this machine"),
        ("no such host", "8000", "not an address of this machine"),
    ],
)
def test_an_address_that_cannot_be_is_said(host: str, port: str, words: str) -> None:
    with pytest.raises(PortTaken, match=words):
        check_address(host, port)

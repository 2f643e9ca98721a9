"""The web server as `make run` starts it: slow clients, broken requests, forged headers, real sockets."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from config.management.commands.run import web_command
from config.supervisor import answers

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PATIENCE = 60
"""Seconds: a bound for a machine that is busy with other things, far below a client that never ends."""
SLOW = 2
"""Slow clients a worker. Threads are four; a site that expects more puts a buffering proxy in front."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with an empty database of its own; it is stopped by its number."""
    folder, number = tmp_path_factory.mktemp("served"), free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WINNOW_")}
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        environ.pop(name, None)
    environ |= {"WINNOW_VAR": str(folder), "WINNOW_ENV_FILE": os.devnull, "WINNOW_DEBUG": "on"}
    manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(manage, cwd=ROOT, env=environ, check=True)
    command = web_command(HOST, str(number))
    command[command.index("--workers") + 1] = "1"  # so that all slow clients are at the same worker
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        until = time.monotonic() + PATIENCE
        while not answers(HOST, str(number)):
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait()


def connect(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=PATIENCE)


def speak(port: int, request: bytes) -> bytes:
    """Sends raw bytes, reads the first line of the answer; empty when the server hung up without one."""
    with connect(port) as line, suppress(BrokenPipeError, ConnectionResetError):
        line.sendall(request)
        return line.makefile("rb").readline()
    return b""


def get(port: int, path: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n{lines}Connection: close\r\n\r\n".encode()


def upload(port: int, length: int) -> bytes:
    return (
        f"POST /track/ HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Length: {length}\r\n"
        f"Cookie: csrftoken={'a' * 32}\r\n"  # so that the page reads the form for its other half
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    ).encode()


def test_slow_uploads_do_not_freeze_the_site(port: int) -> None:
    """Two trickle their bytes and never end; everybody else is answered meanwhile."""
    with ExitStack() as open_lines:
        slow = [open_lines.enter_context(connect(port)) for _ in range(SLOW)]
        for line in slow:
            line.sendall(upload(port, 10_000_000))
        for _round in range(10):
            for line in slow:
                line.sendall(b"a")
            assert speak(port, get(port, "/about/")).startswith(b"HTTP/1.1 200")
            assert speak(port, get(port, "/ideas/")).startswith(b"HTTP/1.1 200")
        for line in slow:
            line.settimeout(0.01)
            with pytest.raises(TimeoutError):
                line.recv(1)  # still open, still not answered: these really were slow all the while


def test_heads_that_never_end_do_not_either(port: int) -> None:
    with ExitStack() as open_lines:
        for _number in range(SLOW):
            line = open_lines.enter_context(connect(port))
            line.sendall(b"GET /about/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert speak(port, get(port, "/about/")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1e9\r\n\r\n",
        b"POST /track/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /%ff%00/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
)
def test_broken_requests_are_refused_and_harm_nobody(port: int, request_bytes: bytes) -> None:
    first = speak(port, request_bytes)
    assert first == b"" or first.split()[1][:1] in {b"4", b"3"} or first.startswith(b"HTTP/1.1 501"), first
    assert speak(port, get(port, "/about/")).startswith(b"HTTP/1.1 200")


def test_forwarded_headers_are_not_believed_from_this_machine_either(port: int) -> None:
    """gunicorn would take X-Forwarded-Proto from 127.0.0.1; without trusted proxies nobody is believed."""
    with connect(port) as line:
        line.sendall(get(port, "/calls", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example"))
        answer = line.makefile("rb").read().decode()
    assert "https://" not in answer
    assert "evil.example" not in answer

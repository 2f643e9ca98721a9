"""Processes of the tests' own: a Redis to be stopped, workers to be killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from django.db import connection

from tests.patience import soon

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnRedis:
    """A Redis of this test's own, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "install redis-server: this test stops and starts one of its own"
        self._process = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder],
            stdout=subprocess.DEVNULL,
        )
        assert soon(self._listens)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def environment(redis: str) -> dict[str, str]:
    """What a process gets to know that works on this test's database, with `redis` as its broker."""
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url.replace(":@", "@"),
        "REDIS_URL": redis,
        "CELERY_BROKER_URL": redis,
    }


class Stable:
    """Workers with their own timetable, each ready within a moment: forked from a process that has read all
    the code already. What is forked is the worker of every day, with its whole command line."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.log = folder / "workers.log"
        with self.log.open("wb") as out:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.service.stable", str(folder)],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
            )
        self._alive: set[int] = set()

    def worker(self) -> int:
        """Starts one and gives the number of its process group."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(b"worker\n")
        self._parent.stdin.flush()
        told = self._parent.stdout.readline()
        assert told, self.log.read_text()
        pid = int(json.loads(told))
        self._alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """SIGKILL for the worker and its timetable: nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self._alive.discard(pid)

    def close(self) -> None:
        for pid in list(self._alive):
            self.kill(pid)
        self._parent.kill()
        self._parent.wait()

"""What benchmarks share: a database of their own, the city's processes, and what those cost.

The processes are those of docker-compose.yml, word for word, started without containers: what is measured
is what a city runs. All is in a temporary folder and is removed at the end.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import yaml

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
SERVER = "postgresql://postgres@127.0.0.1:5432"
TICK = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- What a benchmark says ------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table with the first column to the left and the rest, numbers, to the right."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        cells = [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        print("  ".join(cells), flush=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- A city of its own ----------------------------------------------------------------------------


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """The environment of every process of one city, free of this machine's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WINNOW_", "EMAIL_", "CELERY_")) and name not in {"DATABASE_URL", "REDIS_URL"}
    }
    return {
        **kept,
        "WINNOW_ENV_FILE": os.devnull,
        "WINNOW_VAR": str(folder),
        "WINNOW_SECRET_KEY": "benchmark" * 6,
        "WINNOW_LINK_KEY": "link-key" * 6,
        "WINNOW_LOG_LEVEL": "WARNING",
        "WINNOW_TRUSTED_PROXIES": "1",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        "DATABASE_URL": database_url,
        **more,
    }


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which is removed afterwards."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def manage(environ: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environ, check=True)


@contextlib.contextmanager
def city(server: str, name: str, **settings: str) -> Iterator["City"]:
    """A city with an empty migrated database, static files, and nothing running yet."""
    with (
        tempfile.TemporaryDirectory(prefix=f"{name}-") as folder,
        database(server, name) as url,
        contextlib.ExitStack() as running,
    ):
        environ = environment(Path(folder), url, **settings)
        manage(environ, "compile_catalogues")
        manage(environ, "migrate", "--noinput", "--verbosity", "0")
        manage(environ, "collectstatic", "--noinput", "--verbosity", "0", "--ignore", "redoc*")
        yield City(Path(folder), url, environ, running)


@dataclass
class City:
    """One city's database and files, and the processes that were started for it."""

    folder: Path
    url: str
    environ: dict[str, str]
    running: contextlib.ExitStack
    port: int = field(default_factory=free_port)

    def django(self) -> None:
        """Makes this very process part of the city: its database, its settings. Once a process."""
        os.environ.update(self.environ)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()

    def start(self, name: str, command: Sequence[str], **settings: str) -> "Process":
        process = Process(name, list(command), self.environ | settings, self.folder / f"{name}.log")
        self.running.callback(process.stop)
        return process

    def redis(self) -> "Redis":
        """A Redis for this city alone; processes started from now on use it."""
        own = Redis(self.folder)
        own.start()
        self.running.callback(own.stop)
        self.environ["REDIS_URL"] = own.url
        return own

    def web(self) -> "Process":
        """The web server, on a port of its own, once it answers."""
        process = self.start("web", _command("web"), PORT=str(self.port))
        wait_until(lambda: self.answers("/healthz/web"), "the web server does not answer", process)
        return process

    def worker(self) -> "Process":
        return self.start("worker", _command("worker"))

    def beat(self) -> "Process":
        return self.start("beat", _command("beat"))

    def answers(self, path: str) -> bool:
        with contextlib.suppress(OSError):
            return bool(
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2).status == 200
            )
        return False


class Redis:
    """A Redis of the benchmark's own, that can be stopped and started again without harming anybody."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: Process | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--appendonly", "no"]
        self.process = Process("redis", command, dict(os.environ), self.folder / "redis.log")
        wait_until(self._listens, "Redis does not listen", self.process)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self) -> None:
        if self.process:
            self.process.stop()
            self.process = None


def _command(service: str) -> list[str]:
    """The service's command, with this very Python, whatever is on the PATH."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    program, *rest = (str(word) for word in compose["services"][service]["command"])
    return [sys.executable, *rest] if program == "python" else [sys.executable, "-m", program, *rest]


# --- Processes and what they cost -----------------------------------------------------------------


class Process:
    """A program with a session of its own, so that whatever it starts can be stopped with it."""

    def __init__(self, name: str, command: list[str], environ: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def pids(self) -> list[int]:
        """This process and everything below it."""
        found, waiting = [], [self._process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with contextlib.suppress(OSError):
                for children in Path(f"/proc/{pid}/task").glob("*/children"):
                    waiting += [int(child) for child in children.read_text().split()]
        return found

    def stop(self) -> None:
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()


def wait_until(condition: Any, otherwise: str, *processes: Process, seconds: float = 60) -> None:
    """Waits until `condition()` is true; ends the benchmark when it never is, or when a process died."""
    end = time.monotonic() + seconds
    while not condition():
        dead = [process for process in processes if not process.alive]
        if dead or time.monotonic() > end:
            logs = "\n".join(process.log.read_text(errors="replace")[-3000:] for process in processes)
            raise SystemExit(f"{otherwise}\n{logs}")
        time.sleep(0.05)


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """User and system time that each living process used so far."""
    used = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used[pid] = (int(fields[11]) + int(fields[12])) / TICK
    return used


def proportional_memory(pid: int) -> int:
    """Bytes of RAM that this process accounts for: what it shares with others is divided among them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def backends(url: str) -> list[int]:
    """The PostgreSQL processes that serve this database's clients, without the one that asks."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    return [int(row[0]) for row in rows]

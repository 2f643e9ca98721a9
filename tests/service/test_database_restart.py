"""PostgreSQL falls over while residents send: they are told, nothing is half kept, all goes on by itself."""

import http.client
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.cities import City
from tests.patience import soon
from tests.service.processes import OwnRedis, free_port
from tests.service.test_compose_processes import BIN, fetch, running

pytestmark = pytest.mark.service

SENDING_AT_ONCE = 4
"""Threads of the worker, as docker-compose.yml has them."""
SENDERS = 3
ENOUGH = 12
"""So many ideas are sent before the fall, and as many after it."""


class OwnPostgreSQL:
    """A cluster of this test's own, in a temporary folder and on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._data = folder / "data"
        self._bin = Path(self._out("pg_config", "--bindir").strip())
        if os.getuid() == 0:  # which PostgreSQL refuses to run as
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            self._as = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        else:
            self._as = []
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._options = f"-p {self.port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._log = folder / "log"
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @staticmethod
    def _out(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def _run(self, program: str, *options: str) -> None:
        command = [*self._as, str(self._bin / program), "-D", str(self._data), *options]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-l", str(self._log), "-o", self._options)

    def fall(self) -> None:
        """As if the power went: no connection is closed in order, and the log has to be played again."""
        self._run("pg_ctl", "stop", "-m", "immediate")


@pytest.fixture
def postgresql() -> Iterator[OwnPostgreSQL]:
    folder = Path(tempfile.mkdtemp(prefix="winnow-postgresql-"))
    own = OwnPostgreSQL(folder)
    own.start()
    try:
        yield own
    finally:
        subprocess.run(
            [*own._as, str(own._bin / "pg_ctl"), "-D", str(folder / "data"), "stop", "-m", "immediate"],
            cwd="/",
            capture_output=True,
        )
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Answers:
    """What senders were told: by status, which texts were taken, and what error pages said."""

    statuses: Counter[int] = field(default_factory=Counter)
    taken: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)


class Sender(threading.Thread):
    """Opens the form and sends it, again and again; what was not taken it sends again from the same form."""

    def __init__(self, base: str, answers: Answers, stop: threading.Event, number: int) -> None:
        super().__init__(daemon=True)
        self._host = urlsplit(base).netloc
        self._answers, self._stop_asked, self._number = answers, stop, number

    def run(self) -> None:
        while not self._stop_asked.is_set():
            cookie, hidden = self._open()
            if not hidden:
                self._stop_asked.wait(0.05)
                continue
            text = f"Bench {secrets.token_hex(8)} is gone."
            form = {
                **hidden,
                "problem": text,
                "email": f"r{secrets.token_hex(4)}@mail.example",
                "place": "whole_city",
            }
            while not self._stop_asked.is_set():
                if self._ask("POST", urlencode(form), cookie) == 303:
                    self._answers.taken.append(text)
                    break
                self._stop_asked.wait(0.05)

    def _open(self) -> tuple[str, dict[str, str]]:
        self._cookie, self._page = "", ""
        if self._ask("GET") != 200:
            return "", {}
        return self._cookie, dict(
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self._page)
        )

    def _ask(self, method: str, body: str | None = None, cookie: str = "") -> int:
        """One request on a connection of its own, as from an address of its own. 0 where it got no answer."""
        headers = {"X-Forwarded-For": f"198.51.100.{secrets.randbelow(250)}", "Cookie": cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, "/calls/box/send/", body, headers)
            answer = connection.getresponse()
            self._page = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._answers.statuses[0] += 1
            return 0
        finally:
            connection.close()
        self._cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        self._answers.statuses[answer.status] += 1
        if answer.status >= 500:
            self._answers.pages.append(self._page)
        return answer.status


def test_a_fall_under_load(postgresql: OwnPostgreSQL, tmp_path: Path) -> None:
    redis, port = OwnRedis(tmp_path), free_port()
    redis.start()
    base = f"http://127.0.0.1:{port}"
    city = City(
        tmp_path / "var",
        postgresql.url,
        REDIS_URL=redis.url,
        PORT=str(port),
        PATH=f"{BIN}:{os.environ['PATH']}",
        WINNOW_BASE_URL=base,
        WINNOW_TRUSTED_PROXIES="1",
        WINNOW_LOG_LEVEL="ERROR",
    )
    city.manage("release")
    city.manage("collectstatic", "--noinput", "-v0", "--ignore", "redoc*")
    city.python("from tests import factories; factories.Call(slug='box')")
    answers, stop = Answers(), threading.Event()
    senders = [Sender(base, answers, stop, number) for number in range(SENDERS)]
    try:
        with running(city, tmp_path, "web", "worker", "beat") as started:
            assert soon(lambda: fetch(f"{base}/healthz")[0] == 200, 120), started["web"].log.read_text()
            for sender in senders:
                sender.start()
            assert soon(lambda: len(answers.taken) >= ENOUGH, 120), answers.statuses
            postgresql.fall()
            assert soon(lambda: answers.statuses[503] >= 2 * SENDERS, 60), answers.statuses
            status, told = fetch(f"{base}/healthz")
            assert (status, '"database": {"ok": false}' in told) == (503, True)
            postgresql.start()
            before = len(answers.taken)
            assert soon(lambda: len(answers.taken) >= before + ENOUGH, 120), answers.statuses
            stop.set()
            for sender in senders:
                sender.join(60)
            assert soon(lambda: fetch(f"{base}/healthz")[0] == 200, 120), fetch(f"{base}/healthz")
            assert all(one.process.poll() is None for one in started.values())
            waiting = (
                "from engagement.models import Notice; told = Notice.objects.exclude(state='sent').count()"
            )
            assert soon(lambda: city.python(waiting) == 0, 240), started["worker"].log.read_text()
    finally:
        stop.set()
        redis.stop()

    assert set(answers.statuses) <= {200, 303, 503}, answers.statuses
    assert {page.count("We cannot reach our records right now") for page in answers.pages} == {1}
    assert not any("Traceback" in page or "psycopg" in page for page in answers.pages)
    kept = city.python(
        """
        from django.db.models import Count
        from engagement.models import Contact, Event, Idea, Notice
        told = {
            "texts": list(Idea.objects.values_list("problem", flat=True)),
            "contacts_without_idea": Contact.objects.filter(idea__isnull=True).count(),
            "ideas_without_one_event": Idea.objects.annotate(n=Count("events")).exclude(n=1).count(),
            "notices": Notice.objects.count(),
        }
        """
    )
    texts = Counter(kept["texts"])
    assert [text for text in answers.taken if texts[text] != 1] == []
    assert max(texts.values()) == 1
    # One each may have been kept just as its answer was lost: whole, and its sender was about to ask again.
    assert len(texts) <= len(answers.taken) + SENDERS
    assert kept["contacts_without_idea"] == kept["ideas_without_one_event"] == 0
    assert kept["notices"] == len(texts)
    mails = "".join(path.read_text() for path in (city.var / "mail").glob("*.eml"))
    addresses = re.findall(r"^To: (\S+)$", mails, re.MULTILINE)
    names = re.findall(r"^Message-ID: (\S+)$", mails, re.MULTILINE)
    assert len(set(addresses)) == len(texts)
    # A mail that had left just as its database fell leaves again, under the name by which mailboxes know it.
    assert len(set(zip(addresses, names, strict=True))) == len(texts)
    assert len(addresses) <= len(texts) + SENDING_AT_ONCE

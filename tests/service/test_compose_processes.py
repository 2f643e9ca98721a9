"""The commands of docker-compose.yml as plain processes, on PostgreSQL and Redis: a city from its first start
to its last, with an idea sent in between."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.cities import ROOT, City, postgresql_database
from tests.config.test_compose import services
from tests.patience import soon
from tests.service.processes import OwnRedis, free_port

pytestmark = pytest.mark.service

BIN = Path(sys.executable).parent


def command_of(name: str) -> list[str]:
    """The service's command; its program is the one of this environment."""
    program, *rest = services()[name]["command"]
    return [str(BIN / program), *rest]


def check_of(name: str) -> list[str]:
    """The service's health check as a command, as the engine would run it."""
    kind, *rest = services()[name]["healthcheck"]["test"]
    if kind == "CMD-SHELL":
        return ["/bin/sh", "-c", rest[0].replace("$$", "$")]
    return [str(BIN / rest[0]), *rest[1:]]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    redis = OwnRedis(tmp_path)
    redis.start()
    port = free_port()
    try:
        with postgresql_database() as url:
            yield City(
                tmp_path / "var",
                url,
                REDIS_URL=redis.url,
                PORT=str(port),
                HOSTNAME=socket.gethostname(),
                PATH=f"{BIN}:{os.environ['PATH']}",
                WINNOW_STATIC_ROOT=str(tmp_path / "static"),
                WINNOW_BASE_URL=f"http://127.0.0.1:{port}",
                WINNOW_LOG_FORMAT="json",
            )
    finally:
        redis.stop()


class Started:
    """A service's process, with its log."""

    def __init__(self, city: City, name: str, folder: Path) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command_of(name), cwd=ROOT, env=city.environ, stdout=out, stderr=out, start_new_session=True
            )

    def stop(self) -> int:
        """Ends it as the engine does; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return -9


@contextmanager
def running(city: City, folder: Path, *names: str) -> Iterator[dict[str, Started]]:
    started = {name: Started(city, name, folder) for name in names}
    try:
        yield started
    finally:
        for one in started.values():
            if one.process.poll() is None:
                one.stop()


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def send_idea(base: str, slug: str) -> str:
    """Fills the public form in, as a browser without script does; gives the page that says thanks."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{base}/calls/{slug}/send/").read().decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    words = {
        "problem": "The bench by the pond is gone.",
        "email": "resident@mail.example",
        "whole_city": "on",
        "place": "whole_city",
    }
    answer = opener.open(f"{base}/calls/{slug}/send/", urlencode({**hidden, **words}).encode())
    return str(answer.geturl())


def test_a_city_starts_takes_an_idea_mails_and_ends(city: City, tmp_path: Path) -> None:
    release = city.run(*command_of("release"))
    assert release.returncode == 0, release.stderr
    city.python("from tests import factories; factories.Call(slug='box')")
    city.manage("compile_catalogues")
    city.manage("collectstatic", "--noinput", "-v0", "--ignore", "redoc*")
    base = city.environ["WINNOW_BASE_URL"]
    with running(city, tmp_path, "web", "worker", "beat") as started:
        logs = "\n".join(f"{name}: {one.log}" for name, one in started.items())
        assert soon(lambda: fetch(f"{base}/healthz")[0] == 200, 120), logs
        assert set(json.loads(fetch(f"{base}/healthz")[1])) >= {"database", "broker", "worker", "mail"}
        assert "/t/" in send_idea(base, "box")
        mails = city.var / "mail"
        assert soon(lambda: list(mails.glob("*.eml")), 60), started["worker"].log.read_text()
        assert b"resident@mail.example" in next(mails.glob("*.eml")).read_bytes()
        for name in ("web", "worker", "beat"):
            healthy = city.run(*check_of(name))
            assert healthy.returncode == 0, f"{name}: {healthy.stdout}{healthy.stderr}"
        codes = {name: one.stop() for name, one in started.items()}
        assert codes == {"web": 0, "worker": 0, "beat": 0}
    written = "".join(one.log.read_text() for one in started.values())
    assert "resident@mail.example" not in written
    assert "Traceback" not in written
    assert '"route": "engagement:idea_new"' in written
    for name in ("web", "worker"):
        assert city.run(*check_of(name)).returncode != 0, f"{name} is called well after its end"


def test_what_the_image_s_steps_do_works_outside_of_one(tmp_path: Path) -> None:
    """A copy without what .dockerignore names makes static files and translations, as the build does."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    source = tmp_path / "image"
    patterns = [one.removeprefix("**/") for one in ignored]
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*patterns))
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WINNOW_VAR": str(tmp_path / "var"),
        "WINNOW_STATIC_ROOT": str(tmp_path / "static"),
    }
    for name in [one for one in environ if one in ("DATABASE_URL", "REDIS_URL", "WINNOW_DEBUG")]:
        del environ[name]
    dockerfile = (ROOT / "Dockerfile").read_text()
    for step in re.findall(r"python (manage\.py [^\\\n]+)", dockerfile):
        arguments = step.replace("'", "").split()
        done = subprocess.run(
            [sys.executable, *arguments], cwd=source, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()
    assert list(source.glob("locale/*/LC_MESSAGES/*.mo"))
    assert not (source / "tests").exists()

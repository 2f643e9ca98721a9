"""Winnow on one machine: the database brought up to date, then web and worker until you stop them."""

import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import supervisor
from config.settings import env
from engagement.models import Call, User

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened on


class Command(BaseCommand):
    help = "Bring the database up to date and run web and worker on this machine until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            host, port = supervisor.check_address(options["host"], options["port"])
        except supervisor.PortTaken as error:
            raise CommandError(str(error)) from error
        self._prepare()
        connections.close_all()
        environ = child_environment(host, port)
        run = supervisor.Supervisor(
            [
                supervisor.Program("web server", web_command(host, port), environ),
                supervisor.Program("worker", worker_command(), environ),
            ],
            say=self._say,
        )
        code = run.run(
            ready=lambda: supervisor.answers(host, port),
            announce=lambda: self._announce(host, port),
        )
        if code:
            raise CommandError("Stopped, because web and worker are of no use without each other.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _prepare(self) -> None:
        self._say("Database: bringing it up to date.")
        call_command("migrate", verbosity=0, interactive=False)
        if not settings.WINNOW_DEMONSTRATION or Call.objects.exists() or User.objects.exists():
            return
        if "demonstration" in get_commands():
            self._say("Demonstration city: making it, once. This takes a moment.")
            call_command("demonstration", stdout=self.stdout)

    def _announce(self, host: str, port: int) -> None:
        shown = "127.0.0.1" if host in EVERYWHERE else host
        here = address(shown, port)
        lines = ["", f"Winnow is running:  {here}/", f"Staff sign in at:   {here}/admin/"]
        if host in EVERYWHERE:
            lines.append(f"From elsewhere:     {', '.join(address(name, port) for name in own_names())}")
        if settings.WINNOW_SHOW_MAIL:
            lines.append(f"Mails it sent:      {here}/dev/mail/")
        lines += sign_ins(settings.WINNOW_SIGN_INS)
        lines += ["", "Ctrl-C stops it.", ""]
        self._say("\n".join(lines))


def sign_ins(path: Path) -> list[str]:
    """The demonstration's members of staff, as lines to show: the file has `name TAB password TAB role`."""
    if not settings.WINNOW_DEMONSTRATION or not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    return [
        "",
        "This city is made up. To try the staff's side, sign in as (name, password, role):",
        *(f"  {name:<{widths[0]}}  {password:<{widths[1]}}  {role}" for name, password, role in rows),
    ]


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_names() -> list[str]:
    """Names and addresses by which other machines may know this one, best guesses without asking anybody."""
    names = [socket.gethostname()]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the way out
        names.append(probe.getsockname()[0])
    return names


def child_environment(host: str, port: int) -> dict[str, str]:
    """What web and worker get to know: where they are reached, unless the city said so itself."""
    environ = dict(os.environ)
    shown = "127.0.0.1" if host in EVERYWHERE else host
    if not env.given("WINNOW_BASE_URL"):
        environ["WINNOW_BASE_URL"] = address(shown, port)
    if not env.given("WINNOW_HOSTS"):
        hosts = ["127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host]
        environ["WINNOW_HOSTS"] = ",".join(hosts + (own_names() if host in EVERYWHERE else []))
    environ.setdefault("WINNOW_LOG_LEVEL", "WARNING")
    # In a container or a virtual machine one is often root; the warning is for long-lived servers.
    environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
    return environ


def web_command(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", bind, "--workers", "2", "-k", "gthread", "--threads", "4"),
        *("--no-control-socket", "--log-level", "warning"),
    ]


def worker_command() -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "-B", "-P", "threads"),
        *("--concurrency", "4", "--without-gossip", "--without-mingle", "-l", "WARNING"),
    ]

"""Winnow on one machine: the database brought up to date, then web and worker until you stop them."""

import contextlib
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import supervisor
from config.settings import env
from engagement.models import User
from prioritisation import demonstration

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
        self._staff = sign_ins()
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
        if settings.WINNOW_DEMONSTRATION and not User.objects.exists():
            call_command("demonstration", if_empty=True, stdout=self.stdout)

    def _announce(self, host: str, port: int) -> None:
        shown = "127.0.0.1" if host in EVERYWHERE else host
        here = address(shown, port)
        lines = ["", f"Winnow is running:  {here}/", f"Staff sign in at:   {here}/admin/"]
        if host in EVERYWHERE:
            if self._staff:
                lines.append("Whoever reaches this machine can sign in: the passwords below are no secret.")
            lines.append(f"From elsewhere:     {', '.join(address(name, port) for name in own_names())}")
        if settings.WINNOW_SHOW_MAIL:
            lines.append(f"Mails it sent:      {here}/dev/mail/")
        lines += self._staff
        lines += ["", "Ctrl-C stops it.", ""]
        self._say("\n".join(lines))


def sign_ins() -> list[str]:
    """The demonstration's members of staff, as lines to show."""
    rows = demonstration.sign_ins() if settings.WINNOW_DEMONSTRATION else []
    if not rows:
        return []
    width = max(len(name) for name, _password, _role in rows)
    return [
        "",
        f"The city is made up. To see the staff's side, sign in with the password {rows[0][1]} as",
        *(f"  {name:<{width}}  {role}" for name, _password, role in rows),
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
        hosts = own_names() if host in EVERYWHERE else [f"[{host}]" if ":" in host else host]
        environ["WINNOW_HOSTS"] = ",".join(hosts)
    environ.setdefault("WINNOW_LOG_LEVEL", "WARNING")
    # In a container or a virtual machine one is often root; the warning is for long-lived servers.
    environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
    return environ


def web_command(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", bind, "--workers", "2", "-k", "gthread", "--threads", "4"),
        # What forwarded headers say is Django's to judge, by WINNOW_TRUSTED_PROXIES: never believed here.
        *("--preload", "--forwarded-allow-ips", "", "--no-control-socket"),
        *("--logger-class", "config.logs.server.Logger", "--log-level", "warning"),
    ]


def worker_command() -> list[str]:
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "-B", "-P", "threads"),
        *("--concurrency", "4", "--without-gossip", "--without-mingle", "-l", "WARNING"),
    ]

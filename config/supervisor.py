"""Runs several processes as one: what one machine needs instead of a service manager.

Standard library only and without the rest of the package, so that `make run` can ask whether the port
is free before anything is installed: `python3 config/supervisor.py HOST PORT`.
"""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

STOP_SECONDS = 10
"""How long a process may take to finish what it is doing before it is killed."""


class PortTaken(Exception):  # noqa: N818 - it is said as a sentence
    """The address cannot be listened on. The text says why and what to do."""


def check_address(host: str, port: str) -> tuple[str, int]:
    """`host` and `port` as something can listen on them, or PortTaken."""
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise PortTaken(f"PORT={port}: expected a number from 1 to 65535.")
    number = int(port)
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise PortTaken(f"HOST={host}: not an address of this machine ({error.strerror}).") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except PermissionError as error:
            raise PortTaken(
                f"Port {number} needs more rights than you have. Choose one above 1023: make run PORT=8000"
            ) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortTaken(f"HOST={host}: not an address of this machine ({error.strerror}).") from error
            raise PortTaken(
                f"Port {number} on {host} is already taken, perhaps by Winnow itself in another window.\n"
                f"Stop that one, or choose another port: make run PORT={number + 1}"
            ) from error
    return host, number


def answers(host: str, port: int) -> bool:
    """Does something listen there? An address that means "all of them" is asked on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked, not listened on
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


@dataclass(frozen=True)
class Program:
    """One process to keep: what it is called on screen, its command line, what it gets to know."""

    name: str
    command: list[str]
    environ: Mapping[str, str]


class Supervisor:
    """Starts programs, waits, and stops all of them when told to or when one of them ends."""

    def __init__(self, programs: list[Program], say: Callable[[str], None]) -> None:
        self._programs = programs
        self._say = say
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self._signals: list[int] = []

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Runs until a signal (gives 0) or until a program ends by itself (gives 1)."""
        before = {
            number: signal.signal(number, self._note)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            for program in self._programs:
                self._start(program)
            announced = False
            while not self._signals:
                for program, process in self._running:
                    if process.poll() is not None:
                        self._say(f"The {program.name} ended by itself ({_how(process.returncode)}).")
                        return 1
                if not announced and ready():
                    announced = True
                    announce()
                time.sleep(0.1)
            return 0
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _start(self, program: Program) -> None:
        # A session of its own: Ctrl-C reaches only this process, which then stops the others in order,
        # and whatever a program starts can be stopped with it.
        process = subprocess.Popen(  # noqa: S603 - the command lines are this project's own
            program.command, env=dict(program.environ), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self._running.append((program, process))

    def _stop(self) -> None:
        if self._signals:
            self._say("Stopping.")
        signals_seen = len(self._signals)
        for _program, process in self._running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for _program, process in self._running):
            if time.monotonic() > deadline or len(self._signals) > signals_seen:
                break
            time.sleep(0.05)
        for _program, process in self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent, if any
            process.wait()


def _how(code: int) -> str:
    if code < 0:
        return f"stopped by signal {signal.Signals(-code).name}"
    return f"exit code {code}"


if __name__ == "__main__":
    try:
        check_address(*sys.argv[1:3])
    except PortTaken as error:
        raise SystemExit(str(error)) from None

"""`manage.py alive beat`: one part of /healthz as an exit code, for health checks without a web server."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config import health


class Command(BaseCommand):
    help = "Say whether a part gave its sign of life within the last minute. Fails where it did not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=sorted(health.PARTS))

    def handle(self, *args: Any, **options: Any) -> None:
        told = health.PARTS[options["part"]](timezone.now())
        figures = ", ".join(f"{name} {value}" for name, value in told.items() if name != "ok")
        self.stdout.write(f"{options['part']}: {'well' if told['ok'] else 'not well'} ({figures})")
        if not told["ok"]:
            sys.exit(1)

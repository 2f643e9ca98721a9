"""`manage.py doctor`: what is wrong, and what to do."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import Level, examine


class Command(BaseCommand):
    help = (
        "Look at everything that can be wrong with this installation, and say what to do. Fails on a fault."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--strict", action="store_true", help="fail on a warning too")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        counts = {level: sum(one.level is level for one in findings) for level in Level}
        if options["json"]:
            told = {"counts": counts, "findings": [one.as_dict() for one in findings]}
            self.stdout.write(json.dumps(told, indent=1))
        else:
            for one in findings:
                self.stdout.write(one.line())
            self.stdout.write(
                f"{counts[Level.OK]} ok, {counts[Level.WARNING]} warnings, {counts[Level.FAULT]} faults."
            )
        if counts[Level.FAULT] or (options["strict"] and counts[Level.WARNING]):
            sys.exit(1)

"""`manage.py demonstration`: fills an empty database with the made-up city."""

import itertools
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement.models import Call, Idea, Job
from engagement.services import Tell, do_here
from prioritisation import demonstration
from prioritisation.services import DEMONSTRATION


class Command(BaseCommand):
    help = "Fill an empty database with the made-up demonstration city."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reports", type=int, default=20_000, help="how many problem reports (20000)")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, in silence, where there is data already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Idea.objects.exists() or Call.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("This database is not empty: the demonstration never mixes with real data.")
        self.stdout.write("Making the demonstration city (once):")

        def load(job: Job, tell: Tell) -> dict[str, Any]:
            begun = itertools.count()

            def say(line: str) -> None:
                if line.startswith(" "):
                    self.stdout.write(f"        {line}")
                    return
                step = next(begun)
                tell(step, demonstration.STEPS)
                self.stdout.write(f"  {100 * step // demonstration.STEPS:>3} %  {line}")

            demonstration.load(today=timezone.now(), tell=say, report_count=options["reports"])
            tell(demonstration.STEPS)
            return {"reports": options["reports"]}

        do_here(kind=DEMONSTRATION.name, parameters={}, function=load, clock=timezone.now)
        self.stdout.write(self.style.SUCCESS("The demonstration city is there."))

"""`manage.py demonstration`: fills an empty database with the made-up city."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement.models import Call, Idea
from prioritisation import demonstration


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
        demonstration.load(
            today=timezone.now(),
            tell=lambda line: self.stdout.write(f"  {line}"),
            report_count=options["reports"],
        )
        self.stdout.write(self.style.SUCCESS("The demonstration city is there."))

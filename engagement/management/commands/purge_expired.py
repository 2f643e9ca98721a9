"""`manage.py purge_expired [--dry-run]`: personal data goes when the city's rules say so."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from engagement.services import purge_expired


class Command(BaseCommand):
    help = "Remove personal data that was kept long enough. The worker does it by itself every six hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        done = purge_expired(at=timezone.now(), dry_run=options["dry_run"])
        for one in done:
            days = f"{one.days} days" if one.days != 1 else "1 day"
            self.stdout.write(f"{one.count:>8}  {one.keeping.kind:<22} {days:>9}  {one.keeping.label}")
        total = sum(one.count for one in done)
        self.stdout.write(f"{total:>8}  {'would be removed' if options['dry_run'] else 'removed'}")

"""`manage.py import_reports FILE`: past problem reports out of a city's open data."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement.evidence.formats import AUTO, PUBLISHED
from engagement.management.progress import Bar
from engagement.models import ArchiveFile, User
from engagement.services import Refused
from engagement.services.archive import import_here, notes, refusals


class Command(BaseCommand):
    help = (
        "Takes a city's file of past problem reports into the archive: the whole file or nothing. "
        "Safe to run twice: nothing is doubled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(f"{one.code} ({one.name})" for one in PUBLISHED.values())
        parser.add_argument("file", help="CSV or JSON, plain or packed with gzip")
        parser.add_argument(
            "--format",
            choices=[AUTO, *PUBLISHED],
            default=AUTO,
            help=f"recognized by the columns, or one of: {known}",
        )
        parser.add_argument("--licence", default="", help="under which the city publishes the file")
        parser.add_argument("--source", default="", help="where it comes from, as an address")
        parser.add_argument("--by", metavar="USERNAME", help="the member of staff who imports")
        parser.add_argument("--refused", metavar="FILE", help="write refused records to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        started = time.monotonic()
        try:
            imported = import_here(
                path=path,
                clock=timezone.now,
                by=self._user(options["by"]),
                format=options["format"],
                licence=options["licence"],
                source=options["source"],
                show=Bar(self.stdout),
                refused_to=Path(options["refused"]).absolute() if options["refused"] else None,
            )
        except Refused as refusal:
            raise CommandError(f"{path}: {refusal.message} Nothing was imported.") from refusal
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Nothing was imported.") from error
        if imported.already:
            self.stdout.write(
                f"The archive has this file already, as “{imported.file.name}”, imported on "
                f"{timezone.localtime(imported.file.imported_at):%Y-%m-%d %H:%M}. Nothing was changed."
            )
        self._tell(imported.file, time.monotonic() - started)

    def _user(self, username: str | None) -> User | None:
        if username is None:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no member of staff “{username}”.")
        return user

    def _tell(self, file: ArchiveFile, seconds: float) -> None:
        self.stdout.write(f"Format: {file.format}")
        for note in notes(file):
            self.stdout.write(f"Note: {note}")
        if file.first_at and file.last_at:
            first, last = timezone.localdate(file.first_at), timezone.localdate(file.last_at)
            self.stdout.write(f"Reports from {first} to {last}.")
        for label, count in (("rows", file.rows), ("kept", file.kept), ("refused", file.refused)):
            self.stdout.write(f"{label:<8}{count:>12,}")
        for reason, count, numbers in refusals(file):
            more = ", …" if count > len(numbers) else ""
            self.stdout.write(f"  {count:>12,} {reason} (records {', '.join(map(str, numbers))}{more})")
        self.stdout.write(f"{seconds:.1f} s")

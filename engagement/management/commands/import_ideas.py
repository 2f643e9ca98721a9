"""`manage.py import_ideas FILE --call SLUG`: ideas out of a CSV or XLSX file."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from engagement.management.progress import Bar
from engagement.models import Call, User
from engagement.services import Cancelled, JobFailed, Refused
from engagement.services.imports import (
    FIELDS,
    STATES,
    ImportReport,
    MappingError,
    import_here,
    import_ideas,
    read_mapping,
    worded,
    write_refused,
)
from engagement.tables import Table, TableError, read


class Command(BaseCommand):
    help = "Takes ideas in from a CSV or XLSX file. Safe to run twice: nothing is doubled, nobody is mailed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a CSV or XLSX file")
        parser.add_argument("--call", required=True, metavar="SLUG", help="short name of the invitation")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            nargs="+",
            metavar="FIELD=COLUMN",
            help=f"which column holds what; the rest is guessed. Fields: {', '.join(FIELDS)}",
        )
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, help="of the texts, when no column says"
        )
        parser.add_argument("--state", choices=STATES, default=STATES[0], help="of the new ideas")
        parser.add_argument("--by", metavar="USERNAME", help="the member of staff who imports")
        parser.add_argument("--dry-run", action="store_true", help="read and tell, write nothing")
        parser.add_argument("--refused", metavar="FILE", help="where refused records go (FILE.refused.csv)")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        call = Call.objects.filter(slug=options["call"]).first()
        if call is None:
            known = ", ".join(Call.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no invitation “{options['call']}”. Known: {known}.")
        started = time.monotonic()
        table, report = self._import(path, call, options)
        self._tell(report, time.monotonic() - started)
        if report.refused:
            beside = Path(options["refused"] or f"{path}.refused.csv")
            write_refused(beside, table.columns, report.refused)
            self.stdout.write(f"Refused records, each with its reason: {beside}")

    def _import(self, path: Path, call: Call, options: dict[str, Any]) -> tuple[Table, ImportReport]:
        try:
            mapping = read_mapping(pair for pairs in options["map"] for pair in pairs)
            table = read(path, name=path.name)
            given: dict[str, Any] = {
                "table": table,
                "name": path.name,
                "call": call,
                "by": self._user(options["by"]),
                "mapping": mapping,
                "language": options["language"],
                "state": options["state"],
            }
            bar = Bar(self.stdout, "read ")
            if options["dry_run"]:
                return table, import_ideas(**given, at=timezone.now(), dry_run=True, beat=bar)
            return table, import_here(**given, clock=timezone.now, show=bar)
        except MappingError as error:
            raise CommandError(worded(error.code, error.params)) from error
        except TableError as error:
            raise CommandError(f"{path}: {worded(error.code, error.params)} Nothing was imported.") from error
        except JobFailed as error:
            raise CommandError(f"{path}: {error} Nothing was imported.") from error
        except Cancelled as error:
            raise CommandError("The job was cancelled. Nothing was imported.") from error
        except Refused as error:
            raise CommandError(f"{error.message} Nothing was imported.") from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error

    def _user(self, username: str | None) -> User | None:
        if username is None:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no member of staff “{username}”.")
        return user

    def _tell(self, report: ImportReport, seconds: float) -> None:
        rows = [
            ("read", report.read),
            ("would be created" if report.dry_run else "created", report.created),
            ("already there", report.already_there),
            ("refused", len(report.refused)),
        ]
        for code, params in report.notes:
            self.stdout.write(f"Note: {worded(code, params)}")
        for label, count in rows:
            self.stdout.write(f"{label:<17}{count:>8}")
        if report.first:
            self.stdout.write(f"References {report.first} to {report.last}.")
        self.stdout.write(f"{seconds:.1f} s")

"""`manage.py backup`: everything that the city would miss in one file, while it goes on working."""

from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import keys, making
from config.backups.bundle import Broken


class Command(BaseCommand):
    help = (
        "Write a backup: database, photos, uploads, archive of problem reports and the register of erasures "
        "in one file, checked by reading it again. The keys are not in it: keep them elsewhere, with --keys."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", help=f"where to (default: {settings.WINNOW_BACKUP_FOLDER})")
        parser.add_argument(
            "--verify", action=BooleanOptionalAction, default=True, help="read it again before it counts (on)"
        )
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards remove all but the N newest")
        parser.add_argument("--keys", metavar="FILE", help="write the keys into this file, elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"] or settings.WINNOW_BACKUP_FOLDER).resolve()
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep: at least 1.")
        try:
            made = making.make_backup(
                folder=folder,
                at=timezone.now(),
                verify=options["verify"],
                tell=self._tell(options["verbosity"]),
            )
            self._keys(options["keys"], folder)
        except Broken as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"No backup was written: {error.strerror or error} ({folder}).") from error
        rows = sum(made.manifest["counts"].values())
        files = len(made.manifest["parts"]) - 1
        checked = "written and read again" if options["verify"] else "written"
        self.stdout.write(f"{made.path}: {checked}; {rows} rows, {files} files, {_size(made.path)}.")
        for name in made.missing:
            self.stderr.write(f"warning: the database names media/{name}, and it is not there.")
        if options["keep"]:
            for old in making.remove_old(folder, keep=options["keep"]):
                self.stdout.write(f"{old}: removed, {options['keep']} newer ones are there.")

    def _tell(self, verbosity: int) -> Any:
        return lambda text: self.stdout.write(f"  {text}") if verbosity > 1 else None

    def _keys(self, named: str | None, folder: Path) -> None:
        if named is None:
            return
        path = Path(named).resolve()
        if path.is_relative_to(folder):
            raise CommandError("Keep the keys apart from the backups: name a file in another place.")
        keys.write(path)
        self.stdout.write(f"{path}: the keys, for you alone to read.")


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.0f} kB"

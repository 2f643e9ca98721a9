"""`manage.py restore`: a backup brought in whole, and what was erased since erased again."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups.bundle import Broken
from config.backups.restoring import Restored, restore_backup


class Command(BaseCommand):
    help = (
        "Bring a backup into an empty installation (or, with --replace, into this one), bring it up to date, "
        "and erase again what senders had erased since."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file that `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="throw away what is here now")
        parser.add_argument("--keys", metavar="FILE", help="the file with the backup's keys")
        parser.add_argument(
            "--other-keys",
            action="store_true",
            help="the keys are lost: private links in the backup stay dead",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore_backup(
                path=Path(options["file"]),
                replace=options["replace"],
                keys_file=Path(options["keys"]) if options["keys"] else None,
                other_keys=options["other_keys"],
                tell=lambda text: self.stdout.write(f"  {text}"),
            )
        except Broken as error:
            raise CommandError(str(error)) from error
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename}: no such file.") from error
        except OSError as error:
            raise CommandError(
                f"Not restored, and nothing was changed: {error.strerror or error}."
            ) from error
        self._tell(restored)

    def _tell(self, restored: Restored) -> None:
        manifest, replayed = restored.manifest, restored.replayed
        rows = sum(manifest["counts"].values())
        self.stdout.write(
            f"Restored: {manifest['city']} as it was at {manifest['made_at'][:19]} UTC; "
            f"{rows} rows, {len(manifest['parts']) - 1} files."
        )
        self.stdout.write(
            f"Register of erasures: {len(replayed.erased)} erased again, {len(replayed.already)} were erased "
            f"in the backup already, {len(replayed.absent)} are not in it."
        )
        for reference, why in replayed.refused.items():
            self.stderr.write(f"warning: {reference} was erased and is there again: {why} Erase it by hand.")
        for name in manifest["missing"]:
            self.stderr.write(f"warning: media/{name} was missing when the backup was made.")
        for name in restored.keys_elsewhere:
            self.stderr.write(f"warning: set {name} to the value in the file with the keys, then start.")
        self.stdout.write("Next: manage.py doctor, then start web, worker and beat.")

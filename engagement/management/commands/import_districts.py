"""`manage.py import_districts FILE`: a city's districts out of a GeoJSON file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from engagement.boundaries import BoundaryError, read_districts
from engagement.models import District
from engagement.services import keep_reference


class Command(BaseCommand):
    help = "Take the city's districts from a GeoJSON file (WGS84). Safe to run twice: known ones are updated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a GeoJSON file with one area a district")
        for name, what in (
            ("name", "names the district"),
            ("population", "says how many live there"),
            ("quintile", "says how deprived it is (1 = least, 5 = most)"),
        ):
            parser.add_argument(f"--{name}", metavar="PROPERTY", help=f"the property that {what}")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, help="of the names (the default language)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language = options["language"]
        if language not in dict(settings.LANGUAGES):
            raise CommandError(f"--language {language}: this city has {', '.join(dict(settings.LANGUAGES))}.")
        path = Path(options["file"])
        try:
            found = read_districts(
                path, name=options["name"], population=options["population"], quintile=options["quintile"]
            )
        except BoundaryError as error:
            raise CommandError(f"{path.name}: {error.message}") from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error
        there = {district.code: district for district in District.objects.all()}
        made = 0
        with transaction.atomic():
            for one in found:
                known = there.get(one.code)
                values: dict[str, Any] = {
                    "name": {**(known.name if known else {}), language: one.name},
                    "boundary": one.geometry,
                }
                # What this file does not know stays as it is.
                if one.population is not None:
                    values["population"] = one.population
                if one.quintile is not None:
                    values["quintile"] = one.quintile
                _district, new = keep_reference(District, key={"code": one.code}, values=values)
                made += new
        self.stdout.write(f"{len(found)} districts read: {made} new, {len(found) - made} updated.")
        gone = sorted(set(there) - {one.code for one in found})
        if gone:
            self.stdout.write(f"Not in this file, left as they are: {', '.join(gone)}.")

"""`manage.py export_shortlist PROGRAMME --format csv|xlsx|json|geojson -o FILE`: a plan's list as a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement.models import User
from engagement.services import Refused
from engagement.tables.writing import WritingError, atomically
from prioritisation import exports
from prioritisation.exports import Shortlist
from prioritisation.models import PlanVersion, Programme


class Command(BaseCommand):
    help = "Write a programme's published shortlist to a file: public columns, unless --staff asks for more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", help="short name of the programme")
        parser.add_argument("--format", required=True, choices=exports.FORMATS)
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--all", action="store_true", help="not only the chosen: every decision, with its reason"
        )
        parser.add_argument("--staff", action="store_true", help="add what only staff may read; needs --user")
        parser.add_argument(
            "--contacts",
            action="store_true",
            help="with --staff: add the senders who agreed to be asked; the user needs the permission",
        )
        parser.add_argument("--user", help="who takes the file away: recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(slug=options["programme"]).first()
        if programme is None:
            raise CommandError(f"There is no programme “{options['programme']}”.{_known()}")
        if (options["contacts"] or options["user"]) and not options["staff"]:
            raise CommandError("--user and --contacts only go with --staff.")
        everything = options["all"]
        shortlist = self._staff(programme, options) if options["staff"] else _public(programme, everything)
        target: Path = options["output"]
        try:
            with atomically(target) as file:
                rows = exports.write(file, shortlist, options["format"])
        except (OSError, WritingError) as error:
            raise CommandError(f"{target} could not be written: {error}") from error
        self.stdout.write(f"{rows} initiatives written to {target}")

    def _staff(self, programme: Programme, options: dict[str, Any]) -> Shortlist:
        user = User.objects.filter(username=options["user"] or "", is_active=True).first()
        if user is None:
            raise CommandError("Say with --user who takes the file away: a member of staff.")
        try:
            return exports.staff_shortlist(
                programme=programme,
                by=user,
                at=timezone.now(),
                contacts=options["contacts"],
                everything=options["all"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal


def _public(programme: Programme, everything: bool) -> Shortlist:
    versions = PlanVersion.objects.newest().select_related("plan")
    version = versions.filter(plan__programme=programme).first()
    if version is None:
        raise CommandError("This programme has not published a plan yet.")
    return exports.public_shortlist(version, everything=everything)


def _known() -> str:
    slugs = Programme.objects.order_by("slug").values_list("slug", flat=True)[:20]
    return f" There are: {', '.join(slugs)}." if slugs else ""

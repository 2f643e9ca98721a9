"""`manage.py export_ideas -o FILE --format csv|xlsx|json|geojson`: ideas as a file, row by row."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from engagement import exports
from engagement.management.progress import Bar
from engagement.models import Call, District, Idea, Job, Theme, User
from engagement.querysets import IdeaQuerySet
from engagement.services import Cancelled, Refused, Tell, do_here, finish_job
from engagement.tables.writing import WritingError, atomically


class Command(BaseCommand):
    help = (
        "Write ideas to a file: what the public may read, or the contacts of senders who agreed to be asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        parser.add_argument("--format", required=True, choices=exports.FORMATS)
        parser.add_argument("--call", metavar="SLUG", help="only ideas of this invitation")
        parser.add_argument("--state", choices=Idea.State.values, help="only ideas in this state")
        parser.add_argument("--district", metavar="CODE", help="only ideas of this part of the city")
        parser.add_argument("--theme", metavar="KEY", help="only ideas of this theme")
        parser.add_argument("--q", metavar="WORDS", help="only ideas with these words")
        parser.add_argument(
            "--contacts",
            action="store_true",
            help="senders who agreed to be asked, with their contacts; needs --user",
        )
        parser.add_argument("--user", help="who takes the file away: with --contacts noted on each idea")

    def handle(self, *args: Any, **options: Any) -> None:
        what = exports.CONTACTS if options["contacts"] else exports.IDEAS
        user = self._user(options["user"])
        keys = list(_chosen(options).order_by("received_at", "pk").values_list("pk", flat=True))
        target: Path = options["output"]

        def write(job: Job, tell: Tell) -> dict[str, Any]:
            at = timezone.now()
            with transaction.atomic(), atomically(target) as file:
                written = exports.write(file, what, options["format"], keys=keys, by=user, at=at, tell=tell)
                result = written.as_result()
                finish_job(job=job, result=result, at=timezone.now())
            return result

        try:
            exports.require(what, user)
            job = do_here(
                kind=exports.IN_TERMINAL.name,
                parameters={"name": target.name},
                function=write,
                clock=timezone.now,
                by=user,
                show=Bar(self.stdout),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except (OSError, WritingError) as error:
            raise CommandError(f"{target} could not be written: {error}") from error
        except Cancelled as error:
            raise CommandError("Cancelled. There is no file.") from error
        for note in exports.notes(job.result):
            self.stdout.write(note)
        self.stdout.write(f"{job.result['rows']} rows written to {target}")

    def _user(self, username: str | None) -> User | None:
        if username is None:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no member of staff “{username}”.")
        return user


def _chosen(options: dict[str, Any]) -> IdeaQuerySet:
    """The ideas that the options ask for. A name that is not there is an error, not an empty file."""
    ideas = Idea.objects.all()
    if options["call"]:
        ideas = ideas.filter(call=_found(Call, "slug", options["call"]))
    if options["district"]:
        ideas = ideas.filter(district=_found(District, "code", options["district"]))
    if options["theme"]:
        ideas = ideas.filter(themes=_found(Theme, "key", options["theme"]))
    if options["state"]:
        ideas = ideas.filter(state=options["state"])
    return ideas.matching(options["q"]) if options["q"] else ideas


def _found(model: Any, name: str, value: str) -> Any:
    found = model.objects.filter(**{name: value}).first()
    if found is None:
        known = ", ".join(model.objects.values_list(name, flat=True)[:20]) or "none yet"
        raise CommandError(f"There is no {model._meta.verbose_name} “{value}”. Known: {known}.")
    return found
